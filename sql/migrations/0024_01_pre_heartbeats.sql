-- SPDX-License-Identifier: BSD-2-Clause
-- A lease is renewed with each report and heartbeat.  With its time in an
-- index none of these updates was HOT: all indexes of attempt grew with each,
-- and a look-up walked over what they left.  Leases that ran out are found
-- among the attempts under way, which attempt_worker_idx has.
drop index trainyard.attempt_lease_idx;
