# SPDX-License-Identifier: BSD-2-Clause
"""What each statement is asked when the tables are large.

CASES[name] is a list of parameter lists, each a call as the servers make it.
A function of the id's kind and number (see data.sql) stands for an id.
"""
import datetime
import itertools
import os

# As many rows as the large tables have, and of data.sql the distance between
# two jobs that wait.
ROWS = int(os.environ.get("GROWTH_ROWS", "60000"))
OPEN_EVERY = max(ROWS // 120 // 20, 1) * 20
MOST = 1000     # how far counts and offsets go: PAGE_REACH of millions
LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
FIRST = "00000000-0000-0000-0000-000000000000"
FUTURE = 4102444800000000


class Id:
    """growth.id(kind, number)."""

    def __init__(self, kind, number):
        self.kind, self.number = kind, number


def sha(n):
    """As data.sql makes them: of the number's text."""
    import hashlib
    return hashlib.sha256(str(n).encode()).hexdigest()


def at(n):
    """growth.at."""
    begin = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
    return (begin + datetime.timedelta(seconds=n)).isoformat()


def us(n):
    return 1735689600000000 + n * 1000000


def new(n):
    """An id that no row has."""
    return Id("new", n)


W = Id("workspace", 1)
ORG = Id("organization", 1)
ACCOUNT = Id("account", 1)
JUDGE = Id("judge", 1)
NOBODY = new(99)
JOB = Id("job", 11)           # hosted, completed
RUNNING = Id("job", OPEN_EVERY + 3)
QUEUED = Id("job", OPEN_EVERY + 1)
JUDGED = Id("job", 20)        # a judge's job
OPEN = ["queued", "claimed", "running"]
KINDS = ["tinker_sft", "tinker_rl", "ray_grpo"]
ARTIFACTS = ["capability", "dataset", "trajectory_dataset", "task", "model",
             "checkpoint", "other"]
STATUSES = ["pending", "delivering", "delivered", "failed", "stopped"]
EVENTS = ["training.job." + s for s in (
    "queued", "preparing", "training", "validating", "completed", "failed",
    "cancelled")] + ["judge.version.deployed"]

CASES = {}
# What must be so before a statement, for triggers and keys to let it pass.
BEFORE = {
    "judge_change": "update trainyard.judge_version set status = 'deployed'"
                    " where status = 'active'",
    "result_criteria": "delete from trainyard.criterion where version = 100;"
                       " delete from trainyard.judge_version_use"
                       " where version = 100",
    "execution_start": "update trainyard.job set status = 'created',"
                       " completed_at = null"
                       " where id = growth.id('job', 20)",
}
# as many pieces as there were reports
BEFORE["series_trim"] = (
    "insert into trainyard.job_series (workspace_id, job_id, attempt, key,"
    " points) select growth.id('workspace', 1), growth.id('job', %d), 1,"
    " 'loss', '[1]' from generate_series(1, 2000)" % (OPEN_EVERY + 3))
BEFORE["version_deploy"] = BEFORE["result_version"] = BEFORE["judge_change"]


def ask(names, *cases):
    for name in names.split():
        CASES.setdefault(name, []).extend(list(c) for c in cases)


# Any program, access: few rows whatever happens -------------------------
ask("blob_unnamed", [[sha(7), sha("nothing")]])
ask("job_token_find", [W, RUNNING, 1, sha(OPEN_EVERY + 3)])
ask("job_token_alive job_token_hold", [W, RUNNING, 1])
ask("idem_find", [ACCOUNT, "/p", "k100"], [ACCOUNT, "/p", "none"])
ask("idem_insert", [ACCOUNT, "/p", "new", sha(0), 201, None, "{}"])

# Audit: every filter, with one that has many rows and one that has none --
for actor, action, target, request in itertools.product(
        (None, "u3", "nobody"), (None, "job.a3", "nothing"),
        (None, "t4", "nothing"), (None, "req_8", "nothing")):
    row = [W, actor, action, target, request, 0, FUTURE, 2 ** 62, 50]
    if request:
        ask("audit_by_request", row)
    elif target:
        ask("audit_by_target", row)
    elif actor and action:
        ask("audit_by_both", row)
    elif action:
        ask("audit_by_action", row)
    elif actor:
        ask("audit_by_actor", row)
    else:
        ask("audit_newest", row)
ask("audit_of_organization",
    [ORG, None, None, None, None, 0, FUTURE, 2 ** 62, 50])

# Hosted jobs ------------------------------------------------------------
SFT = [[new(1)], [W], [ORG], ["tinker_sft"], [60], [ACCOUNT], ["{}"], ["n"],
       ["m"], [None], [None], [None], ["{}"], [Id("artifact", 3)], ["cap"],
       ["1"], [sha(3)], ["[]"], ['["careful"]'], ["req"]]
ask("job_create_hosted", SFT + [[None]] * 5,
    SFT + [["/p"], ["new"], [sha(0)], ["/l"], ["{}"]])
ask("job_get_hosted", [["a"], [W], [JOB], [-1]],
    [["a"], [W], [JOB], [None]], [["a", "b"], [W, W], [JOB, JOB], [-1, 1]])
for flt in (
        {}, {2: "failed", 1: []}, {1: ["queued"], 2: ""},
        {3: ["tinker_rl"], 4: "tinker_rl"},
        {3: KINDS[:2], 4: KINDS[0], 5: KINDS[1]},
        {6: "p3"}, {6: "none"}, {9: "m7"}, {9: "none"},
        {7: ["nightly"]}, {7: ["exp-10"]}, {7: ["gold"]}, {7: ["none"]},
        {7: ["nightly", "exp-10"]},
        {8: "run"}, {8: "golden"}, {8: "GOLDEN 3"}, {8: "none of them"},
        {10: at(100), 11: at(200)}):
    head = [W] + [flt.get(i) for i in range(1, 12)]
    # a page begins at the bound of its own order: store_page_begin()
    ask("job_newest", head + [20, 0] + (
        [flt[11], FIRST] if 11 in flt else ["infinity", LAST]))
    ask("job_oldest", head + [20, 0] + (
        [flt[10], FIRST] if 10 in flt else ["-infinity", FIRST]))
    ask("job_last_changed", head + [20, 0, "infinity", LAST])
    ask("job_first_changed", head + [20, 0, "-infinity", FIRST])
    ask("job_count_hosted", head + [MOST])
ask("job_newest", [W] + [None] * 11 + [20, MOST, "infinity", LAST])
ask("job_read_hosted", [W, [Id("job", 11), Id("job", 12)]])
ask("job_lock job_standing", [W, JOB, "hosted"])
ask("job_cancel", [W, QUEUED, True, "u", None], [W, RUNNING, False, "u", None])
ask("job_retry", [W, Id("job", 7), None, "u", None])
ask("job_attempts", [W, JOB, 100, "hosted"])
ask("job_artifacts", [W, JOB])
ask("job_events", [W, JOB, 0, 100, at(-86400), at(86400)])
ask("job_count_queued", [W, MOST])
ask("attempt_verdict", [W, JOB, 1], [W, JOB, None])
ask("attempt_noted", [W, ORG, "u", JOB, "job.complete", None])
ask("log_page", [W, JOB, 0, 100, 0, None, 1000000, at(-86400), at(86400)],
    [W, JOB, 0, 100, 0, None, 1000000, "-infinity", "infinity"])
ask("metric_page", [W, JOB, 1, 0, 100, 1000000])

# Artifacts --------------------------------------------------------------
ask("artifact_resolve", [W, W, ["dataset", "model"], "qx-golden3", None],
    [W, W, ["dataset"], "none", "1"])
ask("artifact_get", [W, "dataset", "none", "latest"],
    [W, "dataset", "none", "1"])
ask("artifact_read", [W, [Id("artifact", 3), Id("artifact", 4)]])
ask("artifact_insert", [W, new(1), "other", "new", "1", "text/plain", 1,
                        sha("new"), None, None, ACCOUNT, ORG, None, None])
ask("artifact_room", [W, "dataset", "none", "1"])
ask("artifact_newest", [W, LAST, 50, 0, MOST], [W, LAST, 50, MOST, MOST])
ask("artifact_of_kind", [W, "dataset", LAST, 50, 0, MOST],
    [W, "other", LAST, 50, 0, MOST])
for kinds in (ARTIFACTS, ["dataset"]):
    ask("artifact_of_name", [W, kinds, "qx-golden3", LAST, 50, 0, MOST])
    ask("artifact_of_version", [W, kinds, "v7.7", LAST, 50, 0, MOST])
    ask("artifact_exact", [W, kinds, "qx-golden3", "v3.3", LAST, 50, 0])
    for part in ("qx-golden", "nothing-like-it", "3f4"):
        ask("artifact_of_part",
            [W, kinds, None, f"%{part}%", LAST, 50, 0, MOST])
    for part in ("qx", "x", "zz", "3f", "3"):
        ask("artifact_of_short", [W, kinds, None, part, LAST, 50, 0, MOST])
for part in ("a", "3f"):
    ask("artifact_of_part_newest",
        [W, None, None, f"%{part}%", LAST, 50, 0])

# Judges -----------------------------------------------------------------
ask("judge_create", [W, new(1), "jdg_new", "text", ACCOUNT, new(2), "n", "d",
                     "s", ["crit_1"], ["c"], [None], [1], ORG, None])
ask("judge_find judge_lock feedback_marked judge_basis", [W, "jdg_1"])
ask("judge_read", [W, [JUDGE], None], [W, None, "jdg_1"])
for archived, status in itertools.product(
        (False, True), (None, "training", "ready", "learning")):
    head = [W, archived, None, status, None]
    ask("judge_newest", head + [20, 0, FUTURE, LAST])
    ask("judge_oldest", head + [20, 0, 0, FIRST])
    ask("judge_count", head + [MOST])
for down, status in itertools.product((False, True), (None, "training")):
    ask("judge_by_name", [W, False, None, status, None, 20, 0, down])
ask("version_page", [W, JUDGE, None, 20, 0, 2 ** 31 - 1])
ask("version_count", [W, JUDGE, None, MOST])
ask("version_criteria document_criteria version_read", [W, JUDGE, 1])
ask("judge_shelve", [W, JUDGE, True, ACCOUNT, ORG, None])
ask("version_retire", [W, JUDGE])
ask("version_deploy", [W, JUDGE, 2, "deploy", None, ACCOUNT, ORG, None])
ask("version_deployments", [W, JUDGE, 1, 100, None])
ask("policy_get", [W, JUDGE])
ask("policy_wake policy_facts policy_hold", [W, JUDGE])
ask("policy_due", [100])
ask("policy_defer", [W, JUDGE, 60])
ask("policy_fire", [W, JUDGE, "jdg_1", ORG, new(1), new(2), new(3), ACCOUNT,
                    0, 60, "{}", "{}", 1, 1, 1, 5, 1, 0, 0, 0, 0, None, None,
                    60])
ask("policy_put", [W, JUDGE, True, 10, 1, False, ACCOUNT, ORG, None])

# Evaluations and feedback -----------------------------------------------
ONE = [[new(1)], [W], [JUDGE], [1], ["text"], [None], [None], [None], [None],
       ['{"crit_1": 1}'], ['{"crit_1": 1}'], [1], [1], ["g"], [0.5], [0.1],
       [ACCOUNT]]
ask("evaluation_create", ONE + [[None]] * 5 + [[ORG], [None]])
ask("evaluation_batch_create",
    [W, new(2), JUDGE, 1, None, 1, ACCOUNT, [new(1)], ["text"], [None],
     [None], [None], [None], ['{"crit_1": 1}'], ['{"crit_1": 1}'], [1], [1],
     ["g"], [0.5], [0.1], ORG, None])
ask("evaluation_get", [W, Id("evaluation", 11), True])
for name, flt in {
        "newest": {}, "of_judge": {1: JUDGE}, "of_batch": {2: Id("batch", 3)},
        "of_external": {3: "ext-3"}, "of_content": {4: "ref:3"}}.items():
    for bound in ({}, {5: us(100)}):
        head = [W] + [(flt | bound).get(i) for i in range(1, 5)] + [
            bound.get(5, 0), FUTURE]
        ask("evaluation_" + name, head + [LAST, 50, 0])
        ask(f"evaluation_{name}_count", head + [MOST])
ask("evaluation_read", [W, [Id("evaluation", 11)]])
ask("batch_find", [W, Id("batch", 3)])
ask("feedback_targets", [W, [Id("evaluation", 11)]])
ask("feedback_take", [W, JUDGE, 1, 0, 0, 0, 0])
ask("feedback_touch", [W, JUDGE, [sha("new")], ["{crit_1}"], [1], [0], [0],
                       [0], [0]])
ask("feedback_insert",
    [W, None, [JUDGE], [2 ** 40], [new(1)], [Id("evaluation", 10)], [1],
     [None], ["rating"], [None], [3], [None], [None], [None], ["{crit_1}"],
     ["u"], [1], [2 ** 40], [0], [0], [0], [0], [0], [0], [0], [0], [0], ORG,
     ACCOUNT, None])
ask("feedback_context", [W, Id("evaluation", 11)])
ask("feedback_of", [W, Id("evaluation", 11), None, 50, 0, 0])
for name, flt in {
        "newest": {}, "of_type": {4: "rating"}, "of_judge": {1: JUDGE},
        "of_judge_type": {1: JUDGE, 4: "rating"},
        "of_judge_person": {1: JUDGE, 6: "u11"}, "by_person": {6: "u11"},
        "of_batch": {3: Id("batch", 3)},
        "of_evaluation": {2: Id("evaluation", 11)},
        "on_criterion": {5: "crit_2"}}.items():
    head = [W] + [flt.get(i) for i in range(1, 7)] + [0, 0, 2 ** 62, FUTURE]
    ask("feedback_" + name, head + [LAST, 50, 0])
    ask(f"feedback_{name}_count", head + [MOST])
ask("feedback_read", [W, [Id("feedback", 11)]])
ask("feedback_since", [W, JUDGE, at(50)])
ask("feedback_end", [W, JUDGE, 5])
ask("feedback_shares", [W, JUDGE, 5, 100, ["crit_1", "crit_2"]])

# Judge jobs -------------------------------------------------------------
ask("judge_work", [20])
ask("job_create_judge",
    [[new(1)], [W], [ORG], ["created"], [0], [60], [ACCOUNT], ["{}"],
     [JUDGE], ["incremental"], ["{}"], [None], [None], [None], [1], [1], [1],
     [5], [None], [1], [0], [0], [0], [0], [None], [None], [None], [None],
     [None], [None], [None], [None], [None], [None]])
ask("job_report_get", [W, JUDGED])
ask("result_report", [W, Id("job", 60), sha("new"), sha("new")])
ask("job_get_judge document_judge result_facts judge_job_slot", [W, JUDGED])
for flt in ({}, {1: "jdg_3"}, {1: "jdg_none"}, {2: "completed"},
            {2: "failed"}, {3: "validation"}, {4: at(100), 5: at(200)}):
    head = [W] + [flt.get(i) for i in range(1, 6)]
    # a page begins at the bound of its own order: store_page_begin()
    newest = [flt[5], FIRST] if 5 in flt else ["infinity", LAST]
    ask("judge_job_newest", head + [20, 0] + newest)
    run = head[:3] + ["manual" if head[3] else None] + head[4:]
    ask("run_page", run + [20, 0] + newest)
    ask("run_count", run + [MOST])
    ask("judge_job_oldest", head + [20, 0] + (
        [flt[4], FIRST] if 4 in flt else ["-infinity", FIRST]))
    ask("judge_job_last_done judge_job_first_done judge_job_most_done "
        "judge_job_least_done", head + [20, 0])
    ask("judge_job_count", head + [MOST])
ask("judge_job_read", [W, [JUDGED]])
ask("execution_get", [W, JUDGED, MOST, at(-86400), "infinity"])
ask("execution_start", [W, JUDGED, new(1), "u", None, "{}", "{}", 0, 60, None,
                        None, 1, None, None])
ask("run_find", [W, Id("run", 40)])

# Deliveries -------------------------------------------------------------
for job, run, statuses, events in (
        (None, None, STATUSES, EVENTS), (Id("job", 20), None, STATUSES, EVENTS),
        (None, Id("run", 20), STATUSES, EVENTS),
        (None, None, ["pending"], EVENTS), (None, None, STATUSES, EVENTS[:1])):
    every = statuses == STATUSES and events == EVENTS
    ask("outbox_page", [W, job, run, statuses, events, every, LAST, 50, 0])
    ask("outbox_count", [W, job, run, statuses, events, every, MOST])
ask("outbox_read", [W, [Id("outbox", 20)], 5])
ask("outbox_redeliver", [W, Id("outbox", 20), ORG, "u", None])

# Runners and the dispatcher ---------------------------------------------
REPORT = [[RUNNING], [W], [1], ["hosted"], [60], [None], [None], [None],
          [None], ["{1}"], ["{line}"], ["{NULL}"], ["{progress}"], ["{1}"],
          ['{"{}"}'], ["{}"], ["{loss}"], ['{"[[1, 1]]"}'], ["{}"], ["{}"],
          ["{}"], [None], [None], [None], [True], [True]]
ask("attempt_report", REPORT + [[False]], REPORT + [[True]])
END = [[W], [RUNNING], [1], ["completed"], [None], [None], [None], [None],
       [None], [1], [None], [None], [None]]
ask("attempt_finish", END)
ask("series_trim", [W, RUNNING, 1, 1000])
ask("document_hosted document_artifacts", [W, JOB])
RANGES = [[k for k in [*KINDS, "judge"] for _ in range(3)], [1, 0, -1] * 4]
ask("job_claim", RANGES + [[0] * 12, 50, "w", "local", 60])
ask("attempt_resume", [W, RUNNING, 1])
ask("attempt_beat", [[W], [RUNNING], [1], 60])
ask("attempt_token", [W, RUNNING, 1, sha("new")])
ask("attempt_handle", [W, RUNNING, 1, "h"])
ask("attempt_lose", [[W], [RUNNING], [1], "gone", 1, False])
ask("load_kinds", [[*KINDS, "judge"], MOST])
ask("load_outbox", [MOST])
ask("attempt_heard", [W, RUNNING, 1])
ask("attempt_expired", [100])
ask("attempt_state", [W, RUNNING, 1])
ask("attempt_mine", ["w3"])
ask("attempt_current", [[W], [RUNNING], [1]])
ask("document_entries", [W, JUDGE, 1, 100000, None, 0, 100],
    [W, JUDGE, 1, 100000, [1], 0, 100])
ask("document_repeats", [W, JUDGE, None, 500],
    [W, JUDGE, Id("evaluation", 10), 500])
ask("document_contents", [W, [Id("evaluation", 11)]])
ask("result_lock", [W, JUDGED, 1])
ask("result_retire", [W, JUDGE, "deployed"])
ask("result_version", [W, JUDGE, 1000, new(1), "draft", sha("new"), 1, JUDGED,
                       1, 1, 0.5, 1, "{}", "s", ACCOUNT])
ask("judge_change", [W, Id("judge", 3), new(1), "n", "d", "s", ACCOUNT,
                     ["crit_1"], ["c"], [None], [1], [False], ORG, None])
ask("result_criteria", [W, JUDGE, 1, 100, JUDGED])
ask("result_deployment", [W, JUDGE, 2, ACCOUNT, "r", JUDGED])
ask("result_judge", [W, JUDGE, 101, False, None, JUDGED])
ask("result_job", [W, JUDGED, 1, "{}", None, None, None, 0, "m", "{}", False])
ask("outbox_claim", [32, 60, 4])
ask("outbox_job outbox_version outbox_run", [W, Id("outbox", 20)])
ask("outbox_sent", [W, Id("outbox", 20), 0, "delivered", 10, 1, 200, None,
                    None, None, "{}"])
ask("outbox_release", [W, Id("outbox", 20), 0])
ask("outbox_unsent", [W, Id("outbox", 20), 0, "m"])
ask("retain_outbox", [100000, 100], [1, 100])
ask("retain_partitions", ["job_log", 36500, 100], ["job_log", 0, 100],
    ["job_event", 36500, 100])
ask("statistics_keep", [])
ask("retain_metrics", [36500, FIRST, FIRST, 1000, 1000],
    [1, FIRST, FIRST, 1000, 1000], [1, LAST, LAST, 1000, 1000])
ask("retain_keys", [100])
ask("retain_jobs", [[W], [JOB], 30])
ask("load_kinds", [["judge", *KINDS], MOST])
ask("load_outbox", [MOST])

# The command: places and what they hold ---------------------------------
ask("cmd_audit_add", [W, ORG, "u", "a", "t"])
ask("cmd_audit_list", [None, 50], ["grown", 50])
ask("cmd_workspace_list", [None, None], ["grown", "w1"])
ask("cmd_job_list", [None, None, None, 50], [None, None, "failed", 50],
    [None, None, "queued", 50])
ask("cmd_job_show cmd_job_find", [JOB])
ask("cmd_artifact_list", [None, None, None, 50], [None, None, "other", 50])
ask("cmd_judge_list", [None, None, True, 50], ["grown", "w1", False, 50])
ask("cmd_judge_show", ["jdg_1"])
ask("cmd_judge_versions", [W, JUDGE])
ask("cmd_webhook_list", [None, STATUSES, EVENTS, 50])
ask("cmd_webhook_again", [Id("outbox", 20)])
ask("cmd_doctor_work", [])
