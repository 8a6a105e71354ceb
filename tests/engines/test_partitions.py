# SPDX-License-Identifier: BSD-2-Clause
"""Partitions are made ahead and dropped when all in them is old."""
import contextlib

import pytest

import dispatchers

LINE = ("insert into trainyard.job_log (workspace_id, job_id, attempt, level,"
        " message, at) values (%s, %s, 1, 1, %s, now()"
        " - make_interval(days => %s))")


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """What a dispatcher could not do it tries again a minute later."""
    monkeypatch.setattr(dispatchers, "PATIENCE", dispatchers.PATIENCE + 60)


def partition(site, table, name, oldest, newest):
    """One for rows of some days ago."""
    since, til = site.one(
        "select (now() - make_interval(days => %s))::text,"
        " (now() - make_interval(days => %s))::text", oldest, newest)
    site.run(f"create table trainyard.{name} partition of trainyard.{table}"
             " (primary key (workspace_id, job_id, seq))"
             f" for values from ('{since}') to ('{til}')")


def partitions(site, table):
    return [n for n, in site.run(
        "select name from trainyard.partitions(%s) order by since", table)]


def days_ahead(site, table):
    return site.value("select extract(day from max(til) - now())::integer"
                      " from trainyard.partitions(%s)", table)


def only_rest(site, table):
    """As after a time without dispatchers."""
    for name in partitions(site, table):
        if not name.endswith("_rest"):
            site.run(f"drop table trainyard.{name}")


def test_a_partition_of_old_lines_only_is_dropped(site):
    job = site.job(kind="ray_grpo")
    partition(site, "job_log", "job_log_older", 45, 35)
    partition(site, "job_log", "job_log_old", 35, 25)
    for days in (40, 33, 27, 0):
        site.run(LINE, site.ws, job, f"{days} days", days)
    site.dispatcher().await_line("partitions of job_log made=0 dropped=1")
    # what is older than a month, in days that are not as a whole, may stay
    assert site.logs(job) == ["33 days", "27 days", "0 days"]
    assert "job_log_old" in partitions(site, "job_log")
    assert "job_log_older" not in partitions(site, "job_log")


def test_what_happened_is_kept_where_nobody_said_how_long(site):
    job = site.job(kind="ray_grpo")
    partition(site, "job_event", "job_event_old", 4000, 3900)
    site.run("update trainyard.job_event set at = now() - interval '3950 days'"
             " where job_id = %s", job)
    # one after the other, or the second finds the first at work
    assert site.dispatcher().end() == 0
    assert site.statuses(job) == ["queued"]
    site.dispatcher(event_retention_days=5).await_line(
        "partitions of job_event", "dropped=1")
    assert site.statuses(job) == []


def test_a_table_has_partitions_for_the_days_to_come(site):
    only_rest(site, "job_log")
    only_rest(site, "job_event")
    d = site.dispatcher()
    d.await_line("partitions of job_log made=4 dropped=0")
    d.await_line("partitions of job_event made=2 dropped=0")
    assert days_ahead(site, "job_log") >= 10
    assert site.run(
        "select distinct til - since from trainyard.partitions('job_log')"
        " where til is not null") == [(site.value("select interval '3 days'"),
                                       )]


def test_a_partition_is_a_tenth_of_what_is_kept(site):
    only_rest(site, "job_log")
    site.dispatcher(log_retention_days=200).await_line(
        "partitions of job_log made=2 dropped=0")
    assert site.run(
        "select distinct til - since from trainyard.partitions('job_log')"
        " where til is not null") == [(site.value("select interval '20 days'"
                                                  ),)]


def test_rows_of_a_time_without_dispatchers_have_their_place(site):
    """A year later: the old goes, today's rows stay where they are."""
    only_rest(site, "job_log")
    partition(site, "job_log", "job_log_old", 400, 390)
    job = site.job(kind="ray_grpo")
    for days in (395, 60, 20, 0):
        site.run(LINE, site.ws, job, f"{days} days", days)
    d = site.dispatcher()
    d.await_line("partitions of job_log made=", "dropped=1")
    d.await_line("removed old rows log_lines=1 ")
    assert site.logs(job) == ["20 days", "0 days"]
    site.run(LINE, site.ws, job, "more", 0)
    first = site.value("select min(since) from"
                       " trainyard.partitions('job_log')")
    assert first > site.value("select now()")
    assert days_ahead(site, "job_log") >= 10


def test_days_that_rows_of_a_wrong_clock_have_are_left_out(site):
    only_rest(site, "job_log")
    job = site.job(kind="ray_grpo")
    site.run(LINE, site.ws, job, "from the future", -4)
    site.dispatcher().await_line("partitions of job_log made=")
    assert days_ahead(site, "job_log") >= 10
    assert site.logs(job) == ["from the future"]
    assert site.value("select count(*) from trainyard.job_log_rest") == 1


def test_dispatchers_that_begin_together_make_them_once(site):
    only_rest(site, "job_log")
    all_of_them = [site.dispatcher(ready=False) for _ in range(3)]
    for d in all_of_them:
        d.await_line("ready worker=")
    site.await_sql("select count(*) = 5 from trainyard.partitions('job_log')")
    for d in all_of_them:
        assert d.end() == 0
        d.reader.join()
    assert sum(d.has("partitions of job_log made=4 dropped=0")
               for d in all_of_them) == 1
    assert not any(d.has("rror") for d in all_of_them)


def test_one_does_it_at_a_time(site):
    """Who comes second does not wait for the first, and does nothing."""
    only_rest(site, "job_log")
    keep = ("select made, dropped, removed, busy from"
            " trainyard.partition_keep('job_log', 30, 1)")
    with contextlib.closing(site.cluster.connect(
            "trainyard_dispatch", site.name)) as other:
        cursor = other.cursor()
        cursor.execute("begin")
        cursor.execute(keep)
        assert cursor.fetchall() == [(4, 0, 0, False)]
        assert site.run(keep) == [(0, 0, 0, False)]
        cursor.execute("rollback")
    assert site.run(keep) == [(4, 0, 0, False)]


def test_who_reads_is_not_waited_for(site):
    job = site.job(kind="ray_grpo")
    partition(site, "job_log", "job_log_old", 45, 35)
    with contextlib.closing(site.cluster.connect(
            "trainyard_owner", site.name)) as other:
        cursor = other.cursor()
        cursor.execute("begin; select count(*) from trainyard.job_log")
        d = site.dispatcher()
        d.await_line("job_log are in somebody's hands")
        site.run(LINE, site.ws, job, "written", 0)
        assert "job_log_old" in partitions(site, "job_log")
        # now: a session's end is noticed later
        cursor.execute("rollback")
    site.dispatcher().await_line("partitions of job_log made=0 dropped=1")
    assert site.logs(job) == ["written"]


def ended(site, days, points=3):
    """A job with metrics that ended so long ago; none: it has not."""
    job = site.job(kind="ray_grpo")
    site.run("insert into trainyard.job_metric (workspace_id, job_id, attempt,"
             " event_type, metrics) select %s, %s, 1, 'step_complete', '{}'"
             " from generate_series(1, %s)", site.ws, job, points)
    site.run("insert into trainyard.job_series (workspace_id, job_id, attempt,"
             " key, points) select %s, %s, 1, 'loss', '[[1, 1]]'"
             " from generate_series(1, %s)", site.ws, job, points)
    if days is not None:
        site.run("update trainyard.job set status = 'cancelled',"
                 " completed_at = now() - make_interval(days => %s)"
                 " where id = %s", days, job)
    return job


def measured(site, job):
    return site.one(
        "select (select count(*) from trainyard.job_metric where job_id = %s),"
        " (select count(*) from trainyard.job_series where job_id = %s)",
        job, job)


def test_metrics_end_with_what_is_kept_of_their_job(site):
    old, young, running = (ended(site, n) for n in (8, 6, None))
    kept = site.dispatcher()
    kept.await_line("ready worker=")
    site.dispatcher(metric_retention_days=7).await_line("metrics=6")
    assert measured(site, old) == (0, 0)
    assert measured(site, young) == (3, 3)
    assert measured(site, running) == (3, 3)
    assert not kept.has("metrics=6")


def test_metrics_go_in_small_pieces(site):
    jobs = [ended(site, 9, 600) for _ in range(4)]
    d = site.dispatcher(metric_retention_days=7)
    at = -1
    for _ in range(2):
        at = d.await_line("metrics=2000", since=at + 1)
    d.await_line("metrics=800", since=at)
    assert [measured(site, job) for job in jobs] == [(0, 0)] * 4
