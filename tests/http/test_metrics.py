# SPDX-License-Identifier: BSD-2-Clause
"""What Prometheus is told, by both programs of a running site."""
import concurrent.futures
import socket

import pytest

import scrapes
from harness import stack_in
from hosted import Place, await_true, sft
from reports import START, post, posted


@pytest.fixture(scope="module")
def responder():
    with scrapes.Scrape() as made:
        yield made


@pytest.fixture(scope="module")
def dispatcher():
    with scrapes.Scrape() as made:
        yield made


@pytest.fixture(scope="module")
def site(tmp_path_factory, responder, dispatcher):
    """A site whose jobs stay queued and whose notifications stay here."""
    with stack_in(
            tmp_path_factory.mktemp("stack"), "--rate-limit", "off",
            "--set", "rate_limit=1000000", "--set", "slots=0",
            "--set", "deliveries=0",
            "--set", f"metrics_responder={responder.path}",
            "--set", f"metrics_dispatcher={dispatcher.path}") as made:
        yield made


@pytest.fixture(scope="module")
def place(site):
    made = Place(site, "metrics").furnish()
    yield made
    made.close()


@pytest.mark.parametrize("program", ["F", "D"])
def test_all_of_the_table_is_told_and_nothing_else(
        site, place, responder, dispatcher, program):
    place.http.get(place.jobs)
    told = {"F": responder, "D": dispatcher}[program].families()
    assert {name: f.type for name, f in told.items()} == {
        name: kind for name, (kind, _) in scrapes.table(program).items()}
    for name, family in told.items():
        assert family.documentation
        assert family.samples, name
        labels = set(scrapes.table()[name][1])
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == labels


@pytest.mark.parametrize("program", ["F", "D"])
def test_buckets_grow_and_end_with_the_count(
        site, place, responder, dispatcher, program):
    told = {"F": responder, "D": dispatcher}[program].families()
    for family in told.values():
        if family.type != "histogram":
            continue
        cells = {}
        for sample in family.samples:
            labels = dict(sample.labels)
            edge = labels.pop("le", None)
            cell = cells.setdefault(tuple(sorted(labels.items())),
                                    {"edges": []})
            if edge is None:
                cell[sample.name.rpartition("_")[2]] = sample.value
            else:
                cell["edges"].append((float(edge), sample.value))
        for cell in cells.values():
            assert cell["edges"] == sorted(cell["edges"])
            counts = [count for _, count in cell["edges"]]
            assert counts == sorted(counts)
            assert cell["edges"][-1] == (float("inf"), cell["count"])
            assert cell["sum"] >= 0


def test_the_format_is_named(site, responder):
    reply = responder.ask()
    assert reply.headers["content-type"] == (
        "text/plain; version=0.0.4; charset=utf-8")


@pytest.mark.parametrize("method, path, status", [
    ("HEAD", "/metrics", 200), ("GET", "/", 404), ("GET", "/readyz", 404),
    ("POST", "/metrics", 405), ("DELETE", "/metrics", 405)])
def test_nothing_else_is_served_there(site, responder, method, path, status):
    reply = responder.ask(path, method)
    assert reply.status_code == status
    assert (reply.headers.get("allow") == "GET, HEAD") == (status == 405)


def test_a_silent_caller_is_in_nobodys_way(site, responder):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(responder.path)
        silent.sendall(b"GET /metr")
        assert responder.ask().status_code == 200


def test_requests_are_counted_by_their_pattern(site, place, responder):
    job = place.made(sft())
    route = {"method": "GET", "route": "/api/v1/org/{org}/ws/{ws}/training"
             "/jobs/{job_id}"}

    def counts():
        return [responder.value("trainyard_http_requests_total", **route,
                                status=status) for status in ("200", "404")
                ] + [responder.value("trainyard_http_request_seconds_count",
                                     **route)]

    before = counts()
    for _ in range(3):
        assert place.http.get(f"{place.jobs}/{job['id']}").is_success
    nobody = "01900000-0000-7000-8000-000000000000"
    assert place.http.get(f"{place.jobs}/{nobody}").status_code == 404
    # counted behind the last byte of the answer
    await_true(lambda: counts() == [before[0] + 3, before[1] + 1,
                                    before[2] + 4], "4 requests")
    text = responder.ask().text
    assert job["id"] not in text and nobody not in text


def test_what_no_route_has_is_one_series(site, responder):
    def count():
        return responder.value("trainyard_http_requests_total", route="-",
                               method="-", status="404")

    before = count()
    with site.client() as anon:
        assert anon.get(f"/judges/{'x/' * 5}").status_code == 404
        assert anon.get(f"/judges/{'y/' * 5}").status_code == 404
    await_true(lambda: count() == before + 2, "2 requests")


def test_group_commits_tell_their_sizes(site, place, responder):
    def rows():
        return responder.value("trainyard_batch_rows_sum", group="writes")

    before = rows()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for reply in pool.map(lambda n: place.create(sft()), range(24)):
            assert reply.status_code == 201
    assert rows() == before + 24
    assert responder.value("trainyard_batch_rows_count",
                           group="writes") <= rows()
    assert responder.value("trainyard_batch_waiting_rows", group="writes") == 0


def test_refused_reports_are_counted(site, place, responder):
    job = place.made(sft())
    token = place.hand_token(job, place.claim(job))
    posted(place, job, START)
    before = responder.value("trainyard_stale_writes_total")
    place.lose(job)
    place.claim(job)
    reply = post(place, job, START, Authorization=f"Bearer {token}")
    assert reply.status_code == 409, reply.text
    assert responder.value("trainyard_stale_writes_total") == before + 1


def test_refused_artifacts_are_counted(site, place, responder):
    def stale():
        return responder.value("trainyard_stale_writes_total")

    job = place.made(sft())
    token = place.hand_token(job, place.claim(job))
    where = place.path("checkpoint", "late", "1")
    place.lose(job)
    before = stale()
    with site.client(token) as worker:
        assert worker.get(where).status_code == 401
        assert stale() == before
        assert worker.put(where, content=b"x").status_code == 401
        assert stale() == before + 1
        # who comes after the job's own end has lost nothing
        assert place.http.post(
            f"{place.jobs}/{job['id']}/cancel").status_code == 200
        assert worker.put(where, content=b"x").status_code == 401
        assert stale() == before + 1


def test_queues_are_told_by_kind(site, place, dispatcher):
    place.made(sft())
    queued = place.value("select count(*) from trainyard.job"
                         " where status = 'queued' and kind = 'tinker_sft'")
    place.do("update trainyard.job set queued_at = now() - interval '1 hour'"
             " where id = (select id from trainyard.job where status = 'queued'"
             " and kind = 'tinker_sft' order by queue_seq limit 1)")
    await_true(lambda: dispatcher.value(
        "trainyard_queue_jobs", kind="tinker_sft") == queued, "the queue")
    await_true(lambda: 3600 <= dispatcher.value(
        "trainyard_queue_oldest_seconds", kind="tinker_sft") < 3700, "an hour")
    assert dispatcher.value("trainyard_queue_jobs", kind="judge") == 0


def test_notifications_that_wait_are_told(site, place, dispatcher):
    site.trainyard("org", "set", "acme", "--webhook-url",
                   "https://hooks.example.com/x")
    job = place.made(sft())
    place.do("insert into trainyard.outbox (workspace_id, id, organization_id,"
             " channel, event, job_id, target, snapshot, next_attempt_at)"
             " select workspace_id, gen_random_uuid(), %s, 'webhook',"
             " 'job.completed', id, 'https://hooks.example.com/x', '{}',"
             " now() - interval '10 minutes' from trainyard.job where id = %s",
             place.org_id, job["id"])
    await_true(lambda: dispatcher.value(
        "trainyard_outbox_waiting", channel="webhook") >= 1, "the outbox")
    assert 600 <= dispatcher.value(
        "trainyard_outbox_overdue_seconds", channel="webhook") < 700
    assert dispatcher.value("trainyard_outbox_waiting", channel="mail") == 0


def test_the_public_site_has_no_metrics(site, place):
    assert place.http.get("/metrics").status_code == 404


def test_nothing_listens_where_nobody_asked_for_it(stack):
    settings = stack.trainyard("check-config", "--dump", stack.conf)
    assert 'metrics_responder = ""' in settings
    assert 'metrics_dispatcher = ""' in settings
    for part in ("responder", "dispatcher"):
        assert "metrics address" not in stack.log(f"{part}.log")
