# SPDX-License-Identifier: BSD-2-Clause
"""Jobs of both faces from the API through a Slurm cluster and back."""
import pytest

from crowd import running_stack
from harness import TOP
from hosted import ended
from judges import correction, new_evaluation, new_judge

BASE = "/api/v1/org/acme/ws/main"
SAMPLES = TOP / "share/samples"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with running_stack(
            tmp_path_factory.mktemp("slurm"), "--engine", "slurm", "--set",
            f"runner_tinker_sft={TOP / 'runners/trainyard-runner'}") \
            as stack, stack.client(stack.token) as made:
        yield made


def test_sft_is_trained_on_a_node(client):
    for path, file in (("capability/scholar/1.0", "scholar.md"),
                       ("dataset/reverse/1.0", "reverse/train.jsonl")):
        assert client.put(f"{BASE}/artifacts/{path}", content=(
            SAMPLES / file).read_bytes()).status_code == 201
    made = client.post(f"{BASE}/training/jobs", json={
        "name": "far away", "model": "trainyard/tiny-qwen",
        "capability_ref": {"name": "scholar", "version": "1.0"},
        "backend": "tinker", "trainer_type": "sft", "config": {
            "dataset_ref": {"name": "reverse", "version": "1.0"},
            "steps": 12, "learning_rate": 0.003}}).json()
    path = f"{BASE}/training/jobs/{made['id']}"
    job = ended(client, path)
    assert job["status"] == "completed", job["error"]
    loss = job["metrics"]["train/loss"]
    assert len(loss) == 12 and loss[-1] < loss[0]
    attempts = client.get(f"{path}/attempts").json()
    attempt, = attempts["items"]
    assert attempt["engine"] == "slurm"


def test_a_judge_is_trained_on_a_node(client):
    judge = new_judge(client)
    for _ in range(25):
        made = new_evaluation(client, judge)["evaluation_id"]
        assert client.post("/feedback", json=correction(
            made, clarity=70, accuracy=50)).status_code == 201
    made = client.post("/training/jobs", json={
        "judge_id": judge, "training_type": "incremental",
        "training_config": {"minimum_feedback_count": 10}})
    assert made.status_code == 201, made.text
    job = ended(client, f"/training/jobs/{made.json()['job_id']}")
    assert job["status"] == "completed", job
