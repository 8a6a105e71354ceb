# SPDX-License-Identifier: BSD-2-Clause
"""POST /training/jobs: what is refused, where it is wrong, what goes first."""
import json

import pytest

from idle_judges import Judges, make_token

CONFIG = ("body", "training_config")
OPTIONS = ("body", "execution_options")
URL = "must be an absolute https URL"
PAST = "must not be in the future"
TYPE = "does not apply to training_type"
MAIL = "must be one e-mail address"
SECRET = "0123456789abcdef"


def faults(reply):
    assert reply.status_code == 422, reply.text
    body = reply.json()
    assert body["type"] == "validation_error"
    return [(tuple(e["loc"]), e["type"], e["msg"]) for e in body["errors"]]


def post(judges, body):
    return judges.api.post("/training/jobs", json=body)


# -- single faults

BODIES = [
    ({}, [(("body", "judge_id"), "missing", "field required"),
          (("body", "training_type"), "missing", "field required"),
          (("body", "training_config"), "missing", "field required")]),
    ({"judge_id": None, "training_type": None, "training_config": None},
     [(("body", "judge_id"), "missing", "field required"),
      (("body", "training_type"), "missing", "field required"),
      (("body", "training_config"), "missing", "field required")]),
    ({"judge_id": 7, "training_type": "retrain", "training_config": []},
     [(("body", "judge_id"), "string_type", "must be a string"),
      (("body", "training_type"), "literal_error",
       'must be one of "incremental", "full_retrain", "fine_tune", '
       '"validation"'),
      (("body", "training_config"), "dict_type", "must be an object")]),
    ({"judge_id": "", "training_type": "validation", "training_config": {},
      "execution_options": 1, "execution_option": {}},
     [(("body", "judge_id"), "string_too_short",
       "must have at least 1 character"),
      (("body", "execution_options"), "dict_type", "must be an object"),
      (("body", "execution_option"), "extra_forbidden",
       'unknown field; did you mean "execution_options"?')]),
    ({"judge_id": "j" * 101, "training_type": "validation",
      "training_config": {"webhook": 1}},
     [(("body", "judge_id"), "string_too_long",
       "must have at most 100 characters"),
      ((*CONFIG, "webhook"), "extra_forbidden", "unknown field")]),
]


@pytest.mark.parametrize("body, want", BODIES)
def test_body_is_checked_whole(judges, body, want):
    assert faults(post(judges, body)) == want


@pytest.mark.parametrize("kind, name, value, type_, msg", [
    ("full_retrain", "feedback_cutoff_date", "2024-01-01T00:00:00",
     "datetime_parsing", "must be an RFC 3339 date-time"),
    ("full_retrain", "feedback_cutoff_date", "2024-02-30T00:00:00Z",
     "datetime_parsing", "must be an RFC 3339 date-time"),
    ("full_retrain", "feedback_cutoff_date", 1704067200, "string_type",
     "must be a string"),
    ("validation", "feedback_cutoff_date", "9999-12-31T23:59:59Z",
     "value_error", PAST),
    ("incremental", "minimum_feedback_count", 0, "greater_than_equal",
     "must be greater than or equal to 1"),
    ("validation", "minimum_feedback_count", 1000001, "less_than_equal",
     "must be less than or equal to 1000000"),
    ("incremental", "minimum_feedback_count", 1.5, "int_type",
     "must be an integer"),
    ("incremental", "minimum_feedback_count", "10", "int_type",
     "must be an integer"),
    ("incremental", "minimum_feedback_count", True, "int_type",
     "must be an integer"),
    ("incremental", "validation_split", -0.1, "greater_than_equal",
     "must be greater than or equal to 0"),
    ("incremental", "validation_split", 0.91, "less_than_equal",
     "must be less than or equal to 0.9"),
    ("validation", "validation_split", 0.2, "not_applicable",
     f'{TYPE} "validation"'),
    ("full_retrain", "learning_rate", 0, "greater_than",
     "must be greater than 0"),
    ("full_retrain", "learning_rate", 1.01, "less_than_equal",
     "must be less than or equal to 1"),
    ("validation", "learning_rate", 0.1, "not_applicable",
     f'{TYPE} "validation"'),
    ("full_retrain", "max_epochs", 0, "greater_than_equal",
     "must be greater than or equal to 1"),
    ("full_retrain", "max_epochs", 1001, "less_than_equal",
     "must be less than or equal to 1000"),
    ("validation", "max_epochs", 10, "not_applicable",
     f'{TYPE} "validation"'),
    ("full_retrain", "early_stopping", 1, "bool_type",
     "must be true or false"),
    ("validation", "early_stopping", True, "not_applicable",
     f'{TYPE} "validation"'),
    ("incremental", "optimize", "kappa", "literal_error",
     'must be one of "mae", "rmse", "qwk", "spearman"'),
    ("full_retrain", "optimize", 1, "string_type", "must be a string"),
    ("validation", "optimize", "mae", "not_applicable",
     f'{TYPE} "validation"'),
    ("incremental", "target_criteria", ["crit_clarity"], "not_applicable",
     f'{TYPE} "incremental"'),
    ("full_retrain", "target_criteria", ["crit_clarity"], "not_applicable",
     f'{TYPE} "full_retrain"'),
    ("fine_tune", "target_criteria", None, "missing", "field required"),
    ("fine_tune", "target_criteria", [], "too_short",
     "must have at least 1 item"),
    ("fine_tune", "target_criteria", ["crit_x"] * 51, "too_long",
     "must have at most 50 items"),
    ("fine_tune", "target_criteria", "crit_clarity", "list_type",
     "must be an array"),
    ("validation", "seed", -1, "greater_than_equal",
     "must be greater than or equal to 0"),
    ("incremental", "seed", 2147483648, "less_than_equal",
     "must be less than or equal to 2147483647"),
    ("incremental", "learning_rat", 0.1, "extra_forbidden",
     'unknown field; did you mean "learning_rate"?'),
    ("incremental", "lerning_rtae", 0.1, "extra_forbidden",
     'unknown field; did you mean "learning_rate"?'),
    ("incremental", "epochs", 3, "extra_forbidden", "unknown field"),
])
def test_config_is_checked(judges, enough, kind, name, value, type_, msg):
    got = faults(judges.create(enough, kind, {name: value}))
    if kind == "fine_tune":
        got = [fault for fault in got if fault[0][:3] == (*CONFIG, name)]
    assert got[0] == ((*CONFIG, name), type_, msg)
    assert kind == "fine_tune" or len(got) == 1


def test_target_named_twice_is_refused(judges, enough):
    assert faults(judges.create(enough, "fine_tune", {
        "target_criteria": ["crit_clarity", "crit_accuracy",
                            "crit_clarity"]})) == [
        ((*CONFIG, "target_criteria", 2), "value_error", "appears twice")]


@pytest.mark.parametrize("name, value, type_, msg", [
    ("priority", "urgent", "literal_error",
     'must be one of "low", "normal", "high"'),
    ("priority", 1, "string_type", "must be a string"),
    ("auto_deploy", "false", "bool_type", "must be true or false"),
    ("auto_start", 0, "bool_type", "must be true or false"),
    ("notification_email", "a@", "string_too_short",
     "must have at least 3 characters"),
    ("notification_email", "a" * 250 + "@b.de", "string_too_long",
     "must have at most 254 characters"),
    ("notification_email", "nobody", "value_error", MAIL),
    ("notification_email", "a@b@c", "value_error", MAIL),
    ("notification_email", "a b@c.example", "value_error", MAIL),
    ("notification_email", "A <a@b.example>", "value_error", MAIL),
    ("notification_email", "a@b.example\nBcc: c@d.example", "value_error",
     MAIL),
    ("webhook_url", "http://a.example/", "url_parsing", URL),
    ("webhook_url", "https://user@a.example/", "url_parsing", URL),
    ("webhook_url", "https://a.example/#x", "url_parsing", URL),
    ("webhook_url", "https://a.example:22/", "url_parsing", URL),
    ("webhook_url", "https://127.0.0.1/", "url_parsing", URL),
    ("webhook_url", "https://2130706433/", "url_parsing", URL),
    ("webhook_url", "https://169.254.169.254/", "url_parsing", URL),
    ("webhook_url", "https://[::ffff:10.0.0.1]/", "url_parsing", URL),
    ("webhook_url", "https://a.example/" + "x" * 2031, "string_too_long",
     "must have at most 2048 characters"),
    ("webhook_secret", "0123456789abcde", "string_too_short",
     "must have at least 16 characters"),
    ("webhook_secret", "x" * 256, "string_too_long",
     "must have at most 255 characters"),
    ("webhook_secret", "0123456789 abcdef", "value_error",
     "must be visible ASCII characters"),
    ("webhook_secret", "0123456789abcd\u00e9f", "value_error",
     "must be visible ASCII characters"),
    ("webhook_secret", SECRET, "value_error", "needs webhook_url"),
    ("timeout_seconds", 9, "greater_than_equal",
     "must be greater than or equal to 10"),
    ("timeout_seconds", 86401, "less_than_equal",
     "must be less than or equal to 86400"),
    ("prioriti", "low", "extra_forbidden",
     'unknown field; did you mean "priority"?'),
])
def test_options_are_checked(judges, enough, name, value, type_, msg):
    assert faults(judges.create(enough, options={name: value})) == [
        ((*OPTIONS, name), type_, msg)]


def test_validation_cannot_deploy(judges, enough):
    assert faults(judges.create(enough, "validation", options={
        "auto_deploy": True})) == [((*OPTIONS, "auto_deploy"),
                                    "not_applicable", f'{TYPE} "validation"')]
    reply = judges.create(enough, "validation", options={
        "auto_deploy": False, "backup_current_version": False,
        "require_improvement": False})
    assert reply.status_code == 201


def test_guarded_deploy_needs_a_held_out_part(judges, enough):
    split = {"validation_split": 0}
    dry = {"query": "?validate_only=true"}
    assert faults(judges.create(enough, config=split, options={
        "auto_deploy": True})) == [
            ((*CONFIG, "validation_split"), "value_error",
             "must be greater than 0 when auto_deploy and "
             "require_improvement are true")]
    for options in ({}, {"auto_deploy": True, "require_improvement": False}):
        assert judges.create(enough, config=split, options=options,
                             **dry).status_code == 200


def test_unknown_criteria_are_named_with_a_hint(judges, enough):
    got = faults(judges.create(enough, "fine_tune", {
        "target_criteria": ["crit_clarty", "crit_accuracy", "crit_x"]}))
    assert got == [
        ((*CONFIG, "target_criteria", 0), "unknown_criterion",
         f'unknown criterion "crit_clarty" of judge {enough}; '
         f'did you mean "crit_clarity"?'),
        ((*CONFIG, "target_criteria", 2), "unknown_criterion",
         f'unknown criterion "crit_x" of judge {enough}')]


def test_faults_stand_in_the_order_of_the_tables(judges, enough):
    reply = judges.create(
        enough, "fine_tune",
        {"zzz": 1, "seed": -1, "max_epochs": 0,
         "feedback_cutoff_date": "9999-01-01T00:00:00Z"},
        {"timeout_seconds": 1, "webhook_url": "http://a.example/",
         "notification_email": "nobody", "priority": "urgent", "aaa": 1})
    got = [loc[1:] for loc, _, _ in faults(reply)]
    assert got == [
        ("training_config", "feedback_cutoff_date"),
        ("training_config", "max_epochs"),
        ("training_config", "target_criteria"),
        ("training_config", "seed"), ("training_config", "zzz"),
        ("execution_options", "priority"),
        ("execution_options", "notification_email"),
        ("execution_options", "webhook_url"),
        ("execution_options", "timeout_seconds"),
        ("execution_options", "aaa")]
    assert reply.json()["detail"] == (
        f"training_config.feedback_cutoff_date: {PAST} (and 9 more)")


def test_key_twice_is_refused(judges, enough):
    body = ('{"judge_id": "%s", "training_type": "validation", '
            '"training_config": {"seed": 1, "seed": 2}}' % enough)
    reply = judges.api.post("/training/jobs", content=body)
    assert faults(reply) == [
        ((*CONFIG, "seed"), "duplicate_key", "key appears twice")]


@pytest.mark.parametrize("content, where", [
    (b"", 0), (b"{", 1), (b'{"judge_id": NaN}', 13),
    (b'\xef\xbb\xbf{}', 0), (b'{"judge_id": "\xff"}', 14)])
def test_what_is_no_json_is_told_with_its_place(judges, envelope, content,
                                                where):
    body = envelope(judges.api.post("/training/jobs", content=content), 400,
                    "invalid_request_error")
    assert body["errors"][0]["loc"] == ["body", where]
    assert body["errors"][0]["type"] == "json_invalid"


# -- what goes first

def kind_of(reply):
    return reply.status_code, reply.json()["type"]


VALIDATION = (422, "validation_error")
SHORT = (422, "insufficient_feedback_error")


@pytest.fixture(scope="module")
def archived(judges):
    key = judges.trained()
    judges.query("update trainyard.judge set archived_at = now()"
                 " where key = %s", key)
    return key


@pytest.fixture(scope="module")
def busy(judges):
    key = judges.trained()
    assert judges.create(key).status_code == 201
    return key


def test_shape_goes_before_rules_between_fields(judges, enough):
    got = faults(judges.create(enough, config={"seed": -1}, options={
        "webhook_secret": SECRET}))
    assert [loc for loc, _, _ in got] == [(*CONFIG, "seed")]


def test_rules_between_fields_go_before_the_judge(judges):
    assert kind_of(judges.create("jdg_nobody", options={
        "webhook_secret": SECRET})) == VALIDATION


def test_unknown_judge_goes_before_its_criteria(judges, envelope):
    body = envelope(judges.create("jdg_nobody", "fine_tune",
                                  {"target_criteria": ["crit_x"]}),
                    404, "not_found_error")
    assert body["detail"] == "no such judge: jdg_nobody"


@pytest.mark.parametrize("key", ["jdg_nobody", "x", "jdg_\n", "\u00fc" * 100])
def test_judge_id_is_an_opaque_text(judges, envelope, key):
    envelope(judges.create(key), 404, "not_found_error")


def test_criteria_go_before_the_judges_state(judges, archived):
    assert kind_of(judges.create(archived, "fine_tune", {
        "target_criteria": ["crit_x"]})) == VALIDATION


def test_archived_judge_takes_no_job_of_any_kind(judges, archived, envelope):
    for kind, options in (("incremental", {}), ("validation", {}),
                          ("full_retrain", {"auto_start": False})):
        body = envelope(judges.create(archived, kind, options=options), 409,
                        "invalid_state_error")
        assert body["detail"] == f"judge {archived} is archived"


def test_state_goes_before_too_little_feedback(judges, busy, archived):
    much = {"minimum_feedback_count": 1000}
    assert kind_of(judges.create(archived, config=much)) == (
        409, "invalid_state_error")
    assert kind_of(judges.create(busy, config=much)) == (
        409, "job_already_active_error")
    assert kind_of(judges.create(busy, "validation", much)) == SHORT


def test_quota_goes_behind_criteria_and_before_state(judges, idle, envelope):
    """The queue of a workspace of its own, which is full with one job."""
    idle.trainyard("workspace", "create", "acme/tight", "--queue-quota", "1")
    tight = Judges(idle, make_token(idle, "tight"))
    try:
        key = tight.trained()
        assert tight.create(key).status_code == 201
        reply = tight.create(key)
        body = envelope(reply, 429, "rate_limit_error")
        assert body["detail"] == "quota: 1 jobs are queued in workspace tight"
        assert int(reply.headers["retry-after"]) >= 1
        assert tight.create(
            key, query="?validate_only=true").status_code == 429
        assert kind_of(tight.create(key, "fine_tune", {
            "target_criteria": ["crit_x"]})) == VALIDATION
        # what does not queue is not counted
        assert tight.create(
            key, options={"auto_start": False}).status_code == 201
    finally:
        tight.close()


def test_media_type_goes_before_the_body(judges, envelope):
    envelope(judges.api.post("/training/jobs", content="{", headers={
        "Content-Type": "text/plain"}), 415, "unsupported_media_type_error")


def test_malformed_key_goes_before_the_body(judges, envelope):
    envelope(judges.api.post("/training/jobs", content="{", headers={
        "Idempotency-Key": "x" * 256}), 400, "invalid_request_error")


def test_large_body_is_refused(judges, envelope):
    body = json.dumps({"judge_id": "x" * (1 << 20)})
    envelope(judges.api.post("/training/jobs", content=body), 413,
             "payload_too_large_error")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(judges, envelope, method):
    reply = judges.api.request(method, "/training/jobs")
    envelope(reply, 405, "method_not_allowed_error")
    assert "POST" in reply.headers["allow"]
