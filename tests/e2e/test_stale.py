# SPDX-License-Identifier: BSD-2-Clause
"""Statements that were prepared and are not what they were: nobody notices."""
import pytest

from crowd import JOBS, WORKSPACE, create, insist, query, running_stack

# What each connection then does to itself, at the end of each transaction.
FORGET = """
create function trainyard.test_forget() returns trigger
language plpgsql security definer as $$
begin
    execute 'deallocate all';
    return null;
end
$$;
create constraint trigger test_forget after insert on trainyard.audit
    deferrable initially deferred
    for each row execute function trainyard.test_forget();
"""
REMEMBER = """
drop trigger test_forget on trainyard.audit;
drop function trainyard.test_forget();
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("stale"),
                       "--set", "slots=0") as made:
        yield made


def script(stack, sql):
    conn = stack.connect()
    with conn.cursor() as cursor:
        cursor.execute(sql)
    conn.close()


def all_kinds(client, n):
    """A request through each statement of the core, most of them twice."""
    put = client.put(f"{WORKSPACE}/artifacts/other/stale/{n}",
                     content=b"%d" % n)
    assert put.status_code == 201
    assert client.get(put.headers["Location"]).json() == put.json()
    made = create(client, f"stale-{n}")
    assert made.status_code == 201
    assert create(client, f"stale-{n}").json() == made.json()
    assert client.get(made.headers["Location"]).json() == made.json()
    assert client.get("/api/v1/training/catalog").json()["total"] == 13
    # no judge of that name: found out by a statement
    assert client.get("/judges/jdg_nobody").status_code == 404
    judge = client.post("/judges", json={
        "name": f"stale {n}", "description": "x", "content_type": "text",
        "criteria": [{"name": "Clarity"}]},
        headers={"Idempotency-Key": f"judge-{n}"})
    assert judge.status_code == 201


def test_statements_that_were_forgotten(stack, client):
    all_kinds(client, 1)
    script(stack, FORGET)
    try:
        for n in range(2, 6):
            all_kinds(client, n)
    finally:
        script(stack, REMEMBER)
    all_kinds(client, 6)


def test_a_schema_that_changes_under_them(stack, client):
    """As a migration does that the running release is meant to survive."""
    all_kinds(client, 10)
    for n, sql in enumerate((
            "alter table trainyard.job add column test_more text",
            "alter table trainyard.job drop column test_more",
            # results of another type: cached plans are refused
            "alter table trainyard.artifact alter media_type"
            " type character varying",
            "alter table trainyard.artifact alter media_type type text",
            "alter table trainyard.job alter run_ref type varchar(300)",
            "alter table trainyard.job alter run_ref type text",
            "create index test_idx on trainyard.job (created_at)",
            "drop index trainyard.test_idx",
            "analyze trainyard.job")):
        script(stack, sql)
        all_kinds(client, 11 + n)


def test_a_backend_that_dies_between_two_requests(stack, client):
    all_kinds(client, 30)
    query(stack, "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
          " where application_name like 'trainyard%%'"
          "   and application_name <> 'trainyardd'",
          dsn=stack.superuser_dsn)
    assert insist(lambda: client.get("/readyz")).status_code == 200
    # a request may have found its connection dead; the next may not
    assert insist(lambda: client.get(f"{JOBS}/x")).status_code == 404
    insist(lambda: create(client, "stale-after"))
    all_kinds(client, 31)


EXPECTED_LOG = [
    "connection to the database lost statement=",
    "lost the connection that hears of changed tokens",
    "the database is away; jobs go on",
    "FATAL:  terminating connection due to administrator command"]
