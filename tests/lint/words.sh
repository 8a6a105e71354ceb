# SPDX-License-Identifier: BSD-2-Clause
# No notes to oneself, no code put aside, no folders of somebody's machine.
. tests/lint/lib

here=tests/lint/words.sh
list=$(mktemp)
trap 'rm -f "$list"' EXIT
{
	sources '*' | grep -v -e "^$here\$" -e '^share/samples/' \
	    -e '^tests/fuzz/corpus' >"$list"
	xargs -rd '\n' grep -sInHE '\b(TODO|FIXME|XXX|HACK)\b' <"$list" |
	    grep -vE 'X{4,}'
	xargs -rd '\n' grep -sInHE '(^|[^[:alnum:]_.$}/-])/(home|root|work)/' \
	    <"$list"
	# a line that is nothing but a statement in a comment
	sources '*.c' '*.h' |
	    xargs -r grep -nE '^[[:space:]]*//|^[[:space:]]*/\*.*;[[:space:]]*\*/$' /dev/null
} | none
