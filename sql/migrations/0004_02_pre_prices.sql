-- SPDX-License-Identifier: BSD-2-Clause
-- Prices that the published client can read: it fails on others.
create function trainyard.price_ok(price jsonb) returns boolean
language sql immutable set search_path = pg_catalog as $$
    select case jsonb_typeof(price) when 'number' then price >= '0'
           else price is null end
$$;
alter table trainyard.model add constraint model_pricing check (
    case when jsonb_typeof(pricing) = 'object'
         then pricing - array['prefill', 'sample', 'train'] = '{}'
              and trainyard.price_ok(pricing -> 'prefill')
              and trainyard.price_ok(pricing -> 'sample')
              and trainyard.price_ok(pricing -> 'train')
         else pricing is null end);
