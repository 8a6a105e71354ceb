# SPDX-License-Identifier: BSD-2-Clause
"""Stands in for the judge trainer: its training_config tells what to say."""
import json
import os

from runner import meet, say


def event(kind, **rest):
    say(json.dumps({"event_type": kind, **rest}) + "\n")


def main():
    with open(os.environ["TRAINYARD_JOB"]) as f:
        job = json.load(f)
    config = job["training_config"]
    folder = os.environ["TRAINYARD_WORKDIR"]
    if "gate" in config:
        meet(config["gate"])
    if "failure" in config:
        text, kind = config["failure"]
        event("training_error", level="error", message=text, error=text,
              data={"error_type": kind})
        return
    validating = job["training_type"] == "validation"
    event("training_start", data={
        "phase": "validating" if validating else "training"})
    for n in range(1, config.get("epochs", 0) + 1):
        event("step_complete", metrics={"steps": [n]},
              data={"step": n, "phase": "training"})
        if n == 5 and "middle" in config:
            meet(config["middle"])
    if not validating:
        event("eval_complete", message="measuring",
              data={"phase": "validating"})
    data = {"phase": "validating"}
    results = config.get("results", {})
    if results is not None:
        data["validation_results"] = results
    artifacts = {}
    if not validating:
        path = os.path.join(folder, "model")
        with open(path, "w") as f:
            f.write("model")
        artifacts["model"] = os.path.join(folder, config.get("model", "model"))
    event("training_end", message="complete", data=data, artifacts=artifacts)


if __name__ == "__main__":
    main()
