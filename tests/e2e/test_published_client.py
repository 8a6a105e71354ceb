# SPDX-License-Identifier: BSD-2-Clause
"""The published client itself, as its users run it.

TRAINYARD_DREADNODE names the bin folder of a Python environment that has it;
otherwise it is installed for the run, without most of what it asks for: its
training commands need little of that.
"""
import json
import os
import pathlib
import subprocess
import sys
import warnings

import pytest

from hosted import UUID, Place

CLIENT = "dreadnode==2.0.52"
NEEDS = ["cyclopts>=4.2", "httpx>=0.28", "logfire<5", "loguru", "packaging",
         "pydantic<3", "pyyaml", "requests", "rich", "truststore"]


def installed(folder):
    """A new environment with the client; skips when it cannot be had."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    for packages in (["--no-deps", CLIENT], NEEDS):
        done = subprocess.run(
            [folder / "bin/pip", "install", "--quiet", "--retries", "1",
             "--timeout", "10", *packages], capture_output=True, text=True)
        if done.returncode != 0:
            why = (f"{CLIENT} cannot be installed: "
                   + done.stderr.strip().splitlines()[-1])
            # a skip alone is easily overlooked, a failure is too much
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn(why)
            pytest.skip(why)
    return folder / "bin"


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    given = os.environ.get("TRAINYARD_DREADNODE")
    return pathlib.Path(given) if given else installed(
        tmp_path_factory.mktemp("client") / "venv")


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "published").furnish()
    yield made
    made.close()


@pytest.fixture
def run(programs, place, stack, tmp_path):
    """A program of the client's, as somebody with a key for the place."""
    def start(program, *args, status=0, **more):
        done = subprocess.run(
            [programs / program, *args], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=300, env={
                "PATH": os.environ["PATH"], "HOME": str(tmp_path),
                "COLUMNS": "200", "SSL_CERT_FILE": stack.ca,
                "DREADNODE_SERVER": stack.url,
                "DREADNODE_API_KEY": place.token,
                "DREADNODE_ORGANIZATION": "acme",
                "DREADNODE_WORKSPACE": place.key, **more})
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + (done.stderr if status else "")
    return start


def sft(run, *more, **options):
    return run("dn", "train", "sft", "--model",
               "meta-llama/Llama-3.1-8B-Instruct", "--capability",
               "assistant@1.2.0", "--dataset", "tickets@2026.03", *more,
               **options)


def test_a_job_is_made_and_found(run, place):
    made = json.loads(sft(run, "--name", "by-hand", "--epochs", "2", "--tag",
                          "nightly", "--json"))
    assert UUID.fullmatch(made["id"])
    assert made["name"] == "by-hand" and made["status"] == "queued"
    assert made["config"]["epochs"] == 2 and made["tags"] == ["nightly"]
    found = json.loads(run("dn", "train", "get", made["id"], "--json"))
    assert found["id"] == made["id"]
    assert found["project_ref"] == "default"


def test_reinforcement_learning(run, place):
    made = json.loads(run(
        "dn", "train", "rl", "--model", "Qwen/Qwen3-8B", "--capability",
        "solver@0.4.1", "--algorithm", "ppo", "--prompt-dataset",
        "gsm8k-train@1.0.0", "--reward-recipe", "contains_v1",
        "--reward-params", '{"needle": "42"}', "--execution-mode",
        "one_step_off_async", "--max-steps-off-policy", "1", "--json"))
    assert made["algorithm"] == "ppo" and made["trainer_type"] == "rl"
    assert made["config"]["reward_recipe"] == {
        "name": "contains_v1", "params": {"needle": "42"}}


def test_a_project_that_is_not_there_counts_as_none(run):
    made = json.loads(sft(run, "--json", DREADNODE_PROJECT="nothing"))
    assert made["project_ref"] == "default"


def test_a_workspace_need_not_be_named(run, stack):
    shown = run("dn", "train", "catalog", "--json", DREADNODE_WORKSPACE="",
                DREADNODE_API_KEY=stack.token)
    assert "trainyard/tiny-llama" in shown


def test_the_catalog_is_shown(run):
    shown = run("dn", "train", "catalog")
    assert "trainyard/tiny-llama" in shown
    assert "Qwen/Qwen3.6-35B-A3B" in shown


def test_what_is_wrong_is_told(run):
    said = run("dn", "train", "sft", "--model", "nothing", "--capability",
               "assistant@1.2.0", "--dataset", "tickets@2026.03", status=1)
    assert 'unknown model "nothing"' in " ".join(said.split())
    said = sft(run, status=1, DREADNODE_API_KEY="ty_key_unknown")
    assert "unknown, expired or revoked" in " ".join(said.split())
