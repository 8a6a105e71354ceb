# SPDX-License-Identifier: BSD-2-Clause
"""Tinker jobs with Tinker's own SDK, against a server on this machine.

The server is SkyRL's, which speaks the protocol and really trains (a random
model of two layers, on the CPU); nothing here is pretended.  What only
Tinker itself does, limits and prices above all, is not tested.
"""
import sqlite3

import pytest

import skyrl


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    for python in (skyrl.SERVER, skyrl.CLIENT):
        if not python.exists():
            pytest.skip("NO TEST OF TINKER'S PROTOCOL: tools/runner-venvs "
                        f"makes {python}")
    made = skyrl.Server(tmp_path_factory.mktemp("skyrl"))
    try:
        yield made.await_ready()
    finally:
        made.close()


@pytest.fixture
def run(jobs, server):
    def start(document, **options):
        return jobs.run(
            document | {"model": skyrl.MODEL}, python=skyrl.CLIENT, environ={
                "TINKER_API_KEY": "tml-test", "TINKER_BASE_URL": server.url,
                "TRAINYARD_MODELS": str(server.tokenizers),
                "HOME": str(jobs.folder)}, **options)
    return start


def futures(server, since=0):
    """(kind, when it was asked for, when it was done), in order.

    Without those that were there already: the server is one for all tests.
    """
    with sqlite3.connect(server.folder / "tinker.db") as db:
        return db.execute("select lower(request_type), created_at,"
                          " completed_at from futures order by request_id"
                          ).fetchall()[since:]


def test_sft_learns_is_stopped_and_goes_on_where_it_was(run, jobs, server):
    rows = jobs.rows(*({"prompt": c, "expected_output": c.upper()}
                       for c in "abcdefgh"))
    document = jobs.document(
        "tinker", "sft", {"batch_size": 4, "gradient_accumulation_steps": 2,
                          "steps": 5, "checkpoint_interval": 3,
                          "learning_rate": 0.01, "lora_rank": skyrl.RANK,
                          "lora_alpha": 4}, dataset=rows, eval_dataset=rows)
    before = len(futures(server))
    whole = run(document)
    assert whole.end() == 0, whole.stderr()
    metrics = whole.events[-1]["metrics"]
    assert metrics["train/loss"] == whole.series("train/loss")
    assert metrics["eval/loss"] < metrics["train/loss"][0] - 0.3
    assert "warning: lora_alpha: Tinker chooses its own" in whole.stderr()
    saved = [e["artifacts"]["latest_checkpoint"] for e in whole.events
             if e["event_type"] == "checkpoint_saved"]
    assert [p.startswith("tinker://") for p in saved] == [True, True]
    assert whole.events[-1]["artifacts"]["checkpoints"] == saved

    # both batches and the step were asked for before the first was done
    first, second, step = [f for f in futures(server, before) if f[0] in (
        "forward_backward", "optim_step")][:3]
    assert (first[0], second[0], step[0]) == (
        "forward_backward", "forward_backward", "optim_step")
    assert step[1] < first[2]

    again = run(document, resume=saved[0])
    assert again.end() == 0, again.stderr()
    assert again.series("steps") == [4, 5]
    assert again.events[-1]["metrics"]["train/loss"] == pytest.approx(
        metrics["train/loss"], abs=1e-3)


def test_rl_samples_from_weights_of_its_last_sync(run, letters, server):
    before = len(futures(server))
    made = run(letters(
        "tinker", algorithm="ppo", steps=2, num_rollouts=8, batch_size=4,
        max_new_tokens=4, temperature=1.0, stop=["e"], learning_rate=0.01,
        lora_rank=skyrl.RANK))
    assert made.end() == 0, made.stderr()
    final = made.events[-1]
    assert final["metrics"]["train/num_rollouts"] == 16
    assert final["metrics"]["async/last_synced_model_version"] == 2
    assert final["artifacts"]["checkpoints"][-1].startswith("tinker://")
    kinds = [f[0] for f in futures(server, before)]
    # before the first rollouts, and after each step
    assert kinds.count("save_weights_for_sampler") == 3
    # two groups of one prompt each in a step
    assert kinds.count("sample") == 4


def test_what_the_service_refuses_ends_the_job_in_its_words(run, digits):
    made = run(digits(steps=1, lora_rank=skyrl.RANK + 1))
    assert made.end() == 1
    assert made.events[-1]["error"].startswith("Tinker: ")
    assert "rank" in made.events[-1]["error"]


def test_a_checkpoint_of_another_job_is_refused(run, digits):
    made = run(digits(steps=1), resume="tinker://model_1/weights/step-1")
    assert made.end() == 1
    assert "not in the work folders of this job" in made.events[-1]["error"]


def test_embedded_models_need_no_key_and_ask_nobody(jobs, digits):
    made = jobs.run(digits(steps=1), environ={
        "TINKER_API_KEY": "tml-test", "TINKER_BASE_URL": "http://127.0.0.1:9"})
    assert made.end() == 0, made.stderr()


def test_ray_jobs_do_not_go_to_tinker(jobs, letters):
    made = jobs.run(letters("ray", algorithm="grpo") | {
        "model": skyrl.MODEL}, environ={"TINKER_API_KEY": "tml-test"})
    assert made.end() == 1
    assert made.events[-1]["error"].endswith("Ray jobs do not go to Tinker")
