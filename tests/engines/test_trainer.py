# SPDX-License-Identifier: BSD-2-Clause
"""trainyard-judge as a program: what it says, how it stops and goes on."""
import contextlib
import functools
import itertools
import json
import os
import random
import signal
import subprocess

import pytest

from judge_job import PATIENCE, PROGRAM, Evaluation, Job, split_u

WORDS = ("we can help you with the router today please wait until lights "
         "turn green call again number below thanks team").split()
SECRET = "zanzibarquartz"


def talk(count, seed=1, words=40, suffix=""):
    """Texts where people punish one word that the judge does not mind."""
    rnd = random.Random(seed)
    items = []
    for i in range(count):
        text = rnd.choices(WORDS, k=words)
        sorry = rnd.random() < 0.5
        text[rnd.randrange(words)] = "sorry" if sorry else "fine"
        raw = {f"crit_{c}": rnd.uniform(30, 95) for c in "ab"}
        item = Evaluation(raw, content=" ".join([*text, suffix]))
        items.append(item.correct(i + 1, **{
            c: min(100, max(0, raw[f"crit_{c}"] * 0.7 - 20 * sorry
                            + rnd.gauss(5, 6))) for c in "ab"}))
    return items


def job(folder, items=None, **config):
    return Job(folder, talk(150) if items is None else items,
               **{"criteria": "ab", "validation_split": 0.2, **config})


@pytest.fixture
def whole(tmp_path):
    """A training of 40 epochs that nobody disturbs, and its folder's maker."""
    items = talk(400, words=120)

    def make(name):
        return job(tmp_path / name, items, early_stopping=False,
                   max_epochs=40)

    run = make("whole").run()
    assert run.status == 0
    return run, make


def test_events_of_a_training_in_order(tmp_path):
    run = job(tmp_path, early_stopping=False, max_epochs=7).run()
    assert run.status == 0 and run.stderr == ""
    assert [e["event_type"] for e in run.events] == [
        "training_start", *["step_complete"] * 7, "eval_complete",
        "training_end"]
    known = {"event_type", "message", "level", "metrics", "data",
             "artifacts", "error"}
    assert all(set(e) <= known for e in run.events)
    assert run.one("training_start")["data"]["phase"] == "training"
    assert run.one("eval_complete")["data"]["phase"] == "validating"
    end = run.one("training_end")
    assert end["data"]["phase"] == "validating"
    assert end["data"]["labels"] == 300 and end["data"]["epochs"] == 7
    steps = run.of("step_complete")
    for number, event in enumerate(steps, 1):
        assert event["data"] == {"step": number, "phase": "training"}
        assert set(event["metrics"]) == {"steps", "train/mae",
                                         "learning_rate"}
        assert event["metrics"]["steps"] == [number]
        assert event["metrics"]["learning_rate"] == [0.001]
    for name, values in end["metrics"].items():
        assert values == [e["metrics"][name][0] for e in steps]
    assert end["metrics"]["train/mae"][-1] < end["metrics"]["train/mae"][0]


def test_early_stopping_is_watched_and_ends_training(tmp_path):
    run = job(tmp_path, early_stopping=True, max_epochs=1000).run()
    end = run.one("training_end")
    watched = end["metrics"]["eval/mae"]
    assert 5 <= len(watched) == end["data"]["epochs"] < 200
    assert watched.index(min(watched)) + 1 == end["data"]["best_epoch"]
    best = watched[:-5]
    assert min(best, default=1e9) - 0.01 <= min(watched[-5:])


def test_without_watched_labels_all_epochs_run(tmp_path):
    items = [e for e in talk(80)
             if not 0.2 <= split_u("jdg_test", e.key) < 0.3]
    run = job(tmp_path, items, early_stopping=True, max_epochs=9).run()
    assert run.one("training_end")["data"]["epochs"] == 9
    assert "eval/mae" not in run.of("step_complete")[0]["metrics"]


def test_the_same_training_makes_the_same_bytes(tmp_path):
    items = talk(120)
    first = job(tmp_path / "a", items)
    again = job(tmp_path / "b", items)
    again.spec["job_id"] = "train_job_11111111111111111111111111"
    other = job(tmp_path / "c", items, seed=1)
    model = first.run().model
    assert again.run("-c", "0").model == model
    assert other.run().model != model


def kill_after(child, events):
    """Kills when so many events have come; the last checkpoint, if any."""
    lines = list(itertools.islice(child.stdout, events))
    child.kill()
    # It may have gone on meanwhile and removed what was the last by then.
    lines += child.stdout.readlines()
    child.communicate(timeout=PATIENCE)
    checkpoint = ""
    for line in lines:
        if line.endswith("\n"):
            checkpoint = json.loads(line).get("artifacts", {}).get(
                "latest_checkpoint", checkpoint)
    return checkpoint


def test_killed_anywhere_it_resumes_to_the_same_bytes(whole):
    undisturbed, make = whole
    rnd = random.Random(20)
    resumed_late = 0
    for trial in range(20):
        victim = make(f"victim{trial}")
        checkpoint = ""
        # One to three deaths, each after a number of events of its own.
        for _ in range(rnd.randint(1, 3)):
            child = victim.start("-c", "0", resume=checkpoint)
            checkpoint = kill_after(child, rnd.randint(1, 60)) or checkpoint
        run = victim.run("-c", "0", resume=checkpoint)
        assert run.status == 0
        assert run.model == undisturbed.model
        assert run.one("training_end")["metrics"] == \
            undisturbed.one("training_end")["metrics"]
        assert run.results == undisturbed.results
        resumed_late += len(run.of("step_complete")) < 40
    # Otherwise nothing was tested: most went on from a checkpoint.
    assert resumed_late >= 10


def unbuffered_line(file):
    """No more is taken out of the pipe."""
    return b"".join(iter(lambda: os.read(file.fileno(), 1), b"\n"))


def test_sigterm_finishes_the_epoch_and_saves(whole, monkeypatch):
    undisturbed, make = whole
    victim = make("stopped")
    # Its pipe is full before its last epoch: it waits for the signal.
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", functools.partial(
            subprocess.Popen, pipesize=4096))
        child = victim.start("-c", "86400")
    lines = [json.loads(unbuffered_line(child.stdout)) for _ in range(4)]
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=PATIENCE)
    lines += [json.loads(line) for line in out.splitlines()]
    assert child.returncode == 75 and err == ""
    saved = lines[-1]
    assert saved["event_type"] == "checkpoint_saved"
    assert lines[-2]["event_type"] == "step_complete"
    assert saved["data"]["step"] == lines[-2]["data"]["step"] < 40
    run = victim.run(resume=saved["artifacts"]["latest_checkpoint"])
    assert run.of("step_complete")[0]["data"]["step"] == \
        saved["data"]["step"] + 1
    assert run.model == undisturbed.model


def test_sigterm_while_reading_ends_without_an_event(tmp_path):
    reader = job(tmp_path, talk(10))
    with open(reader.spec["data"]) as file:
        lines = file.readlines()
    os.unlink(reader.spec["data"])
    os.mkfifo(reader.spec["data"])
    child = reader.start()
    # the end of `with` writes what is left: that may be too late as well
    with contextlib.suppress(BrokenPipeError), \
            open(reader.spec["data"], "w") as fifo:
        fifo.write(lines[0])
        fifo.flush()
        child.send_signal(signal.SIGTERM)
        fifo.writelines(lines[1:])
    out, _ = child.communicate(timeout=PATIENCE)
    assert child.returncode == 75 and out == ""


def test_old_checkpoints_are_removed(tmp_path):
    run = job(tmp_path, early_stopping=False, max_epochs=9).run("-c", "0")
    assert len(run.of("checkpoint_saved")) == 8
    assert sorted(p.name for p in tmp_path.glob("checkpoint-*")) == [
        "checkpoint-0007", "checkpoint-0008"]
    last = run.of("checkpoint_saved")[-1]
    assert last["artifacts"] == {
        "latest_checkpoint": str(tmp_path / "checkpoint-0008")}
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize("damage", ["absent", "torn", "flipped", "foreign"])
def test_a_useless_checkpoint_is_told_and_ignored(tmp_path, damage):
    items = talk(60)
    plain = job(tmp_path / "plain", items).run()
    path = tmp_path / "checkpoint"
    stopped = job(tmp_path / "stopped", items,
                  seed=1 if damage == "foreign" else 0)
    kept = stopped.run("-c", "0").of("checkpoint_saved")[-1]
    with open(kept["artifacts"]["latest_checkpoint"], "rb") as file:
        data = bytearray(file.read())
    if damage == "torn":
        del data[len(data) // 2:]
    elif damage == "flipped":
        data[len(data) // 2] ^= 1
    if damage != "absent":
        path.write_bytes(data)
    run = job(tmp_path / "resumed", items).run(resume=path)
    assert run.status == 0
    assert "checkpoint not used" in run.stderr
    assert run.model == plain.model


SPOILT_JOBS = {
    "schema_version": "2", "judge_id": 7, "training_type": "guess",
    "criteria": [], "content_type": None, "data": None,
    "base_model": "/nonexistent/model", "active_model": "/nonexistent/model",
    "training_config": {"learning_rate": 0},
    "base": {"seen_split": 2},
}


@pytest.mark.parametrize("key", SPOILT_JOBS)
def test_a_spoilt_job_file_is_an_error(tmp_path, key):
    spoilt = job(tmp_path, talk(10))
    spoilt.spec[key] = SPOILT_JOBS[key]
    run = spoilt.run()
    assert run.failure()
    assert [e["event_type"] for e in run.events] == ["training_error"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}'])
def test_a_job_file_must_be_an_object(tmp_path, text):
    path = tmp_path / "job.json"
    path.write_text(text)
    done = subprocess.run(
        [PROGRAM], capture_output=True, text=True, timeout=PATIENCE,
        env={"TRAINYARD_JOB": str(path), "TRAINYARD_WORKDIR": str(tmp_path)})
    assert done.returncode == 1
    assert json.loads(done.stdout)["event_type"] == "training_error"


SPOILT_LINES = {
    "not JSON": lambda line: "{",
    "not an object": lambda line: "[]",
    "no group": lambda line: {**line, "group_key": None},
    "another u": lambda line: {**line, "u": line["u"] / 2},
    "score as text": lambda line: {**line, "raw": {"crit_a": "9"}},
    "score off the scale": lambda line: {**line, "raw": {"crit_a": 101}},
    "entry without number": lambda line: {
        **line, "feedback": [{"type": "comment"}]},
    "unknown entry": lambda line: {
        **line, "feedback": [{"number": 1, "type": "applause"}]},
}


@pytest.mark.parametrize("how", SPOILT_LINES)
def test_a_spoilt_evaluation_is_named_by_its_line(tmp_path, how):
    items = talk(10)
    items[6].content = SECRET
    items[6].key = items[5].key
    spoilt = job(tmp_path, items)
    with open(spoilt.spec["data"]) as file:
        lines = file.readlines()
    line = SPOILT_LINES[how](json.loads(lines[6]))
    lines[6] = line if isinstance(line, str) else json.dumps(line)
    lines[6] += "\n"
    with open(spoilt.spec["data"], "w") as file:
        file.writelines(lines)
    run = spoilt.run()
    assert run.failure().startswith("evaluations line 7: ")
    assert SECRET not in run.stderr + json.dumps(run.events)


def test_a_spoilt_repeat_is_an_error(tmp_path):
    spoilt = job(tmp_path, talk(30))
    path = tmp_path / "repeats"
    path.write_text('{"group_key": "a", "raw": {"crit_a": 5}}\n7\n')
    spoilt.spec["consistency"] = str(path)
    assert spoilt.run().failure() == "consistency line 2: not a JSON object"


def test_a_model_that_cannot_be_written_is_an_error(tmp_path):
    items = talk(30)
    blocked = job(tmp_path, items)
    # A folder stands where the model should: root may write anywhere else.
    (tmp_path / "model.tyj").mkdir()
    assert blocked.run().failure().startswith("could not write the model")
    assert not list(tmp_path.glob("*.tmp"))


def test_a_damaged_base_model_is_refused(tmp_path):
    items = talk(60)
    path = tmp_path / "base"
    data = bytearray(job(tmp_path / "first", items).run().model)
    data[-1] ^= 1
    path.write_bytes(data)
    second = job(tmp_path / "second", items, training_type="incremental")
    second.spec["base_model"] = str(path)
    assert second.run().failure() == ("the model of the base version cannot be "
                                    "used: the checksum does not match")


def test_nothing_to_learn_from_is_insufficient_feedback(tmp_path):
    held = [e for e in talk(80) if split_u("jdg_test", e.key) < 0.2]
    run = job(tmp_path / "held", held).run()
    assert run.failure("insufficient_feedback_error")
    silent = talk(20)
    for item in silent:
        item.feedback = []
        item.say(1, type="comment")
    run = job(tmp_path / "silent", silent).run()
    assert run.failure("insufficient_feedback_error")


def test_wrong_usage_prints_no_event(tmp_path):
    env = {"TRAINYARD_JOB": "x", "TRAINYARD_WORKDIR": str(tmp_path)}
    for args, given in (([], {}), (["-c", "soon"], env), (["-x"], env),
                        (["more"], env), (["-c", "-1"], env)):
        done = subprocess.run([PROGRAM, *args], env=given, text=True,
                              capture_output=True, timeout=PATIENCE)
        assert done.returncode == 64
        assert done.stdout == "" and "usage: trainyard-judge" in done.stderr


def test_content_is_never_printed(tmp_path):
    run = job(tmp_path, talk(60, suffix=SECRET)).run("-c", "0")
    assert run.status == 0
    assert SECRET not in json.dumps(run.events) + run.stderr


def test_nobody_listening_ends_the_program(tmp_path):
    child = job(tmp_path, talk(60)).start()
    child.stdout.close()
    assert child.wait(timeout=PATIENCE) != 0
    child.stderr.close()
