# SPDX-License-Identifier: BSD-2-Clause
"""trainyard artifact: what no artifact names goes, and nothing else."""
import concurrent.futures
import fcntl
import hashlib
import json
import os
import pathlib

import pytest

from harness import stack_in
from hosted import Place, await_true

LOCK = "1651273570, ('x' || left(%s, 8))::bit(32)::integer"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with stack_in(tmp_path_factory.mktemp("gc"), "--rate-limit", "off",
                  "--set", "artifact_grace_seconds=0") as stack:
        # its own sweeps would take away what the command is to find
        stack.stop("dispatcher")
        place = Place(stack, "gc")
        yield place
        place.close()


@pytest.fixture
def name(serial):
    return f"thing-{next(serial)}"


def path_of(site, data):
    sha = hashlib.sha256(data).hexdigest()
    return pathlib.Path(site.stack.data, "blobs", sha[:2], sha[2:])


def orphan(site, data):
    """As left by a responder that died before the row."""
    path = path_of(site, data)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def leftover(site, name):
    path = pathlib.Path(site.stack.data, "incoming", name)
    path.write_bytes(b"the first ha")
    return path


def gc(site, *options):
    return json.loads(site.stack.trainyard("--json", "artifact", "gc",
                                           *options))


def test_what_nobody_names_goes(site, name):
    kept = os.urandom(50)
    site.publish("dataset", name, "1", kept)
    data = os.urandom(100)
    blob, upload = orphan(site, data), leftover(site, name)
    odd = path_of(site, kept).parent / "README"
    odd.write_text("nothing of ours")
    told = {"files": 1, "bytes": 100, "uploads": 1}
    assert gc(site, "--dry-run") == {"dry_run": True, **told}
    assert blob.exists() and upload.exists()
    assert gc(site) == {"dry_run": False, **told}
    assert not blob.exists() and not upload.exists() and odd.exists()
    odd.unlink()
    assert gc(site) == {"dry_run": False, "files": 0, "bytes": 0,
                        "uploads": 0}
    assert site.http.get(site.path("dataset", name, "1") + "/content"
                         ).content == kept
    assert site.rows("select target from trainyard.audit"
                     " where action = 'artifact.gc'") == [
        ("1 files, 1 uploads",)]
    assert site.stack.trainyard("artifact", "gc") == (
        "removed 0 files (0 bytes) that no artifact names, 0 leftovers of"
        " uploads\n")


def test_young_ones_stay(site, name):
    blob, upload = orphan(site, os.urandom(10)), leftover(site, name)
    assert gc(site, "--grace", "1h")["files"] == 0
    assert blob.exists() and upload.exists()
    assert gc(site)["files"] == 1


def test_models_of_judges_stay(site):
    data = os.urandom(10)
    blob = orphan(site, data)
    judge = site.http.post("/judges", json={
        "name": "gc", "description": "d", "content_type": "text", "criteria": [
            {"name": "Style", "description": "how", "weight": 1}]})
    assert judge.status_code == 201, judge.text
    assert site.do("update trainyard.judge_version set model_sha256 ="
                   " sha256(%s)", data) == 1
    assert gc(site)["files"] == 0
    assert blob.exists()


def test_the_digest_of_what_is_elsewhere_keeps_nothing(site, name):
    data = os.urandom(10)
    blob = orphan(site, data)
    reply = site.http.put(
        site.path("model", name, "1"), headers={
            "Content-Type": "application/vnd.trainyard.reference+json"},
        json={"uri": "s3://x/y", "sha256": hashlib.sha256(data).hexdigest()})
    assert reply.status_code == 201
    assert gc(site)["files"] == 1 and not blob.exists()


def test_an_upload_on_its_way_is_no_leftover(site, name):
    upload = leftover(site, name)
    with open(upload, "rb+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert gc(site)["uploads"] == 0
        assert upload.exists()
    assert gc(site)["uploads"] == 1


def test_bytes_that_are_about_to_be_named_stay(site):
    """Between the file and the row, as seen from the remover."""
    data = os.urandom(10)
    blob = orphan(site, data)
    conn = site.stack.connect()
    conn.autocommit = False
    with conn.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock_shared({LOCK})",
                       (hashlib.sha256(data).hexdigest(),))
        assert gc(site)["files"] == 0
        assert blob.exists()
        conn.rollback()
    conn.close()
    assert gc(site)["files"] == 1


def test_who_publishes_waits_for_the_remover(site, name):
    """And then has a file of its own."""
    data = os.urandom(10)
    blob = orphan(site, data)
    conn = site.stack.connect()
    conn.autocommit = False
    with conn.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({LOCK})",
                       (hashlib.sha256(data).hexdigest(),))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            put = pool.submit(site.publish, "dataset", name, "1", data)
            await_true(lambda: site.value(
                "select count(*) from pg_locks where not granted"
                " and locktype = 'advisory'"), "the publisher waits")
            blob.unlink()
            conn.rollback()
            put.result()
    conn.close()
    assert blob.read_bytes() == data


def test_nothing_is_lost_when_both_hurry(site, name):
    """The same bytes: orphaned, published and removed, over and over."""
    over = False

    def remove():
        while not over:
            gc(site)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        removers = [pool.submit(remove) for _ in range(2)]
        try:
            for i in range(150):
                data = b"%s %d" % (name.encode(), i)
                orphan(site, data)
                site.publish("dataset", name, str(i), data)
                assert path_of(site, data).read_bytes() == data
        finally:
            over = True
        for remover in removers:
            remover.result()
    gc(site)
    for i in range(150):
        assert path_of(site, b"%s %d" % (name.encode(), i)).exists()


def test_the_list(site, name):
    site.publish("dataset", name, "1", b'{"prompt":"a"}\n{}\n')
    site.publish("model", name, "2", b"m")
    rows = json.loads(site.stack.trainyard("--json", "artifact", "list",
                                           "acme/gc", "--limit", "2"))
    assert [(r["organization"], r["workspace"], r["kind"], r["name"],
             r["version"], r["size"], r["rows"], r["faults"])
            for r in rows] == [
        ("acme", "gc", "model", name, "2", 1, None, None),
        ("acme", "gc", "dataset", name, "1", 18, 2, 1)]
    only = json.loads(site.stack.trainyard("--json", "artifact", "list",
                                           "--kind", "model"))
    assert only[0]["name"] == name
    assert {r["kind"] for r in only} == {"model"}
