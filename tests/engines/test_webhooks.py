# SPDX-License-Identifier: BSD-2-Clause
"""Webhooks: what receivers get, and what happens when they do not answer."""
import datetime
import email.utils
import signal
import threading
import time
import uuid

import pytest

from judge_rows import Judge
from judges import typeid
from outbox import (OTHER, SECRET, address, await_try, first_try, make_due,
                    queued, sender, status)
from receiver import (Receiver, body_signature, certificate, close_midway,
                      hang, in_turn, said, say, signature)

# Seconds between tries, without what is added.
SCHEDULE = (5, 300, 1800, 7200, 18000, 36000, 50400)
# Seconds between two looks at the clock in one statement, at most.
APART = 1


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


# -- the request

def test_a_receiver_is_told_and_can_tell_who_it_is(site, receiver):
    row = queued(site, receiver.url("/hook?key=1"))
    sender(site)
    got = receiver.next()
    assert got.path == "/hook?key=1"
    headers = {k.lower(): v for k, v in got.headers.items()}
    version = headers.pop("user-agent").removeprefix("trainyard-webhook/")
    assert version and version[0].isdigit()
    assert headers.pop("content-type") == "application/json"
    assert int(headers.pop("content-length")) == len(got.body)
    assert headers.pop("webhook-id") == "whd_" + typeid(row)
    assert abs(int(headers.pop("webhook-timestamp")) - got.at) < 60
    assert headers.pop("webhook-signature") == signature(SECRET, got)
    assert headers.pop("x-webhook-signature") == body_signature(SECRET, got)
    assert headers.pop("host") == f"127.0.0.1:{receiver.port}"
    assert headers == {}
    await_try(site, row)
    assert status(site, row) == "delivered"
    assert first_try(site, row)[:3] == (200, None, "ok")
    assert said(got)["event"] == "training.job.queued"


def test_ids_sort_by_time(site):
    address(site, "https://a.example/")
    judge = Judge(site)
    jobs = []
    for _ in range(3):
        jobs.append(judge.job(training_type="validation", usable=0, mark=0))
        # ids of one millisecond have no order
        site.run("select pg_sleep(0.002)")
    rows = site.run("select job_id, id from trainyard.outbox order by id")
    assert [job for job, _ in rows] == jobs
    assert all(uuid.UUID(row).version == 7 for _, row in rows)


def test_both_secrets_sign_while_one_is_rotated(site, receiver):
    row = queued(site, receiver.url())
    address(site, receiver.url(), OTHER, previous=SECRET)
    sender(site)
    got = receiver.next()
    assert got.headers["webhook-signature"].split(" ") == [
        signature(OTHER, got), signature(SECRET, got)]
    assert got.headers["x-webhook-signature"] == body_signature(OTHER, got)
    await_try(site, row)


def test_a_jobs_own_address_has_the_jobs_own_secret(site, receiver):
    address(site, receiver.url("/org"), previous=OTHER)
    job = Judge(site).job(usable=0, mark=0)
    site.run("update trainyard.job set webhook_url = %s,"
             " webhook_secret = 'sixteen or more characters',"
             " status = 'cancelled', completed_at = now() where id = %s",
             receiver.url("/job"), job)
    sender(site)
    got = {g.path: g for g in (receiver.next(), receiver.next())}
    assert got["/job"].headers["webhook-signature"] == signature(
        "sixteen or more characters", got["/job"])
    assert got["/job"].headers["x-webhook-signature"] == body_signature(
        "sixteen or more characters", got["/job"])
    assert signature(SECRET, got["/org"]) in \
        got["/org"].headers["webhook-signature"].split(" ")


def test_every_change_is_told_once(site, receiver):
    address(site, receiver.url())
    # A fixed key: who is held out follows from it.
    judge = Judge(site, key="jdg_told")
    judge.corrections(judge.evaluations(40))
    job = judge.job(max_epochs=2)
    site.dispatcher(webhook_allow="127.0.0.0/8")
    site.await_status(job, "completed")
    site.await_sql("select bool_and(status = 'delivered')"
                   " from trainyard.outbox")
    events = {}
    while not receiver.quiet():
        body = said(receiver.next())
        assert body["job_id"] == "train_job_" + typeid(job)
        assert body["event"] == "training.job." + body["status"]
        assert body["timestamp"] == body["updated_at"]
        events[body["event"].rpartition(".")[2]] = body
    assert sorted(events) == sorted(
        ["queued", "preparing", "training", "validating", "completed"])
    assert events["queued"]["version_number"] is None
    assert events["completed"]["version_number"] == 2
    assert events["completed"]["validation_results"]["label_count"] > 0


# -- answers

@pytest.mark.parametrize("code", [200, 201, 204, 299])
def test_any_2xx_is_delivered(site, receiver, code):
    row = queued(site, receiver.answer("/", say(
        code, b"" if code == 204 else b"fine")))
    sender(site)
    await_try(site, row)
    assert status(site, row) == "delivered"
    assert first_try(site, row)[0] == code


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(site, receiver, code):
    row = queued(site, receiver.answer("/", say(
        code, b"", Location=receiver.url("/other"))))
    sender(site)
    assert receiver.next().path == "/"
    await_try(site, row)
    assert receiver.quiet()
    assert first_try(site, row)[:2] == (code, "redirects are not followed")
    assert status(site, row) == "pending"


@pytest.mark.parametrize("code", [400, 404, 429, 500, 503])
def test_a_failure_is_tried_again(site, receiver, code):
    row = queued(site, receiver.answer("/", in_turn(say(code, b"no"),
                                                    say(200))))
    sender(site)
    first = receiver.next()
    await_try(site, row)
    assert first_try(site, row)[:3] == (
        code, f"the receiver answered {code}", "no")
    second = receiver.next()        # 5 seconds later, by itself
    assert second.at - first.at >= 5
    assert second.headers["webhook-id"] == first.headers["webhook-id"]
    assert second.body == first.body
    assert second.headers["webhook-signature"] == signature(SECRET, second)
    await_try(site, row, 2)
    assert status(site, row) == "delivered"


def test_after_the_eighth_failure_it_has_failed(site, receiver):
    row = queued(site, receiver.answer("/", say(500)))
    sender(site)
    for number in range(1, 9):
        await_try(site, row, number)
        if number == 8:
            break
        wait, = site.one(
            "select extract(epoch from x.next_attempt_at - a.attempted_at"
            " - a.duration_ms * interval '1 ms') from trainyard.outbox x"
            " join trainyard.outbox_attempt a on a.outbox_id = x.id"
            " and a.number = x.attempt_count where x.id = %s", row)
        base = SCHEDULE[number - 1]
        most = base if number == 1 else base * 1.2
        assert base - APART <= float(wait) <= most + APART
        make_due(site, row)
    assert site.one("select status, next_attempt_at from trainyard.outbox"
                    " where id = %s", row) == ("failed", None)
    assert site.value("select count(*) from trainyard.outbox_attempt"
                      " where outbox_id = %s", row) == 8


@pytest.mark.parametrize("text, seconds", [
    ("2", 5), ("600", 600), ("999999", 86400), ("soon", 5), ("-7", 5)])
def test_retry_after_only_delays(site, receiver, text, seconds):
    row = queued(site, receiver.answer("/", say(503, Retry_After=text)))
    sender(site)
    await_try(site, row)
    wait = float(site.value(
        "select extract(epoch from x.next_attempt_at - a.attempted_at"
        " - a.duration_ms * interval '1 ms') from trainyard.outbox x"
        " join trainyard.outbox_attempt a on a.outbox_id = x.id"
        " and a.number = x.attempt_count where x.id = %s", row))
    assert abs(wait - seconds) <= APART


def test_retry_after_may_be_a_date(site, receiver):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(
        hours=2)
    row = queued(site, receiver.answer("/", say(
        503, Retry_After=email.utils.format_datetime(when, usegmt=True))))
    sender(site)
    await_try(site, row)
    due = site.value("select next_attempt_at from trainyard.outbox"
                     " where id = %s", row)
    assert abs((due - when).total_seconds()) < 60


def test_gone_stops_all_that_waits_for_that_job_there(site, receiver):
    gone = receiver.answer("/gone", say(410))
    address(site, gone)
    job = Judge(site).job(usable=0, mark=0)
    # one more for the same address and job, not due yet; one elsewhere
    site.run("insert into trainyard.outbox (workspace_id, id,"
             " organization_id, channel, event, job_id, judge_id, target,"
             " snapshot, next_attempt_at)"
             " select workspace_id, id, organization_id, channel, event,"
             " job_id, judge_id, t, snapshot, now() + interval '1 day'"
             " from trainyard.outbox, unnest(%s) t",
             [gone, receiver.url("/else")])
    sender(site)
    receiver.next()
    site.await_sql("select count(*) = 2 from trainyard.outbox where"
                   " status = 'stopped' and next_attempt_at is null")
    assert site.run("select target, status from trainyard.outbox where"
                    " job_id = %s and status <> 'stopped'", job) == [
        (receiver.url("/else"), "pending")]


def test_an_answer_that_breaks_off_is_a_failure(site, receiver):
    row = queued(site, receiver.answer("/", close_midway))
    sender(site)
    await_try(site, row)
    assert status(site, row) == "pending"
    code, error, excerpt, _ = first_try(site, row)
    assert (code, excerpt) == (200, "half")
    assert error


def test_of_a_long_answer_little_is_read(site, receiver):
    sent = []

    def flood(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 30))
        handler.end_headers()
        try:
            while len(sent) < 1 << 10:
                handler.wfile.write(b"x" * (1 << 20))
                sent.append(1)
        except OSError:
            handler.close_connection = True

    row = queued(site, receiver.answer("/", flood))
    sender(site)
    await_try(site, row)
    assert status(site, row) == "delivered"
    assert len(sent) < 100
    excerpt = first_try(site, row)[2]
    assert excerpt.startswith("xxxx") and len(excerpt) <= 1024


def test_an_excerpt_is_text_whatever_was_sent(site, receiver):
    row = queued(site, receiver.answer("/", say(
        500, bytes(range(256)) * 8)))
    sender(site)
    await_try(site, row)
    excerpt = first_try(site, row)[2]
    assert "\ufffd" in excerpt and "abc" in excerpt
    assert len(excerpt.encode()) <= 1024


# -- receivers beside each other

def test_a_hanging_receiver_delays_no_other_and_has_four_at_a_time(
        site, receiver):
    event = threading.Event()
    slow = Receiver("127.0.0.2")
    try:
        address(site, slow.answer("/", hang(event)))
        judge = Judge(site)
        for _ in range(9):
            judge.job(training_type="validation", usable=0, mark=0)
        sender(site)
        for _ in range(4):
            slow.next()
        rows = [queued(site, receiver.url()) for _ in range(5)]
        for row in rows:
            await_try(site, row)
        assert slow.quiet() and slow.most == 4
        assert site.value(
            "select count(*) from trainyard.outbox where host = '127.0.0.2'"
            " and status = 'delivering'") == 4
    finally:
        event.set()
        slow.close()


def test_two_dispatchers_share_what_a_receiver_may_have(site):
    event = threading.Event()
    slow = Receiver()
    try:
        address(site, slow.answer("/", hang(event)))
        judge = Judge(site)
        for _ in range(12):
            judge.job(training_type="validation", usable=0, mark=0)
        for _ in range(2):
            sender(site)
        for _ in range(4):
            slow.next()
        # both have looked again since
        for _ in range(3):
            site.notify("trainyard_outbox", "")
            time.sleep(0.3)
        assert slow.quiet() and slow.most == 4
        event.set()
        site.await_sql("select count(*) = 12 from trainyard.outbox_attempt")
        assert slow.most == 4
    finally:
        event.set()
        slow.close()


def test_a_try_ends_after_ten_seconds(site, receiver):
    event = threading.Event()
    row = queued(site, receiver.answer("/", hang(event)))
    sender(site)
    try:
        await_try(site, row)
    finally:
        event.set()
    code, error, _, took = first_try(site, row)
    assert code is None and "timed out" in error.lower()
    assert 9900 <= took <= 60000
    assert status(site, row) == "pending"


# -- a dispatcher's own troubles

def test_killed_in_the_middle_it_is_delivered_again_and_recorded_once(
        site, receiver):
    event = threading.Event()
    row = queued(site, receiver.answer("/", in_turn(hang(event), say(200))))
    first = sender(site)
    got = receiver.next()
    first.end(signal.SIGKILL)
    event.set()
    assert status(site, row) == "delivering"
    # its lease is over
    site.run("update trainyard.outbox set next_attempt_at = now()"
             " where id = %s", row)
    sender(site)
    again = receiver.next()
    assert (again.body, again.headers["webhook-id"]) == (
        got.body, got.headers["webhook-id"])
    await_try(site, row)
    assert status(site, row) == "delivered"
    assert site.value("select count(*) from trainyard.outbox_attempt") == 1


def test_who_lost_the_row_records_nothing(site, receiver):
    event = threading.Event()
    row = queued(site, receiver.answer("/", hang(event)))
    d = sender(site)
    receiver.next()
    site.run("update trainyard.outbox set claim = claim + 1 where id = %s",
             row)
    event.set()
    d.await_line("taken over by another")
    assert status(site, row) == "delivering"
    assert site.value("select count(*) from trainyard.outbox_attempt") == 0


def test_told_to_stop_it_lets_a_delivery_end(site, receiver):
    event = threading.Event()
    row = queued(site, receiver.answer("/", lambda handler: (
        event.wait(), say(200)(handler))))
    d = sender(site)
    receiver.next()
    d.kill(signal.SIGTERM)
    d.await_line("stopping")
    event.set()
    assert d.process.wait(60) == 0
    assert status(site, row) == "delivered"


def test_without_the_database_it_waits_and_records_later(site, receiver):
    event = threading.Event()
    row = queued(site, receiver.answer("/", lambda handler: (
        event.wait(), say(200)(handler))))
    sender(site)
    receiver.next()
    site.cluster.server("--stop")
    event.set()
    site.cluster.server("--start")
    site.reconnect()
    await_try(site, row)
    assert status(site, row) == "delivered"
    assert receiver.quiet()


def test_a_dispatcher_may_be_told_to_send_nothing(site, receiver):
    row = queued(site, receiver.url())
    sender(site, deliveries=0).await_line("no webhook and no mail")
    other = sender(site)
    await_try(site, row)
    other.await_line("webhook delivered")


# -- who may be called

@pytest.mark.parametrize("url", [
    "https://localhost:{}/", "https://127.0.0.1:{}/", "https://[::1]:{}/",
    "https://169.254.169.254/",
    "https://10.0.0.1/", "http://localhost:{}/"])
def test_what_is_not_public_is_not_called(site, receiver, url):
    row = queued(site, url.format(receiver.port))
    sender(site, webhook_allow='""')
    await_try(site, row)
    code, error, _, _ = first_try(site, row)
    assert code is None
    assert error in ("webhooks do not go to this URL",
                     "the name stands for an address that is not public")
    assert receiver.quiet()
    assert status(site, row) == "pending"


def test_plain_http_goes_to_allowed_networks_only(site, receiver):
    row = queued(site, receiver.url(host="localhost"))
    sender(site, webhook_allow="10.0.0.0/8")
    await_try(site, row)
    assert first_try(site, row)[1] == \
        "the name stands for an address that is not public"
    assert receiver.quiet()


@pytest.fixture
def secure(tmp_path):
    ca, context = certificate(tmp_path / "tls", "localhost", "127.0.0.1")
    made = Receiver(tls=context)
    made.ca = ca
    yield made
    made.close()


def test_a_certificate_that_is_vouched_for_is_good(site, secure):
    row = queued(site, secure.url(host="localhost"))
    sender(site, webhook_allow='"127.0.0.0/8 ::1"', ca_file=secure.ca)
    got = secure.next()
    assert got.headers["host"] == f"localhost:{secure.port}"
    await_try(site, row)
    assert status(site, row) == "delivered"


@pytest.mark.parametrize("host, trusted", [
    ("localhost", False), ("127.0.0.1", False), ("127.0.0.3", True)])
def test_a_certificate_that_is_not_is_refused(site, secure, host, trusted):
    row = queued(site, secure.url(host=host))
    sender(site, webhook_allow='"127.0.0.0/8 ::1"',
           **({"ca_file": secure.ca} if trusted else {}))
    await_try(site, row)
    assert secure.quiet()
    assert first_try(site, row)[0] is None


def test_proxies_of_the_environment_are_not_asked(site, receiver,
                                                  monkeypatch):
    proxy = Receiver()
    try:
        row = queued(site, receiver.url())
        sender(site, env={"http_proxy": proxy.url(""), "all_proxy":
                          proxy.url("")})
        receiver.next()
        await_try(site, row)
        assert proxy.quiet()
    finally:
        proxy.close()
