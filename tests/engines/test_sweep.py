# SPDX-License-Identifier: BSD-2-Clause
"""Dispatchers remove bytes that no artifact names."""
import hashlib
import os


def plant(site, data):
    sha = hashlib.sha256(data).hexdigest()
    path = site.data / "blobs" / sha[:2] / sha[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_what_nobody_names_goes(site):
    blobs = [plant(site, b"%d" % i) for i in range(450)]
    for data in (b"7", b"400"):
        site.run("insert into trainyard.artifact (workspace_id, id, kind,"
                 " name, version, media_type, size, sha256, created_by)"
                 " values (%s, gen_random_uuid(), 'other', %s, '1', 'a/b', 1,"
                 " sha256(%s), %s)", site.ws, f"n{data.decode()}", data,
                 site.user)
    (site.data / "incoming").mkdir()
    (site.data / "incoming" / "cut-off").write_text("half")
    d = site.dispatcher(artifact_grace_seconds=0)
    d.await_line("removed what no artifact names", "files=448", "bytes=1236",
                 "uploads=1")
    assert [b.read_bytes() for b in blobs if b.exists()] == [b"7", b"400"]
    assert os.listdir(site.data / "incoming") == []
