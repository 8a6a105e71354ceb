# SPDX-License-Identifier: BSD-2-Clause
"""Calls that make each operation of openapi.json answer as it says.

For a new operation: a @success for each of its statuses of success, and an
@error for each error of its handler's own that no general rule of
test_described.py provokes.  A function gets the world and returns a Call.
"""
import dataclasses
import itertools
import json

from hosted import Place, new_token, ray, rl, sft
from idle_judges import Judges
from judges import (
    SCORES, archive, body_of_judge, comment, correction, new_batch,
    new_evaluation, new_judge, typeid, uuid_of)
from reports import post

SERIAL = itertools.count(1)
# In everything that the world owns and a foreigner must never see.
MARK = "quince-marmalade"
LARGEST = 65536     # bytes of an artifact, in the world's stack
SUCCESS = {}
ERROR = {}


@dataclasses.dataclass
class Call:
    """What is sent besides organisation, workspace and token."""
    path: dict = dataclasses.field(default_factory=dict)
    query: dict = dataclasses.field(default_factory=dict)
    json: object = None
    content: bytes = None
    headers: dict = dataclasses.field(default_factory=dict)
    token: str = None   # where the workspace's own will not do

    def with_headers(self, **headers):
        return dataclasses.replace(self, headers={
            **self.headers,
            **{name.replace("_", "-"): value
               for name, value in headers.items()}})

    def body(self):
        if self.content is not None:
            return self.content
        return None if self.json is None else json.dumps(self.json).encode()


def success(status, *operations):
    def keep(make):
        for operation in operations:
            SUCCESS[operation, status] = make
        return make
    return keep


def error(kind, *operations):
    def keep(make):
        for operation in operations:
            ERROR[operation, kind] = make
        return make
    return keep


class World:
    """A workspace with everything in it, and people who may see less."""

    def __init__(self, stack):
        self.stack = stack
        self.place = Place(stack, "described").furnish()
        self.judges = Judges(stack, self.place.token)
        self.api = self.place.http
        self.anyone = stack.client()
        stack.trainyard("org", "create", "foreign", "--name", "Foreign")
        stack.trainyard("user", "create", "eve@foreign.example")
        stack.trainyard("member", "add", "foreign", "eve@foreign.example",
                        "--owner")
        self.foreign = new_token(
            self.place, org="foreign", email="eve@foreign.example")
        self.key = new_judge(self.api, name=MARK)

    def close(self):
        self.anyone.close()
        self.judges.close()
        self.place.close()

    def send(self, operation, call, token=None, anyone=False, **headers):
        """The call as HTTP; by default with a token that may do all."""
        given = {**call.headers, **headers}
        if not anyone:
            given.setdefault(
                "Authorization",
                f"Bearer {token or call.token or self.place.token}")
        body = call.body()
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        path = operation.path.format(
            **{"org": "acme", "ws": self.place.key, **call.path})
        return self.anyone.request(
            operation.verb.upper(), path, params=call.query or None,
            content=body, headers=given)

    # -- things that calls are about

    def job(self):
        return self.place.made({**sft(), "name": MARK})

    def running(self):
        """A job that a worker has."""
        job = self.job()
        self.place.claim(job)
        return job

    def finished(self, status="completed"):
        job = self.running()
        self.place.do(
            "update trainyard.attempt set status = %s, completed_at = now()"
            " where job_id = %s", status, job["id"])
        self.place.do(
            "update trainyard.job set status = 'running', revision ="
            " revision + 1, started_at = now() where id = %s", job["id"])
        self.place.do(
            "update trainyard.job set status = %s, revision = revision + 1,"
            " completed_at = now(), error = case %s when 'failed' then 'x'"
            " end where id = %s", status, status, job["id"])
        return job

    def artifact(self, **more):
        name = f"thing-{next(SERIAL)}"
        self.place.publish("dataset", name, "1", MARK.encode())
        return {"kind": "dataset", "name": name, "version": "1", **more}

    def evaluation(self):
        return new_evaluation(self.api, self.key, summary=MARK)[
            "evaluation_id"]

    def archived(self):
        key = new_judge(self.api, name=MARK)
        evaluation = new_evaluation(self.api, key)["evaluation_id"]
        batch, ids = new_batch(self.api, key)
        archive(self.place.db, key)
        return key, evaluation, batch, ids

    def judge_job(self, **options):
        reply = self.judges.create(self.judges.trained(), options=options)
        assert reply.status_code == 201, reply.text
        return reply.json()

    def delivery(self, status="delivered"):
        """The id of a webhook delivery that nobody works on."""
        job = self.judge_job(webhook_url="https://hooks.example/x")
        wait = "infinity" if status == "delivering" else None
        (delivery,), = self.judges.query(
            "update trainyard.outbox set status = %s, claim = claim + 1,"
            " next_attempt_at = %s where job_id = %s returning id::text",
            status, wait, uuid_of(job["job_id"]))
        return "whd_" + typeid(delivery)


def judge_job_body(key, **config):
    return {"judge_id": key, "training_type": "full_retrain",
            "training_config": config}


# --- health, and what is open to every token

@success(200, "healthz", "readyz", "health", "catalog", "recipes", "user",
         "org_list")
def plain(world):
    return Call()


@success(200, "org_get", "ws_list", "ws_get", "project_list", "audit_ws")
def place(world):
    return Call()


@success(200, "audit_org")
def audit_of_the_organisation(world):
    return Call(token=new_token(world.place))   # bound to no workspace


@success(200, "project_get")
def project(world):
    return Call({"project": "default"})


@error("not_implemented_error", "login", "login_2", "login_3", "login_4")
def browser_login(world):
    return Call({"device_code": "x"})


# --- hosted jobs

@success(201, "training_create")
def create_job(world):
    return Call(json={**sft(), "name": MARK})


@success(200, "training_create")
def try_job(world):
    return Call(json=ray(), query={"validate_only": "true"})


@success(200, "training_get")
def one_job(world):
    return Call({"job_id": world.job()["id"]})


@success(200, "training_list")
def jobs(world):
    world.job()
    return Call()


@success(200, "training_attempts", "training_artifacts", "training_events")
def about_job(world):
    return Call({"job_id": world.finished()["id"]})


@success(200, "training_cancel")
def cancel(world):
    return Call({"job_id": world.running()["id"]})


@error("job_finished_error", "training_cancel")
@error("conflict_error", "training_retry")
def act_late(world):
    return Call({"job_id": world.finished()["id"]})


@success(200, "training_retry")
def retry(world):
    return Call({"job_id": world.finished("failed")["id"]})


@success(200, "training_progress")
def report(world):
    return Call({"job_id": world.running()["id"]},
                json={"event_type": "training_start"})


@error("job_finished_error", "training_progress")
def report_late(world):
    return Call({"job_id": world.finished()["id"]},
                json={"event_type": "step_complete"})


@error("conflict_error", "training_progress")
def report_without_attempt(world):
    return Call({"job_id": world.job()["id"]},
                json={"event_type": "step_complete"})


@success(200, "training_logs", "training_metrics")
def lines_and_metrics(world):
    job = world.running()
    post(world.place, job, {"event_type": "step_complete", "message": MARK,
                            "metrics": {"loss": [1]}})
    return Call({"job_id": job["id"]})


@success(200, "training_rl_context")
def rl_context(world):
    return Call({"job_id": world.place.made(rl())["id"]})


@error("conflict_error", "training_rl_context")
def no_rl_context(world):
    return Call({"job_id": world.job()["id"]})


# --- artifacts

@success(201, "artifact_put")
def publish(world):
    return Call({"kind": "dataset", "name": f"new-{next(SERIAL)}",
                 "version": "1"}, content=MARK.encode())


@success(200, "artifact_put")
def publish_again(world):
    return Call(world.artifact(), content=MARK.encode())


@error("conflict_error", "artifact_put")
def publish_other(world):
    return Call(world.artifact(), content=b"other bytes")


@error("not_found_error", "artifact_put")
def publish_nowhere(world):
    return Call({**world.artifact(), "org": "nobody"}, content=b"x")


@success(200, "artifact_get", "artifact_content")
def one_artifact(world):
    return Call(world.artifact())


@success(200, "artifact_list")
def artifacts(world):
    world.artifact()
    return Call()


# --- judges

@success(201, "judge_create")
def create_judge(world):
    return Call(json=body_of_judge(name=MARK))


@error("conflict_error", "judge_create")
def create_judge_twice(world):
    return Call(json=body_of_judge(id=world.key))


@success(200, "judge_list")
def judge_list(world):
    return Call()


@success(200, "judge_get", "judge_versions")
def one_judge(world):
    return Call({"judge_id": world.key})


def of_judge(key, **more):
    return Call({"judge_id": key, "n": "1"}, **more)


@success(200, "judge_update")
def change_judge(world):
    return of_judge(new_judge(world.api), json={"name": MARK})


@success(200, "judge_archive", "version_get", "version_deploy", "policy_get")
def a_judge(world):
    return of_judge(new_judge(world.api, name=MARK))


@success(200, "version_rollback")
def roll_back(world):
    key = new_judge(world.api)
    world.api.put(f"/judges/{key}", json={"name": MARK})
    return of_judge(key, json={"reason": "worse"})


@success(200, "policy_put")
def set_policy(world):
    return of_judge(new_judge(world.api), json={"enabled": True})


@error("invalid_state_error", "judge_update")
def change_archived(world):
    return of_judge(world.archived()[0], json={"name": "x"})


@error("invalid_state_error", "version_deploy")
def deploy_archived(world):
    return of_judge(world.archived()[0])


@error("invalid_state_error", "version_rollback")
def roll_back_to_active(world):
    return of_judge(world.key, json={"reason": "x"})


@error("job_already_active_error", "judge_update")
def change_busy(world):
    return of_judge(world.judge_job()["judge_id"],
                    json={"criteria": [{"name": "x"}]})


@error("job_already_active_error", "judge_archive")
def archive_busy(world):
    return of_judge(world.judge_job()["judge_id"])


# --- evaluations

@success(201, "evaluation_create")
def evaluate(world):
    return Call(json={"judge_id": world.key, "content_ref": "x",
                      "criteria_scores": SCORES})


@error("invalid_state_error", "evaluation_create")
def evaluate_archived(world):
    return Call(json={"judge_id": world.archived()[0], "content_ref": "x",
                      "criteria_scores": SCORES})


@success(201, "evaluation_batch")
def evaluate_many(world):
    return Call(json={"judge_id": world.key, "items": [
        {"content_ref": "x", "criteria_scores": SCORES}, {}]})


@success(200, "evaluation_batch")
def evaluate_none(world):
    return Call(json={"judge_id": world.key, "items": [{}]})


@error("invalid_state_error", "evaluation_batch")
def evaluate_many_archived(world):
    return Call(json={"judge_id": world.archived()[0], "items": [{}]})


@success(200, "evaluation_list", "feedback_list")
def what_is_there(world):
    said(world)
    return Call()


@success(200, "evaluation_get")
def one_evaluation(world):
    return Call({"evaluation_id": world.evaluation()})


# --- feedback

@success(201, "feedback_create")
def say(world):
    return Call(json=correction(world.evaluation(), clarity=60))


@error("invalid_state_error", "feedback_create")
def say_archived(world):
    return Call(json=comment(world.archived()[1]))


@success(201, "feedback_batch")
def say_much(world):
    return Call(json={"feedback_entries": [comment(world.evaluation()), {}]})


@success(200, "feedback_batch")
def say_nothing(world):
    return Call(json={"feedback_entries": [{}]})


@error("invalid_state_error", "feedback_batch")
def say_much_archived(world):
    return Call(json={"feedback_entries": [comment(world.archived()[1])]})


def in_batch(batch, *entries):
    return Call({"batch_id": batch}, json={"feedback_entries": entries})


@success(201, "feedback_in_batch")
def say_in_batch(world):
    batch, ids = new_batch(world.api, world.key)
    return in_batch(batch, comment(ids[0]), {})


@success(200, "feedback_in_batch")
def say_nothing_in_batch(world):
    return in_batch(new_batch(world.api, world.key)[0], {})


@error("invalid_state_error", "feedback_in_batch")
def say_in_archived_batch(world):
    _, _, batch, ids = world.archived()
    return in_batch(batch, comment(ids[0]))


@success(200, "feedback_of")
def said(world):
    evaluation = world.evaluation()
    world.api.post("/feedback", json=comment(evaluation, MARK))
    return Call({"evaluation_id": evaluation})


# --- judge jobs

@success(201, "judge_job_create")
def create_judge_job(world):
    return Call(json=judge_job_body(world.judges.trained()))


@success(200, "judge_job_create")
def try_judge_job(world):
    return Call(json=judge_job_body(world.judges.trained()),
                query={"validate_only": "true"})


@error("invalid_state_error", "judge_job_create")
def train_archived(world):
    return Call(json=judge_job_body(world.archived()[0]))


@error("job_already_active_error", "judge_job_create")
def train_twice(world):
    return Call(json=judge_job_body(world.judge_job()["judge_id"]))


@error("insufficient_feedback_error", "judge_job_create")
def train_on_nothing(world):
    return Call(json=judge_job_body(new_judge(world.api)))


@success(200, "judge_job_get")
def one_judge_job(world):
    return Call({"job_id": world.judge_job()["job_id"]})


# --- webhooks

@success(200, "delivery_list")
def webhook_deliveries(world):
    world.delivery()
    return Call()


@success(202, "delivery_again")
def deliver_again(world):
    return Call({"delivery_id": world.delivery()})


@error("invalid_state_error", "delivery_again")
def deliver_what_is_on_its_way(world):
    return Call({"delivery_id": world.delivery("delivering")})


@success(200, "judge_job_list")
def judge_jobs(world):
    world.judge_job()
    return Call()


@success(200, "judge_job_cancel", "judge_job_events", "judge_job_logs",
         "judge_job_metrics", "judge_job_attempts")
def about_judge_job(world):
    return Call({"job_id": world.judge_job()["job_id"]})


@error("invalid_state_error", "judge_job_retry")
def retry_early(world):
    return Call({"job_id": world.judge_job()["job_id"]})


def judge_job_that(world, *statuses):
    job = world.judge_job()
    world.judges.set_status(job["judge_id"], *statuses)
    return job


@error("job_finished_error", "judge_job_cancel", "judge_job_retry")
def act_on_completed(world):
    return Call({"job_id": judge_job_that(
        world, "preparing", "training", "validating", "completed")["job_id"]})


@success(200, "judge_job_retry")
def retry_cancelled(world):
    return Call({"job_id": judge_job_that(world, "cancelled")["job_id"]})


@error("job_already_active_error", "judge_job_retry")
def retry_beside_another(world):
    job = judge_job_that(world, "cancelled")
    assert world.judges.create(job["judge_id"]).status_code == 201
    return Call({"job_id": job["job_id"]})
