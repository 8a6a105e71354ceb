# SPDX-License-Identifier: BSD-2-Clause
"""A runner on a machine that shares no files: all comes from the API."""
import hashlib
import http.server
import json
import re
import threading

import pytest

JOB = "01a223c6-f3bb-7ad7-899f-d0b15dacb76f"
PLACE = "/api/v1/org/acme/ws/main"
PROMPTS = "".join(json.dumps(
    {"prompt": p, "expected_output": e}) + "\n" for p, e in ("ab", "bc"))


class Api(http.server.ThreadingHTTPServer):
    """Holds artifacts by "workspace/kind/name/version"; takes events."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.artifacts, self.events, self.asked = {}, [], []
        # what comes first of an artifact's bytes
        self.torn = {}
        self.job = {
            "id": JOB, "organization_id": "o", "workspace_id": "w",
            "created_by": None, "name": "job", "backend": "ray",
            "trainer_type": "rl", "algorithm": "grpo",
            "model": "trainyard/tiny-llama", "project_ref": "default",
            "run_ref": None, "tags": [],
            "capability": {"artifact_id": "c", "name": "acme/scholar",
                           "version": "1", "runtime_digest": "sha256:0"},
            "config": {"prompt_dataset_ref": {"name": "letters",
                                              "version": "1"},
                       "num_rollouts": 2, "batch_size": 2,
                       "execution_mode": "colocated"}}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def environ(self, **more):
        return {"TRAINYARD_JOB_ID": JOB, "TRAINYARD_REPORT": "api",
                "TRAINYARD_ORG": "acme", "TRAINYARD_WS": "main",
                "TRAINYARD_TOKEN": "ty_job_x", "TRAINYARD_ATTEMPT": "3",
                "TRAINYARD_API": f"http://127.0.0.1:{self.server_port}/api/v1",
                **more}

    def kinds(self):
        return [e["event_type"] for e in self.events]

    def fetched(self, workspace, artifact):
        """How often its bytes were."""
        return self.asked.count(f"/api/v1/org/acme/ws/{workspace}/artifacts/"
                                f"{artifact}/content")


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        api, path = self.server, self.path
        api.asked.append(path)
        if self.headers["Authorization"] != "Bearer ty_job_x":
            return self.answer(401, {"detail": "no"})
        if path == f"{PLACE}/training/jobs/{JOB}":
            return self.answer(200, api.job)
        if path == f"{PLACE}/training/jobs/{JOB}/rl-context":
            return self.answer(200, {"reward_recipe": {
                "name": "exact_match_v1", "params": {}}})
        if path == "/api/v1/org/acme/ws":
            return self.answer(200, {"workspaces": [
                {"key": "main"}, {"key": "shelf", "is_default": True}]})
        found = re.fullmatch(r"/api/v1/org/acme/ws/(\w+)/artifacts/(\S+?)"
                             r"(/content)?", path)
        place = found and f"{found[1]}/{found[2]}"
        data = api.artifacts.get(place)
        if data is None:
            return self.answer(404, {"detail": "nothing"})
        if not found[3]:
            return self.answer(200, {
                "id": "a", "media_type": "x", "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest()})
        return self.answer(200, api.torn.pop(place, data))

    def do_PUT(self):
        place = self.path.removeprefix("/api/v1/org/acme/ws/").replace(
            "/artifacts/", "/")
        self.server.artifacts[place] = self.rfile.read(
            int(self.headers["Content-Length"]))
        self.answer(201, {})

    def do_POST(self):
        self.server.events.append(json.loads(self.rfile.read(
            int(self.headers["Content-Length"]))))
        self.answer(200, {})

    def log_message(self, *_):
        pass


@pytest.fixture
def api():
    made = Api()
    made.artifacts |= {"main/dataset/letters/1": PROMPTS.encode(),
                       "shelf/capability/scholar/1": b"Answer."}
    yield made
    made.shutdown()
    made.server_close()


def test_job_and_data_come_from_the_api_and_checkpoints_go_there(jobs, api):
    run = jobs.run({}, environ=api.environ())
    assert run.end() == 0, run.stderr()
    assert api.kinds() == ["training_start", "step_complete",
                           "checkpoint_saved", "training_end"]
    address = f"artifact://acme/main/checkpoint/job-{JOB}@3-step-000001"
    assert api.events[2]["artifacts"]["latest_checkpoint"] == address
    assert len(api.artifacts[f"main/checkpoint/job-{JOB}/3-step-000001"]) > 999
    assert api.fetched("main", "dataset/letters/1") == 1
    # what the job's workspace has not is on the organisation's shelf
    assert api.fetched("shelf", "capability/scholar/1") == 1


def test_a_run_resumes_from_the_checkpoint_behind_an_address(jobs, api):
    api.artifacts["main/dataset/letters/1"] = PROMPTS.encode() * 4
    api.job["config"]["checkpoint_interval"] = 1
    assert jobs.run({}, environ=api.environ()).end() == 0
    first, api.events = api.events, []
    address = f"artifact://acme/main/checkpoint/job-{JOB}@3-step-000002"
    run = jobs.run({}, resume=address, environ=api.environ(
        TRAINYARD_ATTEMPT="4"))
    assert run.end() == 0, run.stderr()
    steps = [e["data"]["step"] for e in api.events
             if e["event_type"] == "step_complete"]
    assert steps == [3, 4]
    assert api.events[-1]["metrics"] == first[-1]["metrics"]


def test_bytes_that_arrive_torn_are_fetched_again(jobs, api):
    api.torn = {"main/dataset/letters/1": PROMPTS.encode()[:10]}
    run = jobs.run({}, environ=api.environ())
    assert run.end() == 0, run.stderr()
    assert api.fetched("main", "dataset/letters/1") == 2


def test_ray_hands_the_token_over_in_the_jobs_metadata(jobs, api):
    environ = api.environ(RAY_JOB_CONFIG_JSON_ENV_VAR=json.dumps(
        {"runtime_env": {}, "metadata": {"trainyard_token": "ty_job_x"}}))
    del environ["TRAINYARD_TOKEN"]
    assert jobs.run({}, environ=environ).end() == 0


def test_a_token_that_is_dead_ends_the_run_at_once(jobs, api):
    run = jobs.run({}, environ=api.environ(TRAINYARD_TOKEN="ty_job_old"))
    assert run.end() == 75
    assert api.events == [] and "401" in run.stderr()
    assert len(api.asked) == 1


def test_data_that_is_not_there_is_the_runners_last_word(jobs, api):
    api.artifacts.clear()
    run = jobs.run({}, environ=api.environ())
    assert run.end() == 1
    assert "no data set letters@1" in run.stderr()
