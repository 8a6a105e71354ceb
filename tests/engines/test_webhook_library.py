# SPDX-License-Identifier: BSD-2-Clause
"""What we sign is what the library of Standard Webhooks takes."""
import json
import subprocess
import sys

import pytest

from outbox import OTHER, SECRET, address, queued, sender
from receiver import Receiver

VERIFY = """
import json, sys
from standardwebhooks.webhooks import Webhook
given = json.load(sys.stdin)
print(json.dumps(Webhook(given["secret"]).verify(
    given["body"], given["headers"])))
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """A Python that has it."""
    folder = tmp_path_factory.mktemp("library") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    done = subprocess.run(
        [folder / "bin/pip", "install", "-q", "standardwebhooks==1.0.0"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("PyPI gives no standardwebhooks: " + done.stderr[-300:])
    return folder / "bin/python"


def verify(library, secret, got, **changes):
    headers = {k.lower(): v for k, v in got.headers.items()} | changes
    return subprocess.run(
        [library, "-c", VERIFY], capture_output=True, text=True,
        input=json.dumps({"secret": secret, "headers": headers,
                          "body": got.body.decode()}))


def test_the_library_takes_what_we_send(site, library):
    receiver = Receiver()
    try:
        queued(site, receiver.url())
        address(site, receiver.url(), OTHER, previous=SECRET)
        sender(site)
        got = receiver.next()
        for secret in (OTHER, SECRET):
            done = verify(library, secret, got)
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout) == json.loads(got.body)
        third = "whsec_" + "BwgJ" * 10 + "Cgs="
        assert verify(library, third, got).returncode != 0
        assert verify(library, SECRET, got, **{
            "webhook-id": "whd_another"}).returncode != 0
    finally:
        receiver.close()
