# SPDX-License-Identifier: BSD-2-Clause
"""Calibrations beside scikit-learn's, where Debian's python3-sklearn is."""
import random
import subprocess

import pytest

from judge_job import BUILD, PATIENCE

numpy = pytest.importorskip("numpy")
isotonic = pytest.importorskip("sklearn.isotonic")
calibration = pytest.importorskip("sklearn.calibration")


def says(kind, points, queries):
    """What our fit to the points makes of the queries."""
    lines = [f"{z!r} {y!r} {w!r}" for z, y, w in points]
    out = subprocess.run(
        [BUILD / "bench/judge_calib", kind, str(len(points))],
        input="\n".join([*lines, *map(repr, queries), ""]), text=True,
        stdout=subprocess.PIPE, check=True, timeout=PATIENCE).stdout
    return numpy.array([float(line) for line in out.split()])


def columns(points):
    return numpy.array(points).T


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("tied", [False, True])
def test_steps_are_the_isotonic_regression(seed, tied):
    rnd = random.Random(seed)
    points = []
    for _ in range(120):
        z = rnd.uniform(0, 100)
        points.append((float(round(z, -1)) if tied else z,
                       min(100, max(0, z / 2 + rnd.gauss(20, 25))),
                       float(rnd.randint(1, 5))))
    queries = [rnd.uniform(-10, 110) for _ in range(200)]
    z, y, w = columns(points)
    theirs = isotonic.IsotonicRegression(out_of_bounds="clip").fit(
        z, y, sample_weight=w)
    assert says("steps", points, queries) == pytest.approx(
        theirs.predict(queries), abs=0.02)


@pytest.mark.parametrize("seed", range(6))
def test_the_logistic_curve_is_platt_s(seed):
    rnd = random.Random(seed)
    points = []
    for _ in range(150):
        z = rnd.uniform(0, 100)
        points.append((z, 100.0 * (z + rnd.gauss(0, 20) > 55), 1.0))
    queries = [rnd.uniform(0, 100) for _ in range(100)]
    z, y, _ = columns(points)
    theirs = calibration._SigmoidCalibration().fit(z / 100, y > 50)
    assert says("logistic", points, queries) == pytest.approx(
        100 * theirs.predict(numpy.array(queries) / 100), abs=0.2)
