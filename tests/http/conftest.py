# SPDX-License-Identifier: BSD-2-Clause
"""What several modules ask about over HTTP.

Fixtures that take `place` or `judge` mean the module's own.
"""
import pytest

from hosted import sft
from idle_judges import Judges, idle_stack
from judges import new_evaluation
from trained import make_model


@pytest.fixture
def job(place):
    """A hosted job that a worker has just been handed."""
    made = place.made(sft())
    place.claim(made)
    return made


@pytest.fixture
def untouched(place):
    """Nothing is written, to no table."""
    before = place.counts()
    yield
    assert place.counts() == before


@pytest.fixture(scope="module")
def idle(request, tmp_path_factory):
    """A stack of the module's own, on which jobs wait.

    A module that wants more of it says so: IDLE_OPTIONS = (option, ...).
    """
    with idle_stack(tmp_path_factory.mktemp("idle"), *getattr(
            request.module, "IDLE_OPTIONS", ())) as stack:
        yield stack


@pytest.fixture(scope="module")
def judges(idle):
    """The judges of its workspace."""
    made = Judges(idle)
    yield made
    made.close()


@pytest.fixture(scope="module")
def enough(judges):
    """A judge that has feedback, and whose slot no test takes."""
    return judges.trained(12)


@pytest.fixture
def evaluation(api, judge):
    """Shown: crit_clarity 82, crit_accuracy 64.5."""
    return new_evaluation(api, judge)["evaluation_id"]


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The bytes of a judge's model."""
    return make_model(tmp_path_factory.mktemp("job"))
