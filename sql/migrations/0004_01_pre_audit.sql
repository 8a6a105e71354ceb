-- SPDX-License-Identifier: BSD-2-Clause
-- The audit trail is read over HTTP: newest first, by actor, action, target
-- or request.  An index for each, so that a page never reads more of the
-- trail than it shows, however long that has become.  The arrays keep two of
-- them away from queries that ask for more: in the order of the time they
-- would look cheap to the planner, and be read as a whole.

create index audit_newest_idx on trainyard.audit
    ((array[workspace_id]), at, seq);
create index audit_actor_idx on trainyard.audit
    (workspace_id, actor, at, seq);
create index audit_action_idx on trainyard.audit
    (workspace_id, action, at, seq);
create index audit_both_idx on trainyard.audit
    (workspace_id, (array[actor, action]), at, seq);
create index audit_target_idx on trainyard.audit
    (workspace_id, target, at, seq);
create index audit_request_idx on trainyard.audit
    (workspace_id, request_id, at, seq) where request_id is not null;
create index audit_organization_idx on trainyard.audit
    (organization_id, at, seq) where workspace_id is null;
drop index trainyard.audit_workspace_idx;

grant select on trainyard.audit to trainyard_fcgi;
