# SPDX-License-Identifier: BSD-2-Clause
"""A judge, its evaluations and feedback as rows, without the API."""
import hashlib
import json
import random
import uuid

from psycopg2.extras import execute_values

from judge_job import split_u

WORDS = ("late early kind rude clear vague short long right wrong full empty "
         "fast slow warm cold plain fancy calm loud").split()


class Judge:
    """One judge of a Site; criteria: (id, weight) pairs."""

    def __init__(self, site, criteria=(("crit_clarity", 1), ("crit_tone", 2)),
                 content_type="text", key=None):
        self.site = site
        self.id = str(uuid.uuid4())
        self.key = key or "jdg_" + self.id[:8]
        self.criteria = list(criteria)
        self.totals = {"correction": 0, "rating": 0, "approved": 0,
                       "rejected": 0, "comment": 0}
        self.sets = {}
        self.entries = 0
        site.run("insert into trainyard.judge (workspace_id, id, key,"
                 " content_type, created_by) values (%s, %s, %s, %s, %s)",
                 site.ws, self.id, self.key, content_type, site.user)
        self.version(1, "active")
        site.run("insert into trainyard.feedback_tally (workspace_id,"
                 " judge_id) values (%s, %s)", site.ws, self.id)

    def version(self, number, status, criteria=None):
        site = self.site
        site.run("insert into trainyard.judge_version (workspace_id, judge_id,"
                 " number, id, status, name, description, changes_summary,"
                 " created_by) values (%s, %s, %s, %s, %s, 'Support',"
                 " 'Grades answers.', 'made', %s)", site.ws, self.id, number,
                 str(uuid.uuid4()), status, site.user)
        for n, (name, weight) in enumerate(criteria or self.criteria, 1):
            site.run("insert into trainyard.criterion (workspace_id, judge_id,"
                     " version, position, id, name, weight) values (%s, %s,"
                     " %s, %s, %s, %s, %s)", site.ws, self.id, number, n,
                     name, name.removeprefix("crit_"), weight)

    def evaluations(self, count, seed=1, repeat=1):
        """Evaluations with texts; (id, raw scores, content) of each."""
        rnd = random.Random(seed)
        made = []
        for _ in range(count):
            content = " ".join(rnd.choice(WORDS) for _ in range(30))
            for _ in range(repeat):
                raw = {c: round(rnd.uniform(20, 80), 2)
                       for c, _ in self.criteria}
                made.append((str(uuid.uuid4()), raw, content))
        rows = []
        for key, raw, content in made:
            group = hashlib.sha256(content.encode()).hexdigest()
            overall = sum(raw[c] * w for c, w in self.criteria) / sum(
                w for _, w in self.criteria)
            rows.append((self.site.ws, key, self.id, 1, content,
                         json.dumps(raw), json.dumps(raw), overall, overall,
                         group, split_u(self.key, group), self.site.user))
        with self.site.db.cursor() as cur:
            execute_values(
                cur, "insert into trainyard.evaluation (workspace_id, id,"
                " judge_id, version, content, raw, scores, raw_overall,"
                " overall, group_key, group_u, created_by) values %s", rows)
        return made

    def feedback(self, entries):
        """(evaluation, type, value): scores, rating, approved or comment."""
        rows = []
        for evaluation, kind, value in entries:
            self.entries += 1
            targets = sorted(value) if kind == "correction" else []
            touch = self.sets.setdefault(tuple(targets), {
                "id": len(self.sets) + 1, **dict.fromkeys(self.totals, 0)})
            column = kind if kind != "approval" else (
                "approved" if value else "rejected")
            self.totals[column] += 1
            touch[column] += 1
            order = list(self.totals)
            rows.append((
                self.site.ws, self.id, self.entries, str(uuid.uuid4()),
                evaluation, 1, kind,
                json.dumps(value) if kind == "correction" else None,
                value if kind == "rating" else None,
                value if kind == "comment" else None,
                value if kind == "approval" else None, targets, "ada",
                touch["id"], *[self.totals[c] for c in order],
                *[touch[c] for c in order]))
        with self.site.db.cursor() as cur:
            execute_values(
                cur, "insert into trainyard.feedback (workspace_id, judge_id,"
                " number, id, evaluation_id, judge_version, type,"
                " corrected_scores, rating, comment, approved,"
                " target_criteria, submitted_by, submitted_at, touch_set,"
                " corrections, ratings, approvals, rejections, comments,"
                " set_corrections, set_ratings, set_approvals,"
                " set_rejections, set_comments) values %s", rows,
                "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::text[], %s,"
                " now(), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)")
        self.site.run(
            "update trainyard.feedback_tally set last_number = %s,"
            " corrections = %s, ratings = %s, approved = %s, rejected = %s,"
            " comments = %s where judge_id = %s", self.entries,
            *self.totals.values(), self.id)

    def corrections(self, made):
        """What people said: the raw scores, shifted and stretched."""
        self.feedback([(key, "correction", {
            c: round(min(100, max(0, 0.6 * s + 30)), 2)
            for c, s in raw.items()}) for key, raw, _ in made])

    def job(self, training_type="incremental", first=1, mark=None, base=1,
            touch_sets=None, timeout=3600, options=None, usable=None,
            **config):
        """Queues a job of this judge; config and options: differences."""
        site, job = self.site, str(uuid.uuid4())
        mark = self.entries if mark is None else mark
        config = {"minimum_feedback_count": 1, "validation_split": 0.2,
                  "learning_rate": 0.001, "max_epochs": 20,
                  "early_stopping": True, "seed": 0} | config
        options = {"priority": "normal", "auto_deploy": False,
                   "backup_current_version": True,
                   "require_improvement": True} | (options or {})
        site.run("begin")
        site.run(
            "insert into trainyard.job (workspace_id, id, organization_id,"
            " face, kind, status, timeout_seconds, created_by, queued_at,"
            " config, judge_id, training_type, options, base_version,"
            " execution_id) values (%s, %s, %s, 'judge', 'judge', 'queued',"
            " %s, %s, now(), %s, %s, %s, %s, %s, gen_random_uuid())", site.ws,
            job, site.org, timeout, site.user, json.dumps(config), self.id,
            training_type, json.dumps(options), base)
        site.run(
            "insert into trainyard.feedback_summary (workspace_id, job_id,"
            " first_number, high_water_mark, touch_sets, corrections,"
            " ratings, approved, rejected, comments) values (%s, %s, %s, %s,"
            " %s, %s, 0, 0, 0, 0)", site.ws, job, first, mark, touch_sets,
            mark - first + 1 if usable is None else usable)
        site.run("select pg_notify('trainyard_job', '')")
        site.run("commit")
        return job
