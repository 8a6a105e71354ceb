-- SPDX-License-Identifier: BSD-2-Clause
-- Deliveries of a status and an event, newest first.  Of rows that are compared
-- as wholes only the first column ends a scan: a page of what nobody had sent
-- read all that had the status.
create index outbox_sort_idx on trainyard.outbox
    ((array[workspace_id::text, status, event]), id);
drop index trainyard.outbox_kind_idx;
