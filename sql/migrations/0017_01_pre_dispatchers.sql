-- SPDX-License-Identifier: BSD-2-Clause
-- Who works here: each dispatcher says so with every heartbeat.  For people
-- who look; leases alone decide whose a job is.
create table trainyard.dispatcher (
    worker      text primary key,
    version     text not null,
    -- the kinds of jobs that it serves, and the engine of each
    kinds       text[] not null,
    engines     text[] not null,
    slots       integer not null check (slots >= 0),
    runs        integer not null check (runs >= 0),
    started_at  timestamptz not null,
    seen_at     timestamptz not null default now(),
    -- it said goodbye; null: it did not
    stopped_at  timestamptz,
    check (cardinality(kinds) = cardinality(engines))
) with (fillfactor = 50);
grant select, insert, update, delete on trainyard.dispatcher
    to trainyard_dispatch;
