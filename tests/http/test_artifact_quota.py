# SPDX-License-Identifier: BSD-2-Clause
"""How many bytes of artifacts a workspace may keep."""
import concurrent.futures
import json
import os
import pathlib

import pytest

from hosted import Place, await_true

REFERENCE = {"Content-Type": "application/vnd.trainyard.reference+json"}


@pytest.fixture
def place(stack, serial):
    made = Place(stack, f"quota-{next(serial)}")
    quota(made, 1000)
    yield made
    made.close()


def quota(place, most):
    place.stack.trainyard("workspace", "set", f"acme/{place.key}",
                          "--artifact-quota", str(most))


def used(place):
    rows = json.loads(place.stack.trainyard("--json", "workspace", "list"))
    (row,) = [r for r in rows if r["key"] == place.key]
    return row["artifact_bytes"]


def put(place, version, data, **headers):
    return place.http.put(place.path("dataset", "rows", version),
                          content=data, headers=headers)


def folders(place):
    data = pathlib.Path(place.stack.data)
    return (os.listdir(data / "incoming"),
            sorted(p for p in (data / "blobs").rglob("*") if p.is_file()))


def test_up_to_the_last_byte(place, envelope):
    assert put(place, "1", b"x" * 990).status_code == 201
    before = folders(place), place.counts()
    reply = put(place, "2", b"y" * 11)
    body = envelope(reply, 429, "rate_limit_error")
    assert body["detail"] == ("quota: 1000 bytes of artifacts may be kept "
                              f"in workspace {place.key}, 990 are")
    assert int(reply.headers["retry-after"]) > 0
    assert (folders(place), place.counts()) == before
    assert place.http.get(place.path("dataset", "rows", "2")
                          ).status_code == 404
    assert put(place, "2", b"y" * 10).status_code == 201
    assert used(place) == 1000


def test_it_is_never_called_by_the_other_word(place):
    assert "credit" not in put(place, "1", b"x" * 1001).text.lower()


def test_a_length_that_nobody_tells_counts_too(place, envelope):
    envelope(put(place, "1", iter([b"x" * 600, b"y" * 600])), 429,
             "rate_limit_error")
    assert used(place) == 0


def test_what_is_there_needs_no_room(place):
    data = b"x" * 1000
    assert put(place, "1", data).status_code == 201
    assert put(place, "1", data).status_code == 200
    assert put(place, "1", b"z" * 1000).status_code == 409
    assert put(place, "1", data, **{"If-None-Match": "*"}
               ).status_code == 412
    assert used(place) == 1000


def test_each_version_counts_its_size(place):
    data = os.urandom(400)
    assert put(place, "1", data).status_code == 201
    assert put(place, "2", data).status_code == 201
    assert used(place) == 800
    assert put(place, "3", data).status_code == 429


def test_nothing_and_what_is_kept_elsewhere_need_no_room(place):
    assert put(place, "1", b"x" * 1000).status_code == 201
    assert put(place, "2", b"").status_code == 201
    reply = place.http.put(place.path("model", "far", "1"), headers=REFERENCE,
                           json={"uri": "s3://far/away", "size": 10 ** 12})
    assert reply.status_code == 201
    assert used(place) == 1000


def test_a_lower_quota_keeps_what_is_there(place):
    assert put(place, "1", b"x" * 900).status_code == 201
    quota(place, 100)
    assert put(place, "2", b"y").status_code == 429
    assert place.http.get(place.path("dataset", "rows", "1") + "/content"
                          ).content == b"x" * 900
    quota(place, 0)
    assert put(place, "2", b"y" * 5000).status_code == 201


def test_of_two_at_once_one_gets_the_room(place):
    """Each fits when it begins."""
    for i in range(10):
        quota(place, 600 * (i + 1) + 300)

        def one(n, turn=i):
            return put(place, f"{turn}-{n}", os.urandom(600)).status_code

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            codes = sorted(pool.map(one, range(4)))
        assert codes == [201, 429, 429, 429]
        assert used(place) == 600 * (i + 1)


def test_the_row_is_what_decides(place, envelope):
    """Between the look and the row somebody else took the room."""
    place.db.autocommit = False
    with place.db.cursor() as cursor:
        # as if published in a transaction that is not over
        cursor.execute(
            "insert into trainyard.artifact (workspace_id, id, kind, name,"
            " version, media_type, size, sha256, created_by)"
            " select %s::uuid, gen_random_uuid(), 'other', 'slow', '1',"
            " 'text/plain', 600, sha256('slow'), a.id"
            " from trainyard.account a where a.username = 'ada'",
            (place.id,))
        before = folders(place)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(put, place, "1", b"x" * 600)
            with place.stack.connect() as watch, watch.cursor() as seen:
                watch.autocommit = True

                def waits():
                    seen.execute("select count(*) from pg_stat_activity"
                                 " where %s = any(pg_blocking_pids(pid))",
                                 (place.db.info.backend_pid,))
                    return seen.fetchone()[0]
                await_true(waits, "the upload waits")
            place.db.commit()
            envelope(waiting.result(), 429, "rate_limit_error")
    place.db.autocommit = True
    assert folders(place) == before
    assert used(place) == 600


def test_the_site_has_a_default(fresh_stack):
    stack = fresh_stack("--set", "artifact_quota=50")
    place = Place(stack, "small")
    assert put(place, "1", b"x" * 51).status_code == 429
    assert put(place, "1", b"x" * 50).status_code == 201
    quota(place, 60)
    assert put(place, "2", b"x" * 10).status_code == 201
    quota(place, "")
    assert put(place, "3", b"x").status_code == 429
    place.close()
