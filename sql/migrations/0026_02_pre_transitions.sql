-- SPDX-License-Identifier: BSD-2-Clause
-- Sessions have hash joins off, since a plan that is kept must not read a whole
-- table.  Here rows before and after are joined, hundreds of a claim each.
alter function trainyard.job_updated() set enable_hashjoin = on;
