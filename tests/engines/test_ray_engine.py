# SPDX-License-Identifier: BSD-2-Clause
"""The Ray engine against a fake head: lost replies, untrue failures."""
import signal
import socket
from types import SimpleNamespace

import pytest

from fake_ray import TOKEN, FakeRay
from hosted import await_true

COMMAND = "/opt/ray/bin/python3 it's/a/runner"


@pytest.fixture
def head():
    made = FakeRay()
    try:
        yield made
    finally:
        made.close()


def ray(site, head, **extra):
    token = site.folder / "cluster-token"
    token.write_text(TOKEN + "\n")
    ca = site.folder / "ca.pem"
    ca.write_text("-----BEGIN CERTIFICATE-----\nfake\n"
                  "-----END CERTIFICATE-----\n")
    return site.dispatcher(**{
        "engine_ray_grpo": "ray", "ray_address": head.address,
        "ray_token_file": token, "runner_ray_grpo": f'"{COMMAND}"',
        "api_url": "https://train.example", "api_ca": ca,
        "engine_poll_seconds": 1, "engine_timeout_seconds": 5, **extra})


def name(job, attempt=1):
    return f"trainyard-{job}-{attempt}"


def submit(site, head, **config):
    """A job that the head has."""
    job = site.job(kind="ray_grpo", **config)
    await_true(lambda: name(job) in head.jobs, "the submission")
    return job


def says(site, job, attempt=1):
    """What the API records when the runner reports a step."""
    site.run("insert into trainyard.job_metric (workspace_id, job_id, attempt,"
             " event_type, metrics) values (%s, %s, %s, 'step_complete',"
             " '{}')", site.ws, job, attempt)


def looks(head, job, count):
    """So many more looks at the job."""
    call = f"GET /api/jobs/{name(job)}"
    goal = head.calls.count(call) + count
    await_true(lambda: head.calls.count(call) >= goal, "looks")


def test_what_is_submitted(site, head):
    d = ray(site, head, job_memory_mb=512, ray_cpus="0.5", ray_gpus=1,
            ray_worker_cpus=2)
    job = submit(site, head)
    body, = head.submitted
    assert body["entrypoint"] == \
        "exec '/opt/ray/bin/python3' 'it'\\''s/a/runner'"
    assert (body["entrypoint_num_cpus"], body["entrypoint_num_gpus"],
            body["entrypoint_memory"]) == (0.5, 1, 512 << 20)
    env = body["runtime_env"]["env_vars"]
    assert env == {
        "TRAINYARD_API": "https://train.example/api/v1",
        "TRAINYARD_ORG": "acme", "TRAINYARD_WS": "main",
        "TRAINYARD_ATTEMPT": "1", "TRAINYARD_RESUME": "",
        "TRAINYARD_CA": (site.folder / "ca.pem").read_text(),
        "TRAINYARD_JOB_ID": job, "TRAINYARD_REPORT": "api",
        "TRAINYARD_WORKER_CPUS": "2", "TRAINYARD_WORKER_GPUS": "0",
        "RAY_JOB_STOP_WAIT_TIME_S": "30"}
    token = body["metadata"]["trainyard_token"]
    assert token.startswith("ty_job_")
    for secret in (token, TOKEN):
        assert secret not in d.text()
        assert all(secret not in f.read_text(errors="replace")
                   for f in site.workdir(job).iterdir() if f.is_file())


def test_a_submission_whose_reply_is_lost_is_found(site, head):
    head.faults["POST /api/jobs/"] = ["lost"]
    d = ray(site, head)
    job = submit(site, head)
    d.await_line("started", job, "engine=ray")
    assert len(head.submitted) == 1
    assert head.calls.count("POST /api/jobs/") == 1


def test_already_exists_is_success_whatever_its_status(site, head):
    """The head knows it, although it said no the moment before."""
    d = ray(site, head)
    first = submit(site, head)
    seen = []
    real = head.answer

    def late(method, path, body):
        if method == "GET" and path.endswith("-1") and not seen \
                and name(first) not in path:
            seen.append(path)
            head.submit({"submission_id": path.rpartition("/")[2]})
            return 404, "Job does not exist"
        return real(method, path, body)
    head.answer = late
    head.submit = lambda body, submit=head.submit: (
        500, f"Traceback\nRuntimeError: {text}") if isinstance(
            text := submit(body)[1], str) else (200, text)
    head.faults.clear()
    job = site.job(kind="ray_grpo")
    d.await_line("started", job, "engine=ray")
    assert len(head.submitted) == 2
    assert site.attempts(job) == [(1, "claimed")]


def test_jobs_wait_while_the_head_is_down(site):
    with socket.socket() as kept:
        # nobody listens there, and no other program can take it
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        host, port = kept.getsockname()
        d = ray(site, SimpleNamespace(address=f"http://{host}:{port}"))
        job = site.job(kind="ray_grpo")
        d.await_line("engine ray cannot be used now")
        assert site.status(job) == "queued"
        head = FakeRay(port)
    try:
        await_true(lambda: name(job) in head.jobs, "the submission")
    finally:
        head.close()


@pytest.mark.parametrize("fault", [
    (401, "Unauthorized"), (500, "No available agent to submit job"),
    (503, "")])
def test_a_refusal_that_may_pass_is_asked_again(site, head, fault):
    head.faults["POST /api/jobs/"] = [fault]
    d = ray(site, head)
    job = submit(site, head)
    d.await_line("started", job)
    assert site.attempts(job) == [(1, "claimed")]


def test_a_submission_that_ray_calls_wrong_fails_the_job(site, head):
    head.faults["POST /api/jobs/"] = [
        (400, "Traceback (most recent call last):\n  x\nValueError: no such "
              "thing\n")]
    ray(site, head)
    job = site.job(kind="ray_grpo")
    site.await_status(job, "failed")
    assert "ValueError: no such thing" in site.value(
        "select error from trainyard.job where id = %s", job)


def test_a_failure_of_ray_itself_is_not_believed(site, head):
    """It goes on to report, so it is alive; once it is silent it is lost."""
    d = ray(site, head, lease_seconds=10)
    job = submit(site, head)
    says(site, job)
    head.jobs[name(job)].update(status="FAILED", message="Job supervisor actor"
                                " died", error_type="JOB_SUPERVISOR_ACTOR_DIED")
    for _ in range(12):
        looks(head, job, 1)
        says(site, job)
    assert site.attempts(job) == [(1, "claimed")]
    d.await_line("attempt lost", job, "JOB_SUPERVISOR_ACTOR_DIED")
    await_true(lambda: name(job, 2) in head.jobs, "the second attempt")
    assert site.attempts(job) == [(1, "lost"), (2, "claimed")]


def test_a_failure_that_passes_is_forgotten(site, head):
    ray(site, head, lease_seconds=10)
    job = submit(site, head)
    says(site, job)
    head.jobs[name(job)].update(
        status="FAILED", error_type="JOB_SUPERVISOR_ACTOR_UNKNOWN_FAILURE")
    looks(head, job, 2)
    head.jobs[name(job)].update(status="RUNNING", error_type=None)
    looks(head, job, 12)
    assert site.attempts(job) == [(1, "claimed")]


@pytest.mark.parametrize("end, status, error", [
    ({"status": "FAILED", "error_type": "JOB_ENTRYPOINT_COMMAND_ERROR",
      "driver_exit_code": 3}, "failed",
     "the runner exited with status 3: the last words"),
    ({"status": "SUCCEEDED", "driver_exit_code": 0}, "failed",
     "the runner ended without reporting an end: the last words"),
    ({"status": "FAILED", "error_type": "JOB_ENTRYPOINT_COMMAND_ERROR",
      "driver_exit_code": -9}, "failed",
     "the runner was ended by signal 9 (Killed): the last words")])
def test_an_end_that_ray_has_seen_is_believed(site, head, end, status, error):
    ray(site, head)
    job = submit(site, head)
    head.logs[name(job)] = "the last words\n"
    head.jobs[name(job)].update(end)
    site.await_status(job, status)
    assert site.value("select error from trainyard.job where id = %s",
                      job) == error


@pytest.mark.parametrize("end", [
    {"status": "STOPPED"},
    {"status": "FAILED", "error_type": "JOB_ENTRYPOINT_COMMAND_ERROR",
     "driver_exit_code": 75}])
def test_a_run_that_somebody_else_stopped_runs_again(site, head, end):
    ray(site, head)
    job = submit(site, head)
    head.jobs[name(job)].update(end)
    await_true(lambda: name(job, 2) in head.jobs, "the second attempt")
    assert site.attempts(job) == [(1, "lost"), (2, "claimed")]


def test_a_head_that_has_forgotten_loses_the_attempt(site, head):
    d = ray(site, head)
    job = submit(site, head)
    d.await_line("started", job)
    del head.jobs[name(job)]
    d.await_line("attempt lost", job, "knows nothing of the job any more")
    await_true(lambda: name(job, 2) in head.jobs, "the second attempt")


def test_a_head_that_forgot_meanwhile_is_not_asked_to_begin_again(site, head):
    d = ray(site, head)
    job = submit(site, head)
    d.await_line("started", job)
    d.end(signal.SIGKILL)
    del head.jobs[name(job)]
    ray(site, head)
    await_true(lambda: name(job, 2) in head.jobs, "the second attempt")
    assert [b["submission_id"] for b in head.submitted] == [
        name(job), name(job, 2)]


def test_a_head_that_stays_away_loses_what_is_silent(site, head):
    d = ray(site, head, engine_lost_seconds=3, engine_timeout_seconds=1)
    job = submit(site, head)
    d.await_line("started", job)
    head.faults[f"GET /api/jobs/{name(job)}"] = [(503, "")] * 1000
    d.await_line("attempt lost", job)
    assert site.attempts(job)[0] == (1, "lost")


def test_a_cancelled_job_is_stopped_there(site, head):
    ray(site, head)
    job = submit(site, head)
    site.run("update trainyard.job set status = 'running', started_at = now()"
             " where id = %s", job)
    head.faults[f"POST /api/jobs/{name(job)}/stop"] = [(500, "busy"), "lost"]
    site.cancel(job)
    site.await_status(job, "cancelled")
    assert head.jobs[name(job)]["status"] == "STOPPED"


def test_a_dispatcher_that_is_killed_finds_its_job_again(site, head):
    d = ray(site, head)
    job = submit(site, head)
    head.logs[name(job)] = "one\ntwo\n"
    site.await_sql("select count(*) = 2 from trainyard.job_log"
                   " where job_id = %s", job)
    d.end(signal.SIGKILL)
    head.logs[name(job)] += "three \u00fc\n"
    ray(site, head)
    site.await_sql("select count(*) = 3 from trainyard.job_log"
                   " where job_id = %s", job)
    looks(head, job, 2)
    assert site.logs(job) == ["one", "two", "three \u00fc"]
    assert len(head.submitted) == 1
    assert site.attempts(job) == [(1, "claimed")]


def test_a_head_that_hangs_holds_up_nobody_else(site, head):
    gate = site.gate()
    d = ray(site, head, lease_seconds=3, engine_timeout_seconds=600)
    job = submit(site, head)
    d.await_line("started", job)
    head.faults[f"GET /api/jobs/{name(job)}"] = ["hang"] * 10
    near = site.job({"event": {"event_type": "training_start"}},
                    {"gate": gate.path},
                    {"event": {"event_type": "training_end"}})
    site.under_way(near, gate)
    for ref in (near, job):
        until = site.value("select max(lease_until) from trainyard.attempt"
                           " where job_id = %s", ref)
        site.await_sql("select lease_until > %s from trainyard.attempt"
                       " where job_id = %s", until, ref)
    gate.open()
    site.await_status(near, "completed")
    assert d.end() == 0


def test_judges_are_not_trained_where_no_files_are_shared(site, head):
    d = ray(site, head, engine_judge="ray", ready=False)
    d.await_line("engine_judge: the engine ray shares no files")
    assert d.process.wait(60) == 1


def test_a_log_beyond_the_limit_is_cut_once(site, head):
    ray(site, head)
    job = submit(site, head)
    head.logs[name(job)] = ("x" * 1023 + "\n") * (9 << 10)
    site.await_sql("select exists(select from trainyard.job_log where job_id ="
                   " %s and message like '%%the rest of this log%%')", job)
    size = (site.workdir(job) / "stderr.log").stat().st_size
    assert 8 << 20 <= size < (8 << 20) + 200
    looks(head, job, 3)
    assert (site.workdir(job) / "stderr.log").stat().st_size == size
