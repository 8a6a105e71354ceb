# SPDX-License-Identifier: BSD-2-Clause
"""Judges: evaluations, feedback, training."""

import json
import subprocess
import sys

from .measure import HERE, compare, insert_script, pgbench, table, wrk


def new_judge(stack, name: str) -> str:
    return stack.call("POST", "/judges", {
        "name": name, "description": "d", "content_type": "text",
        "criteria": [{"name": "Clarity"}, {"name": "Depth"}]})["id"]


def said(judge: str) -> dict:
    return {"judge_id": judge, "content": "An answer of a few words. " * 20,
            "criteria_scores": {"crit_clarity": 82, "crit_depth": 64.5}}


def evaluate(ctx, bench) -> None:
    stack = ctx.stack
    body = said(new_judge(stack, "Evaluate"))
    stack.call("POST", "/evaluations", body)
    row = stack.psql("select id from trainyard.evaluation"
                     " order by evaluated_at desc limit 1")
    script = insert_script(stack, "trainyard.evaluation", row)
    path = stack.file("evaluation.json", body)
    compare(ctx, bench, {
        "trainyard": lambda s: wrk(stack.url + "/evaluations", s, stack.token,
                                   method="POST", body=path),
        "pgbench, single-row insert": lambda s: pgbench(stack, script, s)})


def feedback(ctx, bench) -> None:
    """Entries a second: 100 a request; the peer inserts the rows alone."""
    stack = ctx.stack
    body = said(new_judge(stack, "Feedback"))
    target = stack.call("POST", "/evaluations", body)["evaluation_id"]
    entries = {"feedback_entries": [
        {"evaluation_id": target, "type": "correction", "content": {
            "corrected_scores": {"crit_clarity": 50 + i % 50}}}
        for i in range(100)]}
    stack.call("POST", "/feedback/batch", entries)
    path = stack.file("feedback.json", entries)
    row = stack.psql("select id from trainyard.feedback"
                     " order by submitted_at desc limit 1")
    script = insert_script(stack, "trainyard.feedback", row, "number",
                           "corrections")
    text = script.read_text().replace(
        "(id,", "(number, corrections, id,").replace(
        "values (gen", "values (x.n, x.n, gen")
    # numbers of a judge of its own, counted by a sequence
    stack.psql("create sequence if not exists public.bench_number"
               " start 1000000000")
    text = text.replace("values (x.n, x.n, gen_random_uuid(),",
                        "select x.n, x.n, gen_random_uuid(),")
    text = text.rstrip().removesuffix(");") + (
        " from (select nextval('public.bench_number') as n) x;\n")
    script.write_text(text)
    compare(ctx, bench, {
        "trainyard, 100 a request": lambda s: 100 * wrk(
            stack.url + "/feedback/batch", s, stack.token, method="POST",
            body=path, connections=8),
        "pgbench, single-row insert": lambda s: pgbench(stack, script, s)})


def training(ctx, bench) -> None:
    figures = {"trainyard-judge": [], "scikit-learn SGD": []}
    small = [] if ctx.seconds >= 5 else ["-n", "300", "-r", "1", "-s", "1"]
    for _ in range(ctx.rounds if not small else 1):
        out = subprocess.run(
            [sys.executable, HERE / "judge_speed", "-b", ctx.stack.build, *small], check=True,
            stdout=subprocess.PIPE, text=True).stdout
        last = json.loads(out.splitlines()[-1])
        if last["mae"] > last["mae_sklearn"]:
            ctx.say(f"  held-out error {last['mae']:.3f} is worse than "
                    f"scikit-learn's {last['mae_sklearn']:.3f}")
        figures["trainyard-judge"].append(last["seconds"])
        figures["scikit-learn SGD"].append(last["seconds_sklearn"])
    table(ctx, bench, figures)
