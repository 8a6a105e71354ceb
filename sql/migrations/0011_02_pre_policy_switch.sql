-- SPDX-License-Identifier: BSD-2-Clause
-- A responder of the release before knows no due time: what it switches on is
-- looked at all the same, and what it switches off is not.
create function trainyard.policy_switched() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    if not new.enabled then
        new.due_at := null;
    elsif new.due_at is null then
        new.due_at := clock_timestamp();
    end if;
    return new;
end
$$;
create trigger policy_switched before insert or update of enabled
    on trainyard.retraining_policy
    for each row execute function trainyard.policy_switched();
