# SPDX-License-Identifier: BSD-2-Clause
"""described.py's calls that start judge jobs, and those of retraining runs."""
from described import Call, act_on_completed, error, success
from judges import archive, new_judge

EXECUTES = ("judge_job_execute", "judge_job_execute_2", "judge_job_start")


@success(202, *EXECUTES)
def start_created(world):
    return Call({"job_id": world.judge_job(auto_start=False)["job_id"]})


@success(200, *EXECUTES)
def start_started(world):
    return Call({"job_id": world.judge_job()["job_id"]})


@error("job_finished_error", *EXECUTES)
def start_completed(world):
    return act_on_completed(world)


@error("invalid_state_error", *EXECUTES)
def start_for_archived(world):
    job = world.judge_job(auto_start=False)
    archive(world.place.db, job["judge_id"])
    return Call({"job_id": job["job_id"]})


@error("job_already_active_error", *EXECUTES)
def start_beside_another(world):
    job = world.judge_job(auto_start=False)
    assert world.judges.create(job["judge_id"]).status_code == 201
    return Call({"job_id": job["job_id"]})


# --- retraining runs

def run_body(key):
    return {"judge_id": key, "trigger_source": "manual"}


def new_run(world):
    reply = world.judges.api.post(
        "/retraining/runs", json=run_body(world.judges.trained()))
    assert reply.status_code == 201, reply.text
    return reply.json()


@success(201, "run_create")
def create_run(world):
    return Call(json=run_body(world.judges.trained()))


@error("invalid_state_error", "run_create")
def run_archived(world):
    return Call(json=run_body(world.archived()[0]))


@error("job_already_active_error", "run_create")
def run_twice(world):
    return Call(json=run_body(world.judge_job()["judge_id"]))


@error("insufficient_feedback_error", "run_create")
def run_on_nothing(world):
    return Call(json=run_body(new_judge(world.api)))


@success(200, "run_list", "run_get", "run_cancel")
def about_run(world):
    return Call({"run_id": new_run(world)["run_id"]})


@error("job_finished_error", "run_cancel")
def cancel_failed_run(world):
    run = new_run(world)
    world.judges.set_status(run["judge_id"], "preparing", "failed")
    return Call({"run_id": run["run_id"]})
