# SPDX-License-Identifier: BSD-2-Clause
"""Judges with feedback, made over the API, on a stack that trains nothing."""
import contextlib
import itertools

from harness import stack_in
from judges import new_batch, new_judge

NUMBERS = itertools.count(1)


@contextlib.contextmanager
def idle_stack(folder, *options):
    """A stack whose dispatcher takes no job: what is queued stays queued."""
    with stack_in(folder, "--rate-limit", "off", "--set", "slots=0",
                  *options) as stack:
        stack.mark_logs()
        yield stack
        assert stack.log_faults() == []


class Judges:
    """One workspace's judges."""

    def __init__(self, stack, token=None):
        self.stack = stack
        self.api = stack.client(token or stack.token)
        self.db = stack.connect()

    def close(self):
        self.api.close()
        self.db.close()

    def query(self, sql, *values):
        """All rows; none for what returns none."""
        with self.db.cursor() as cur:
            cur.execute(sql, values)
            return cur.fetchall() if cur.description else []

    def judge(self, **more):
        """A new judge's id; it grades clarity and accuracy."""
        return new_judge(self.api, **more)

    def feedback(self, key, entries):
        """Stores entries, each on an evaluation of its own."""
        _, ids = new_batch(self.api, key, len(entries))
        reply = self.api.post("/feedback/batch", json={
            "feedback_entries": [{"evaluation_id": one, **entry}
                                 for one, entry in zip(ids, entries)]})
        assert reply.json()["failed_count"] == 0, reply.text
        return reply.json()

    def trained(self, count=10, **more):
        """A judge with feedback enough for a job."""
        key = self.judge(**more)
        self.feedback(key, [correction("crit_clarity")] * count)
        return key

    def create(self, key, kind="full_retrain", config=None, options=None,
               query="", **more):
        body = {"judge_id": key, "training_type": kind,
                "training_config": config or {}}
        if options is not None:
            body["execution_options"] = options
        return self.api.post(f"/training/jobs{query}", json=body, **more)

    def set_status(self, key, *words):
        """Moves the judge's newest job along these statuses."""
        for word in words:
            self.query(
                "update trainyard.job j set status = %s,"
                " revision = revision + 1, started_at = now(), completed_at ="
                " case when %s in ('completed', 'failed', 'cancelled')"
                " then now() end, error = case %s when 'failed' then 'x' end"
                " from trainyard.judge g where g.key = %s and j.judge_id = g.id"
                " and j.id = (select max(x.id::text)::uuid from trainyard.job x"
                " where x.judge_id = g.id)", word, word, word, key)


def make_token(stack, workspace, *options):
    """A token of its own for a workspace of acme."""
    token = stack.trainyard(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", workspace, "--name", f"token {next(NUMBERS)}",
        *options).strip()
    assert token
    return token


def correction(*criteria):
    return {"type": "correction",
            "content": {"corrected_scores": dict.fromkeys(criteria, 90)}}


def rating(*criteria):
    return {"type": "rating", "content": {"rating": 4},
            "target_criteria": list(criteria)}


def approval(approved, *criteria):
    return {"type": "approval", "content": {"approved": approved},
            "target_criteria": list(criteria)}


def comment(*criteria):
    return {"type": "comment", "content": {"comment": "hm"},
            "target_criteria": list(criteria)}
