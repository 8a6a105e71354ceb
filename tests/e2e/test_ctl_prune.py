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


def test_more_than_one_statement_takes(acme):
    acme.execute(KEYS, 1500)
    assert acme.json("prune") == {
        "log_lines": 0, "idempotency_keys": 1500, "deliveries": 0}
    assert acme.execute("select count(*), min(key) from"
                        " trainyard.idempotency_key") == [(1500, "k23-1")]


def test_again_there_is_nothing_to_do(acme):
    acme.execute(KEYS, 1)
    assert "idempotency_keys removed: 1\n" in acme.out("prune")
    assert "idempotency_keys removed: 0\n" in acme.out("prune")


def test_a_database_without_the_schema_is_left_alone(bare):
    bare.fails("prune")
