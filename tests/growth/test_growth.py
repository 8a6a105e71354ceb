# SPDX-License-Identifier: BSD-2-Clause
"""No statement reads more of a large table than its answer is worth.

Every statement of sql/queries.sql that names a table which grows with use is
run on tables of GROWTH_ROWS rows each, with the parameters of cases.py, and
its plan tells what it has read.  A statement without parameters there fails.
Nor do the plans of a site that has just begun: they are kept while it grows.
"""
import json

import pytest

from growth import cases
from growth.grown import (
    BY_VALUES, CALLS, LARGE, STATEMENTS, answered, database, explained, kept,
    read_by, without_key)

# This finds what is old by a BRIN index: a range of 128 pages at least.
BRIN = {"retain_keys": 20000}


@pytest.fixture(scope="module")
def grown():
    with database() as conn:
        yield conn


@pytest.fixture(scope="module")
def young():
    """A site in its first hour: what is planned then is kept for a while."""
    with database(120) as conn:
        yield conn


@pytest.mark.parametrize("name", [
    name for name in LARGE
    if not name.startswith("cmd_") and not BY_VALUES.fullmatch(name)])
def test_on_small_tables_rows_are_found_by_key_already(young, name):
    assert without_key(young, kept(young, name)) == []


@pytest.mark.parametrize("name", LARGE)
def test_a_statement_on_large_tables_has_parameters(name):
    assert cases.CASES.get(name), f"tests/growth/cases.py lacks {name}"


@pytest.mark.parametrize("name,n", CALLS)
def test_rows_read_are_in_proportion(grown, name, n):
    values = cases.CASES[name][n]
    plan = explained(grown, name, values)["Plan"]
    rows, whole = read_by(plan)
    # the command may take its time
    if not name.startswith("cmd_"):
        assert whole == []
        most = BRIN.get(name, 5000) + 10 * answered(plan) + (
            3 * cases.MOST if cases.MOST in values else 0)
        assert rows <= most, json.dumps(plan)


def test_a_whole_read_is_seen(grown, monkeypatch):
    monkeypatch.setitem(STATEMENTS, "bad", ("trainyard_fcgi", """
        select j.id from trainyard.job j where j.name = $1"""))
    plan = explained(grown, "bad", ["none"])["Plan"]
    assert read_by(plan)[1] == ["job"]
