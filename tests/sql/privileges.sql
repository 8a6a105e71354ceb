-- SPDX-License-Identifier: BSD-2-Clause
-- Each role may do what it has to do and no more.
begin;
set local search_path = pg_catalog, public;
select plan(49);

create function pg_temp.may(role text, what text, rel text, col text)
returns boolean language sql as $$
    select case when col is null
           then has_table_privilege(role, 'trainyard.' || rel, what)
           else has_column_privilege(role, 'trainyard.' || rel, col, what) end
$$;

select is(pg_temp.may('trainyard_' || v.role, v.what, v.rel, v.col),
          v.allowed,
          format('%s %s %s %s%s', v.role,
                 case when v.allowed then 'may' else 'may not' end, v.what,
                 v.rel, coalesce('.' || v.col, '')))
  from (values
    -- the responder
    ('fcgi', 'select', 'organization', 'webhook_url', true),
    ('fcgi', 'select', 'organization', 'webhook_secret', false),
    ('fcgi', 'select', 'organization', 'webhook_secret_previous', false),
    ('fcgi', 'update', 'organization', 'name', false),
    ('fcgi', 'select', 'token', null, true),
    ('fcgi', 'insert', 'token', null, false),
    ('fcgi', 'update', 'token', 'revoked_at', false),
    ('fcgi', 'insert', 'account', null, false),
    ('fcgi', 'insert', 'member', null, false),
    ('fcgi', 'insert', 'job', null, true),
    ('fcgi', 'update', 'job', 'status', true),
    ('fcgi', 'update', 'job', 'kind', false),
    ('fcgi', 'update', 'job', 'created_by', false),
    ('fcgi', 'update', 'job', 'workspace_id', false),
    ('fcgi', 'delete', 'job', null, false),
    ('fcgi', 'insert', 'outbox', null, false),
    ('fcgi', 'insert', 'job_event', null, false),
    ('fcgi', 'update', 'attempt', 'status', true),
    ('fcgi', 'update', 'attempt', 'worker', false),
    ('fcgi', 'update', 'feedback', 'comment', false),
    ('fcgi', 'update', 'evaluation', 'scores', false),
    ('fcgi', 'update', 'job_edge', 'to_status', false),
    ('fcgi', 'insert', 'schema_migration', null, false),
    ('fcgi', 'select', 'audit', null, true),
    ('fcgi', 'update', 'audit', null, false),
    ('fcgi', 'delete', 'audit', null, false),
    ('fcgi', 'update', 'model', 'pricing', false),
    -- the dispatcher
    ('dispatch', 'select', 'organization', 'webhook_secret', true),
    ('dispatch', 'select', 'token', null, false),
    ('dispatch', 'select', 'idempotency_key', 'body', false),
    ('dispatch', 'insert', 'job', null, true),
    ('dispatch', 'update', 'feedback_tally', 'latest', false),
    ('dispatch', 'update', 'retraining_policy', 'enabled', false),
    ('dispatch', 'update', 'retraining_policy', 'due_at', true),
    ('dispatch', 'delete', 'job', null, false),
    ('dispatch', 'update', 'attempt', 'lease_until', true),
    ('dispatch', 'update', 'outbox', 'status', true),
    ('dispatch', 'insert', 'feedback', null, false),
    ('dispatch', 'insert', 'evaluation', null, false),
    ('dispatch', 'update', 'organization', 'webhook_url', false),
    ('dispatch', 'insert', 'schema_migration', null, false),
    ('dispatch', 'update', 'job_edge', 'to_status', false)
  ) as v (role, what, rel, col, allowed);

select ok(not has_function_privilege(r,
              'trainyard.job_outbox(trainyard.job[])', 'execute'),
          r || ' cannot forge deliveries')
  from (values ('trainyard_fcgi'), ('trainyard_dispatch')) as v (r);
select is(has_function_privilege(r, 'trainyard.statistics_keep()', 'execute'),
          allowed, format('%s has tables analyzed: %s', r, allowed))
  from (values ('trainyard_fcgi', false), ('trainyard_dispatch', true))
       as v (r, allowed);
select ok(not has_schema_privilege(r, 'trainyard', 'create'),
          r || ' makes no objects')
  from (values ('trainyard_fcgi'), ('trainyard_dispatch')) as v (r);
-- What runs with its owner's rights must not look names up where others may
-- put them.
select is_empty(
    $$select p.oid::regprocedure from pg_proc p
       where p.pronamespace = 'trainyard'::regnamespace and p.prosecdef
         and not coalesce(p.proconfig @> array['search_path=pg_catalog'],
                          false)$$,
    'every definer function has its own search_path');

select * from finish();
rollback;
