# SPDX-License-Identifier: BSD-2-Clause
"""Statements of sql/queries.sql on large tables, and what they read there."""
import contextlib
import pathlib
import re
import subprocess

import psycopg2

import statements
from growth import cases
from statements import PLANNER

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
ROWS = cases.ROWS
# Tables that hold what sysadmins set up, or a row for each of those.
FIXED = {"organization", "workspace", "account", "member", "workspace_member",
         "project", "token", "model", "schema_migration", "artifact_usage",
         "dispatcher", "job_edge"}
# Those that run under plan_by_values.
BY_VALUES = re.compile(r"job_(newest|oldest|last_changed|first_changed|"
                       r"count_hosted)|judge_job_(?!read|slot).*|run_(page|"
                       r"count)|judge_(newest|oldest|by_name|count)|"
                       r"artifact_of_(short|part|part_newest)")
ROLES = {"Any program": "trainyard_fcgi", "Command line": "trainyard_owner",
         "Both servers": "trainyard_dispatch",
         "Dispatcher": "trainyard_dispatch"}
NAMED = re.compile(r"trainyard\.([a-z_]+)")
# Name to (role that runs it, text).
STATEMENTS = {
    name: (next((r for s, r in ROLES.items() if section.startswith(s)),
                "trainyard_fcgi"), text)
    for name, (section, text) in statements.STATEMENTS.items()}
LARGE = sorted(name for name, (_, text) in STATEMENTS.items()
               if set(NAMED.findall(text)) - FIXED)
CALLS = [(name, n) for name in LARGE
         for n in range(len(cases.CASES.get(name, [])))]


@contextlib.contextmanager
def database(rows=ROWS):
    """A connection, as the superuser, to tables of so many rows each."""
    with subprocess.Popen(
            [TOP / "tests/unit/with-pg", "sh", "-c",
             'echo "$TRAINYARD_TEST_CLUSTER"; read -r _'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as pg:
        try:
            folder = pg.stdout.readline().strip()
            subprocess.run(
                ["psql", "-Xqo", "/dev/null", "-v", "ON_ERROR_STOP=1", "-v",
                 f"rows={rows}", "-f", HERE / "data.sql", "-h", folder, "-U",
                 "postgres", "trainyard"], check=True)
            with contextlib.closing(psycopg2.connect(
                    host=folder, user="postgres", dbname="trainyard",
                    options=PLANNER)) as conn:
                yield conn
        finally:
            pg.stdin.close()


def literal(cursor, value):
    """As libpq sends it: text that the server reads as what it wants."""
    if value is None:
        return None
    if isinstance(value, cases.Id):
        cursor.execute("select growth.id(%s, %s)::text",
                       (value.kind, value.number))
        return cursor.fetchone()[0]
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list):
        return "{" + ",".join(
            "NULL" if v is None else
            '"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"'
            for v in (literal(cursor, v) for v in value)) + "}"
    return str(value)


@contextlib.contextmanager
def prepared(conn, name):
    """A cursor of the role that runs it, with the statement as s.

    Nothing stays of what it does.
    """
    role, text = STATEMENTS[name]
    try:
        with conn.cursor() as cursor:
            cursor.execute("deallocate all")
            if name in cases.BEFORE:
                cursor.execute("set local session_replication_role = replica")
                cursor.execute(cases.BEFORE[name])
                cursor.execute("set local session_replication_role = origin")
            cursor.execute(f"set local role {role}")
            if BY_VALUES.fullmatch(name) or name.startswith("cmd_"):
                cursor.execute("set local plan_cache_mode ="
                               " force_custom_plan")
            cursor.execute("prepare s as " + text)
            yield cursor
    finally:
        conn.rollback()


def execute(count):
    return "execute s" + (f"({', '.join(['%s'] * count)})" if count else "")


def explained(conn, name, values):
    """What EXPLAIN says of a run with these values."""
    with conn.cursor() as cursor:
        given = [literal(cursor, v) for v in values]
    with prepared(conn, name) as cursor:
        cursor.execute("explain (analyze, timing off, format json) "
                       + execute(len(given)), given)
        return cursor.fetchone()[0][0]


def walk(node):
    yield node
    for below in node.get("Plans", []):
        yield from walk(below)


def read_by(plan):
    """Rows that scans have gone over, and tables that were read whole.

    An entry that an index only collects for a bitmap counts a twentieth.
    """
    rows, whole = 0, []
    for node in walk(plan):
        if "Relation Name" not in node and \
                node["Node Type"] != "Bitmap Index Scan":
            continue
        over = node["Actual Loops"] * sum(
            node.get(x, 0) for x in ("Actual Rows", "Rows Removed by Filter",
                                     "Rows Removed by Index Recheck"))
        if node["Node Type"] == "Bitmap Index Scan":
            rows += over // 20
        elif node["Node Type"] != "ModifyTable":
            rows += over
        if node["Node Type"] == "Seq Scan" and over > ROWS / 5:
            whole.append(node["Relation Name"])
    return rows, whole


def kept(conn, name):
    """The plan that a server keeps for a statement, whatever it is asked."""
    places = max(map(int, re.findall(r"\$(\d+)", STATEMENTS[name][1])),
                 default=0)
    with prepared(conn, name) as cursor:
        cursor.execute("explain (format json) " + execute(places),
                       [None] * places)
        return cursor.fetchone()[0][0]["Plan"]


def without_key(conn, plan):
    """Scans of tables that grow, from one end to the other.

    An index of a part of the table, such as what is due, may be read along.
    """
    with conn.cursor() as cursor:
        cursor.execute("select indexrelid::regclass::text from pg_index"
                       " where indpred is not null")
        parts = {name.removeprefix("trainyard.") for name, in cursor}
    return [(node["Node Type"], node["Relation Name"],
             node.get("Index Name")) for node in walk(plan)
            if node.get("Relation Name", "job_edge") not in FIXED
            and (node["Node Type"] == "Seq Scan"
                 or node["Node Type"].startswith("Index")
                 and "Index Cond" not in node
                 and node["Index Name"] not in parts)]


def answered(plan):
    """Rows that a statement gave back or wrote."""
    return sum(n["Actual Rows"] * n["Actual Loops"] for n in walk(plan)
               if n is plan or n["Node Type"] == "ModifyTable")
