# SPDX-License-Identifier: BSD-2-Clause
"""A judge's training that is killed a hundred times, anywhere, is as another.

Moments are random times, not events: kills hit reading, learning, half a
checkpoint and half a line.  TRAINYARD_SEED repeats a run of this test.
"""
import json
import os
import random
import subprocess
import time

from judge_job import Evaluation, Job, PATIENCE

KILLS = 100
EPOCHS = 12


def made(folder):
    rnd = random.Random(1)
    items = []
    for i in range(150):
        raw = {f"crit_{c}": rnd.uniform(20, 95) for c in "ab"}
        text = " ".join(rnd.choices("late kind vague short fine".split(),
                                    k=20))
        items.append(Evaluation(raw, content=f"{text} {i}").correct(i + 1, **{
            c: min(100, max(0, raw[f"crit_{c}"] * 0.8 + rnd.gauss(0, 5)))
            for c in "ab"}))
    return Job(folder, items, criteria="ab", validation_split=0.2,
               early_stopping=False, max_epochs=EPOCHS)


def events_of(text):
    """Whole lines only: the last may be cut where it died."""
    return [json.loads(line) for line in text.splitlines(keepends=True)
            if line.endswith("\n")]


def one_life(job, resume, moment):
    """(killed, its events): killed at a moment, unless it ended before."""
    child = job.start("-c", "0", resume=resume)
    try:
        out, _ = child.communicate(timeout=moment)
        killed = False
    except subprocess.TimeoutExpired:
        child.kill()
        out, _ = child.communicate(timeout=PATIENCE)
        killed = child.returncode < 0
    return killed, events_of(out)


def test_a_hundred_kills_at_random_moments_leave_the_same_bytes(tmp_path):
    seed = int(os.environ.get("TRAINYARD_SEED") or time.time_ns() % 10 ** 9)
    print(f"TRAINYARD_SEED={seed}")
    rnd = random.Random(seed)
    kills = went_on = trainings = 0
    while kills < KILLS:
        trainings += 1
        # measured each time: the machine may be busy with other things, too
        began = time.monotonic()
        whole = made(tmp_path / f"whole{trainings}").run("-c", "0")
        longest = time.monotonic() - began
        job = made(tmp_path / f"victim{trainings}")
        resume, last = "", None
        while last is None:
            # one training dies several times, and then gets the time it needs
            left = kills < KILLS and rnd.random() < 0.9
            killed, events = one_life(
                job, resume, rnd.uniform(0, longest) if left else PATIENCE)
            kills += killed
            went_on += bool(resume) and bool(events)
            for event in events:
                resume = (event.get("artifacts") or {}).get(
                    "latest_checkpoint", resume)
                assert event["event_type"] != "training_error", event
                if event["event_type"] == "training_end":
                    last = event
        model = last["artifacts"]["model"]
        with open(model, "rb") as file:
            assert file.read() == whole.model, f"seed {seed}"
        assert last["data"]["validation_results"] == whole.results
    # else checkpoints had nothing to do with it
    assert went_on >= KILLS / 10, (went_on, trainings, seed)
