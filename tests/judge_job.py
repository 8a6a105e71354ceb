# SPDX-License-Identifier: BSD-2-Clause
"""Jobs for trainyard-judge, made and run without a server.

The split is computed here anew, from the contract's words and not from
judge/group.c, so that each job also tests that both agree.
"""
import csv
import hashlib
import json
import os
import pathlib
import random
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("TRAINYARD_BUILD", TOP / "build"))
PROGRAM = BUILD / "trainyard-judge"
HANNA = TOP / "share/samples/hanna/chatgpt.csv"
HANNA_CRITERIA = ("relevance", "coherence", "empathy", "surprise",
                  "engagement", "complexity")
PATIENCE = float(os.environ.get("TRAINYARD_PATIENCE", "60"))


def group_key(content=None, ref=None):
    """The content's group: a digest of the normalised text, or the ref."""
    if content is None:
        return ref
    text = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c
                   for c in content)
    text = re.sub(r"[\s!-/:-@\[-`{-~]+", " ", text).strip(" ")
    return hashlib.sha256(text.encode()).hexdigest()


def split_u(judge_id, key):
    digest = hashlib.sha256(judge_id.encode() + b"\0" + key.encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2.0 ** 53


class Evaluation:
    """One scored item and what people said of it."""

    def __init__(self, raw, *, content=None, ref=None, shown=None):
        self.raw, self.content = raw, content
        self.shown = shown if shown is not None else raw
        self.key = group_key(content, ref)
        self.feedback = []

    def say(self, number, **entry):
        self.feedback.append({
            "number": number, "type": "correction", "corrected_scores": None,
            "rating": None, "approved": None,
            "target_criteria": list(entry.get("corrected_scores") or ()),
            **entry})
        return self

    def correct(self, number, **scores):
        return self.say(number, corrected_scores={
            f"crit_{name}": score for name, score in scores.items()})

    def line(self, judge_id, index):
        return {
            "evaluation_id": f"eval_{index:08d}", "group_key": self.key,
            "u": split_u(judge_id, self.key), "content": self.content,
            "raw": self.raw, "shown": self.shown, "feedback": self.feedback}


class Run:
    """What one run of the program said and how it ended."""

    def __init__(self, status, events, stderr):
        self.status, self.events, self.stderr = status, events, stderr

    def of(self, event_type):
        return [e for e in self.events if e["event_type"] == event_type]

    def one(self, event_type):
        (event,) = self.of(event_type)
        return event

    def failure(self, error_type="internal_error"):
        """The error's text, once it is clear that the run failed so."""
        assert self.status == 1
        event = self.one("training_error")
        assert event == self.events[-1]
        assert event["level"] == "error"
        assert event["data"] == {"error_type": error_type}
        assert event["error"] == event["message"] != ""
        return event["error"]

    @property
    def results(self):
        return self.one("training_end")["data"]["validation_results"]

    @property
    def model(self):
        path = self.one("training_end")["artifacts"]["model"]
        return pathlib.Path(path).read_bytes()


class Job:
    """A job in a folder of its own; `spec` becomes job.json at each start."""

    def __init__(self, folder, evaluations, *, criteria, judge_id="jdg_test",
                 training_type="full_retrain", repeats=None, weights=None,
                 **config):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        texts = any(e.content is not None for e in evaluations)
        version = {"version_number": 1, "seen_through": 0, "seen_split": 1}
        self.spec = {
            "schema_version": "1", "job_id": "train_job_" + "0" * 26,
            "judge_id": judge_id, "training_type": training_type,
            "content_type": "text" if texts else "audio",
            "training_config": config,
            "criteria": [{"id": f"crit_{name}", "name": name,
                          "weight": (weights or {}).get(name, 1)}
                         for name in criteria],
            "base_model": None, "active_model": None,
            "base": dict(version), "active": dict(version),
            "high_water_mark": 10 ** 6,
            "data": self.store("evaluations.jsonl", judge_id, evaluations),
            "consistency": repeats and
            self.store("consistency.jsonl", judge_id, repeats)}

    def store(self, name, judge_id, evaluations):
        path = self.folder / name
        path.write_text("".join(
            json.dumps(e.line(judge_id, i)) + "\n"
            for i, e in enumerate(evaluations)))
        return str(path)

    def start(self, *options, resume=""):
        path = self.folder / "job.json"
        path.write_text(json.dumps(self.spec))
        env = {**os.environ, "TRAINYARD_JOB": str(path),
               "TRAINYARD_WORKDIR": str(self.folder),
               "TRAINYARD_ATTEMPT": "1", "TRAINYARD_RESUME": str(resume)}
        return subprocess.Popen(
            [PROGRAM, *options], env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *options, resume=""):
        child = self.start(*options, resume=resume)
        out, err = child.communicate(timeout=PATIENCE)
        return Run(child.returncode,
                   [json.loads(line) for line in out.splitlines()], err)


def wordings(count):
    """Criteria of a judge with so many wordings of its prompt."""
    return HANNA_CRITERIA + tuple(
        f"{c}_p{p}" for p in range(2, count + 1) for c in HANNA_CRITERIA)


def hanna(count=1):
    """The sample: a judge's prompts, three people's corrections.

    The first wording gives the criteria their raw scores; those of others
    are criteria of their own, of which nobody speaks.
    """
    evaluations = []
    with open(HANNA, newline="") as file:
        for row in csv.DictReader(file):
            # One raw score is -8.3: the judge left its own scale.
            item = Evaluation(
                {f"crit_{name}": max(0.0, float(row[
                    f"judge_{name}" if "_p" in name else f"judge_{name}_p1"]))
                 for name in wordings(count)}, ref=f"story-{row['story']}")
            for person in (1, 2, 3):
                item.correct(3 * len(evaluations) + person, **{
                    c: float(row[f"human{person}_{c}"])
                    for c in HANNA_CRITERIA})
            evaluations.append(item)
    return evaluations


def hanna_few(items, judge_id, split, count, seed):
    """So many corrections, each by one person and as far as stories go each
    on another one; what is held out stays."""
    rnd = random.Random(f"{seed} {count}")
    held = [split_u(judge_id, item.key) < split for item in items]
    train = [item for item, out in zip(items, held) if not out]
    rnd.shuffle(train)
    few = []
    for item in (train + train)[:count]:
        one = Evaluation(item.raw, ref=item.key)
        one.feedback = [rnd.choice(item.feedback)]
        few.append(one)
    return few + [item for item, out in zip(items, held) if out]
