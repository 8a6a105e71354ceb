# SPDX-License-Identifier: BSD-2-Clause
"""Housekeeping."""
import os

from dispatchers import await_gone

START = {"event": {"event_type": "training_start", "message": "started"}}
END = {"event": {"event_type": "training_end", "message": "over"}}


def finished(site, days):
    """A job that ended so long ago, with its work folder."""
    job = site.job(START, END)
    site.await_status(job, "completed")
    # the folder of a living keeper stays
    await_gone(site.keeper(job)[0])
    site.run("update trainyard.job set completed_at = now()"
             " - make_interval(days => %s) where id = %s", days, job)
    return job


def users(site, first, last):
    """Accounts that the server's statistics know of; none of its workers."""
    site.run("alter table trainyard.account set (autovacuum_enabled = false)")
    site.run("insert into trainyard.account (id, email, username)"
             " select gen_random_uuid(), 'user' || n || '@acme.example',"
             " 'user' || n from generate_series(%s, %s) n", first, last)
    site.run("select pg_stat_force_next_flush()")


def analyzed(site):
    """How often, and how many rows there were."""
    return site.one(
        "select pg_stat_get_analyze_count(oid), reltuples from pg_class"
        " where oid = 'trainyard.account'::regclass")


def test_what_has_grown_is_analyzed_without_delay(site):
    """Else whatever is planned for a new table is planned at random."""
    users(site, 1, 1000)
    assert analyzed(site) == (0, -1)
    site.dispatcher()
    site.await_sql("select reltuples >= 1000 from pg_class"
                   " where oid = 'trainyard.account'::regclass")


def test_only_what_has_doubled_is_analyzed(site):
    def keep():
        while site.value("select trainyard.statistics_keep()") is not None:
            pass
        return analyzed(site)

    users(site, 1, 1000)
    assert keep() == (1, 1001)  # and the one who is there already
    users(site, 1001, 2000)
    assert keep() == (1, 1001)
    users(site, 2001, 2200)
    assert keep() == (2, 2201)


def test_old_log_lines_go_in_small_pieces(site):
    job = site.job(kind="ray_grpo")
    for days, lines in ((40, 2500), (31, 1), (29, 3)):
        site.run("insert into trainyard.job_log (workspace_id, job_id,"
                 " attempt, level, message, at) select %s, %s, 1, 1, 'line',"
                 " now() - make_interval(days => %s)"
                 " from generate_series(1, %s)", site.ws, job, days, lines)
    d = site.dispatcher()
    site.await_sql("select count(*) = 3 from trainyard.job_log")
    d.await_line("removed old rows log_lines=1000")
    d.await_line("removed old rows log_lines=501")


def test_log_lines_stay_as_long_as_the_site_says(site):
    job = site.job(kind="ray_grpo")
    site.run("insert into trainyard.job_log (workspace_id, job_id, attempt,"
             " level, message, at) select %s, %s, 1, 1, 'line', now()"
             " - make_interval(days => d) from unnest(array[1, 3]) d",
             site.ws, job)
    site.dispatcher(log_retention_days=2).await_line("log_lines=1 ")
    assert site.value("select count(*) from trainyard.job_log") == 1


def test_idempotency_keys_live_for_a_day(site):
    for key, hours in (("old", 25), ("new", 23)):
        site.run("insert into trainyard.idempotency_key (account_id, method,"
                 " path, key, request_hash, status, body, created_at) values"
                 " (%s, 'POST', '/x', %s, decode(repeat('00', 32), 'hex'),"
                 " 201, '{}', now() - make_interval(hours => %s))",
                 site.user, key, hours)
    site.dispatcher().await_line("idempotency_keys=1")
    assert site.run("select key from trainyard.idempotency_key") == [
        ("new",)]


def test_deliveries_are_kept_for_thirty_days(site):
    for days, status in ((31, "delivered"), (31, "failed"), (31, "stopped"),
                         (31, "pending"), (29, "delivered")):
        site.run("insert into trainyard.outbox (workspace_id, id,"
                 " organization_id, channel, event, target, snapshot, status,"
                 " created_at, next_attempt_at) values (%s,"
                 " gen_random_uuid(), %s, 'webhook', 'x',"
                 " 'https://a.example/', '{}', %s,"
                 " now() - make_interval(days => %s), case when %s ="
                 " 'pending' then now() + interval '1 day' end)",
                 site.ws, site.org, status, days, status)
    site.run("insert into trainyard.outbox_attempt (workspace_id, outbox_id,"
             " number, attempted_at, duration_ms) select workspace_id, id, 1,"
             " created_at, 5 from trainyard.outbox")
    site.dispatcher().await_line("removed old rows", "deliveries=3")
    assert site.run("select status from trainyard.outbox order by created_at"
                    ) == [("pending",), ("delivered",)]
    assert site.value("select count(*) from trainyard.outbox_attempt") == 2


def test_folders_of_old_jobs_go(site):
    first = site.dispatcher()
    old, young = finished(site, 31), finished(site, 29)
    (site.workdir(old) / "deep" / "er").mkdir(parents=True)
    os.symlink(site.folder, site.workdir(old) / "link")
    kept = site.folder / "kept"
    kept.write_text("kept")
    first.end()
    site.dispatcher().await_line("old work folder removed", old)
    assert not site.workdir(old).parent.exists()
    assert site.workdir(young).exists()
    assert kept.exists()


def test_folders_of_jobs_that_are_gone_go(site):
    stray = site.data / "work" / "00000000-0000-7000-8000-000000000001"
    (stray / "1").mkdir(parents=True)
    (stray / "1" / "attempt").write_text(
        f"{site.ws} {stray.name} 1\n")
    other = site.data / "work" / "not-a-job"
    other.mkdir()
    site.dispatcher().await_line("old work folder removed", stray.name)
    assert not stray.exists()
    assert other.exists()
