# SPDX-License-Identifier: BSD-2-Clause
"""The disk refuses: uploads fail in words, nothing else does."""
import pathlib

import pytest

from crowd import WORKSPACE, create, query, running_stack

PATH = f"{WORKSPACE}/artifacts/dataset/full/1"
EXPECTED_LOG = ["<3>cannot write to .*incoming", "<3>cannot keep an artifact"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("disk"),
                       "--set", "slots=0") as made:
        yield made


@pytest.fixture(params=["incoming", "blobs"])
def refusing(stack, request):
    """A folder that nothing can be put into, whoever runs the test."""
    folder = pathlib.Path(stack.data, request.param)
    aside = folder.with_name(request.param + ".aside")
    folder.rename(aside)
    folder.write_bytes(b"")
    yield
    folder.unlink()
    aside.rename(folder)


def test_a_disk_that_refuses(stack, client, envelope, refusing):
    reply = client.put(PATH, content=b"x" * 100000)
    body = envelope(reply, 500, "internal_error")
    # no path, no errno
    assert body["detail"] == "internal error"
    assert client.get(PATH).status_code == 404
    assert query(stack, "select count(*) from trainyard.artifact"
                 " where name = 'full'") == [(0,)]
    # what needs no disk of ours goes on
    assert create(client, f"disk-{reply.headers['X-Request-Id']}"
                  ).status_code == 201
    assert client.get("/readyz").status_code == 200


def test_then_it_takes_them_again(stack, client):
    assert client.put(PATH, content=b"x" * 100000).status_code == 201
    assert client.get(PATH + "/content").content == b"x" * 100000
    assert list(pathlib.Path(stack.data, "incoming").iterdir()) == []
