# SPDX-License-Identifier: BSD-2-Clause
"""The list of hosted jobs: filters, order, pages; with one and with many."""
import datetime
import itertools
import json
import re

import pytest

from crowd import Crowd
import statements
from hosted import Place, ray, rl, sft
from statements import PLANNER

UP_AND_DOWN = ("created_at", "-created_at", "updated_at", "-updated_at")


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "jobs-list").furnish()
    yield made
    made.close()


def ask(place, **params):
    reply = place.http.get(place.jobs, params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def names(place, **params):
    body = ask(place, **params)
    assert body["total"] == len(body["items"])
    return [j["name"] for j in body["items"]]


@pytest.fixture(scope="module")
def shelf(stack):
    """A workspace with six jobs of known names, oldest first."""
    made = Place(stack, "list-shelf").furnish()
    stack.trainyard("project", "create", "acme/list-shelf", "side")
    bodies = [
        sft() | {"name": "one", "tags": ["night", "a,b"]},
        rl() | {"name": "Two", "project_ref": "side", "tags": ["night"]},
        ray() | {"name": "three 50%", "tags": ["night", "gpu"]},
        sft() | {"name": "ONE more", "tags": ["gpu"]},
        rl(), sft() | {"name": "Ärger_6"}]
    made.jobs_made = [made.made(b) for b in bodies]
    for number, status in (("1", "claimed"), ("2", "claimed"),
                           ("2", "running"), ("3", "cancelled"),
                           ("4", "claimed"), ("4", "failed"),
                           ("0", "claimed"), ("0", "running"),
                           ("0", "completed")):
        made.do(
            "update trainyard.job set status = %s, updated_at = now(),"
            " revision = revision + 1, completed_at = case when %s in"
            " ('completed', 'failed', 'cancelled') then now() end,"
            " error = case when %s = 'failed' then 'no memory' end"
            " where id = %s", status, status, status,
            made.jobs_made[int(number)]["id"])
    yield made
    made.close()


# 0 one, completed      1 Two, claimed        2 three 50%, running
# 3 ONE more, cancelled 4 no name, failed     5 Ärger_6, queued
LISTS = {
    "newest first": ({}, [5, 4, 3, 2, 1, 0]),
    "oldest first": ({"sort": "created_at"}, [0, 1, 2, 3, 4, 5]),
    "the same, said": ({"sort": "-created_at"}, [5, 4, 3, 2, 1, 0]),
    "changed last": ({"sort": "-updated_at"}, [0, 4, 3, 2, 1, 5]),
    "changed first": ({"sort": "updated_at"}, [5, 1, 2, 3, 4, 0]),
    "queued has what is handed out": ({"status": "queued"}, [5, 1]),
    "running": ({"status": "running"}, [2]),
    "completed": ({"status": "completed"}, [0]),
    "failed": ({"status": "failed"}, [4]),
    "cancelled": ({"status": "cancelled"}, [3]),
    "tinker": ({"backend": "tinker"}, [5, 4, 3, 1, 0]),
    "ray": ({"backend": "ray"}, [2]),
    "sft": ({"trainer_type": "sft"}, [5, 3, 0]),
    "rl": ({"trainer_type": "rl"}, [4, 2, 1]),
    "tinker rl": ({"backend": "tinker", "trainer_type": "rl"}, [4, 1]),
    "ray sft, which is nothing": (
        {"backend": "ray", "trainer_type": "sft"}, []),
    "a project": ({"project_ref": "side"}, [1]),
    "the default project": ({"project_ref": "default"}, [5, 4, 3, 2, 0]),
    "an unknown project": ({"project_ref": "No Such"}, []),
    "a tag": ({"tag": "night"}, [2, 1, 0]),
    "two tags": ({"tag": ["night", "gpu"]}, [2]),
    "a tag with a comma": ({"tag": "a,b"}, [0]),
    "a part of a tag": ({"tag": "nigh"}, []),
    "a part of the name": ({"name": "one"}, [3, 0]),
    "a part with a space": ({"name": "E M"}, [3]),
    "no pattern": ({"name": "5_%"}, []),
    "a percent sign": ({"name": "0%"}, [2]),
    "a capital with dots": ({"name": "äRG"}, [5]),
    "a model": ({"model": "trainyard/tiny-llama"}, [2]),
    "a model in full": ({"model": "tiny-llama"}, []),
    "filters together": (
        {"tag": "night", "trainer_type": "rl", "status": "running",
         "project_ref": "default"}, [2]),
    "filters together that exclude each other": (
        {"tag": "gpu", "project_ref": "side"}, []),
    "filters in another order": (
        {"trainer_type": "rl", "sort": "updated_at"}, [1, 2, 4]),
}


@pytest.mark.parametrize("case", LISTS)
def test_list(shelf, case):
    params, want = LISTS[case]
    body = ask(shelf, **params)
    assert list(body) == ["items", "total", "page", "page_size",
                          "next_cursor", "total_is_exact"]
    made = [j["id"] for j in shelf.jobs_made]
    assert [made.index(j["id"]) for j in body.pop("items")] == want
    assert body == {"total": len(want), "page": 1, "page_size": 20,
                    "next_cursor": None, "total_is_exact": True}


def test_times_bound_the_list(shelf):
    made = [j["created_at"] for j in shelf.jobs_made]
    assert made == sorted(set(made))
    # from is inclusive, to is exclusive
    assert ask(shelf, created_after=made[2])["total"] == 4
    assert ask(shelf, created_before=made[2])["total"] == 2
    both = ask(shelf, created_after=made[2], created_before=made[4])
    assert [j["created_at"] for j in both["items"]] == [made[3], made[2]]
    # another offset, another precision
    zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    there = datetime.datetime.fromisoformat(made[2]).astimezone(zone)
    assert ask(shelf, created_after=there.isoformat())["total"] == 4
    assert ask(shelf, created_before="9999-12-31T23:59:59Z")["total"] == 6
    assert ask(shelf, created_after="9999-12-31T23:59:59Z")["total"] == 0
    assert ask(shelf, created_before="0001-01-01T00:00:00Z")["total"] == 0


def test_items_are_whole_jobs_without_series(place):
    job = place.made(sft() | {"name": "series"})
    place.do("""update trainyard.job set metrics = '{"train/steps": 2}',
             artifacts = '{"worker_id": "w"}' where id = %s""", job["id"])
    place.do("insert into trainyard.job_series (workspace_id, job_id,"
             " attempt, key, points) values (%s, %s, 1, 'steps', '[1, 2]')",
             place.id, job["id"])
    whole = place.http.get(f"{place.jobs}/{job['id']}").json()
    assert whole["metrics"] == {"train/steps": 2, "steps": [1, 2]}
    item, = ask(place, name="series")["items"]
    assert list(item) == list(whole)
    assert item == whole | {"metrics": {"train/steps": 2}}


def test_judge_jobs_are_not_here(place):
    judge, job = (place.value("select gen_random_uuid()::text")
                  for _ in range(2))
    place.do("insert into trainyard.judge (workspace_id, id, key,"
             " content_type, created_by) select %s, %s, 'jdg_list', 'text',"
             " id from trainyard.account limit 1", place.id, judge)
    place.do("insert into trainyard.job (workspace_id, id, organization_id,"
             " face, kind, status, timeout_seconds, created_by,"
             " config, judge_id, training_type, options, base_version)"
             " select %s, %s, %s, 'judge', 'judge', 'created', 60, id,"
             " '{}', %s, 'validation', '{}', 1 from trainyard.account"
             " limit 1", place.id, job, place.org_id, judge)
    place.do("update trainyard.job set status = 'cancelled',"
             " completed_at = now() where id = %s", job)
    for params in ({}, {"status": "cancelled"}, {"sort": "-updated_at"}):
        assert job not in [j["id"] for j in ask(place, **params)["items"]]


def test_head_and_caching(place):
    get = place.http.get(place.jobs)
    head = place.http.head(place.jobs)
    assert head.status_code == 200 and head.content == b""
    assert get.headers["cache-control"] == "no-store"
    assert "etag" not in get.headers


# --- refusals

QUERIES = {
    "page=0": ("page", "greater_than_equal"),
    "page=x": ("page", "int_type"),
    "page=1.5": ("page", "int_type"),
    "page=": ("page", "value_error"),
    "page=1&page=1": ("page", "duplicate_key"),
    "page=501": ("page", "value_error"),
    "page=101&page_size=100": ("page", "value_error"),
    "page=2147483647": ("page", "value_error"),
    "page=2147483648": ("page", "less_than_equal"),
    "page_size=0": ("page_size", "greater_than_equal"),
    "page_size=101": ("page_size", "less_than_equal"),
    "status=pending": ("status", "literal_error"),
    "status=claimed": ("status", "literal_error"),
    "status=": ("status", "value_error"),
    "status=queued&status=queued": ("status", "duplicate_key"),
    "backend=gpu": ("backend", "literal_error"),
    "trainer_type=grpo": ("trainer_type", "literal_error"),
    "project_ref=": ("project_ref", "value_error"),
    "tag=": ("tag", "value_error"),
    "tag=a&tag=": ("tag", "value_error"),
    "name=a&name=b": ("name", "duplicate_key"),
    "model=": ("model", "value_error"),
    "created_after=2026-03-18": ("created_after", "datetime_parsing"),
    "created_before=now": ("created_before", "datetime_parsing"),
    "sort=name": ("sort", "literal_error"),
    "cursor=x": ("cursor", "value_error"),
    "cursor=": ("cursor", "value_error"),
    "page=2&cursor=NC4u": ("cursor", "value_error"),
    "colour=red": ("colour", "extra_forbidden"),
    "limit=5": ("limit", "extra_forbidden"),
    "name=%ff": (None, "value_error"),
}


@pytest.mark.parametrize("query", QUERIES)
def test_list_refuses(place, envelope, query):
    name, kind = QUERIES[query]
    body = envelope(place.http.get(f"{place.jobs}?{query}"), 422,
                    "validation_error")
    assert [(e["loc"], e["type"]) for e in body["errors"]] == [
        (["query"] + [name] * (name is not None), kind)]


def test_the_end_of_pages_names_the_cursor(place, envelope):
    body = envelope(place.http.get(place.jobs, params={"page": 501}), 422,
                    "validation_error")
    assert body["detail"] == (
        "page: page * page_size must be at most 10000; use cursor")
    assert ask(place, page=500)["items"] == []


def test_all_faults_are_told(place, envelope):
    body = envelope(place.http.get(
        f"{place.jobs}?sort=x&status=y&page=0&who=me"), 422,
        "validation_error")
    assert [e["loc"][1] for e in body["errors"]] == [
        "page", "status", "sort", "who"]


# --- pages


def walk(place, size=7, **params):
    """Ids of all pages, by cursor; what must hold on each."""
    got, cursor = [], {}
    while True:
        body = ask(place, page_size=size, **cursor, **params)
        assert body["page"] == 1 and body["page_size"] == size
        got += [j["id"] for j in body["items"]]
        if body["next_cursor"] is None:
            return got
        assert len(body["items"]) == size
        cursor = {"cursor": body["next_cursor"]}


@pytest.mark.parametrize("sort", UP_AND_DOWN)
@pytest.mark.parametrize("size", [1, 2, 3, 6, 7])
def test_cursors_and_pages_lead_through_the_list(shelf, sort, size):
    whole = [j["id"] for j in ask(shelf, sort=sort)["items"]]
    assert len(whole) == 6
    assert walk(shelf, size, sort=sort) == whole
    got = []
    for page in itertools.count(1):
        body = ask(shelf, sort=sort, page=page, page_size=size)
        assert body["total"] == 6 and body["page"] == page
        if not body["items"]:
            break
        got += [j["id"] for j in body["items"]]
        assert (body["next_cursor"] is None) == (len(got) == 6)
    assert got == whole


def test_a_cursor_goes_on_from_a_numbered_page(shelf):
    whole = [j["id"] for j in ask(shelf)["items"]]
    second = ask(shelf, page=2, page_size=2)
    third = ask(shelf, page_size=2, cursor=second["next_cursor"])
    assert [j["id"] for j in second["items"] + third["items"]] == whole[2:]


def test_jobs_of_one_time_are_told_apart_by_id(stack):
    """A group commit gives all its jobs the same time."""
    place = Place(stack, "list-ties").furnish()
    try:
        fill(place, 40, at="timestamptz '2026-01-01 00:00:00Z'")
        for sort in UP_AND_DOWN:
            got = walk(place, 3, sort=sort)
            assert got == sorted(got, reverse=sort.startswith("-"))
            assert len(got) == 40
    finally:
        place.close()


@pytest.mark.parametrize("sort", ["created_at", "-created_at"])
def test_creates_neither_skip_nor_repeat(stack, sort):
    place = Place(stack, f"list-crowd{'-down' * sort.startswith('-')}"
                  ).furnish()
    body = json.dumps(sft())

    def create(crowd, client):
        while not crowd.stopping.is_set():
            reply = client.post(place.jobs, content=body)
            assert reply.status_code == 201
            crowd.tell()

    try:
        fill(place, 200, status="failed")
        there = set(walk(place, 100))
        with stack.client(place.token) as client, Crowd() as crowd:
            crowd.start(create, crowd, client)
            for _ in range(6):
                crowd.await_more(5)
                # large pages: oldest first, the end runs ahead
                got = walk(place, 100, sort=sort)
                assert len(got) == len(set(got)), "a job came twice"
                assert there <= set(got), "a job was skipped"
                there = set(got) if sort.startswith("-") else there
    finally:
        place.close()


# --- many


def fill(place, count, *, status="completed", at="now() - n * interval '1 s'"):
    """That many jobs at once, numbered from 1, the newest first."""
    place.do(
        f"""
        insert into trainyard.job (workspace_id, id, organization_id, face,
            kind, status, timeout_seconds, created_by, created_at, queued_at,
            updated_at, config, model, capability_id, capability_name,
            capability_version, project_key, name, tags)
        select %s, (lpad(to_hex(n), 12, '0') || '7'
                    || substr(md5(n::text), 1, 19))::uuid, %s, 'hosted',
               case when n %% 10 = 0 then 'ray_grpo'
                    when n %% 10 < 4 then 'tinker_rl' else 'tinker_sft' end,
               'queued', 60, a.id, {at}, {at}, {at}, '{{}}',
               case when n %% 50 = 0 then 'rare' else 'common' end,
               gen_random_uuid(), 'assistant', '1', case
               when n %% 1000 = 0 then 'side' else 'default' end,
               'job ' || n, case when n %% 100 = 0
               then array['weekly', 'nightly'] else array['nightly'] end
          from generate_series(1, %s) n,
               (select id from trainyard.account
                 where email = 'ada@acme.example') a""",
        place.id, place.org_id, count)
    if status == "queued":
        return
    place.do("alter table trainyard.job disable trigger job_updated")
    place.do(
        "update trainyard.job set status = %s, completed_at = created_at,"
        " error = case when %s = 'failed' then 'x' end"
        " where workspace_id = %s", status, status, place.id)
    place.do("alter table trainyard.job enable trigger job_updated")


@pytest.fixture(scope="module")
def many(stack):
    """100 000 jobs, 1 in 500 of them open, and others beside them."""
    place = Place(stack, "jobs-many").furnish()
    fill(place, 100_000)
    place.do("alter table trainyard.job disable trigger job_updated")
    for n, status in ((0, "queued"), (1, "running"), (2, "failed"),
                      (3, "cancelled")):
        place.do(
            "update trainyard.job set status = %s, completed_at = case when"
            " %s in ('failed', 'cancelled') then completed_at end, error ="
            " case when %s = 'failed' then 'x' end where workspace_id = %s"
            " and substr(name, 5)::int %% 1000 = %s", status, status, status,
            place.id, n)
    place.do("alter table trainyard.job enable trigger job_updated")
    other = Place(stack, "list-many-beside")
    fill(other, 20_000)
    other.close()
    place.do("vacuum analyze trainyard.job")
    yield place
    place.close()


def number(job):
    return int(job["name"].removeprefix("job "))


COUNTS = {
    "everything": ({}, 10_000, False, lambda n: True),
    "frequent": ({"status": "completed"}, 10_000, False,
                 lambda n: n % 1000 > 3),
    "queued": ({"status": "queued"}, 100, True, lambda n: n % 1000 == 0),
    "running": ({"status": "running"}, 100, True, lambda n: n % 1000 == 1),
    "failed": ({"status": "failed"}, 100, True, lambda n: n % 1000 == 2),
    "at the bound": ({"backend": "ray"}, 10_000, True,
                     lambda n: n % 10 == 0),
    "two kinds": ({"trainer_type": "rl"}, 10_000, False,
                  lambda n: n % 10 < 4),
    "a project": ({"project_ref": "side"}, 100, True,
                  lambda n: n % 1000 == 0),
    "a model": ({"model": "rare"}, 2000, True, lambda n: n % 50 == 0),
    "a rare tag": ({"tag": ["nightly", "weekly"]}, 1000, True,
                   lambda n: n % 100 == 0),
    "a name": ({"name": "JOB 7777"}, 11, True,
               lambda n: str(n).startswith("7777")),
    "no name": ({"name": "jobless"}, 0, True, lambda n: False),
    "together": ({"model": "rare", "status": "completed", "backend": "ray"},
                 1900, True, lambda n: n % 50 == 0 and n % 1000),
}


@pytest.mark.parametrize("case", COUNTS)
def test_many_jobs(many, case):
    params, total, exact, matches = COUNTS[case]
    want = list(itertools.islice(filter(matches, range(1, 100_001)), 40))
    body = ask(many, page=2, **params)
    assert (body["total"], body["total_is_exact"]) == (total, exact)
    assert [number(j) for j in body["items"]] == want[20:]
    up = ask(many, sort="created_at", page_size=5, **params)
    assert [number(j) for j in up["items"]] == list(itertools.islice(
        filter(matches, range(100_000, 0, -1)), 5))


def test_cursors_lead_beyond_the_pages(many):
    assert ask(many, page=100, page_size=100)["items"][-1]["name"] \
        == "job 10000"
    cursor = ask(many, page=100, page_size=100)["next_cursor"]
    body = ask(many, page_size=100, cursor=cursor)
    assert [number(j) for j in body["items"]] == list(range(10001, 10101))


def plan(place, name, **given):
    """The plan for these parameters, as the responder has it made."""
    numbers = {"place": 1, "open": 2, "done": 3, "kinds": 4, "kind": 5,
               "other": 6, "project": 7, "tags": 8, "name": 9, "model": 10,
               "since": 11, "until": 12, "limit": 13}
    last = (["0", "'infinity'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"]
            if "newest" in name or "last" in name else
            ["0", "'-infinity'", "'00000000-0000-0000-0000-000000000000'"])
    given = {"place": place.id, "limit": 21, **given}
    values = ["null"] * 13 + (last if "count" not in name else [])
    for key, value in given.items():
        values[numbers[key] - 1] = f"'{value}'"
    place.do("begin")
    for option in PLANNER.split("-c ")[1:]:
        place.do("set local " + option)
    place.do(statements.text("plan_by_values"))
    place.do("prepare s as " + statements.text(name))
    lines = place.rows(
        f"explain (analyze, costs off, timing off, summary off)"
        f" execute s ({', '.join(values)})")
    place.do("rollback")
    place.do("deallocate s")
    return "\n".join(line for line, in lines)


SHAPES = {
    "all": ({}, ["job_done_idx", "job_open_idx"]),
    "completed": ({"open": "{}", "done": "completed"},
                  ["job_done_idx", "job_done_status_idx"]),
    "failed": ({"open": "{}", "done": "failed"}, ["job_done_status_idx"]),
    "queued": ({"open": "{queued,claimed}", "done": ""}, ["job_open_idx"]),
    "one kind": ({"kinds": "{ray_grpo}", "kind": "ray_grpo"},
                 ["job_done_kind_idx", "job_done_idx"]),
    "two kinds": ({"kinds": "{tinker_rl,ray_grpo}", "kind": "tinker_rl",
                   "other": "ray_grpo"},
                  ["job_done_kind_idx", "job_done_idx"]),
    "no such kind": ({"kinds": "{}", "kind": "nothing"},
                     ["job_done_kind_idx"]),
    "project": ({"project": "side"}, ["job_done_project_idx"]),
    "no such project": ({"project": "nothing"}, ["job_done_project_idx"]),
    "model": ({"model": "rare"}, ["job_done_model_idx"]),
    "no such model": ({"model": "nothing"}, ["job_done_model_idx"]),
    "since": ({"since": "2020-01-01"}, ["job_done_idx"]),
    "until": ({"until": "2020-01-01"}, ["job_done_idx"]),
}
PAGES = ("job_newest", "job_oldest", "job_last_changed", "job_first_changed")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("shape", SHAPES)
def test_plans(many, name, shape):
    """An index in the list's order, and few rows read for a page."""
    given, indexes = SHAPES[shape]
    text = plan(many, name, **given)
    assert "Seq Scan" not in text
    if "changed" not in name:
        assert any(f"using {i} " in text for i in indexes), text
    most = max(int(m) for m in re.findall(r"rows=(\d+)", text))
    removed = sum(int(m) for m in re.findall(r"Removed by Filter: (\d+)",
                                             text))
    assert most + removed <= 2500, text


@pytest.mark.parametrize("shape", SHAPES)
def test_plans_of_counts(many, shape):
    text = plan(many, "job_count_hosted",
                **SHAPES[shape][0] | {"limit": 10001})
    assert "Seq Scan" not in text
    assert max(int(m) for m in re.findall(r"rows=(\d+)", text)) <= 10001, text
