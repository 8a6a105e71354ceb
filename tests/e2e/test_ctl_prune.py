# SPDX-License-Identifier: BSD-2-Clause
"""trainyard prune: what is too old goes, all of it, and nothing else."""

KEYS = """
insert into trainyard.idempotency_key (account_id, method, path, key,
    request_hash, status, body, created_at)
select a.id, 'POST', '/x', 'k' || h || '-' || n,
       decode(repeat('00', 32), 'hex'), 201, '{}',
       now() - make_interval(hours => h)
  from trainyard.account a, unnest(array[23, 25]) h, generate_series(1, %s) n
"""

JOBS = """
with made as (
    insert into trainyard.job (workspace_id, id, organization_id, face, kind,
        status, timeout_seconds, created_by, config, model, name,
        capability_id, queued_at)
    select w.id, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
           w.organization_id, 'hosted', 'tinker_sft', 'queued', 60, w.id,
           '{}', 'm', 'n', w.id, now()
      from trainyard.workspace w, generate_series(1, %s) n
    returning workspace_id, id
), metric as (
    insert into trainyard.job_metric (workspace_id, job_id, attempt,
        event_type, metrics)
    select m.workspace_id, m.id, 1, 'step_complete', '{}' from made m
)
insert into trainyard.job_series (workspace_id, job_id, attempt, key, points)
select m.workspace_id, m.id, 1, 'loss', '[[1, 1]]' from made m;
update trainyard.job j
   set status = 'cancelled', completed_at = now() - interval '8 days'
 where right(j.id::text, 4) in ('0001', '0002', '1200');
"""


def test_more_than_one_statement_takes(acme):
    acme.execute(KEYS, 1500)
    assert acme.json("prune") == {
        "log_lines": 0, "events": 0, "idempotency_keys": 1500,
        "deliveries": 0, "metrics": 0, "partitions": 0}
    assert acme.execute("select count(*), min(key) from"
                        " trainyard.idempotency_key") == [(1500, "k23-1")]


def test_again_there_is_nothing_to_do(acme):
    acme.execute(KEYS, 1)
    assert "idempotency_keys removed: 1\n" in acme.out("prune")
    assert "idempotency_keys removed: 0\n" in acme.out("prune")


def test_a_partition_goes_when_all_in_it_is_old(acme):
    acme.execute("create table trainyard.job_log_old partition of"
                 " trainyard.job_log for values from ('2020-01-01 00:00:00Z')"
                 " to ('2020-01-04 00:00:00Z')")
    assert acme.json("prune")["partitions"] == 1
    assert acme.execute("select to_regclass('trainyard.job_log_old')") == [
        (None,)]


def test_metrics_of_all_jobs_are_looked_at(acme):
    """Of more than one step's; the old ones are in front and at the end."""
    acme.execute(JOBS, 1200)
    assert acme.json("prune")["metrics"] == 0
    with open(acme.conf, "a", encoding="ascii") as conf:
        conf.write("metric_retention_days = 7\n")
    assert acme.json("prune")["metrics"] == 2 * 3
    assert acme.execute("select count(*) from trainyard.job_metric") == [
        (1200 - 3,)]


def test_a_database_without_the_schema_is_left_alone(bare):
    bare.fails("prune")
