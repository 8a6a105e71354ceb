# SPDX-License-Identifier: BSD-2-Clause
"""The nouns of the trainyard command, without any server."""
import base64
import getpass
import hashlib
import itertools
import json
import re
import select
import socket
import subprocess

import psycopg2
import pytest

from harness import BUILD, PATIENCE

JOB = "019b8d2b-8c00-7e22-9d3f-6cae204f7b51"
TOKEN = re.compile(r"ty_key_[A-Za-z0-9_-]{43}\n")
SCOPES = ["training:read", "training:write", "training:worker",
          "artifacts:read", "artifacts:write", "judges:read", "judges:write",
          "feedback:read", "feedback:write"]


# -- organisations, workspaces, projects

def test_a_new_organisation_is_complete(ctl):
    made = ctl.json("org", "create", "acme", "--name", "Acme", "--max-runtime",
                    "7200", "--description", "tools")
    assert made["created"] is True
    assert (made["key"], made["name"]) == ("acme", "Acme")
    assert (made["max_runtime_seconds"], made["description"]) == (7200,
                                                                  "tools")
    assert made["default_runtime_seconds"] is None
    place, = ctl.json("workspace", "list", "acme")
    assert (place["key"], place["is_default"]) == ("main", True)
    project, = ctl.json("project", "list", "acme/main")
    assert (project["key"], project["is_default"]) == ("default", True)
    secret = ctl.json("org", "secret", "acme")["webhook_secret"]
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret[6:], validate=True)) == 32


def test_an_organisation_may_begin_empty(ctl):
    ctl.run("org", "create", "acme", "--no-workspace")
    assert ctl.json("workspace", "list", "acme") == []
    assert ctl.json("org", "show", "acme")["name"] == "acme"


CREATES = [
    ("org", "create", "acme"),
    ("workspace", "create", "acme/main"),
    ("project", "create", "acme/main", "default"),
    ("user", "create", "ada@acme.example"),
    ("member", "add", "acme", "ada@acme.example"),
    ("workspace", "access", "add", "acme/main", "ada@acme.example"),
    ("catalog", "add", "Qwen/Qwen3-8B", "--family", "qwen", "--size-b", "8",
     "--context-length", "1"),
]


@pytest.mark.parametrize("args", CREATES, ids=lambda args: " ".join(args[:2]))
def test_creating_again_fails_unless_asked_not_to(acme, args):
    tables = "organization workspace project account member model".split()

    def rows():
        return [acme.execute(f"select * from trainyard.{t} t order by t")
                for t in tables]

    before = rows()
    assert "already" in acme.fails(*args)
    acme.run(*args, "-q")
    acme.run(*args, "--if-missing", "--json")
    assert rows() == before


def test_organisations_change(ctl):
    ctl.run("org", "create", "acme", "--name", "Acme")
    ctl.run("org", "set", "acme", "--webhook-url", "https://acme.example/h",
            "--max-runtime", "60", "--description", "x", "--disable",
            "--max-members", "3")
    now = ctl.json("org", "show", "acme")
    assert now["webhook_url"] == "https://acme.example/h"
    assert (now["max_runtime_seconds"], now["max_members"]) == (60, 3)
    assert (now["is_active"], now["description"]) == (False, "x")
    assert now["name"] == "Acme"
    now = ctl.json("org", "set", "acme", "--webhook-url", "", "--max-runtime",
                   "", "--description", "", "--enable")
    assert now["webhook_url"] is None
    assert now["max_runtime_seconds"] is None
    assert (now["is_active"], now["description"]) == (True, None)


def test_what_is_not_there_is_told(acme):
    for args in (("org", "show", "nope"), ("org", "set", "nope"),
                 ("org", "secret", "nope"), ("org", "secret", "nope",
                                             "--rotate"),
                 ("workspace", "create", "nope/x"),
                 ("workspace", "set", "acme/nope"),
                 ("workspace", "access", "add", "acme/nope", "a@b.example"),
                 ("project", "create", "acme/nope", "x"),
                 ("member", "add", "nope", "ada@acme.example"),
                 ("member", "add", "acme", "eve@acme.example"),
                 ("catalog", "retire", "nope"),
                 ("token", "create", "--user", "eve@acme.example")):
        assert "does not exist" in acme.fails(*args)


def test_webhook_secrets_rotate(ctl):
    ctl.run("org", "create", "acme")
    first = ctl.json("org", "secret", "acme")["webhook_secret"]
    both = ctl.json("org", "secret", "acme", "--rotate")
    assert both["webhook_secret_previous"] == first
    assert both["webhook_secret"] not in (None, first)
    after = ctl.json("org", "secret", "acme", "--finish")
    assert after["webhook_secret"] == both["webhook_secret"]
    assert after["webhook_secret_previous"] is None


def test_one_workspace_is_the_default(ctl):
    def default():
        return [w["key"] for w in ctl.json("workspace", "list", "acme")
                if w["is_default"]]

    ctl.run("org", "create", "acme")
    ctl.run("workspace", "create", "acme/dev", "--queue-quota", "5")
    assert default() == ["main"]
    ctl.run("workspace", "create", "acme/new", "--default")
    assert default() == ["new"]
    ctl.run("workspace", "set", "acme/dev", "--default", "--name", "Dev")
    assert default() == ["dev"]
    now = ctl.json("workspace", "set", "acme/dev", "--queue-quota", "")
    assert (now["queue_quota"], now["name"]) == (None, "Dev")
    assert ctl.execute("select count(*) from trainyard.project") == [(3,)]


def test_one_project_is_the_default(acme):
    acme.run("project", "create", "acme/main", "vision", "--default")
    assert [(p["key"], p["is_default"]) for p in
            acme.json("project", "list", "acme/main")] == [
                ("default", False), ("vision", True)]


# -- people

def test_users_have_names_of_their_own(ctl):
    made = ctl.json("user", "create", "ada@acme.example", "--full-name",
                    "Ada Łovelace")
    assert (made["username"], made["full_name"]) == ("ada", "Ada Łovelace")
    assert 'another user is called "ada"' in ctl.fails(
        "user", "create", "ada@other.example")
    ctl.run("user", "create", "ada@other.example", "--username", "ada2")
    assert len(ctl.json("user", "list")) == 2


def test_members_see_the_default_workspace_owners_all(acme):
    acme.run("user", "create", "bob@acme.example")
    acme.run("user", "create", "eve@acme.example")
    acme.run("workspace", "create", "acme/dev")
    acme.run("member", "add", "acme", "bob@acme.example", "--owner")
    acme.run("member", "add", "acme", "eve@acme.example", "--workspace",
             "dev")
    assert [(m["email"], m["role"], m["workspaces"]) for m in
            acme.json("member", "list", "acme")] == [
                ("ada@acme.example", "member", ["main"]),
                ("bob@acme.example", "owner", []),
                ("eve@acme.example", "member", ["dev"])]
    acme.run("workspace", "access", "add", "acme/dev", "ada@acme.example")
    acme.run("workspace", "access", "remove", "acme/main", "ada@acme.example")
    acme.run("member", "set", "acme", "bob@acme.example", "--no-owner")
    acme.run("member", "remove", "acme", "eve@acme.example")
    assert [(m["email"], m["role"], m["workspaces"]) for m in
            acme.json("member", "list", "acme")] == [
                ("ada@acme.example", "member", ["dev"]),
                ("bob@acme.example", "member", [])]


def test_an_organisation_may_be_full(acme):
    acme.run("org", "set", "acme", "--max-members", "1")
    acme.run("user", "create", "bob@acme.example")
    assert "as many members as it may" in acme.fails(
        "member", "add", "acme", "bob@acme.example")


def test_servers_are_told_of_changes(acme):
    conn = psycopg2.connect(acme.dsn)
    conn.autocommit = True
    with conn.cursor() as cursor:
        cursor.execute("listen trainyard_access")
    acme.run("member", "remove", "acme", "ada@acme.example")
    assert select.select([conn], [], [], PATIENCE)[0]
    conn.poll()
    assert {note.channel for note in conn.notifies} == {"trainyard_access"}
    conn.close()


# -- tokens

def test_a_token_is_shown_once_and_stored_as_a_digest(acme):
    out, err = acme.run("token", "create", "--user", "ada@acme.example",
                        "--org", "acme", "--workspace", "main")
    assert TOKEN.fullmatch(out)
    token = out.strip()
    assert token not in err
    (digest, hint, scopes, whole), = acme.execute(
        "select encode(sha256, 'hex'), hint, scopes, t::text"
        " from trainyard.token t")
    assert digest == hashlib.sha256(token.encode()).hexdigest()
    assert hint == token[-4:]
    assert scopes == SCOPES
    assert token[7:] not in whole
    listed, = acme.json("token", "list")
    assert (listed["organization"], listed["workspace"]) == ("acme", "main")
    assert token[:-4] not in acme.out("token", "list", "--json")


def test_tokens_differ(acme):
    made = {acme.out("token", "create", "--user", "ada@acme.example")
            for _ in range(5)}
    assert len(made) == 5


def test_token_options(acme):
    acme.run("token", "create", "--user", "ada@acme.example", "--scope",
             "training:read", "--scope", "judges:write", "--name", "ci",
             "--expires", "90d", "--rate-limit", "0")
    (name, scopes, rate, org, days), = acme.execute(
        "select name, scopes, rate_limit, organization_id,"
        " extract(epoch from expires_at - created_at) / 86400"
        " from trainyard.token")
    assert (name, scopes) == ("ci", ["training:read", "judges:write"])
    assert (rate, org) == (0, None)
    assert abs(float(days) - 90) < 0.01
    acme.run("token", "create", "--user", "ada@acme.example", "--expires",
             "2199-12-31T23:59:59+00:00", "--name", "late")
    assert acme.execute("select expires_at = '2199-12-31 23:59:59+00'"
                      " from trainyard.token where name = 'late'") == [(True,)]


def test_a_token_is_for_what_its_user_sees(acme):
    acme.run("user", "create", "bob@acme.example")
    acme.run("workspace", "create", "acme/dev")
    assert "is no member" in acme.fails(
        "token", "create", "--user", "bob@acme.example", "--org", "acme")
    assert "does not see workspace" in acme.fails(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", "dev")
    acme.run("member", "set", "acme", "ada@acme.example", "--owner")
    acme.run("token", "create", "--user", "ada@acme.example", "--org", "acme",
             "--workspace", "dev")


def test_a_named_token_is_made_once(acme):
    args = ("token", "create", "--user", "ada@acme.example", "--name", "ci",
            "-q")
    assert TOKEN.fullmatch(acme.out(*args))
    out, err = acme.run(*args)
    assert out == ""
    assert "exists already" in err
    assert acme.json(*args)["created"] is False
    token, = acme.json("token", "list")
    acme.run("token", "revoke", token["id"])
    assert TOKEN.fullmatch(acme.out(*args))


def test_tokens_are_revoked(acme):
    acme.run("token", "create", "--user", "ada@acme.example")
    token, = acme.json("token", "list")
    acme.run("token", "revoke", token["id"])
    assert acme.json("token", "list") == []
    assert acme.json("token", "list", "--all")[0]["state"] == "revoked"
    assert "is revoked" in acme.fails("token", "revoke", token["id"])
    assert "is revoked" in acme.fails("token", "rotate", token["id"])
    assert "does not exist" in acme.fails(
        "token", "revoke", "019b8d2b-8c00-7e22-9d3f-6cae204f7b51")


def test_a_rotated_token_is_like_the_old_one(acme):
    acme.run("token", "create", "--user", "ada@acme.example", "--org", "acme",
             "--scope", "training:read", "--name", "ci", "--rate-limit", "7")
    old, = acme.json("token", "list")
    made = acme.json("token", "rotate", old["id"])
    assert TOKEN.fullmatch(made["token"] + "\n")
    new, = acme.json("token", "list")
    assert new["id"] == made["id"] != old["id"]
    same = ("name", "user", "organization", "scopes", "rate_limit")
    assert [new[key] for key in same] == [old[key] for key in same]
    acme.run("token", "rotate", new["id"], "--keep", "1h")
    assert len(acme.json("token", "list")) == 2
    assert acme.execute("select expires_at <= now() + interval '1 hour'"
                      " from trainyard.token where id = %s", new["id"]) == [
                          (True,)]


# -- catalog

def test_the_catalog_is_edited(ctl):
    first = ctl.json("catalog", "list")
    assert "Qwen/Qwen3-8B" in [model["id"] for model in first]
    ctl.run("catalog", "add", "me/mine", "--family", "llama", "--size-b",
            "0.5", "--context-length", "4096", "--algorithm", "sft",
            "--pricing", '{"train": 0.4}')
    ctl.run("catalog", "set", "me/mine", "--extended-tokens", "8192")
    ctl.run("catalog", "retire", "Qwen/Qwen3-8B")
    now = {model["id"]: model for model in ctl.json("catalog", "list")}
    assert "Qwen/Qwen3-8B" not in now
    assert now["me/mine"] == {
        "id": "me/mine", "display_name": "me/mine", "family": "llama",
        "type": "dense", "size_b": 0.5, "context_length": 4096,
        "extended_tokens": 8192, "algorithms": ["sft"],
        "pricing": {"train": 0.4}, "retired": False}
    ctl.run("catalog", "restore", "Qwen/Qwen3-8B")
    assert len(ctl.json("catalog", "list")) == len(first) + 1


# -- the state of the site

def test_the_doctor_sees_what_is_wrong(acme, tmp_path, request):
    def states():
        process = acme.start("--json", "doctor")
        out = process.communicate(timeout=PATIENCE)[0]
        found = {row["check"]: row["state"] for row in json.loads(out)}
        assert process.returncode == ("fail" in found.values())
        return found

    listener = socket.socket(socket.AF_UNIX)
    request.addfinalizer(listener.close)
    listener.bind(str(tmp_path / "s"))
    with acme.conf.open("a") as conf:
        conf.write(f'listen = {tmp_path / "s"}\ndata_dir = {tmp_path}\n')
        conf.write(f'runner_judge = {BUILD / "trainyard-judge"}\n')
        conf.writelines(f'runner_{kind} = ""\n' for kind in (
            "tinker_sft", "tinker_rl", "ray_grpo"))
        for setting, role in (("database", "fcgi"),
                              ("database_dispatcher", "dispatch")):
            dsn = acme.dsn.replace("_owner", f"_{role}")
            conf.write(f'{setting} = "{dsn}"\n')
    found = states()
    assert found.pop("socket") == "fail"
    # the tests' PostgreSQL forgets in a crash: see tests/unit/with-pg
    assert found.pop("durability") == "fail"
    assert found.pop("data_dir") in ("ok", "warn")
    # not in use here, whatever is missing
    far = {k for k in found if k.startswith(("ray ", "slurm "))}
    assert {found.pop(k) for k in far} == {"off"}
    assert set(found.values()) == {"ok"}
    listener.listen()
    assert states()["socket"] == "ok"
    acme.job_insert(JOB)
    acme.execute("insert into trainyard.attempt (workspace_id, job_id, number,"
                 " status, engine, worker, lease_until, queued_at) select"
                 " workspace_id, id, 1, 'claimed', 'local', 'gone',"
                 " now() - interval '1 hour', now() from trainyard.job")
    assert states()["leases"] == "fail"
    acme.execute("drop schema trainyard cascade")
    assert states()["command"] == "fail"


def test_the_doctor_asks_the_engines(acme):
    def engines(**settings):
        plain = acme.conf.read_text()
        with acme.conf.open("a") as conf:
            conf.writelines(f"{k} = {v}\n" for k, v in settings.items())
        out = acme.start("--json", "doctor").communicate(timeout=PATIENCE)[0]
        acme.conf.write_text(plain)
        return {row["check"]: (row["state"], row["detail"])
                for row in json.loads(out)}

    found = engines(runner_judge="/nowhere/judge")
    assert found["local commands"] == (
        "fail", "/nowhere/judge cannot be executed")
    # a cluster that is used has to be there
    found = engines(engine_judge="slurm", slurm_partition="nowhere")
    assert [s for k, (s, _) in found.items()
            if k.startswith("slurm ")][-1] == "fail"


# -- the trail

def test_every_change_is_in_the_trail(acme):
    actor = f"command:{getpass.getuser()}"
    begin = len(acme.json("audit", "list"))
    token = acme.json("token", "create", "--user", "ada@acme.example",
                      "--org", "acme", "--workspace", "main")["id"]
    changes = {
        ("org", "set", "acme", "--name", "A"): "organization.set",
        ("org", "secret", "acme"): "organization.secret.read",
        ("org", "secret", "acme", "--rotate"): "organization.secret.rotate",
        ("org", "secret", "acme", "--finish"): "organization.secret.finish",
        ("workspace", "set", "acme/main", "--name", "M"): "workspace.set",
        ("project", "create", "acme/main", "p"): "project.create",
        ("user", "create", "bob@acme.example"): "user.create",
        ("member", "add", "acme", "bob@acme.example"): "member.add",
        ("member", "set", "acme", "bob@acme.example", "--owner"): "member.set",
        ("member", "remove", "acme", "bob@acme.example"): "member.remove",
        ("workspace", "access", "remove", "acme/main", "ada@acme.example"):
            "workspace.access.remove",
        ("workspace", "access", "add", "acme/main", "ada@acme.example"):
            "workspace.access.add",
        ("token", "rotate", token, "--keep", "1d"): "token.rotate",
        ("token", "revoke", token): "token.revoke",
        ("catalog", "retire", "Qwen/Qwen3-8B"): "catalog.retire",
        ("catalog", "restore", "Qwen/Qwen3-8B"): "catalog.restore",
        ("catalog", "set", "Qwen/Qwen3-8B", "--name", "Q"): "catalog.set",
    }
    for args in changes:
        acme.run(*args)
    trail = acme.json("audit", "list")[:-begin][::-1]
    assert [line["action"] for line in trail] == [
        "token.create", *changes.values()]
    assert {line["actor"] for line in trail} == {actor}
    assert trail[0]["organization"] == "acme"
    assert trail[0]["workspace"] == "main"
    assert len(acme.json("audit", "list", "--limit", "2")) == 2


def test_a_refused_change_leaves_no_trail(acme):
    before = acme.json("audit", "list")
    acme.fails("member", "add", "acme", "eve@acme.example")
    acme.fails("org", "create", "acme")
    acme.run("org", "create", "acme", "-q")
    assert acme.json("audit", "list") == before


# -- configuration and usage

def test_check_config_names_every_fault_and_its_line(tmp_path):
    path = tmp_path / "bad.conf"
    path.write_text("# comment\nthreads = many\nbatchh = 3\nbatch = 4\n")
    done = subprocess.run([BUILD / "trainyard", "check-config", path],
                          capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{path}:2: " in done.stderr
    assert f"{path}:3: " in done.stderr
    assert f"{path}:4: " not in done.stderr
    done = subprocess.run(
        [BUILD / "trainyard", "--json", "check-config", path],
        capture_output=True, text=True)
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["faults"]) == 2


def test_the_sample_configuration_is_good(tmp_path):
    sample = tmp_path / "sample.conf"
    sample.write_text(subprocess.run(
        [BUILD / "trainyard", "check-config", "--sample"], check=True,
        capture_output=True, text=True).stdout)
    done = subprocess.run([BUILD / "trainyard", "check-config", sample],
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"{sample}: ok\n")


def test_a_faulty_configuration_stops_the_command(ctl):
    ctl.conf.write_text("threads = many\n")
    out, err = ctl.run("org", "list", status=1)
    assert out == ""
    assert f"{ctl.conf}:1: " in err


@pytest.mark.parametrize("args, hint", [
    ((), "usage: "),
    (("orgg",), 'did you mean "org"?'),
    (("org",), "org needs a verb"),
    (("org", "creat"), 'org knows no "creat"'),
    (("org", "create"), "too few arguments"),
    (("org", "create", "a", "b"), 'unexpected "b"'),
    (("org", "create", "a", "--nmae", "x"), "did you mean --name?"),
    (("org", "create", "a", "--name"), "--name needs a value"),
    (("org", "create", "a", "--no-workspace=1"), "takes no value"),
    (("org", "create", "A"), "is no organisation's key"),
    (("org", "create", "a", "--name", "x" * 201), "1 to 200 characters"),
    (("org", "create", "a", "--max-runtime", "0"), "from 1 to"),
    (("org", "set", "a", "--webhook-url", "http://a.example/"),
     "no webhook URL"),
    (("org", "set", "a", "--webhook-url", "https://127.0.0.1/"),
     "no webhook URL"),
    (("org", "list", "-q"), "unknown option -q"),
    (("workspace", "create", "a"), "not of the form ORG/KEY"),
    (("workspace", "access"), 'workspace knows no "access"'),
    (("user", "create", "ada"), "is no mail address"),
    (("member", "set", "a", "b"), "--owner or --no-owner"),
    (("token", "create"), "--user is needed"),
    (("token", "create", "--user", "a@b.example", "--workspace", "x"),
     "--workspace needs --org"),
    (("token", "create", "--user", "a@b.example", "--scope", "all"),
     "is no scope"),
    (("token", "create", "--user", "a@b.example", "--expires", "90"),
     "as in 90d"),
    (("token", "create", "--user", "a@b.example", "--expires",
      "2001-01-01T00:00:00Z"), "no time to come"),
    (("token", "revoke", "x"), "is no token's id"),
    (("catalog", "add", "x"), "are needed"),
    (("catalog", "add", "x", "--family", "gpt", "--size-b", "1",
      "--context-length", "1"), "must be one of llama, qwen"),
    (("catalog", "set", "x", "--pricing", "cheap"), "JSON object"),
    (("catalog", "set", "x", "--pricing", "[1]"), "JSON object"),
    (("catalog", "set", "x", "--pricing", '{"tran": 1}'),
     "must be one of prefill, sample, train"),
    (("catalog", "set", "x", "--pricing", '{"train": "1"}'),
     "train must be a number, at least 0"),
    (("catalog", "set", "x", "--pricing", '{"train": -1}'),
     "train must be a number, at least 0"),
    (("migrate", "--phase", "mid"), "must be pre or post"),
])
def test_usage_faults(args, hint):
    done = subprocess.run([BUILD / "trainyard", *args], capture_output=True,
                          text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert hint in done.stderr


def test_help_is_complete():
    everything = subprocess.run(
        [BUILD / "trainyard", "help"], check=True, capture_output=True,
        text=True).stdout
    for noun in ("audit", "catalog", "check-config", "doctor", "job",
                 "member", "migrate", "org", "project", "token", "user",
                 "version", "workspace"):
        assert f"trainyard {noun}" in everything
    org = subprocess.run(
        [BUILD / "trainyard", "org", "create", "--help"], check=True,
        capture_output=True, text=True).stdout
    assert "trainyard org secret KEY" in org


def test_the_manual_knows_every_verb_and_option():
    usage = subprocess.run([BUILD / "trainyard", "help"], check=True,
                           capture_output=True, text=True).stdout
    manual = (BUILD / "gen/man/trainyard.8").read_text()
    for option in set(re.findall(r"--([a-z-]+)", usage)):
        assert f"Fl -{option}" in manual, option
    for line in usage.splitlines():
        words = itertools.takewhile(re.compile("[a-z][a-z-]*$").match,
                                    line.split()[1:])
        assert re.search(f"Cm {' '.join(words)}\\b", manual), line


def test_what_could_not_be_printed_is_a_failure():
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([BUILD / "trainyard", "version"], stdout=full,
                              stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "standard output" in done.stderr


def test_lists_are_json_too(acme):
    acme.run("token", "create", "--user", "ada@acme.example")
    for noun in ("org", "workspace", "project", "user", "member", "token",
                 "catalog", "audit"):
        rows = acme.json(noun, "list")
        assert rows and all(isinstance(row, dict) for row in rows)
        head = acme.out(noun, "list").splitlines()[0].split()
        assert head and set(head) <= set(rows[0])
