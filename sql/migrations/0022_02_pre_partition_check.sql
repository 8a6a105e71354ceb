-- SPDX-License-Identifier: BSD-2-Clause
-- Second step: the rows that are there are looked at, once, while programs
-- read and write on; only vacuum and other changes of the tables wait.  Rows
-- of a clock that was far ahead get the time of today.
do $$
declare
    t      text;
    within text;
begin
    foreach t in array array['job_event', 'job_log'] loop
        begin
            execute format('alter table trainyard.%I validate constraint %I',
                t, t || '_bound');
        exception when check_violation then
            select pg_get_expr(c.conbin, c.conrelid) into strict within
              from pg_constraint c
             where c.conrelid = format('trainyard.%I', t)::regclass
               and c.conname = t || '_bound';
            execute format('update trainyard.%I set at = now() where not %s',
                t, within);
            execute format('alter table trainyard.%I validate constraint %I',
                t, t || '_bound');
        end;
    end loop;
end
$$;
