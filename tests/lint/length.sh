# SPDX-License-Identifier: BSD-2-Clause
# A file past 600 lines has a second responsibility that wants its own room.
. tests/lint/lib

sources '*.c' '*.h' '*.py' '*.sql' '*.sh' '*.js' '*.css' '*.html' '*.awk' |
    grep -v -e '^tests/fuzz/corpus' -e '^sql/schema\.sql$' \
	-e '^sql/queries\.sql$' -e '^sql/migrations/' \
	-e '^tests/sql/released/' |
    xargs wc -l | awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines" }' |
    none
