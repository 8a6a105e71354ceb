# SPDX-License-Identifier: BSD-2-Clause
"""The trainyard command as an object."""
import json
import os
import subprocess

import psycopg2

from harness import BUILD, PATIENCE, TOP

MIGRATIONS = TOP / "sql/migrations"


class Command:
    """trainyard with a configuration file for one database."""

    def __init__(self, folder, dsn):
        self.dsn = dsn
        self.conf = folder / "trainyard.conf"
        self.conf.write_text(f'database_owner = "{dsn}"\n')

    def start(self, *args, env=None):
        return subprocess.Popen(
            [BUILD / "trainyard", "-c", self.conf, *args],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
            env=os.environ | {"LC_ALL": "C.UTF-8"} | (env or {}))

    def run(self, *args, status=0, env=None):
        """What it printed: (stdout, stderr)."""
        process = self.start(*args, env=env)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == status, f"trainyard {args}: {out}{err}"
        return out, err

    def out(self, *args):
        return self.run(*args)[0]

    def json(self, *args):
        return json.loads(self.out("--json", *args))

    def fails(self, *args, status=1):
        """Standard error of a command that changes nothing."""
        out, err = self.run(*args, status=status)
        assert out == ""
        assert err.startswith("trainyard: ")
        return err

    def migrate(self, *args, **options):
        return self.run("migrate", "--dir", MIGRATIONS, *args, **options)

    def execute(self, sql, *params):
        """Runs SQL as the owner; the rows, if it has any."""
        conn = psycopg2.connect(self.dsn)
        try:
            with conn, conn.cursor() as cursor:
                cursor.execute(sql, params)
                return cursor.fetchall() if cursor.description else []
        finally:
            conn.close()

    def job_insert(self, job):
        """A hosted job with that id, queued an hour ago."""
        self.execute(
            "insert into trainyard.job (workspace_id, id, organization_id,"
            " face, kind, status, timeout_seconds, created_by, config, model,"
            " name, capability_id, queued_at)"
            " select w.id, %s, w.organization_id, 'hosted', 'tinker_sft',"
            " 'queued', 60, w.id, '{\"steps\": 3}', 'm', 'first', w.id,"
            " now() - interval '1 hour' from trainyard.workspace w", job)
