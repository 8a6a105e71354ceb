# SPDX-License-Identifier: BSD-2-Clause
"""Dispatchers against a PostgreSQL cluster of their own, and a whole stack."""
import sys

import pytest

from dispatchers import RUNNER, Cluster, Site
from harness import stack_in


@pytest.fixture(scope="session")
def cluster():
    """A migrated cluster; every test gets a database copied from it."""
    made = Cluster()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def site(cluster, tmp_path):
    """A database, a data_dir and the dispatchers that a test starts."""
    made = Site(cluster, tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A stack of the module's own, whose SFT jobs do what a script says."""
    with stack_in(tmp_path_factory.mktemp("stack"), "--rate-limit", "off",
                  "--set", f"runner_tinker_sft={sys.executable} {RUNNER}"
                  ) as stack:
        yield stack
