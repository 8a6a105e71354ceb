# SPDX-License-Identifier: BSD-2-Clause
"""trainyard migrate: everything, once, in order, or nothing."""
import hashlib
import shutil

import pytest

from command import MIGRATIONS, Command
from harness import PATIENCE

ALL = sorted(path.stem for path in MIGRATIONS.glob("*.sql"))


@pytest.fixture
def more(tmp_path):
    """A folder with our migrations and what a test adds."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)

    def add(name, text):
        (folder / f"{name}.sql").write_text(text)
        return folder

    return add


def test_migrate_applies_everything_once(bare):
    assert bare.migrate()[0] == "".join(f"applied {name}\n" for name in ALL)
    assert bare.migrate()[0] == "nothing to do\n"
    rows = bare.execute("select name, phase, encode(sha256, 'hex'), applied_by"
                      " from trainyard.schema_migration order by name")
    assert rows == [
        (name, name.split("_")[2],
         hashlib.sha256((MIGRATIONS / f"{name}.sql").read_bytes()).hexdigest(),
         "trainyard_owner") for name in ALL]


def test_migrate_may_run_many_times_at_once(bare):
    running = [bare.start("migrate", "--dir", MIGRATIONS) for _ in range(4)]
    said = [process.communicate(timeout=PATIENCE) for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    assert sorted(out for out, _ in said) == sorted(
        ["nothing to do\n"] * 3 + ["".join(f"applied {n}\n" for n in ALL)])


def test_migrate_reads_its_folder_from_the_environment(bare):
    out, _ = bare.run("migrate", env={"TRAINYARD_SQL_DIR": str(MIGRATIONS)})
    assert f"applied {ALL[0]}" in out


def test_migrate_status_and_dry_run_change_nothing(bare):
    assert bare.migrate("--dry-run")[0] == "".join(
        f"pending {name}\n" for name in ALL)
    assert "pending" in bare.migrate("--status")[0]
    assert bare.execute("select to_regnamespace('trainyard') is null") == [
        (True,)]
    bare.migrate()
    rows = bare.json("migrate", "--status", "--dir", MIGRATIONS)
    assert [row["name"] for row in rows] == ALL
    assert all(row["applied_at"].endswith("Z") for row in rows)
    assert all(row["applied_by"] == "trainyard_owner" for row in rows)


def test_migrate_in_json(bare):
    assert bare.json("migrate", "--dry-run", "--dir", MIGRATIONS) == {
        "pending": ALL}
    assert bare.json("migrate", "--dir", MIGRATIONS) == {"applied": ALL}


def test_migrate_by_phase(ctl, more):
    more("9001_01_post_late", "create table trainyard.late ()")
    folder = more("9002_01_pre_early", "create table trainyard.early ()")
    assert ctl.out("migrate", "--dir", folder, "--phase", "pre") == (
        "applied 9002_01_pre_early\n")
    assert ctl.out("migrate", "--dir", folder, "--phase", "post") == (
        "applied 9001_01_post_late\n")
    assert ctl.out("migrate", "--dir", folder) == "nothing to do\n"


def test_migrate_refuses_what_was_changed(ctl, more):
    folder = more("9001_01_pre_next", "create table trainyard.next ()")
    first = folder / f"{ALL[0]}.sql"
    first.write_text(first.read_text() + "-- changed\n")
    err = ctl.fails("migrate", "--dir", folder)
    assert f"migration {ALL[0]} is not the one that was applied" in err
    assert ctl.execute("select to_regclass('trainyard.next') is null") == [
        (True,)]


def test_migrate_refuses_a_newer_database(ctl, more):
    folder = more("9001_01_pre_next", "create table trainyard.next ()")
    ctl.run("migrate", "--dir", folder)
    err, = ctl.migrate(status=1)[1:]
    assert "the database is newer than this program" in err
    assert "9001_01_pre_next" in err


def test_a_failed_migration_leaves_nothing(ctl, more):
    more("9001_01_pre_good", "create table trainyard.good ()")
    folder = more("9002_01_pre_bad", "create table trainyard.half ();\n"
                  "select nothing from trainyard.nowhere")
    out, err = ctl.run("migrate", "--dir", folder, status=1)
    assert out == "applied 9001_01_pre_good\n"
    assert "migration 9002_01_pre_bad failed and was rolled back" in err
    assert "trainyard.nowhere" in err
    assert ctl.execute("select to_regclass('trainyard.half') is null") == [
        (True,)]
    assert [row["applied_by"] for row in
            ctl.json("migrate", "--status", "--dir", folder)][-2:] == [
                "trainyard_owner", None]


def test_a_migration_may_not_commit(ctl, more):
    folder = more("9001_01_pre_own", "create table trainyard.own (); commit")
    assert "ends its own transaction" in ctl.fails("migrate", "--dir", folder)


@pytest.mark.parametrize("name", ["more", "0002_pre_x", "0002_01_mid_x",
                                  "0002_01_pre_", "0002_01_pre_X"])
def test_migrations_have_names_of_one_form(bare, more, name):
    folder = more(name, "select 1")
    assert f"{name}.sql: a migration is called" in bare.fails(
        "migrate", "--dir", folder)


def test_a_folder_without_migrations_is_told(bare, tmp_path):
    assert "no migrations there" in bare.fails("migrate", "--dir", tmp_path)
    assert "No such file" in bare.fails("migrate", "--dir", tmp_path / "x")


def test_only_the_owner_migrates(new_database, tmp_path):
    dsn = new_database()[1].replace("trainyard_owner", "trainyard_fcgi")
    err = Command(tmp_path, dsn).migrate(status=1)[1]
    assert "permission denied" in err
    assert "database_owner" in err


def test_other_verbs_want_the_schema(bare):
    assert 'run "trainyard migrate"' in bare.fails("org", "list")


def test_a_server_that_is_away_is_told(tmp_path):
    err = Command(tmp_path, f"host={tmp_path} dbname=x").fails("org", "list")
    assert "trainyard: error: could not connect to the database: " in err
    assert "trainyard: hint: " in err
