# SPDX-License-Identifier: BSD-2-Clause
"""A runner that does what the job's config says: "steps", one after another.

Gates are named pipes: the runner and the test meet there, nobody sleeps.
"""
import json
import os
import signal
import subprocess
import sys
import time


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def meet(path):
    """Tells the test that it is here, and waits to be let on."""
    with open(path + ".here", "w") as here:
        here.write("here")
    with open(path + ".go") as go:
        go.read()


def run(step, job):
    (word, arg), = step.items()
    if word == "event":
        say(json.dumps(arg) + "\n")
    elif word == "print":
        say(arg)
    elif word == "long":
        say("x" * arg + "\n")
    elif word == "stderr":
        os.write(2, arg.encode())
    elif word == "bytes":
        os.write(1, bytes.fromhex(arg))
    elif word == "gate":
        meet(arg)
    elif word == "work":
        time.sleep(arg)
    elif word == "exit":
        sys.exit(arg)
    elif word == "signal":
        os.kill(os.getpid(), arg)
    elif word == "ignore":
        signal.signal(arg, signal.SIG_IGN)
    elif word == "on_term":
        # leaves with this status, as after writing a checkpoint
        signal.signal(signal.SIGTERM, lambda *_: os._exit(arg))
    elif word == "checkpoint":
        path = os.path.join(os.environ["TRAINYARD_WORKDIR"], arg)
        with open(path, "w") as f:
            f.write("state")
        say(json.dumps({"event_type": "checkpoint_saved",
                        "artifacts": {"latest_checkpoint": path}}) + "\n")
    elif word == "child":
        # one that leaves the group and would like to stay
        subprocess.Popen(["sleep", "600"], start_new_session=arg)
    elif word == "tell":
        # what the runner was given, as metrics' data
        say(json.dumps({"event_type": "eval_complete", "message": "told",
                        "data": {"env": dict(os.environ), "job": job,
                                 "cwd": os.getcwd(),
                                 "resume": os.environ["TRAINYARD_RESUME"]}})
            + "\n")
    elif word == "on_attempt":
        if os.environ["TRAINYARD_ATTEMPT"] == str(arg["number"]):
            for one in arg["steps"]:
                run(one, job)
    else:
        raise ValueError(word)


def main():
    with open(os.environ["TRAINYARD_JOB"]) as f:
        job = json.load(f)
    for step in job["config"]["steps"]:
        run(step, job)


if __name__ == "__main__":
    main()
