-- SPDX-License-Identifier: BSD-2-Clause
-- Every statement that a program runs, by name.  tools/gen-stmt.awk makes
-- enum stmt from it (STMT_<name>); tests/sql prepares and explains each one
-- as the role that runs it.  Names are qualified, columns are listed, values
-- are parameters.

-- Any program ---

-- schema_known --
-- Is there a schema at all?  The next statements cannot be parsed without.
select to_regclass('trainyard.schema_migration') is not null

-- schema_has --
-- $1 name of a migration
select exists (select 1 from trainyard.schema_migration m where m.name = $1)
