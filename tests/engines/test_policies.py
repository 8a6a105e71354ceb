# SPDX-License-Identifier: BSD-2-Clause
"""Retraining policies: one run for one reason, whoever is there to fire it."""
import contextlib
import signal

import psycopg2
import pytest

from judge_rows import Judge

ENOUGH = 3


class Policy:
    """A judge with a policy and feedback of so many corrections."""

    def __init__(self, site, feedback=ENOUGH, least=ENOUGH, hours=24,
                 enabled=True, auto_deploy=False, key=None):
        self.site = site
        self.judge = Judge(site, key=key)
        if feedback > 0:
            self.judge.corrections(self.judge.evaluations(feedback))
        # set long ago: it is not looked at for being new
        site.run("insert into trainyard.retraining_policy (workspace_id,"
                 " judge_id, enabled, min_new_feedback, min_interval_hours,"
                 " auto_deploy, updated_at, updated_by, due_at) values (%s,"
                 " %s, %s, %s, %s, %s, now() - interval '1 day', %s,"
                 " case when %s then now() end)", site.ws, self.judge.id,
                 enabled, least, hours, auto_deploy, site.user, enabled)

    def column(self, what):
        return self.site.value(
            f"select {what} from trainyard.retraining_policy"
            " where judge_id = %s", self.judge.id)

    def runs(self):
        return self.site.value(
            "select count(*) from trainyard.job where judge_id = %s"
            " and by_policy", self.judge.id)

    def job(self):
        """The job that it fired last."""
        return self.site.value(
            "select j.id from trainyard.job j"
            " join trainyard.retraining_policy p"
            " on p.last_run_id = j.retraining_run_id"
            " where p.judge_id = %s", self.judge.id)

    def await_fired(self):
        self.site.await_sql(
            "select last_fired_at is not null"
            " from trainyard.retraining_policy where judge_id = %s",
            self.judge.id)
        return self.job()

    def look(self):
        """Has it looked at, as if nothing were known, and waits for that."""
        self.site.run("update trainyard.retraining_policy set due_at = now()"
                      " where judge_id = %s", self.judge.id)
        self.site.notify("trainyard_policy", "")
        self.site.await_sql(
            "select due_at is null or due_at > now()"
            " from trainyard.retraining_policy where judge_id = %s",
            self.judge.id)


def idle(site, **settings):
    """A dispatcher that fires policies and takes no job."""
    return site.dispatcher(slots=0, **settings)


def end(site, job, status):
    for word in ("preparing", "training", "validating"):
        site.run("update trainyard.job set status = %s where id = %s", word,
                 job)
    site.run("update trainyard.job set status = %s, completed_at = now(),"
             " error = case %s when 'failed' then 'x' end where id = %s",
             status, status, job)


def test_a_fired_run_is_what_the_policy_says(site):
    policy = Policy(site, feedback=5, auto_deploy=True)
    d = idle(site)
    job = policy.await_fired()
    d.await_line("a retraining policy fired", policy.judge.key, "feedback=5")
    row = site.one(
        "select training_type, status, run_trigger, by_policy,"
        " (config ->> 'minimum_feedback_count')::int,"
        " (options ->> 'auto_deploy')::bool,"
        " (options ->> 'require_improvement')::bool, webhook_url,"
        " execution_id is not null, created_by"
        " from trainyard.job where id = %s", job)
    assert row == ("incremental", "queued", "feedback_threshold", True,
                   ENOUGH, True, True, None, True, site.user)
    assert site.one(
        "select first_number, high_water_mark, corrections, touch_sets"
        " from trainyard.feedback_summary where job_id = %s", job) == (
            1, 5, 5, None)
    assert site.one("select actor, action from trainyard.audit"
                    " where target = %s", job) == (
                        f"policy:{policy.judge.key}", "job.create")
    assert policy.column("due_at = last_fired_at + interval '1 day'")


@pytest.mark.parametrize("why", ["off", "little", "archived", "slot",
                                 "interval"])
def test_it_does_not_fire_when_one_thing_is_missing(site, why):
    policy = Policy(site, enabled=why != "off",
                    least=ENOUGH + (why == "little"))
    if why == "archived":
        site.run("update trainyard.judge set archived_at = now()"
                 " where id = %s", policy.judge.id)
    elif why == "slot":
        policy.judge.job()
    elif why == "interval":
        site.run("update trainyard.retraining_policy set last_fired_at ="
                 " now() - interval '23 hours' where judge_id = %s",
                 policy.judge.id)
    marker = Policy(site)       # due behind the other
    idle(site)
    marker.await_fired()
    assert policy.runs() == 0
    assert policy.column({
        "off": "due_at is null", "little": "due_at is null",
        "archived": "due_at is null",
        "slot": "due_at between now() and now() + interval '1 minute'",
        "interval": "due_at between last_fired_at + interval '1 day'"
                    " and last_fired_at + interval '86402 seconds'"}[why])


def test_what_a_job_has_used_does_not_count(site):
    policy = Policy(site, hours=0)
    judge = policy.judge
    site.run("update trainyard.judge set mark = %s where id = %s", ENOUGH,
             judge.id)
    judge.feedback([(one, "comment", "hm")
                    for one, _, _ in judge.evaluations(2, seed=2)])
    judge.corrections(judge.evaluations(ENOUGH - 1, seed=3))
    idle(site)
    policy.look()
    assert policy.runs() == 0
    judge.corrections(judge.evaluations(1, seed=4))
    policy.look()
    assert policy.runs() == 1


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_once_in_an_interval_whatever_became_of_the_run(site, status):
    policy = Policy(site)
    idle(site)
    end(site, policy.await_fired(), status)
    policy.look()
    assert policy.runs() == 1
    site.run("update trainyard.retraining_policy set last_fired_at ="
             " last_fired_at - interval '1 day' where judge_id = %s",
             policy.judge.id)
    policy.look()
    assert policy.runs() == 2


def test_many_dispatchers_fire_each_policy_once(site):
    policies = [Policy(site, hours=0) for _ in range(50)]
    for n in range(3):
        idle(site, data_dir=data_dir(site, n))
    for _ in range(20):
        site.notify("trainyard_policy", "")
    for policy in policies:
        policy.await_fired()
    for policy in policies:
        policy.look()
    assert {p.runs() for p in policies} == {1}


def data_dir(site, n):
    """Each dispatcher is a host of its own."""
    path = site.folder / f"host{n}"
    path.mkdir()
    return path


@contextlib.contextmanager
def blocked(site):
    """Nobody gets further in firing than to the job's summary."""
    conn = psycopg2.connect(site.cluster.dsn("trainyard_owner", site.name))
    try:
        conn.cursor().execute(
            "lock table trainyard.feedback_summary in share mode")
        yield
    finally:
        conn.close()


def test_killed_in_the_middle_another_one_fires_it_once(site):
    policy = Policy(site)
    waits = ("select l.pid from pg_locks l where not l.granted"
             " and l.relation = 'trainyard.feedback_summary'::regclass")
    with blocked(site):
        # it waits for a lock half as long as for a statement
        first = idle(site, data_dir=data_dir(site, 1),
                     statement_timeout_ms=60000)
        backend = site.await_sql(waits)
        first.end(signal.SIGKILL)
        # while its transaction hangs, nobody else gets at the policy
        second = idle(site, data_dir=data_dir(site, 2))
        marker = Policy(site, feedback=0, least=1)
        site.notify("trainyard_policy", "")
        site.await_sql("select due_at is null from"
                       " trainyard.retraining_policy where judge_id = %s",
                       marker.judge.id)
        assert not second.has("a retraining policy fired")
    site.await_sql("select count(*) = 0 from pg_stat_activity"
                   " where pid = %s", backend)
    assert policy.runs() == 0
    site.notify("trainyard_policy", "")
    policy.await_fired()
    second.await_line("a retraining policy fired", policy.judge.key)
    policy.look()
    assert policy.runs() == 1


def test_a_run_that_is_fired_trains_and_is_deployed(site):
    # A fixed key: who is held out follows from it.
    policy = Policy(site, hours=0, auto_deploy=True, least=40, feedback=60,
                    key="jdg_fires")
    judge = policy.judge
    site.dispatcher()
    job = policy.await_fired()
    site.await_status(job, "completed")
    assert site.one("select active_version, mark from trainyard.judge"
                    " where id = %s", judge.id) == (2, 60)
    # nothing is left to learn from
    policy.look()
    assert policy.column("due_at is null")
    assert policy.runs() == 1
