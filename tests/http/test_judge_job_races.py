# SPDX-License-Identifier: BSD-2-Clause
"""POST /training/jobs while something else happens to the same judge."""
import concurrent.futures

import pytest

from harness import PATIENCE

IDLE_OPTIONS = ("--set", "writers=3", "--set", "statement_timeout_ms=30000")
BLOCKED = """
select count(*) from pg_stat_activity a
 where a.application_name = 'trainyard writer'
   and cardinality(pg_blocking_pids(a.pid)) > 0
"""


@pytest.fixture(scope="module")
def crowd():
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        yield pool


class Held:
    """A transaction of somebody else; what runs into it waits for its end."""

    def __init__(self, judges):
        self.judges = judges
        self.conn = judges.stack.connect()
        self.conn.autocommit = False

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.conn.close()

    def run(self, sql, *values):
        with self.conn.cursor() as cur:
            cur.execute(sql, values)

    def commit_when_waited_for(self, future):
        """Commits once the writer stands behind this transaction."""
        watch = self.judges.stack.connect(self.judges.stack.superuser_dsn)
        with watch.cursor() as cur:
            for _ in range(int(PATIENCE * 100)):
                cur.execute(BLOCKED)
                if cur.fetchone()[0] > 0:
                    break
                assert not future.done(), future.result().text
                cur.execute("select pg_sleep(0.01)")
            else:
                raise AssertionError("nobody waits for the transaction")
        watch.close()
        self.conn.commit()


def statuses(replies):
    return sorted(reply.status_code for reply in replies)


def test_one_of_many_creates_gets_the_slot(judges, crowd):
    for _ in range(10):
        key = judges.trained()
        replies = list(crowd.map(lambda _: judges.create(key), range(12)))
        assert statuses(replies) == [201] + [409] * 11
        winner = next(r for r in replies if r.status_code == 201)
        told = {r.json()["detail"] for r in replies if r.status_code == 409}
        assert told == {f"judge {key} already has an active job: "
                        f"{winner.json()['job_id']}"}


def test_losers_do_not_disturb_other_judges(judges, crowd):
    keys = [judges.trained() for _ in range(8)]
    for _ in range(3):
        replies = list(crowd.map(judges.create, keys * 2))
        for key in keys:
            mine = [r for r, k in zip(replies, keys * 2) if k == key]
            assert statuses(mine) == [201, 409]
            judges.set_status(key, "cancelled")


def test_same_key_at_the_same_time_makes_one_job(judges, crowd):
    for _ in range(10):
        key = judges.trained()
        head = {"Idempotency-Key": f"race-{key}"}
        replies = list(crowd.map(
            lambda _: judges.create(key, options={"auto_start": False},
                                    headers=head), range(8)))
        assert {r.status_code for r in replies} <= {201, 409}
        for reply in replies:
            if reply.status_code == 409:
                assert reply.json()["type"] == "idempotency_in_progress_error"
        made = {r.content for r in replies if r.status_code == 201}
        assert len(made) == 1
        assert judges.query(
            "select count(*) from trainyard.job j join trainyard.judge g"
            " on g.id = j.judge_id where g.key = %s", key) == [(1,)]


def test_version_deployed_meanwhile_becomes_the_base(judges, crowd):
    key = judges.trained(12)
    with Held(judges) as other:
        other.run(
            "insert into trainyard.judge_version (workspace_id, judge_id,"
            " number, id, status, name, description, changes_summary,"
            " created_by, trained_through) select v.workspace_id, v.judge_id,"
            " 2, gen_random_uuid(), 'draft', 'Second', 'x', 'x',"
            " v.created_by, 2 from trainyard.judge_version v"
            " join trainyard.judge g on g.id = v.judge_id where g.key = %s",
            key)
        other.run("update trainyard.judge set last_version = 2,"
                  " active_version = 2 where key = %s", key)
        future = crowd.submit(judges.create, key, "incremental")
        other.commit_when_waited_for(future)
    job = future.result(PATIENCE).json()
    assert (job["base_version_number"], job["judge_name"]) == (2, "Second")
    # the selection is the second version's too
    assert job["feedback_data_summary"]["total_feedback_count"] == 10


def test_judge_archived_meanwhile_takes_no_job(judges, crowd, envelope):
    key = judges.trained()
    with Held(judges) as other:
        other.run("update trainyard.judge set archived_at = now()"
                  " where key = %s", key)
        future = crowd.submit(judges.create, key, headers={
            "Idempotency-Key": f"archived-{key}"})
        other.commit_when_waited_for(future)
    envelope(future.result(PATIENCE), 409, "invalid_state_error")
    assert judges.query("select count(*) from trainyard.idempotency_key"
                        " where key = %s", f"archived-{key}") == [(0,)]


def test_slot_taken_meanwhile_is_told(judges, crowd, envelope):
    """A job that was only created takes the slot in another transaction."""
    key = judges.trained()
    first = judges.create(key, options={"auto_start": False}).json()
    with Held(judges) as other:
        other.run("update trainyard.job j set status = 'queued'"
                  " from trainyard.judge g where g.id = j.judge_id"
                  " and g.key = %s", key)
        future = crowd.submit(judges.create, key, headers={
            "Idempotency-Key": f"slot-{key}"})
        other.commit_when_waited_for(future)
    body = envelope(future.result(PATIENCE), 409, "job_already_active_error")
    assert body["detail"].endswith(first["job_id"])
    assert judges.query("select count(*) from trainyard.idempotency_key"
                        " where key = %s", f"slot-{key}") == [(0,)]


def test_feedback_during_a_create_is_in_or_out_as_a_whole(judges, crowd):
    """Numbers, mark and totals always agree, whatever comes in between."""
    key = judges.trained(20)
    entries = [{"type": "rating", "content": {"rating": 3}}] * 5
    feeders = [crowd.submit(judges.feedback, key, entries) for _ in range(10)]
    jobs = [crowd.submit(judges.create, key, kind, config,
                         {"auto_start": False})
            for kind, config in [
                ("full_retrain", {}), ("incremental", {}),
                ("fine_tune", {"target_criteria": ["crit_clarity"]}),
            ] * 5]
    for one in feeders:
        one.result(PATIENCE)
    for one in jobs:
        job = one.result(PATIENCE).json()
        summary = job["feedback_data_summary"]
        assert summary["correction_count"] == 20
        if job["training_type"] == "fine_tune":
            assert summary["total_feedback_count"] == 20
        else:
            assert summary["total_feedback_count"] == (
                summary["high_water_mark"])
        assert summary["high_water_mark"] % 5 == 0
