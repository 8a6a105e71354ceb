# SPDX-License-Identifier: BSD-2-Clause
"""Dispatchers against a PostgreSQL cluster of their own."""
import pytest

from dispatchers import Cluster, Site


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
