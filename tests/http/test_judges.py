# SPDX-License-Identifier: BSD-2-Clause
"""Judges: create, read, list, versions."""
import concurrent.futures
import json

import pytest

from judges import (
    TIME, archive, body_of_judge, errors_of, is_id,
    judge_row, new_evaluation, new_judge)


@pytest.fixture(scope="module")
def elsewhere(stack):
    """A client of another workspace of the same organisation."""
    stack.trainyard("workspace", "create", "acme/judges-elsewhere")
    token = stack.trainyard(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", "judges-elsewhere").strip()
    with stack.client(token) as client:
        yield client


# --- create


def test_create_answers_with_the_whole_judge(api):
    reply = api.post("/judges", json={
        "id": "jdg_xyz789", "name": "Support answers",
        "description": "Grades answers of the support desk.",
        "content_type": "text", "criteria": [
            {"name": "Clarity", "description": "Easy to follow."},
            {"name": "Accuracy", "weight": 2,
             "description": "Nothing wrong, nothing missing."}]})
    assert reply.status_code == 201
    assert reply.headers["location"] == "/judges/jdg_xyz789"
    body = reply.json()
    times = {body.pop("created_at"), body.pop("updated_at")}
    assert len(times) == 1 and TIME.fullmatch(times.pop())
    assert len(body.pop("created_by")) == 36
    assert body == {
        "id": "jdg_xyz789", "name": "Support answers",
        "description": "Grades answers of the support desk.",
        "content_type": "text", "status": "learning", "training_progress": 0,
        "criteria": [
            {"id": "crit_clarity", "name": "Clarity",
             "description": "Easy to follow.", "weight": 1},
            {"id": "crit_accuracy", "name": "Accuracy", "weight": 2,
             "description": "Nothing wrong, nothing missing."}],
        "version_number": 1, "is_active": True, "archived_at": None,
        "active_job_id": None, "feedback": {
            "total_feedback_count": 0, "usable_count": 0,
            "unprocessed_count": 0}}
    assert list(reply.json()) == [
        "id", "name", "description", "content_type", "status",
        "training_progress", "criteria", "created_at", "updated_at",
        "version_number", "is_active", "created_by", "archived_at",
        "active_job_id", "feedback"]


def test_get_equals_what_create_answered(api):
    made = api.post("/judges", json=body_of_judge()).json()
    reply = api.get(f"/judges/{made['id']}")
    assert reply.status_code == 200
    assert reply.json() == made
    head = api.head(f"/judges/{made['id']}")
    assert head.status_code == 200 and head.content == b""


def test_the_server_makes_an_id_when_none_is_given(api):
    reply = api.post("/judges", json=body_of_judge())
    judge = reply.json()["id"]
    assert is_id(judge, "jdg_")
    assert reply.headers["location"] == f"/judges/{judge}"


def test_null_is_absent(api):
    reply = api.post("/judges", json=body_of_judge(
        id=None, criteria=[{"name": "Tone", "id": None, "weight": None,
                            "description": None}]))
    assert reply.status_code == 201
    assert reply.json()["criteria"] == [
        {"id": "crit_tone", "name": "Tone", "description": None, "weight": 1}]


def test_criteria_with_like_names_get_different_ids(api):
    reply = api.post("/judges", json=body_of_judge(criteria=[
        {"name": "Tone"}, {"name": "tone!"}, {"name": "Ton", "id": "crit_x"},
        {"name": "…"}]))
    assert [c["id"] for c in reply.json()["criteria"]] == [
        "crit_tone", "crit_tone_2", "crit_x", "crit_4"]


def test_an_id_can_be_taken_once_in_a_workspace(api, elsewhere, envelope):
    judge = new_judge(api, id="jdg_once")
    reply = api.post("/judges", json=body_of_judge(id=judge))
    assert envelope(reply, 409, "conflict_error")["detail"] == (
        "judge id jdg_once is taken")
    assert elsewhere.post(
        "/judges", json=body_of_judge(id=judge)).status_code == 201


def test_of_creates_at_once_with_one_id_one_wins(api):
    body = body_of_judge(id="jdg_race")

    def create(_):
        return api.post("/judges", json=body).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = sorted(pool.map(create, range(8)))
    assert got == [201] + [409] * 7


def test_create_is_in_the_audit_trail(api, db):
    judge = new_judge(api)
    with db.cursor() as cur:
        cur.execute("select action from trainyard.audit where target = %s",
                    (judge,))
        assert cur.fetchall() == [("judge.create",)]


CRITERION = ("body", "criteria", 0)
INVALID = {
    "empty": ({}, [
        (("body", f), "missing", "field required")
        for f in ("name", "description", "content_type", "criteria")]),
    "lengths": (body_of_judge(name="", description="d" * 2001), [
        (("body", "name"), "string_too_short",
         "must have at least 1 character"),
        (("body", "description"), "string_too_long",
         "must have at most 2000 characters")]),
    "id": (body_of_judge(id="judge-1"), [
        (("body", "id"), "value_error",
         "must match ^jdg_[A-Za-z0-9]{1,64}$")]),
    "content type": (body_of_judge(content_type="smell"), [
        (("body", "content_type"), "literal_error",
         'must be one of "text", "video", "audio", "image"')]),
    "no criteria": (body_of_judge(criteria=[]), [
        (("body", "criteria"), "too_short", "must have at least 1 item")]),
    "too many criteria": (
        body_of_judge(criteria=[{"name": str(i)} for i in range(51)]), [
            (("body", "criteria"), "too_long",
             "must have at most 50 items")]),
    "criterion": (
        body_of_judge(criteria=[{"id": "crit_A", "weight": 0, "wieght": 1}]), [
            ((*CRITERION, "name"), "missing", "field required"),
            ((*CRITERION, "id"), "value_error",
             "must match ^crit_[a-z0-9_]{1,60}$"),
            ((*CRITERION, "weight"), "greater_than",
             "must be greater than 0"),
            ((*CRITERION, "wieght"), "extra_forbidden",
             'unknown field; did you mean "weight"?')]),
    "weight": (body_of_judge(criteria=[{"name": "a", "weight": 1000.5}]), [
        ((*CRITERION, "weight"), "less_than_equal",
         "must be less than or equal to 1000")]),
    "names twice": (
        body_of_judge(criteria=[{"name": "a"}, {"name": "b"}, {"name": "a"}]),
        [(("body", "criteria", 2, "name"), "value_error", "appears twice")]),
    "ids twice": (
        body_of_judge(criteria=[{"name": "a", "id": "crit_x"},
                                {"name": "b", "id": "crit_x"}]),
        [(("body", "criteria", 1, "id"), "value_error", "appears twice")]),
    "rules wait for the shape": (
        body_of_judge(name=1, criteria=[{"name": "a"}, {"name": "a"}]),
        [(("body", "name"), "string_type", "must be a string")]),
}


@pytest.mark.parametrize("case", INVALID)
def test_create_tells_every_fault(api, envelope, case):
    body, errors = INVALID[case]
    reply = api.post("/judges", json=body)
    envelope(reply, 422, "validation_error")
    assert errors_of(reply) == errors


def test_repeated_create_is_answered_once(api, envelope):
    headers = {"Idempotency-Key": "judge-create-1"}
    body = body_of_judge()
    first = api.post("/judges", json=body, headers=headers)
    again = api.post("/judges", json=body, headers=headers)
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    other = api.post("/judges", json=body_of_judge(), headers=headers)
    envelope(other, 422, "idempotency_key_reused_error")


def test_failed_create_frees_its_key(api):
    headers = {"Idempotency-Key": "judge-create-2"}
    judge = new_judge(api)
    taken = body_of_judge(id=judge)
    assert api.post(
        "/judges", json=taken, headers=headers).status_code == 409
    assert api.post(
        "/judges", json=body_of_judge(), headers=headers).status_code == 201


def test_scopes(stack, envelope):
    token = stack.trainyard(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", "main", "--scope", "judges:read").strip()
    with stack.client(token) as reader:
        assert reader.get("/judges").status_code == 200
        # before the body is looked at
        reply = reader.post("/judges", json={})
        assert "judges:write" in envelope(
            reply, 403, "permission_error")["detail"]
        reply = reader.post("/feedback", json={})
        assert "feedback:write" in envelope(
            reply, 403, "permission_error")["detail"]


# --- read


@pytest.mark.parametrize("path", [
    "/judges/jdg_nobody", "/judges/invalid_judge", "/judges/%C3%A4",
    "/judges/jdg_nobody/versions", "/judges/" + "x" * 200])
def test_what_does_not_exist_is_404(api, envelope, path):
    envelope(api.get(path), 404, "not_found_error")


def test_other_workspaces_see_nothing(api, elsewhere, envelope):
    judge = new_judge(api)
    envelope(elsewhere.get(f"/judges/{judge}"), 404, "not_found_error")
    envelope(elsewhere.get(f"/judges/{judge}/versions"), 404,
             "not_found_error")
    listed = elsewhere.get("/judges").json()["judges"]
    assert judge not in [j["id"] for j in listed]


# --- list


@pytest.fixture(scope="module")
def shelf(stack):
    """A workspace with judges of known names, oldest first."""
    stack.trainyard("workspace", "create", "acme/judges-shelf")
    token = stack.trainyard(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", "judges-shelf").strip()
    with stack.client(token) as client:
        for name, kind in (("Beta", "text"), ("alpha", "image"),
                           ("Ärger", "text"), ("Beta", "audio"),
                           ("gamma BETA", "text")):
            new_judge(client, name=name, content_type=kind)
        gone = new_judge(client, name="gone")
        conn = stack.connect()
        archive(conn, gone)
        conn.close()
        yield client


LISTS = {
    "newest first": ({}, ["gamma BETA", "Beta", "Ärger", "alpha", "Beta"]),
    "oldest first": ({"sort_order": "asc"},
                     ["Beta", "alpha", "Ärger", "Beta", "gamma BETA"]),
    "by name": ({"sort_by": "name", "sort_order": "asc"},
                ["Beta", "Beta", "alpha", "gamma BETA", "Ärger"]),
    "by name, down": ({"sort_by": "name"},
                      ["Ärger", "gamma BETA", "alpha", "Beta", "Beta"]),
    "of a content type": ({"content_type": "image"}, ["alpha"]),
    "by a part of the name": ({"name": "bEtA"},
                              ["gamma BETA", "Beta", "Beta"]),
    "only ASCII case is ignored": ({"name": "ärger"}, []),
    "no pattern in the name": ({"name": "%"}, []),
    "archived": ({"is_active": "false"}, ["gone"]),
    "learning": ({"status": "learning", "name": "alpha"}, ["alpha"]),
    "ready": ({"status": "ready"}, []),
    "filters together": ({"name": "beta", "content_type": "audio"}, ["Beta"]),
    "page past the end": ({"offset": 100}, []),
}


@pytest.mark.parametrize("case", LISTS)
def test_list(shelf, case):
    params, names = LISTS[case]
    reply = shelf.get("/judges", params=params)
    assert reply.status_code == 200
    body = reply.json()
    assert list(body) == ["judges", "pagination"]
    assert [j["name"] for j in body["judges"]] == names
    if "offset" not in params:
        assert body["pagination"] == {
            "total_count": len(names), "total_is_exact": True, "limit": 25,
            "offset": 0, "has_next": False, "has_previous": False,
            "next_cursor": None}


def test_list_has_whole_judges(shelf):
    listed = shelf.get("/judges").json()["judges"]
    assert listed == [shelf.get(f"/judges/{j['id']}").json() for j in listed]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_cursors_lead_through_the_list(shelf, order):
    want = [j["id"] for j in shelf.get(
        "/judges", params={"sort_order": order}).json()["judges"]]
    got, params = [], {"sort_order": order, "limit": 2}
    for page in range(3):
        body = shelf.get("/judges", params=params).json()
        got += [j["id"] for j in body["judges"]]
        assert body["pagination"]["total_count"] == 5
        assert body["pagination"]["has_previous"] == (page > 0)
        assert body["pagination"]["has_next"] == (page < 2)
        params["cursor"] = body["pagination"]["next_cursor"]
    assert params["cursor"] is None
    assert got == want


def test_offsets_lead_through_the_list_too(shelf):
    want = [j["id"] for j in shelf.get(
        "/judges", params={"sort_by": "name"}).json()["judges"]]
    got = []
    for offset in (0, 2, 4):
        body = shelf.get("/judges", params={
            "sort_by": "name", "limit": 2, "offset": offset}).json()
        got += [j["id"] for j in body["judges"]]
        assert body["pagination"]["offset"] == offset
        assert body["pagination"]["has_previous"] == (offset > 0)
        # this order takes no cursor, so none is offered
        assert body["pagination"]["next_cursor"] is None
    assert got == want


QUERIES = {
    "limit=0": ("limit", "greater_than_equal"),
    "limit=101": ("limit", "less_than_equal"),
    "limit=x": ("limit", "int_type"),
    "offset=-1": ("offset", "greater_than_equal"),
    "offset=9990": ("offset", "value_error"),
    "cursor=x": ("cursor", "value_error"),
    "is_active=yes": ("is_active", "bool_type"),
    "status=tired": ("status", "literal_error"),
    "sort_by=colour": ("sort_by", "literal_error"),
    "sort_by=name&cursor=NC4u": ("cursor", "value_error"),
    "offset=1&cursor=NC4u": ("cursor", "value_error"),
    "colour=red": ("colour", "extra_forbidden"),
    "limit=1&limit=2": ("limit", "duplicate_key"),
}


@pytest.mark.parametrize("query", QUERIES)
def test_list_refuses(api, envelope, query):
    name, kind = QUERIES[query]
    reply = api.get(f"/judges?{query}")
    envelope(reply, 422, "validation_error")
    assert [(e[0], e[1]) for e in errors_of(reply)] == [
        (("query", name), kind)]


def test_count_is_exact_to_ten_thousand(stack, db):
    stack.trainyard("workspace", "create", "acme/judges-many")
    token = stack.trainyard(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", "judges-many").strip()

    def fill(first, last):
        with db.cursor() as cur:
            cur.execute("""
                with made as (
                    insert into trainyard.judge (workspace_id, id, key,
                        content_type, created_by)
                    select w.id, gen_random_uuid(), 'jdg_' || n, 'text', a.id
                      from trainyard.workspace w, trainyard.account a,
                           generate_series(%s, %s) n
                     where w.key = 'judges-many'
                       and a.email = 'ada@acme.example'
                    returning workspace_id, id, created_by
                ), version as (
                    insert into trainyard.judge_version (workspace_id,
                        judge_id, number, id, status, name, description,
                        changes_summary, created_by)
                    select workspace_id, id, 1, gen_random_uuid(), 'active',
                           'n', 'd', 's', created_by from made
                ), criterion as (
                    insert into trainyard.criterion (workspace_id, judge_id,
                        version, position, id, name)
                    select workspace_id, id, 1, 1, 'crit_a', 'a' from made
                )
                insert into trainyard.feedback_tally (workspace_id, judge_id)
                select workspace_id, id from made""", (first, last))

    with stack.client(token) as client:
        fill(1, 10000)
        page = client.get("/judges").json()["pagination"]
        assert (page["total_count"], page["total_is_exact"]) == (10000, True)
        fill(10001, 10001)
        page = client.get("/judges").json()["pagination"]
        assert (page["total_count"], page["total_is_exact"]) == (10000, False)
        assert page["has_next"]


# --- versions


def test_new_judge_has_one_version(api):
    made = api.post("/judges", json=body_of_judge()).json()
    reply = api.get(f"/judges/{made['id']}/versions")
    assert reply.status_code == 200
    body = reply.json()
    assert list(body) == ["judge_id", "current_version", "total_versions",
                          "versions", "pagination"]
    version = body["versions"][0]
    assert is_id(version.pop("version_id"), "ver_")
    assert body == {
        "judge_id": made["id"], "current_version": 1, "total_versions": 1,
        "versions": [{
            "version_number": 1, "status": "active",
            "created_at": made["created_at"],
            "deployed_at": made["created_at"], "archived_at": None,
            "performance_metrics": {
                "accuracy_score": None, "consistency_score": None,
                "average_evaluation_time": None, "criteria_performance": {},
                "evaluation_count": 0},
            "changes_summary":
                "first version; raw scores are left as they are",
            "training_info": None, "created_by": made["created_by"],
            "base_version_number": None}],
        "pagination": {
            "total_count": 1, "total_is_exact": True, "limit": 25,
            "offset": 0, "has_next": False, "has_previous": False,
            "next_cursor": None}}


@pytest.fixture(scope="module")
def history(api, stack):
    """A judge with five versions: 4 is active, 2 came from a job."""
    judge = new_judge(api)
    results = {
        "accuracy_score": 0.9352, "consistency_score": None,
        "pooled_mae": {"trained": 6.4765, "active": 9.7294},
        "criteria": {"crit_accuracy": {
            "count": 8, "trained": {"mae": 6.9}, "active": {"mae": 10.1}}}}
    conn = stack.connect()
    workspace, uuid = judge_row(conn, judge)
    with conn.cursor() as cur:
        cur.execute("update trainyard.judge_version set status = 'deployed'"
                    " where judge_id = %s", (uuid,))
        for number, status in enumerate(
                ("deployed", "archived", "active", "draft"), 2):
            cur.execute(
                "insert into trainyard.judge_version (workspace_id, judge_id,"
                " number, id, status, name, description, changes_summary,"
                " created_by, base_version, job_id, feedback_count,"
                " validation) select workspace_id, judge_id, %s,"
                " gen_random_uuid(), %s, name, description, 's', created_by,"
                " %s, %s, %s, %s from trainyard.judge_version"
                " where judge_id = %s and number = 1",
                (number, status, number - 1,
                 "018d0ce4-7c40-7abc-8def-0123456789ab" if number == 2
                 else None, 50 if number == 2 else None,
                 json.dumps(results) if number == 2 else None, uuid))
            cur.execute(
                "insert into trainyard.criterion (workspace_id, judge_id,"
                " version, position, id, name, weight) select workspace_id,"
                " judge_id, %s, position, id, name, weight"
                " from trainyard.criterion where judge_id = %s"
                " and version = 1", (number, uuid))
            cur.execute(
                "insert into trainyard.judge_version_use (workspace_id,"
                " judge_id, version) values (%s, %s, %s)",
                (workspace, uuid, number))
        cur.execute("update trainyard.judge set active_version = 4,"
                    " last_version = 5 where id = %s", (uuid,))
    conn.close()
    return judge


def versions(api, judge, **params):
    reply = api.get(f"/judges/{judge}/versions", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_versions_come_newest_first(api, history):
    body = versions(api, history)
    assert [(v["version_number"], v["status"]) for v in body["versions"]] == [
        (5, "draft"), (4, "active"), (3, "archived"), (2, "deployed"),
        (1, "deployed")]
    assert (body["current_version"], body["total_versions"]) == (4, 5)


def test_versions_by_status(api, history):
    body = versions(api, history, status_filter="deployed")
    assert [v["version_number"] for v in body["versions"]] == [2, 1]
    # all there ever were, filter or not; the pages are of the filtered list
    assert body["total_versions"] == 5
    assert body["pagination"]["total_count"] == 2


def test_version_of_a_job_shows_its_results(api, history):
    (version,) = versions(api, history, limit=1, offset=3)["versions"]
    metrics = version["performance_metrics"]
    assert metrics["accuracy_score"] == 0.9352
    assert metrics["criteria_performance"] == {"crit_accuracy": {
        "count": 8, "accuracy_score": 0.931, "mae": 6.9, "rmse": None,
        "spearman": None, "quadratic_weighted_kappa": None,
        "pairwise_accuracy": None}}
    assert version["training_info"] == {
        "training_job_id": "train_job_01hm6e8z20fay8vvr14d2pf2db",
        "feedback_count_used": 50, "improvements_achieved": [
            {"criterion_id": None, "metric": "accuracy_score",
             "before": 0.9027, "after": 0.9352, "change": 0.0325},
            {"criterion_id": "crit_accuracy", "metric": "mae",
             "before": 10.1, "after": 6.9, "change": -3.2}]}
    assert version["base_version_number"] == 1


def test_metrics_are_left_out_on_request(api, history):
    body = versions(api, history, include_metrics="false")
    assert all("performance_metrics" not in v for v in body["versions"])
    assert all("training_info" in v for v in body["versions"])


def test_versions_by_cursor(api, history):
    got, params = [], {"limit": 2}
    while True:
        body = versions(api, history, **params)
        got += [v["version_number"] for v in body["versions"]]
        params["cursor"] = body["pagination"]["next_cursor"]
        if params["cursor"] is None:
            break
    assert got == [5, 4, 3, 2, 1]


def test_versions_check_the_query_before_the_judge(api, envelope):
    reply = api.get("/judges/jdg_nobody/versions?limit=0")
    envelope(reply, 422, "validation_error")


def test_evaluations_are_counted_for_their_version(api):
    judge = new_judge(api)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: new_evaluation(api, judge), range(40)))
    metrics = versions(api, judge)["versions"][0]["performance_metrics"]
    assert metrics["evaluation_count"] == 40
    assert 0 < metrics["average_evaluation_time"] < 1
