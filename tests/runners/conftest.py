# SPDX-License-Identifier: BSD-2-Clause
"""The runners by themselves: as a package, and as trainyardd starts them."""
import fcntl
import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "runners"))

SAMPLES = ROOT / "share/samples"
PATIENCE = float(os.environ.get("TRAINYARD_PATIENCE", 60)) * 5


class Run:
    """One attempt at one job; events are what it printed."""

    def __init__(self, folder, document, resume="", environ=(),
                 python="/usr/bin/python3"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "job.json").write_text(json.dumps(document))
        # One event fits: it is never further ahead of us than by that one and
        # the next, and so is stopped where the test means to stop it.
        events, output = os.pipe2(os.O_CLOEXEC | os.O_DIRECT)
        fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, 4096)
        self.stdout = open(events, encoding="utf-8")
        with open(folder / "stderr", "wb") as errors:
            self.process = subprocess.Popen(
                [python, ROOT / "runners/trainyard-runner"], cwd=folder,
                stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8",
                     "TRAINYARD_JOB": str(folder / "job.json"),
                     "TRAINYARD_WORKDIR": str(folder),
                     "TRAINYARD_ATTEMPT": "1", "TRAINYARD_RESUME": resume,
                     **dict(environ)})
        os.close(output)
        self.folder = folder
        self.events = []

    def read(self):
        """The next event, None behind the last."""
        line = self.stdout.readline()
        if not line:
            return None
        self.events.append(json.loads(line))
        return self.events[-1]

    def until(self, event_type, count=1):
        while count:
            event = self.read()
            assert event is not None, self.stderr()
            count -= event["event_type"] == event_type
        return event

    def end(self):
        while self.read() is not None:
            pass
        self.stdout.close()
        return self.process.wait(PATIENCE)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)

    def stderr(self):
        return (self.folder / "stderr").read_text()

    def series(self, key):
        """A metric's points as the server would have collected them."""
        return [v for e in self.events if e["event_type"] == "step_complete"
                for v in e["metrics"].get(key, ())]


class Jobs:
    """Documents of jobs, and their attempts."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes)
                         else content.encode())
        return path

    def dataset(self, path, reference="rows@1.0"):
        return {"reference": reference, "artifacts": {"path": str(path)}}

    def rows(self, *rows):
        self.count += 1
        return self.dataset(self.file(
            f"rows{self.count}.jsonl",
            "".join(json.dumps(r) + "\n" for r in rows)))

    def document(self, backend, trainer, config, **members):
        """A job's document; what it does not name is null or empty."""
        return {
            "schema_version": "2026-03-18",
            "job_id": "01a223c6-f3bb-7ad7-899f-d0b15dacb76f",
            "model": "trainyard/tiny-llama", "backend": backend,
            "trainer_type": trainer,
            "algorithm": config.get("algorithm"), "config": config,
            "capability": {"name": "scholar", "version": "1.0",
                           "artifact_s3_prefix": None},
            "dataset": None, "trajectory_datasets": [], "eval_dataset": None,
            "prompt_dataset": None, "task": None, "world": None,
            "reward_recipe": None, "world_reward": None} | members

    def run(self, document, **options):
        self.count += 1
        return Run(self.folder / f"run{self.count}", document, **options)


@pytest.fixture
def jobs(tmp_path):
    made = Jobs(tmp_path)
    runs = []
    start = made.run
    made.run = lambda *a, **k: runs.append(start(*a, **k)) or runs[-1]
    yield made
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()
        run.stdout.close()


@pytest.fixture
def digits(jobs):
    """The sample of the quickstart, as a job's document."""
    def make(**config):
        return jobs.document(
            "tinker", "sft", {"batch_size": 16, "learning_rate": 0.003,
                              **config},
            dataset=jobs.dataset(SAMPLES / "reverse/train.jsonl", "reverse@1.0"),
            eval_dataset=jobs.dataset(SAMPLES / "reverse/held-out.jsonl",
                                      "reverse-held-out@1.0"))
    return make


@pytest.fixture
def letters(jobs):
    """Next letters as a job's document; `passes` through the sample."""
    text = (SAMPLES / "letters/prompts.jsonl").read_text()

    def make(backend, passes=1, recipe="exact_match_v1", **config):
        return jobs.document(
            backend, "rl", config, reward_recipe={"name": recipe,
                                                  "params": {}},
            prompt_dataset=jobs.dataset(
                jobs.file("letters.jsonl", text * passes), "letters@1.0"))
    return make
