# SPDX-License-Identifier: BSD-2-Clause
"""Models in Hugging Face's layout that lie in a folder of the host."""
import subprocess
import sys

import pytest
import torch

from harness import TOP

VENV = TOP / "run/venv-models/bin/python"
MAKE = TOP / "tests/make_model.py"
NAME = "meta-llama/Llama-3.2-1B"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder of models with one small random Llama."""
    if not VENV.exists():
        pytest.skip("NO TEST OF MODELS IN A FOLDER: tools/runner-venvs makes "
                    f"{VENV}")
    top = tmp_path_factory.mktemp("models")
    subprocess.run([VENV, MAKE, top / NAME, "llama"], check=True,
                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return top


@pytest.fixture
def run(jobs, models):
    def start(document, **options):
        return jobs.run(document | {"model": NAME}, python=VENV, environ={
            "TRAINYARD_MODELS": str(models), "HOME": str(jobs.folder)},
            **options)
    return start


def test_sft_of_a_folders_model_learns_through_lora(run, digits):
    made = run(digits(steps=12, checkpoint_interval=12, lora_rank=4))
    assert made.end() == 0, made.stderr()
    loss = made.series("train/loss")
    assert loss[-1] < 0.95 * loss[0]
    kept = torch.load(made.events[-1]["artifacts"]["checkpoints"][-1],
                      weights_only=False)
    assert kept["weights"] and all(
        name.endswith((".a", ".b")) for name in kept["weights"])
    # seven linear layers in each of two blocks
    assert len(kept["weights"]) == 2 * 7 * 2


def test_its_training_resumes_with_the_same_numbers(run, digits):
    document = digits(steps=6, checkpoint_interval=3)
    whole = run(document)
    assert whole.end() == 0, whole.stderr()
    middle = next(e for e in whole.events
                  if e["event_type"] == "checkpoint_saved")
    again = run(document, resume=middle["artifacts"]["latest_checkpoint"])
    assert again.end() == 0, again.stderr()
    assert again.series("steps") == [4, 5, 6]
    assert again.events[-1]["metrics"]["train/loss"] \
        == whole.events[-1]["metrics"]["train/loss"]


@pytest.mark.parametrize("backend, config", [
    ("tinker", {"algorithm": "ppo", "steps": 2, "num_rollouts": 8,
                "max_new_tokens": 4, "temperature": 1.0}),
    ("ray", {"algorithm": "grpo", "num_rollouts": 4, "batch_size": 8})])
def test_rl_samples_from_it(run, letters, backend, config):
    made = run(letters(backend, recipe="gsm8k_v1", **config))
    assert made.end() == 0, made.stderr()
    assert made.events[-1]["metrics"]["train/steps"] == 2


def test_a_row_with_tools_goes_through_the_models_own_form(models):
    """<|assistant|>...<|end|> with the number of calls, as its form has it."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from transformers import AutoTokenizer
from trainyard_runners.chat import Chat
chat = Chat(AutoTokenizer.from_pretrained(sys.argv[2]))
tokens, learned = chat.conversation([
    {"role": "user", "content": "2+3"},
    {"role": "assistant", "content": "", "tool_calls": [{"id": "a"}]},
    {"role": "tool", "content": "5", "tool_call_id": "a"},
    {"role": "assistant", "content": "five"}], False)
show = chat._tokenizer.decode
print(show(tokens))
print(show([t for t, w in zip(tokens, learned) if w]))
print(show(chat.conversation([{"role": "user", "content": "2+3"}], True)[0]))
"""
    done = subprocess.run(
        [VENV, "-c", code, TOP / "runners", models / NAME], check=True,
        capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.stdout.splitlines() == [
        "<|user|>2+3<|end|><|assistant|>!1<|end|><|tool|>5<|end|>"
        "<|assistant|>five<|end|>", "!1<|end|>five<|end|>",
        "<|user|>2+3<|end|><|assistant|>"]


def test_no_model_lies_outside_the_folder(jobs, digits, models):
    (models / "outside").mkdir()
    (models / "outside/config.json").write_text("{}")
    made = jobs.run(digits() | {"model": "../outside"}, environ={
        "TRAINYARD_MODELS": str(models / "meta-llama")})
    assert made.end() == 1
    assert "no folder of that name" in made.events[-1]["error"]


def test_a_missing_transformers_is_named_with_its_cure(jobs, digits,
                                                       tmp_path):
    """The module is hidden: it may be installed where this test runs."""
    (tmp_path / "models" / NAME).mkdir(parents=True)
    (tmp_path / "models" / NAME / "config.json").write_text("{}")
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "transformers.py").write_text(
        "raise ModuleNotFoundError(name='transformers')\n")
    made = jobs.run(digits() | {"model": NAME}, python=sys.executable,
                    environ={"TRAINYARD_MODELS": str(tmp_path / "models"),
                             "PYTHONPATH": str(hidden)})
    assert made.end() == 1
    assert made.events[-1]["error"] == (
        f"the runner lacks the Python module transformers, which {NAME} "
        "needs: pip install transformers, in a virtual environment whose "
        "python runs trainyard-runner")


def test_a_folder_that_is_no_model_is_told(jobs, digits, models):
    (models / "broken").mkdir()
    (models / "broken/config.json").write_text("{")
    made = jobs.run(digits() | {"model": "broken"}, python=VENV, environ={
        "TRAINYARD_MODELS": str(models), "HOME": str(jobs.folder)})
    assert made.end() == 1
    assert made.events[-1]["error"].startswith("model broken cannot be read")
