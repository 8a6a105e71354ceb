# SPDX-License-Identifier: BSD-2-Clause
"""The life of a site that was installed from packages, in this order."""
import re
import ssl

import pytest

from machine import command, repack

SETUP = ("trainyard setup --org acme --user ada@acme.example"
         " --name localhost --url https://localhost")
# A judge's trainer that waits until it may go on, so that a job is under way.
SLOW = """#!/bin/sh
while [ ! -e /var/lib/trainyard/go ]; do sleep 0.1; done
exec trainyard-judge
"""


# The oldest: a shell is two for the moment in which it starts a program.
RUNNER = "pgrep -of '^/bin/sh .*[s]low-judge'"


def guest(machine, words):
    return machine.run(f"python3 /var/tmp/guest.py {words}").strip()


def pid(machine, unit):
    return machine.run(
        f"systemctl show --property MainPID --value {unit}").strip()


def runner(machine):
    """The process of a job's runner, not of what keeps it."""
    machine.until(lambda: machine.try_run(RUNNER)[0] == 0,
                  "no runner was started")
    return machine.run(RUNNER)


@pytest.fixture
def waiting_job(machine):
    """The id of a job whose runner waits; release() lets it go on."""
    machine.run("rm -f /var/lib/trainyard/go")
    job = guest(machine, "job")
    runner(machine)
    yield job
    machine.run("touch /var/lib/trainyard/go")


def release(machine):
    machine.run("touch /var/lib/trainyard/go")


def test_lintian_has_nothing_to_say(built):
    changes, = built.glob("*.changes")
    assert command("lintian", "--allow-root", changes) == ""


def test_installing_starts_nothing_and_makes_no_database(machine, built):
    machine.install(built)
    assert machine.run("systemctl list-units --all --plain --no-legend"
                       " --state=active 'trainyard*'") == ""
    assert "trainyard" not in machine.run(
        "runuser -u postgres -- psql -XAtc 'select datname from pg_database'"
        " -c 'select rolname from pg_roles'")
    assert machine.run("stat -c '%U %G %a' /var/lib/trainyard/blobs") == \
        "trainyard www-data 2750\n"
    machine.run("trainyard check-config && trainyard-fcgi -t && trainyardd -t")


def test_a_dry_run_changes_nothing(machine):
    before = machine.run("find /etc /var/lib/trainyard -newer /var/tmp/guest.py"
                         " -type f | sort | xargs cat | sha256sum")
    assert "nothing was changed" in machine.run(SETUP + " --dry-run")
    assert before == machine.run(
        "find /etc /var/lib/trainyard -newer /var/tmp/guest.py"
        " -type f | sort | xargs cat | sha256sum")
    assert machine.try_run("runuser -u postgres -- psql -d trainyard")[0] != 0


def test_setup_makes_a_running_site_and_prints_one_token(machine):
    machine.run(SETUP + " >/var/tmp/token 2>/var/tmp/said || "
                "{ cat /var/tmp/said; exit 1; }")
    token = (machine.tmp / "token").read_text()
    assert re.fullmatch(r"ty_key_[A-Za-z0-9_-]{43}\n", token)
    assert machine.run("systemctl is-enabled trainyard.target"
                       " trainyard-fcgi.socket trainyard-fcgi.service"
                       " trainyardd.service trainyard-prune.timer"
                       ).split() == ["enabled"] * 5
    ssl.create_default_context(cafile=machine.root / "etc/trainyard/ca.pem")


def test_a_token_without_limit_serves_the_tests(machine):
    machine.run("trainyard token create --user ada@acme.example --org acme"
                " --workspace main --rate-limit 0 --name tests"
                " >/var/tmp/token 2>/dev/null")


def test_setup_again_changes_nothing(machine):
    was = pid(machine, "trainyard-fcgi"), pid(machine, "trainyardd")
    files = "sha256sum $(find /etc -type f) | sort | sha256sum"
    before = machine.run(files)
    assert machine.run(SETUP + " 2>/dev/null") == ""
    assert machine.run(files) == before
    assert was == (pid(machine, "trainyard-fcgi"), pid(machine, "trainyardd"))


def test_a_judge_job_completes_over_https(machine):
    assert guest(machine, f"wait {guest(machine, 'job')}") == "completed"


def test_what_is_too_old_is_removed_by_a_unit(machine):
    machine.run("systemctl start trainyard-prune.service")
    assert machine.run("systemctl is-active trainyard-prune.timer") == \
        "active\n"


def test_a_second_setup_takes_another_certificate(machine):
    machine.run("mkdir -p /var/tmp/own && cp /etc/trainyard/tls/server.*"
                " /var/tmp/own")
    machine.run(SETUP + " --certificate /var/tmp/own/server.pem"
                " --key /var/tmp/own/server.key 2>&1")
    assert machine.run("readlink /etc/trainyard/tls/server.pem") == \
        "/var/tmp/own/server.pem\n"
    guest(machine, "job")


def test_restarts_under_load_fail_no_request_and_lose_no_job(
        machine, load):
    (machine.root / "usr/local/bin/slow-judge").write_text(SLOW)
    machine.run("chmod 755 /usr/local/bin/slow-judge && sed -i"
                " 's,^#runner_judge = .*,runner_judge = "
                "/usr/local/bin/slow-judge,' /etc/trainyard/trainyard.conf &&"
                " rm -f /var/lib/trainyard/go &&"
                " systemctl restart trainyardd")
    job = guest(machine, "job")
    was = runner(machine)
    with load() as more:
        for act in ("systemctl restart trainyard-fcgi", "nginx -s reload",
                    "systemctl restart trainyardd",
                    "systemctl reload trainyard-fcgi trainyardd",
                    "systemctl restart trainyard.target",
                    "systemctl restart trainyard-fcgi"):
            more()
            machine.run(act)
        more()
    assert runner(machine) == was
    release(machine)
    assert guest(machine, f"wait {job}") == "completed"
    assert machine.run("trainyard --json job show " + job).count(
        '"attempt":1') >= 1


HOSTING = "/usr/share/doc/trainyard/examples/hosting"


@pytest.fixture
def no_units(machine):
    """Nothing of systemd's runs, not even its socket."""
    machine.run("systemctl stop trainyard.target trainyard-fcgi.socket")
    kept = machine.run("cat /etc/trainyard/trainyard.conf")
    yield
    (machine.root / "etc/trainyard/trainyard.conf").write_text(kept)
    machine.run("rm -f /run/trainyard/fcgi.sock"
                " && systemctl start trainyard-fcgi.socket trainyard-fcgi"
                " trainyardd trainyard.target")


def test_stopping_the_target_stops_all(machine, no_units):
    assert machine.run("systemctl list-units --plain --no-legend"
                       " --state=active 'trainyard*'") == ""
    nothing_runs(machine)


def nothing_runs(machine):
    """What keeps a job may see a moment later that it has ended."""
    machine.until(lambda: machine.try_run("pgrep -u trainyard")[0] == 1,
                  "something of trainyard's still runs")


def completes(machine):
    machine.run("touch /var/lib/trainyard/go")
    machine.until(lambda: machine.try_run(
        "python3 /var/tmp/guest.py job")[0] == 0, "nobody answers")
    assert guest(machine, f"wait {guest(machine, 'job')}") == "completed"


def test_runit_runs_it(machine, no_units):
    machine.run(f"cp -R {HOSTING}/runit /var/tmp/sv")
    runsvdir = machine.start("exec runsvdir /var/tmp/sv")
    try:
        completes(machine)
        machine.run("sv -w 60 restart /var/tmp/sv/trainyard-fcgi"
                    " /var/tmp/sv/trainyardd")
        completes(machine)
        machine.until(lambda: "route=/judges" in machine.run(
            "cat /var/log/trainyard/trainyard-fcgi/current"), "no log")
    finally:
        machine.run("sv -w 60 shutdown /var/tmp/sv/* || true")
        machine.run("pkill -HUP runsvdir || true")
        runsvdir.communicate(timeout=60)
    nothing_runs(machine)


def test_a_sysv_script_runs_it_and_logrotate_its_log(machine, no_units):
    script = f"{HOSTING}/sysv/trainyard"
    assert "log_file" in machine.try_run(f"{script} start")[1]
    log = "/var/log/trainyard/trainyard.log"
    machine.run(f"echo 'log_file = {log}' >>/etc/trainyard/trainyard.conf")
    machine.run(f"{script} start && {script} start && {script} status")
    completes(machine)
    machine.run(f"cp {HOSTING}/logrotate /var/tmp/rotate && chmod 644"
                " /var/tmp/rotate && chown root: /var/tmp/rotate"
                " && logrotate -f /var/tmp/rotate")
    for program in ("trainyard-fcgi", "trainyardd"):
        machine.until(lambda: f" {program}: settings were read again"
                      in machine.run(f"cat {log} 2>/dev/null || true"),
                      f"no new log of {program}")
    completes(machine)
    assert "route=/judges" in machine.run(f"cat {log}")
    machine.run(f"{script} reload && {script} restart && {script} stop")
    assert machine.try_run(f"{script} status")[0] != 0
    nothing_runs(machine)


def test_spawn_fcgi_runs_the_responder(machine, no_units):
    machine.run("install -d -m 0755 -o trainyard -g www-data /run/trainyard"
                " && spawn-fcgi -s /run/trainyard/fcgi.sock -M 0660"
                " -u trainyard -g trainyard -U trainyard -G www-data"
                " -P /run/trainyard-fcgi.pid -- /usr/sbin/trainyard-fcgi")
    guest(machine, "job")
    machine.run("kill $(cat /run/trainyard-fcgi.pid)")
    machine.until(lambda: machine.try_run("pgrep -u trainyard")[0] == 1,
                  "it does not end")


def test_an_upgrade_with_a_job_running(machine, built, load, tmp_path,
                                       waiting_job):
    """The schema is there already: the new release starts by itself."""
    was = pid(machine, "trainyard-fcgi"), pid(machine, "trainyardd")
    newer = repack(built, tmp_path / "newer", "0.1.0+1")
    with load() as more:
        more()
        machine.install(newer)
        more()
    now = pid(machine, "trainyard-fcgi"), pid(machine, "trainyardd")
    assert not set(was) & set(now)
    release(machine)
    assert guest(machine, f"wait {waiting_job}") == "completed"


def test_an_upgrade_that_needs_a_new_schema_waits_for_the_sysadmin(
        machine, built, load, tmp_path, waiting_job):
    def migration(root):
        folder = root / "usr/share/trainyard/sql/migrations"
        if folder.exists():
            (folder / "9999_01_pre_next.sql").write_text(
                "create table trainyard.next_release (id integer);\n")

    was = pid(machine, "trainyard-fcgi"), pid(machine, "trainyardd")
    newer = repack(built, tmp_path / "newer", "0.1.0+2", migration)
    with load() as more:
        said = machine.install(newer)
        more()
        assert was == (pid(machine, "trainyard-fcgi"),
                       pid(machine, "trainyardd"))
        commands = [line.strip() for line in said.splitlines()
                    if line.startswith("    ")]
        assert len(commands) == 3
        for line in commands:
            machine.run(line)
            more()
    assert not set(was) & {pid(machine, "trainyard-fcgi"),
                           pid(machine, "trainyardd")}
    release(machine)
    assert guest(machine, f"wait {waiting_job}") == "completed"


def test_the_release_before_comes_back_on_the_newer_schema(
        machine, built, tmp_path, load):
    with load() as more:
        machine.install(repack(built, tmp_path / "older", "0.1.0+1"))
        machine.run("systemctl restart trainyard.target")
        more()
    assert guest(machine, f"wait {guest(machine, 'job')}") == "completed"


def test_a_database_elsewhere_gives_each_role_its_password(machine):
    machine.run("runuser -u postgres -- psql -qc \"create role boss superuser"
                " login password 'secret'\"")
    machine.run("PGPASSWORD=secret trainyard setup"
                " --database 'host=localhost dbname=elsewhere'"
                " --superuser 'host=localhost user=boss dbname=postgres'"
                " --org acme --user ada@acme.example >/var/tmp/token"
                " 2>/var/tmp/said || { cat /var/tmp/said; exit 1; }")
    assert machine.run("stat -c '%U %a' /etc/trainyard/pgpass.*").split() == [
        "root", "600"] * 3
    machine.until(lambda: machine.try_run(
        "python3 /var/tmp/guest.py job")[0] == 0, "nobody answers")
    machine.run("touch /var/lib/trainyard/go")
    assert guest(machine, f"wait {guest(machine, 'job')}") == "completed"
    machine.run("systemctl start trainyard-prune.service")
    # the owner's password is none of the programs' business
    for unit in ("trainyard-fcgi", "trainyardd"):
        assert "trainyard_owner" not in machine.run(
            f"cat /run/credentials/{unit}.service/pgpass")


def test_a_purge_leaves_nothing_but_data(machine, waiting_job):
    machine.run("dpkg --purge trainyard trainyard-runners")
    nothing_runs(machine)
    machine.run("nginx -t && systemctl is-active nginx")
    left = machine.run("find / -xdev -iname '*trainyard*' -not -path"
                       " '/proc/*' -not -path '/var/tmp/*' | sort")
    assert left.split() == ["/var/lib/trainyard"], left
    assert machine.run("systemctl list-unit-files --no-legend"
                       " 'trainyard*' || true") == ""
    # and what stays is enough to go on with
    assert int(machine.run("runuser -u postgres -- psql -XAtd trainyard"
                           " -c 'select count(*) from trainyard.judge'")) > 0
    assert list((machine.root / "var/lib/trainyard/blobs").iterdir())
