# SPDX-License-Identifier: BSD-2-Clause
"""validation_results of trainyard-judge against the definitions in Python."""
import itertools
import math
import random
import statistics

import pytest

from judge_job import (
    HANNA_CRITERIA, Evaluation, Job, hanna, hanna_few, split_u, wordings)

METRICS = ("mae", "rmse", "spearman", "quadratic_weighted_kappa",
           "pairwise_accuracy")


def clamp(x):
    return min(100.0, max(0.0, x))


def ranks(values):
    ordered = sorted(values)
    return [ordered.index(v) + (ordered.count(v) + 1) / 2 for v in values]


def pearson(a, b):
    ma, mb = statistics.mean(a), statistics.mean(b)
    saa = sum((x - ma) ** 2 for x in a)
    sbb = sum((y - mb) ** 2 for y in b)
    if saa == 0 or sbb == 0:
        return None
    return sum((x - ma) * (y - mb)
               for x, y in zip(a, b)) / math.sqrt(saa * sbb)


def kappa(labels, preds):
    a = [1 + math.floor(x / 25 + 0.5) for x in labels]
    b = [1 + math.floor(x / 25 + 0.5) for x in preds]
    divisor = sum((x - y) ** 2 for x in a for y in b) / len(a)
    return 1 - sum((x - y) ** 2 for x, y in zip(a, b)) / divisor \
        if divisor else None


def pairwise(labels, preds):
    good = [0.5 if p == q else (x > y) == (p > q)
            for (x, p), (y, q) in itertools.combinations(
                zip(labels, preds), 2) if x != y]
    return statistics.mean(good) if good else None


def metrics(labels, preds):
    if not labels:
        return dict.fromkeys(METRICS)
    errors = [abs(x - p) for x, p in zip(labels, preds)]
    return dict(zip(METRICS, (
        statistics.mean(errors),
        math.sqrt(statistics.mean(e * e for e in errors)),
        pearson(ranks(labels), ranks(preds)) if len(labels) > 2 else None,
        kappa(labels, preds), pairwise(labels, preds))))


def check(got, labels, preds):
    want = metrics(labels, preds)
    assert set(got) == set(METRICS)
    for name in METRICS:
        if want[name] is None:
            assert got[name] is None, name
        else:
            assert got[name] == pytest.approx(want[name], abs=6e-5), name


class Sheet:
    """Labels and controls of a job as the contract defines them."""

    def __init__(self, items, criteria, weights=None, judge_id="jdg_test",
                 split=0.2):
        self.criteria = [f"crit_{c}" for c in criteria]
        self.weights = [(weights or {}).get(c, 1) for c in criteria]
        self.rows = []
        for item in items:
            labels = self.labels(item)
            if labels:
                self.rows.append((item, labels,
                                  split_u(judge_id, item.key) < split))
        self.shift = {
            head: statistics.mean(gaps) if gaps else 0
            for head in [*self.criteria, "overall"]
            for gaps in [[labels[head] - self.raw(item)[head]
                          for item, labels, held in self.rows
                          if not held and head in labels]]}

    def overall(self, scores):
        return sum(w * scores[c] for c, w in zip(
            self.criteria, self.weights)) / sum(self.weights)

    def raw(self, item):
        given = [item.raw[c] for c in self.criteria if c in item.raw]
        scores = {c: item.raw.get(c, statistics.mean(given))
                  for c in self.criteria}
        return {**scores, "overall": self.overall(scores)}

    def labels(self, item):
        said = {}
        for entry in item.feedback:
            targets = entry["target_criteria"]
            if entry["type"] == "correction":
                pairs = entry["corrected_scores"].items()
            elif entry["type"] == "rating":
                pairs = [(t, (entry["rating"] - 1) * 25)
                         for t in targets or ["rated"]]
            elif entry["type"] == "approval" and entry["approved"]:
                pairs = [(t, item.shown[t]) for t in targets or item.shown]
            else:
                continue
            for head, score in pairs:
                if head in [*self.criteria, "rated"]:
                    said.setdefault(head, []).append(score)
        means = {head: statistics.mean(s) for head, s in said.items()}
        if "rated" in means:
            means["overall"] = means["rated"]
        elif all(c in means for c in self.criteria):
            means["overall"] = self.overall(means)
        return means

    def column(self, head, column):
        """Held-out labels of a head and what a control says of them."""
        source = "overall" if head == "rated" else head
        pairs = [(labels[head], self.raw(item)[source])
                 for item, labels, held in self.rows
                 if held and head in labels]
        shift = self.shift[source] if column == "bias" else 0
        return [y for y, _ in pairs], [clamp(x + shift) for _, x in pairs]


def mixed(count=160, seed=3):
    """Every kind of feedback, missing scores, repeats of the content."""
    rnd = random.Random(seed)
    items = []
    for i in range(count):
        raw = {f"crit_{c}": round(rnd.uniform(20, 95), 2) for c in "abc"}
        if rnd.random() < 0.2:
            del raw["crit_" + rnd.choice("abc")]
        shown = {f"crit_{c}": rnd.uniform(0, 100) for c in "abc"}
        item = Evaluation(raw, ref=f"item-{i // 2}", shown=shown)
        for _ in range(rnd.choice((0, 1, 1, 2, 7))):
            number = sum(len(e.feedback) for e in items) + 1 + \
                len(item.feedback)
            kind = rnd.choice(("all", "some", "rate", "target", "ok", "no",
                               "words"))
            if kind in ("all", "some"):
                item.correct(number, **{
                    c: rnd.choice((0, 25, 50, 62.5, 80))
                    for c in ("abc" if kind == "all" else "bz")})
            elif kind == "rate":
                item.say(number, type="rating", rating=rnd.randint(1, 5))
            elif kind == "target":
                item.say(number, type="rating", rating=2.5,
                         target_criteria=["crit_a", "crit_gone"])
            elif kind in ("ok", "no"):
                item.say(number, type="approval", approved=kind == "ok")
            else:
                item.say(number, type="comment")
        items.append(item)
    return items


WEIGHTS = {"a": 1, "b": 2.5, "c": 0.5}


def test_controls_and_counts_are_those_of_the_contract(tmp_path):
    items = mixed()
    run = Job(tmp_path, items, criteria="abc", weights=WEIGHTS,
              validation_split=0.4).run()
    got = run.results
    sheet = Sheet(items, "abc", WEIGHTS, split=0.4)
    held = [labels for _, labels, held in sheet.rows if held]
    assert got["holdout_count"] == len(held)
    assert got["label_count"] == sum(
        len(labels) - (1 if "overall" in labels else 0) for labels in held)
    assert list(got["criteria"]) == sheet.criteria
    assert got["seen_count"] == 0
    for head in [*sheet.criteria, "overall"]:
        block = got["overall"] if head == "overall" else got["criteria"][head]
        assert set(block) == {"count", "trained", "active", "raw", "bias"}
        for column in ("raw", "bias"):
            labels, preds = sheet.column(head, column)
            assert block["count"] == len(labels) > 10
            check(block[column], labels, preds)
        assert block["active"] == block["raw"]


def test_pooled_numbers_are_over_labels_and_pairs(tmp_path):
    items = mixed(seed=4)
    got = Job(tmp_path, items, criteria="abc", weights=WEIGHTS,
              validation_split=0.5).run().results
    sheet = Sheet(items, "abc", WEIGHTS, split=0.5)
    for column in ("raw", "bias"):
        errors, good, pairs = [], 0, 0
        for head in [*sheet.criteria, "rated"]:
            labels, preds = sheet.column(head, column)
            errors += [abs(x - p) for x, p in zip(labels, preds)]
            n = sum(x != y for x, y in itertools.combinations(labels, 2))
            good += n * (pairwise(labels, preds) or 0)
            pairs += n
        assert len(errors) == got["label_count"]
        assert got["pooled_mae"][column] == pytest.approx(
            statistics.mean(errors), abs=6e-5)
        assert got["pooled_pairwise_accuracy"][column] == pytest.approx(
            good / pairs, abs=6e-5)
    assert got["accuracy_score"] == pytest.approx(
        1 - got["pooled_mae"]["trained"] / 100, abs=6e-5)


def test_nothing_held_out_leaves_nulls(tmp_path):
    got = Job(tmp_path, mixed(40), criteria="abc",
              validation_split=0).run().results
    assert got["holdout_count"] == got["label_count"] == 0
    assert got["accuracy_score"] is None
    assert got["pooled_mae"] == got["pooled_pairwise_accuracy"] == \
        dict.fromkeys(("trained", "active", "raw", "bias"))
    assert got["overall"]["trained"] == dict.fromkeys(METRICS)


def train(folder, items, **more):
    """A trained model's path."""
    made = Job(folder, items, criteria="abc", weights=WEIGHTS, **more)
    assert made.run().status == 0
    return str(folder / "model.tyj")


def validation(folder, items, model=None, through=0, split=1.0, **more):
    made = Job(folder, items, criteria="abc", weights=WEIGHTS,
               training_type="validation", **more)
    made.spec["base_model"] = model
    made.spec["base"] = {"version_number": 4, "seen_through": through,
                         "seen_split": split}
    return made


def test_validation_measures_what_training_measured(tmp_path):
    items = mixed()
    first = Job(tmp_path / "first", items, criteria="abc", weights=WEIGHTS,
                validation_split=0.4)
    trained = first.run().results
    run = validation(tmp_path / "second", items,
                     str(tmp_path / "first/model.tyj"), 10 ** 9, 0.4).run()
    assert [e["event_type"] for e in run.events] == [
        "training_start", "training_end"]
    assert run.one("training_start")["data"]["phase"] == "validating"
    assert set(run.one("training_end")["artifacts"]) == {
        "report", "report_html"}
    got = run.results
    # Its training part is seen, so that the held-out part is left.
    assert got["holdout_count"] == trained["holdout_count"]
    assert got["seen_count"] == sum(
        not held for *_, held in Sheet(items, "abc", split=0.4).rows)
    for head in got["criteria"]:
        assert set(got["criteria"][head]) == {"count", "active", "raw",
                                              "bias"}
        assert got["criteria"][head]["active"] == \
            trained["criteria"][head]["trained"]
    assert got["pooled_mae"]["active"] == trained["pooled_mae"]["trained"]
    assert got["accuracy_score"] == trained["accuracy_score"]


def test_validation_leaves_one_out_for_the_constant(tmp_path):
    items = mixed(60)
    got = validation(tmp_path, items).run().results
    sheet = Sheet(items, "abc", WEIGHTS, split=1)
    for head in [*sheet.criteria, "overall"]:
        labels, raw = sheet.column(head, "raw")
        gaps = [y - x for y, x in zip(labels, raw)]
        preds = [clamp(x + (sum(gaps) - gap) / (len(gaps) - 1))
                 for x, gap in zip(raw, gaps)]
        block = got["overall"] if head == "overall" else got["criteria"][head]
        check(block["bias"], labels, preds)


def test_validation_looks_at_its_targets_only(tmp_path):
    items = mixed(60)
    got = validation(tmp_path, items, target_criteria=["crit_b"]).run().results
    sheet = Sheet(items, "abc", WEIGHTS, split=1)
    labels, preds = sheet.column("crit_b", "raw")
    assert list(got["criteria"]) == ["crit_b"]
    assert got["criteria"]["crit_b"]["count"] == len(labels)
    check(got["criteria"]["crit_b"]["raw"], labels, preds)


def test_validation_of_seen_feedback_only_is_insufficient(tmp_path):
    seen = validation(tmp_path, mixed(30), None, 10 ** 9, 0.0)
    assert seen.run().failure("insufficient_feedback_error") == \
        "version 4 was trained on all of the feedback"


def test_the_lowest_number_tells_whether_it_was_seen(tmp_path):
    items = [Evaluation({"crit_a": 10 * i}, ref=str(i)).correct(
        100 + i, a=50) for i in range(10)]
    made = validation(tmp_path, items, None, 104, 0.0)
    assert made.run().results["seen_count"] == 5
    # An earlier entry that is not part of the selection counts too.
    with open(made.spec["data"]) as file:
        lines = file.read().splitlines()
    lines[9] = lines[9][:-1] + ', "first_number": 3}'
    with open(made.spec["data"], "w") as file:
        file.write("\n".join(lines))
    got = made.run().results
    assert got["seen_count"] == 6 and got["holdout_count"] == 4


def test_the_active_version_stands_beside_with_its_own_criteria(tmp_path):
    items = mixed()
    model = train(tmp_path / "old", items, validation_split=0)
    both = Job(tmp_path / "new", items, criteria="ac", weights=WEIGHTS,
               validation_split=0.4)
    both.spec["active_model"] = model
    both.spec["active"] = {
        "version_number": 2, "seen_through": 10 ** 9, "seen_split": 0.1,
        "criteria": [{"id": f"crit_{c}", "weight": WEIGHTS[c]}
                     for c in "bc"]}
    got = both.run().results
    seen = validation(tmp_path / "check", items, model).run().results
    # Only what lies below its own split is new to it.
    assert 0 < got["seen_count"] < got["holdout_count"]
    # crit_a is unknown to it: raw.
    assert got["criteria"]["crit_a"]["active"] == \
        got["criteria"]["crit_a"]["raw"]
    assert got["criteria"]["crit_c"]["active"] != \
        got["criteria"]["crit_c"]["raw"]
    assert seen["criteria"]["crit_c"]["count"] > \
        got["criteria"]["crit_c"]["count"]


def test_a_fresh_criterion_begins_anew_under_an_old_id(tmp_path):
    """The id was another criterion's before: its head is not taken over."""
    rnd = random.Random(4)
    items = [Evaluation({f"crit_{c}": rnd.uniform(30, 90) for c in "abc"},
                        ref=f"item-{i}") for i in range(120)]
    for i, item in enumerate(items):
        item.correct(i + 1, **{c: item.raw[f"crit_{c}"] - 20 for c in "abc"})
    model = train(tmp_path / "old", items, validation_split=0.4)
    # Of crit_b nobody speaks any more but on the held-out part.
    for item in items:
        if split_u("jdg_test", item.key) >= 0.4:
            del item.feedback[0]["corrected_scores"]["crit_b"]
    got = {}
    for fresh in (False, True):
        job = Job(tmp_path / str(fresh), items, criteria="abc",
                  weights=WEIGHTS, training_type="incremental",
                  validation_split=0.4)
        job.spec["base_model"] = job.spec["active_model"] = model
        job.spec["criteria"][1]["fresh"] = fresh
        got[fresh] = job.run().results["criteria"]
    old, new = got[False], got[True]
    assert old["crit_b"]["trained"]["mae"] < 2
    assert old["crit_b"]["active"]["mae"] < 2
    assert new["crit_b"]["trained"] == new["crit_b"]["raw"]
    assert new["crit_b"]["active"] == new["crit_b"]["raw"]
    assert new["crit_a"]["trained"]["mae"] < 2


def consistency(groups):
    """The definition, over lists of overall scores."""
    flat = [x for g in groups for x in g]
    within = sum((x - statistics.mean(g)) ** 2 for g in groups for x in g) / \
        sum(len(g) - 1 for g in groups)
    return 1 - min(1, math.sqrt(within / statistics.variance(flat)))


def test_consistency_is_over_the_newest_repeats(tmp_path):
    rnd = random.Random(8)
    items = [Evaluation({"crit_a": 50}, ref=f"{i}").correct(i + 1, a=40)
             for i in range(9)]
    repeats, groups = [], {}
    for _ in range(400):
        group = rnd.randrange(9)
        score = min(100, max(0, 10 * group + rnd.gauss(0, 8)))
        repeats.append(Evaluation({"crit_a": score}, ref=f"g{group}"))
        groups.setdefault(group, []).append(score)
    repeats.append(Evaluation({"crit_a": 1}, ref="alone"))
    made = Job(tmp_path, items, criteria="a", training_type="validation",
               repeats=repeats)
    got = made.run().results
    assert got["consistency_groups"] == 9
    assert got["consistency_score"] == pytest.approx(
        consistency([g[:20] for g in groups.values()]), abs=6e-5)


def test_consistency_stops_at_five_thousand_groups(tmp_path):
    items = [Evaluation({"crit_a": 50}, ref="x").correct(1, a=40)]
    repeats = [Evaluation({"crit_a": (i * 37) % 101}, ref=f"g{i % 5200}")
               for i in range(10400)]
    made = Job(tmp_path, items, criteria="a", training_type="validation",
               repeats=repeats)
    got = made.run().results
    groups = [[(i * 37) % 101, ((i + 5200) * 37) % 101] for i in range(5000)]
    assert got["consistency_groups"] == 5000
    assert got["consistency_score"] == pytest.approx(consistency(groups),
                                                     abs=6e-5)


def test_without_repeats_consistency_is_null(tmp_path):
    got = Job(tmp_path, mixed(40), criteria="abc").run().results
    assert got["consistency_score"] is None
    assert got["consistency_groups"] == 0


def hanna_means(results, metric):
    return {column: statistics.mean(
        block[column][metric] for block in results["criteria"].values())
        for column in ("trained", "raw", "bias")}


@pytest.mark.parametrize("split", [0.2, 0.3, 0.5])
@pytest.mark.parametrize("optimize", ["mae", "qwk"])
def test_hanna_beats_its_controls(tmp_path, split, optimize):
    """On the sample, on average over judges, whose splits all differ."""
    items = hanna()
    mae, qwk = [], []
    for number in range(12):
        run = Job(tmp_path / str(number), items, criteria=HANNA_CRITERIA,
                  judge_id=f"jdg_hanna{number}", seed=number,
                  validation_split=split, optimize=optimize).run()
        mae.append(hanna_means(run.results, "mae"))
        qwk.append(hanna_means(run.results, "quadratic_weighted_kappa"))
        assert mae[-1]["trained"] < mae[-1]["bias"]
        assert qwk[-1]["trained"] > qwk[-1]["raw"]

    def mean(rows, column):
        return statistics.mean(row[column] for row in rows)

    assert mean(mae, "trained") <= mean(mae, "raw") / 2
    assert mean(qwk, "trained") > mean(qwk, "bias") + (
        0.02 if optimize == "qwk" else 0)


def on_a_line(items, judge_id, criterion, split):
    """Held-out labels, and what the least-squares line on raw says."""
    rows = [(item.raw[criterion], statistics.mean(
        f["corrected_scores"][criterion] for f in item.feedback),
        split_u(judge_id, item.key) < split) for item in items]
    line = statistics.linear_regression(
        [x for x, _, held in rows if not held],
        [y for _, y, held in rows if not held])
    return [y for _, y, held in rows if held], [
        clamp(line.intercept + line.slope * x) for x, _, held in rows if held]


def test_four_wordings_beat_raw_bias_and_a_line(tmp_path):
    """On average over five judges, in error, agreement and order."""
    items, criteria = hanna(4), wordings(4)
    names = ("mae", "quadratic_weighted_kappa", "spearman")
    rows = {}
    for number in range(5):
        judge = f"jdg_hanna{number}"
        results = Job(tmp_path / str(number), items, criteria=criteria,
                      judge_id=judge, seed=number, validation_split=0.3,
                      weights={c: 0.001 for c in criteria if "_p" in c}
                      ).run().results["criteria"]
        for c in HANNA_CRITERIA:
            block = results[f"crit_{c}"]
            line = metrics(*on_a_line(items, judge, f"crit_{c}", 0.3))
            for name in names:
                for column in ("trained", "raw", "bias"):
                    rows.setdefault((name, column), []).append(
                        block[column][name])
                rows.setdefault((name, "line"), []).append(line[name])
    means = {key: statistics.mean(values) for key, values in rows.items()}
    for column in ("raw", "bias", "line"):
        assert means["mae", "trained"] < means["mae", column] - 0.5
        assert means[names[1], "trained"] > means[names[1], column]
        assert means["spearman", "trained"] > means["spearman", column] + 0.04


def beside_raw(results, metric):
    """Means of trained and raw over the criteria with labels."""
    blocks = [b for b in results["criteria"].values() if b["count"]]
    return [statistics.mean(block[column][metric] or 0 for block in blocks)
            for column in ("trained", "raw")]


@pytest.mark.parametrize("count", [20, 50, 100, 300, 600])
@pytest.mark.parametrize("prompts", [1, 4])
def test_few_corrections_never_make_it_worse(tmp_path, count, prompts):
    """Whatever is chosen with so little, the raw scores stay beaten."""
    items, criteria = hanna(prompts), wordings(prompts)
    for seed in range(5):
        judge = f"jdg_hanna{seed}"
        run = Job(tmp_path / str(seed), hanna_few(
            items, judge, 0.3, count, seed), criteria=criteria,
            judge_id=judge, seed=seed, validation_split=0.3,
            weights={c: 0.001 for c in criteria if "_p" in c}).run()
        trained, raw = beside_raw(run.results, "mae")
        assert trained < raw
        trained, raw = beside_raw(run.results, "quadratic_weighted_kappa")
        assert trained >= raw
        trained, raw = beside_raw(run.results, "spearman")
        # Scores that meet the end of the scale become equal.
        assert trained >= raw - 0.003


@pytest.mark.parametrize("optimize, metric, better", [
    ("rmse", "rmse", min), ("qwk", "quadratic_weighted_kappa", max)])
def test_the_form_follows_what_is_optimised(tmp_path, optimize, metric,
                                            better):
    items = hanna(4)
    values = {}
    for word in ("mae", optimize):
        values[word] = statistics.mean(beside_raw(Job(
            tmp_path / f"{word}{seed}", items, criteria=wordings(4),
            judge_id=f"jdg_hanna{seed}", validation_split=0.3,
            optimize=word).run().results, metric)[0] for seed in range(3))
    assert better(values, key=values.get) == optimize


def strict_and_mild(named):
    """People who differ by forty points; what is held out is fair."""
    rnd = random.Random(5)
    items = []
    for i in range(140):
        raw = {"crit_a": rnd.uniform(20, 80)}
        item = Evaluation(raw, ref=f"item-{i}")
        person = rnd.randrange(4)
        shift = (0 if split_u("jdg_test", item.key) < 0.5
                 else (-20, -5, 5, 20)[person])
        item.say(i + 1, corrected_scores={
            "crit_a": clamp(15 + 0.6 * raw["crit_a"] + shift
                            + rnd.gauss(0, 4))},
            **({"submitted_by": f"person {person}"} if named else {}))
        items.append(item)
    return items


def test_strict_people_are_told_from_mild_ones(tmp_path):
    mae = [Job(tmp_path / str(named), strict_and_mild(named), criteria="a",
               validation_split=0.5).run().results["pooled_mae"]
           for named in (False, True)]
    assert mae[1]["trained"] < mae[0]["trained"] - 0.2
    # Controls are made of what people said.
    assert mae[1]["bias"] == mae[0]["bias"]
