# SPDX-License-Identifier: BSD-2-Clause
"""What a job's attempts said: lines and metrics."""
import contextlib
import threading
import time

import pytest

from hosted import TIME, Place, await_true, faults, sft
from reports import END, START, posted, step


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "job-logs").furnish()
    yield made
    made.close()


def say(place, job, message, level="info", **data):
    posted(place, job, {"event_type": "eval_complete", "message": message,
                        "level": level, **({"data": data} if data else {})})


def logs(place, job, **params):
    reply = place.http.get(f"{place.jobs}/{job['id']}/logs", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def words(place, job, **params):
    return [i["message"] for i in logs(place, job, **params)["items"]]


def metrics(place, job, **params):
    reply = place.http.get(f"{place.jobs}/{job['id']}/metrics",
                           params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def fill(place, job, count, length=10):
    """Many lines, as a worker that talks a lot leaves them."""
    place.do(
        "insert into trainyard.job_log (workspace_id, job_id, attempt, level,"
        " message) select %s, %s, 1, 1, rpad(n || ' ', %s, 'x')"
        " from generate_series(1, %s) n order by n",
        place.id, job["id"], length, count)


def test_a_line_is_what_was_said(place, job):
    say(place, job, "one", loss=2.5)
    say(place, job, "two", "error")
    got = logs(place, job)
    assert list(got) == ["items", "next_after"]
    first, second = got["items"]
    assert list(first) == ["seq", "timestamp", "level", "message", "data",
                           "attempt"]
    assert TIME.fullmatch(first["timestamp"])
    assert {k: first[k] for k in ("level", "message", "data", "attempt")} == {
        "level": "info", "message": "one", "data": {"loss": 2.5},
        "attempt": 1}
    assert (second["level"], second["data"]) == ("error", {})
    assert first["seq"] < second["seq"] == got["next_after"]


def test_a_silent_job_has_no_lines(place, job):
    assert logs(place, job) == {"items": [], "next_after": 0}
    assert logs(place, job, after=7) == {"items": [], "next_after": 7}
    assert words(place, place.made(sft())) == []


def test_every_line_of_every_attempt(place, job):
    say(place, job, "first")
    place.lose(job)
    place.claim(job)
    say(place, job, "second")
    assert words(place, job) == ["first", "second"]
    assert words(place, job, attempt=1) == ["first"]
    assert words(place, job, attempt=2) == ["second"]
    assert words(place, job, attempt=3) == []


def test_levels_and_above(place, job):
    for level in ("debug", "info", "warning", "error"):
        say(place, job, level, level)
    assert words(place, job, level="debug") == [
        "debug", "info", "warning", "error"]
    assert words(place, job, level="warning") == ["warning", "error"]
    assert words(place, job, level="error") == ["error"]


def test_pages(place, job):
    fill(place, job, 7)
    seen, after = [], 0
    while True:
        got = logs(place, job, after=after, limit=3)
        if not got["items"]:
            break
        assert len(got["items"]) <= 3
        seen += [i["message"] for i in got["items"]]
        after = got["next_after"]
    assert seen == words(place, job)
    assert got["next_after"] == after


def test_a_thousand_once_anything_was_chosen(place, job):
    fill(place, job, 1500)
    assert len(words(place, job)) == 1500
    assert len(words(place, job, level="info")) == 1000
    assert len(words(place, job, wait=0)) == 1000
    assert len(words(place, job, limit=5000)) == 1500


def test_the_bare_call_gives_all_of_a_long_log(place, job):
    """More than one piece, in order, in one answer."""
    fill(place, job, 23000, 200)
    got = logs(place, job)
    assert [int(i["message"].split()[0]) for i in got["items"]] == list(
        range(1, 23001))
    assert got["next_after"] == got["items"][-1]["seq"]


def test_large_lines_make_short_pages(place, job):
    fill(place, job, 100, 1000000)
    got = logs(place, job, limit=5000)
    assert 1 <= len(got["items"]) < 10
    assert len(logs(place, job)["items"]) == 100


def test_for_people(place, job):
    say(place, job, "one\r\ntwo", "warning", loss=2.5)
    say(place, job, "three")
    reply = place.http.get(f"{place.jobs}/{job['id']}/logs",
                           params={"format": "text"})
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    first, more, second = reply.text.splitlines()
    time, level, attempt, message = first.split()
    assert TIME.fullmatch(time)
    assert (level, attempt, message) == ("warning", "#1", "one")
    assert more == '    two {"loss": 2.5}' or more == '    two {"loss":2.5}'
    assert second.endswith(" info    #1 three")
    fill(place, job, 6000)
    lines = place.http.get(f"{place.jobs}/{job['id']}/logs",
                           params={"format": "text"}).text.splitlines()
    assert len(lines) == 6003


@pytest.mark.parametrize("params, kind", [
    ({"after": -1}, "greater_than_equal"), ({"after": "x"}, "int_type"),
    ({"limit": 0}, "greater_than_equal"), ({"limit": 5001},
                                           "less_than_equal"),
    ({"level": "fatal"}, "literal_error"), ({"attempt": 0},
                                            "greater_than_equal"),
    ({"wait": 21}, "less_than_equal"), ({"wait": -1}, "greater_than_equal"),
    ({"format": "xml"}, "literal_error"), ({"lines": 1}, "extra_forbidden")])
def test_questions_that_are_none(place, job, params, kind):
    reply = place.http.get(f"{place.jobs}/{job['id']}/logs", params=params)
    (loc, found, _), = faults(reply)
    assert (loc, found) == (["query", *params], kind)


def test_a_line_ends_the_wait(place, stack, job):
    got = []

    def read():
        with stack.client(place.token) as client:
            got.append(client.get(f"{place.jobs}/{job['id']}/logs",
                                  params={"wait": 20}))

    def looked():
        """It has read the log, and found nothing."""
        cursor.execute("select count(*) > 0 from pg_stat_activity where query"
                       " like '%%from trainyard.job_log%%' and query_start >"
                       " %s and pid <> pg_backend_pid()", (since,))
        return cursor.fetchone()[0]

    since = place.value("select clock_timestamp()")
    reader = threading.Thread(target=read)
    begin = time.monotonic()
    with contextlib.closing(stack.connect(stack.superuser_dsn)) as conn:
        cursor = conn.cursor()
        reader.start()
        await_true(looked, "a look")
    say(place, job, "at last")
    reader.join()
    assert [i["message"] for i in got[0].json()["items"]] == ["at last"]
    assert time.monotonic() - begin < 20


def test_nobody_waits_for_a_job_that_is_over(place, job):
    posted(place, job, {"event_type": "training_end"})
    begin = time.monotonic()
    assert words(place, job, wait=20) == []
    assert time.monotonic() - begin < 15


def test_the_wait_ends(place, job):
    assert logs(place, job, wait=1) == {"items": [], "next_after": 0}


def test_too_many_waiters(fresh_stack):
    """Of eight threads two may wait; the others answer at once."""
    stack = fresh_stack("--rate-limit", "off", "--set", "threads=8")
    place = Place(stack, "waiting").furnish()
    job = place.made(sft())
    done = []

    def read():
        with stack.client(place.token) as client:
            client.get(f"{place.jobs}/{job['id']}/logs", params={"wait": 20})
            done.append(1)

    readers = [threading.Thread(target=read) for _ in range(5)]
    for reader in readers:
        reader.start()
    await_true(lambda: len(done) == 3, "three are sent away")
    place.do("insert into trainyard.job_log (workspace_id, job_id, attempt,"
             " level, message) values (%s, %s, 1, 1, 'x')", place.id,
             job["id"])
    for reader in readers:
        reader.join()
    place.close()


def test_lines_that_are_dropped_are_missed_by_nobody(place, stack, job):
    """Neither by who reads on from there, nor by who waits."""
    place.do("update trainyard.job set created_at = '2020-01-05 00:00:00Z'"
             " where id = %s", job["id"])
    place.do("create table trainyard.job_log_2020 partition of"
             " trainyard.job_log (primary key (workspace_id, job_id, seq))"
             " for values from ('2020-01-01 00:00:00Z')"
             " to ('2020-01-08 00:00:00Z')")
    for message in ("old 1", "old 2"):
        place.do("insert into trainyard.job_log (workspace_id, job_id,"
                 " attempt, level, message, at) values (%s, %s, 1, 1, %s,"
                 " '2020-01-06 00:00:00Z')", place.id, job["id"], message)
    say(place, job, "new 1")
    assert words(place, job) == ["old 1", "old 2", "new 1"]
    first = logs(place, job, limit=1)
    place.do("drop table trainyard.job_log_2020")
    assert words(place, job, after=first["next_after"]) == ["new 1"]
    last = logs(place, job)
    assert [i["message"] for i in last["items"]] == ["new 1"]
    got = []
    reader = threading.Thread(target=lambda: got.extend(words(
        place, job, after=last["next_after"], wait=20)))
    reader.start()
    say(place, job, "new 2")
    reader.join()
    assert got == ["new 2"]


def test_metrics_as_they_were_sent(place, job):
    posted(place, job, START)
    posted(place, job, step(1, loss=[2.5], best=9))
    posted(place, job, {"event_type": "eval_complete",
                        "metrics": {"eval/loss": 1e-3}})
    posted(place, job, END)
    got = metrics(place, job)
    assert list(got) == ["attempt", "items", "next_after"]
    assert got["attempt"] == 1
    one, two, three = got["items"]
    assert list(one) == ["seq", "timestamp", "event_type", "step", "metrics"]
    assert TIME.fullmatch(one["timestamp"])
    assert (one["event_type"], one["step"], one["metrics"]) == (
        "step_complete", 1, {"steps": [1], "loss": [2.5], "best": 9})
    assert (two["event_type"], two["step"]) == ("eval_complete", None)
    assert three["metrics"] == END["metrics"]
    assert one["seq"] < two["seq"] < three["seq"] == got["next_after"]


def test_metrics_in_pages(place, job):
    for n in range(5):
        posted(place, job, step(n))
    first = metrics(place, job, limit=2)
    assert [i["step"] for i in first["items"]] == [0, 1]
    rest = metrics(place, job, after=first["next_after"])
    assert [i["step"] for i in rest["items"]] == [2, 3, 4]
    end = metrics(place, job, after=rest["next_after"])
    assert end == {"attempt": 1, "items": [],
                   "next_after": rest["next_after"]}


def test_metrics_of_an_attempt(place, job):
    posted(place, job, step(1))
    place.lose(job)
    assert metrics(place, job) == {"attempt": 2, "items": [],
                                   "next_after": 0}
    assert [i["step"] for i in metrics(place, job, attempt=1)["items"]] == [1]
    assert metrics(place, job, attempt=9)["items"] == []


@pytest.mark.parametrize("params, kind", [
    ({"after": -1}, "greater_than_equal"), ({"limit": 0},
                                            "greater_than_equal"),
    ({"limit": 1001}, "less_than_equal"), ({"attempt": 0},
                                           "greater_than_equal"),
    ({"level": "info"}, "extra_forbidden")])
def test_questions_for_metrics_that_are_none(place, job, params, kind):
    reply = place.http.get(f"{place.jobs}/{job['id']}/metrics",
                           params=params)
    (loc, found, _), = faults(reply)
    assert (loc, found) == (["query", *params], kind)


@pytest.mark.parametrize("tail", ["logs", "metrics"])
def test_jobs_that_are_not_there(place, stack, job, envelope, tail):
    for made in ("x", "019d003a-1e6b-7b3e-9f40-2d8c5a6b1e07"):
        envelope(place.http.get(f"{place.jobs}/{made}/{tail}"), 404,
                 "not_found_error")
    other = Place(stack, f"job-logs-{tail}")
    try:
        envelope(other.http.get(f"{other.jobs}/{job['id']}/{tail}"), 404,
                 "not_found_error")
    finally:
        other.close()
