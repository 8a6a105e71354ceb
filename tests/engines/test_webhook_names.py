# SPDX-License-Identifier: BSD-2-Clause
"""Names that stand for what is not theirs, and names that change.

Look-ups are answered by names.c, which stands before the C library.
"""
import pathlib
import subprocess

import pytest

from outbox import await_try, first_try, queued, sender, status
from receiver import Receiver, certificate

HERE = pathlib.Path(__file__).parent
REFUSED = "the name stands for an address that is not public"
PUBLIC = "93.184.216.34"


class Names:
    """A table of names for a dispatcher."""

    def __init__(self, folder):
        self.table = folder / "names"
        self.library = folder / "names.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.library,
                        HERE / "names.c", "-pthread"], check=True)

    def env(self, *lines):
        # "dsn" hosts are paths: PostgreSQL needs no name
        self.table.write_text("".join(f"{line}\n" for line in lines))
        return {"LD_PRELOAD": str(self.library), "NAMES": str(self.table),
                "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def asked(self):
        log = self.table.with_suffix(".log")
        return log.read_text().split() if log.exists() else []


@pytest.fixture
def names(tmp_path):
    return Names(tmp_path)


@pytest.fixture
def receiver(tmp_path):
    ca, context = certificate(tmp_path / "tls", "hooks.example",
                              "hooks.example.")
    made = Receiver(tls=context)
    made.ca = ca
    yield made
    made.close()


@pytest.mark.parametrize("addresses", [
    "127.0.0.1", "0.0.0.0", "169.254.169.254", "10.1.2.3", "172.20.0.1",
    "192.168.1.1", "100.64.0.1", "192.0.0.8", "198.18.0.1", "203.0.113.5",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
    "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:93.184.216.34",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::",
    "2001:db8::1", "2001::1",
    # one of several is enough, wherever it stands
    f"{PUBLIC},127.0.0.1", f"127.0.0.1,{PUBLIC}",
    f"{PUBLIC},2606:4700::1,::1"])
def test_a_name_of_what_is_not_public_is_not_called(
        site, receiver, names, addresses):
    row = queued(site, receiver.url(host="hooks.example"))
    d = sender(site, webhook_allow='""', ca_file=receiver.ca,
               env=names.env(f"hooks.example {addresses}"))
    await_try(site, row)
    assert first_try(site, row)[:2] == (None, REFUSED)
    assert receiver.quiet()
    assert d.end() == 0
    tries = site.value("select attempt_count from trainyard.outbox"
                       " where id = %s", row)
    assert names.asked() == ["hooks.example"] * tries


def test_one_allowed_address_does_not_open_the_others(site, receiver, names):
    row = queued(site, receiver.url(host="hooks.example"))
    sender(site, ca_file=receiver.ca,
           env=names.env("hooks.example 127.0.0.1,10.0.0.1"))
    await_try(site, row)
    assert first_try(site, row)[:2] == (None, REFUSED)
    assert receiver.quiet()


@pytest.mark.parametrize("host", ["hooks.example", "HOOKS.example",
                                  "hooks.example."])
def test_a_name_is_looked_up_once_and_then_holds(
        site, receiver, names, host):
    """A second answer, which nobody has looked at, is never asked for."""
    row = queued(site, receiver.url(host=host))
    sender(site, ca_file=receiver.ca, env=names.env(
        f"{host} 127.0.0.1", f"{host} 127.0.0.9",
        "hooks.example 127.0.0.9", "hooks.example. 127.0.0.9"))
    receiver.next()
    await_try(site, row)
    assert status(site, row) == "delivered"
    assert names.asked() == [host]


def test_each_try_looks_again(site, receiver, names):
    row = queued(site, receiver.url(host="hooks.example"))
    sender(site, ca_file=receiver.ca, env=names.env(
        "hooks.example 10.0.0.1", "hooks.example 127.0.0.1"))
    receiver.next()         # the second one, 5 seconds later
    await_try(site, row, 2)
    assert status(site, row) == "delivered"
    assert names.asked() == ["hooks.example"] * 2


def test_a_name_that_nobody_knows_is_a_try_that_failed(site, receiver,
                                                       names):
    row = queued(site, receiver.url(host="hooks.example"))
    sender(site, env=names.env("other.example 127.0.0.1"))
    await_try(site, row)
    assert first_try(site, row)[1].startswith("the name cannot be resolved")


def test_a_name_with_a_crowd_of_addresses_is_refused(site, receiver, names):
    row = queued(site, receiver.url(host="hooks.example"))
    sender(site, env=names.env("hooks.example " + ",".join(
        f"127.0.0.{n}" for n in range(1, 34))))
    await_try(site, row)
    assert first_try(site, row)[1] == "the name has too many addresses"
