# SPDX-License-Identifier: BSD-2-Clause
"""Judge versions with a model, without a job."""
import hashlib
import os
import pathlib

from judge_job import Evaluation, Job
from judges import judge_row


def make_model(folder):
    """What the trainer makes of a judge that gives 20 points too many."""
    items = [Evaluation({"crit_clarity": 40 + i % 50, "crit_accuracy": 50},
                        ref=f"item-{i}").correct(
                            i + 1, clarity=20 + i % 50, accuracy=50)
             for i in range(60)]
    run = Job(folder, items, criteria=("clarity", "accuracy"),
              validation_split=0, early_stopping=False).run()
    assert run.status == 0, run.stderr
    return run.model


def put_blob(stack, model):
    """The model's bytes where the responder looks for them."""
    digest = hashlib.sha256(model).hexdigest()
    blob = pathlib.Path(stack.data) / "blobs" / digest[:2] / digest[2:]
    blob.parent.mkdir(mode=0o755, exist_ok=True)
    blob.write_bytes(model)
    os.chmod(blob, 0o644)
    return digest, blob


def add_version(stack, db, judge, model, status="active"):
    """A version with this model, as a job would make it; its number."""
    digest, _ = put_blob(stack, model)
    workspace, uuid = judge_row(db, judge)
    with db.cursor() as cur:
        cur.execute("select last_version from trainyard.judge where id = %s",
                    (uuid,))
        number = cur.fetchone()[0] + 1
        if status == "active":
            cur.execute("update trainyard.judge_version"
                        " set status = 'deployed' where judge_id = %s"
                        " and status = 'active'", (uuid,))
        cur.execute(
            "insert into trainyard.judge_version (workspace_id, judge_id,"
            " number, id, status, name, description, changes_summary,"
            " created_by, base_version, model_sha256) select workspace_id,"
            " judge_id, %s, gen_random_uuid(), %s, name, description,"
            " 's', created_by, 1, decode(%s, 'hex')"
            " from trainyard.judge_version"
            " where judge_id = %s and number = 1",
            (number, status, digest, uuid))
        cur.execute(
            "insert into trainyard.criterion (workspace_id, judge_id,"
            " version, position, id, name, weight) select workspace_id,"
            " judge_id, %s, position, id, name || ' II', weight"
            " from trainyard.criterion where judge_id = %s"
            " and version = 1", (number, uuid))
        cur.execute("insert into trainyard.judge_version_use (workspace_id,"
                    " judge_id, version) values (%s, %s, %s)",
                    (workspace, uuid, number))
        cur.execute("update trainyard.judge set last_version = %s"
                    " where id = %s", (number, uuid))
        if status == "active":
            cur.execute("update trainyard.judge set active_version = %s,"
                        " is_trained = true where id = %s", (number, uuid))
    return number
