# SPDX-License-Identifier: BSD-2-Clause
# SQL stands in sql/queries.sql, not in C.  Only lib/store/db.c speaks the few
# words that are no statements of ours: BEGIN, COMMIT, ROLLBACK, LISTEN.
. tests/lint/lib

verbs='select |insert +into |update +[^ ]+ +set |delete +from '
verbs="$verbs|with +[a-z_]+ +as |create +(table|index|role|schema|function) "
verbs="$verbs|alter +(table|role|database) |drop +(table|index|role|schema) "
verbs="$verbs|truncate |notify |copy +[^ ]+ +(from|to) |lock +table "
session='(BEGIN|COMMIT|ROLLBACK|LISTEN|SAVEPOINT|SET)( |;|")'
# the statement table's text, and $1 as a parameter anywhere
parameter='[= (,]\$[0-9]'

in_c() {
	sources 'lib/*.[ch]' 'fcgi/*.[ch]' 'judge/*.[ch]' 'dispatch/*.[ch]' \
	    'ctl/*.[ch]'
}

{
	in_c | xargs -r grep -nEi "\"[[:space:]]*($verbs)" /dev/null
	in_c | xargs -r grep -nE "\"[^\"]*$parameter" /dev/null
	in_c | grep -vx 'lib/store/db\.c' |
	    xargs -r grep -nE "\"[[:space:]]*$session" /dev/null
} | none
