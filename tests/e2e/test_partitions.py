# SPDX-License-Identifier: BSD-2-Clause
"""A site of the release before gets partitions by time.

Its tables become the first ones as they are, programs of before work on, and
a migration that is left half done breaks nothing."""
import contextlib
import shutil
import threading

import psycopg2
import pytest

from command import MIGRATIONS, Command

JOB = "00000000-0000-7000-8000-000000000001"
INSERT = """
insert into trainyard.job_log (workspace_id, job_id, attempt, level, message)
select j.workspace_id, j.id, 1, 1, $1 from trainyard.job j"""
EVERYTHING = """
select seq, attempt, event, message, at, data::text from (
    select e.seq, e.attempt, e.event, e.message, e.at, e.data
      from trainyard.job_event e
     union all
    select l.seq, l.attempt, l.level::text, l.message, l.at, l.data
      from trainyard.job_log l) x
 order by event, seq"""


@pytest.fixture
def before(new_database, tmp_path):
    """The command with a database of before, a job and its lines."""
    folder = tmp_path / "before"
    folder.mkdir()
    for path in MIGRATIONS.glob("*.sql"):
        if path.stem < "0022":
            shutil.copy(path, folder)
    ctl = Command(tmp_path, new_database()[1])
    ctl.run("migrate", "--dir", folder)
    ctl.execute("insert into trainyard.organization (id, key, name,"
                " webhook_secret) values (gen_random_uuid(), 'acme', 'Acme',"
                " 'whsec_eA==')")
    ctl.execute("insert into trainyard.workspace (id, organization_id, key,"
                " name, is_default) select gen_random_uuid(), o.id, 'main',"
                " 'Main', true from trainyard.organization o")
    ctl.job_insert(JOB)
    ctl.execute("insert into trainyard.job_log (workspace_id, job_id, attempt,"
                " level, message, data, at) select j.workspace_id, j.id, 1, 1,"
                " 'line ' || n, '{\"n\": 1}', now() - make_interval(days => n)"
                " from trainyard.job j, generate_series(0, 99) n")
    return ctl


@contextlib.contextmanager
def session(ctl, role):
    """A connection of a server."""
    with contextlib.closing(psycopg2.connect(
            ctl.dsn.replace("trainyard_owner", role))) as conn:
        conn.autocommit = True
        yield conn.cursor()


def place(ctl, message):
    """The partition that holds a line."""
    return ctl.execute("select tableoid::regclass::text from trainyard.job_log"
                       " where message = %s", message)[0][0]


def some(ctl, folder, last):
    """Migrations up to one of ours."""
    for path in MIGRATIONS.glob("*.sql"):
        if path.stem <= last:
            shutil.copy(path, folder)
    ctl.run("migrate", "--dir", folder)


def test_nothing_is_lost_and_nothing_copied(before):
    rows = before.execute(EVERYTHING)
    files = before.execute("select pg_relation_filenode(x) from unnest(array["
                           "'trainyard.job_event', 'trainyard.job_log'"
                           "]::regclass[]) x")
    before.migrate()
    assert before.execute(EVERYTHING) == rows
    assert before.execute(
        "select pg_relation_filenode(x) from unnest(array["
        "'trainyard.job_event_p0', 'trainyard.job_log_p0']::regclass[]) x"
    ) == files
    assert before.execute("select tgname from pg_trigger where tgname like"
                          " '%%_bound'") == []


def test_the_rows_are_not_read_while_all_wait(before, tmp_path):
    """What was checked before tells that they fit."""
    folder = tmp_path / "half"
    folder.mkdir()
    some(before, folder, "0022_02_pre_partition_check")
    last = (MIGRATIONS / "0022_03_pre_partitions.sql").read_text()
    with contextlib.closing(psycopg2.connect(before.dsn)) as conn:
        cursor = conn.cursor()
        cursor.execute("set client_min_messages = debug1")
        cursor.execute(last)
        for table in "job_event_p0", "job_log_p0":
            assert any(f'"{table}" is implied by existing' in notice
                       for notice in conn.notices), conn.notices


def test_programs_of_before_write_on(before):
    """A statement that was prepared before goes to the new table."""
    with session(before, "trainyard_fcgi") as server:
        server.execute("prepare said as " + INSERT)
        for message in ("one", "two"):
            server.execute("execute said(%s)", (message,))
        before.migrate()
        server.execute("execute said('three')")
    seqs = before.execute(
        "select l.seq from trainyard.job_log l where l.message in"
        " ('one', 'two', 'three') order by array_position(array['one', 'two',"
        " 'three'], l.message)")
    assert [n - seqs[0][0] for n, in seqs] == [0, 1, 2]


def test_nobody_fails_while_it_migrates(before):
    """Not one insert and not one read, of sessions that have their plans."""
    over = threading.Event()
    wrote, faults = [], []

    def work():
        mine = 0
        try:
            with session(before, "trainyard_fcgi") as server:
                server.execute("prepare said as " + INSERT)
                server.execute("prepare read as select count(*) >= $1 from"
                               " trainyard.job_log where message = 'said'")
                while not over.is_set() or mine < 10:
                    server.execute("execute said('said')")
                    mine += 1
                    server.execute("execute read(%s)", (mine,))
                    assert server.fetchone() == (True,)
        except Exception as fault:
            faults.append(fault)
        wrote.append(mine)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    try:
        before.migrate()
    finally:
        over.set()
        for worker in workers:
            worker.join()
    assert faults == []
    assert before.execute("select count(*), count(distinct seq) from"
                          " trainyard.job_log where message = 'said'") == [
        (sum(wrote), sum(wrote))]


def test_the_former_table_goes_when_all_in_it_is_old(before):
    before.migrate()
    assert place(before, "line 99") == "trainyard.job_log_p0"
    with session(before, "trainyard_dispatch") as server:
        server.execute("select removed from"
                       " trainyard.partition_keep('job_log', 30, 50)")
        assert server.fetchall() == [(50,)]
        server.execute("select removed from"
                       " trainyard.partition_keep('job_log', 30, 50)")
        assert server.fetchall() == [(20,)]
    assert before.execute("select max(now() - at) < interval '30 days'"
                          " from trainyard.job_log") == [(True,)]


def test_the_former_history_goes_as_a_whole_only(before):
    before.execute("update trainyard.job_event set at = now()"
                   " - interval '99 days'")
    before.migrate()
    with session(before, "trainyard_dispatch") as server:
        server.execute("select removed, dropped from"
                       " trainyard.partition_keep('job_event', 30, 50)")
        assert server.fetchall() == [(0, 0)]
    assert before.execute("select tableoid::regclass::text"
                          " from trainyard.job_event") == [
        ("trainyard.job_event_p0",)]


def test_a_migration_left_half_done_breaks_no_insert(before, tmp_path):
    folder = tmp_path / "half"
    folder.mkdir()
    some(before, folder, "0022_02_pre_partition_check")
    with session(before, "trainyard_fcgi") as server:
        server.execute("prepare said as " + INSERT)
        server.execute("execute said('within the week')")
        # as if it were two weeks later
        server.execute("insert into trainyard.job_log (workspace_id, job_id,"
                       " attempt, level, message, at) select j.workspace_id,"
                       " j.id, 1, 1, 'late', now() + interval '14 days'"
                       " from trainyard.job j")
        before.migrate()
    assert place(before, "late") == "trainyard.job_log_p0"
    assert before.execute("select at > now() + interval '7 days' and"
                          " at < now() + interval '8 days'"
                          " from trainyard.job_log where message = 'late'"
                          ) == [(True,)]


def test_rows_of_a_clock_far_ahead_are_dated_back(before):
    before.execute("update trainyard.job_log set at = now()"
                   " + interval '1 year' where message = 'line 7'")
    before.migrate()
    assert before.execute("select at <= now() from trainyard.job_log"
                          " where message = 'line 7'") == [(True,)]


def test_a_site_without_rows_has_partitions_at_once(bare):
    bare.migrate()
    assert bare.execute("select name from trainyard.partitions('job_log')"
                        " where name ~ '_p0$'") == []
    assert bare.execute("select count(*) from trainyard.partitions('job_log')"
                        " where since <= now() and now() < til") == [(1,)]
