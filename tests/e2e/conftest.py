# SPDX-License-Identifier: BSD-2-Clause
"""Databases without servers, and the trainyard command for each."""
import itertools
import subprocess

import psycopg2
import pytest

from command import Command
from harness import PATIENCE, TOP


@pytest.fixture(scope="session")
def cluster():
    """Socket folder of a PostgreSQL with our roles and no schema."""
    process = subprocess.Popen(
        [TOP / "tests/unit/with-pg", "--bare", "sh", "-c",
         'echo "$TRAINYARD_TEST_CLUSTER"; exec cat'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    folder = process.stdout.readline().strip()
    assert folder
    yield folder
    process.stdin.close()
    process.stdout.close()
    # a folder of some hundred databases takes its time to remove
    assert process.wait(timeout=5 * PATIENCE) == 0


@pytest.fixture(scope="session")
def new_database(cluster):
    """Makes databases, empty or as a copy of another."""
    conn = psycopg2.connect(host=cluster, user="postgres", dbname="postgres")
    conn.autocommit = True
    names = (f"d{n}" for n in itertools.count())

    def make(template="template1"):
        name = next(names)
        with conn.cursor() as cursor:
            cursor.execute(f"create database {name} owner trainyard_owner"
                           f" template {template}")
        return name, f"host={cluster} dbname={name} user=trainyard_owner"

    yield make
    conn.close()


@pytest.fixture
def bare(new_database, tmp_path):
    """The command with an empty database."""
    return Command(tmp_path, new_database()[1])


@pytest.fixture(scope="session")
def migrated(new_database, tmp_path_factory):
    name, dsn = new_database()
    Command(tmp_path_factory.mktemp("template"), dsn).migrate()
    return name


@pytest.fixture
def ctl(new_database, migrated, tmp_path):
    """The command with a database that has the schema and no rows of ours."""
    return Command(tmp_path, new_database(migrated)[1])


@pytest.fixture
def acme(ctl):
    """The same with organisation acme and its member ada."""
    ctl.run("org", "create", "acme", "--name", "Acme")
    ctl.run("user", "create", "ada@acme.example")
    ctl.run("member", "add", "acme", "ada@acme.example")
    return ctl


@pytest.fixture(scope="module")
def client(stack):
    """May do everything on the module's own stack."""
    with stack.client(stack.token) as made:
        yield made
