# SPDX-License-Identifier: BSD-2-Clause
# No notes to oneself, no code put aside, no folders of somebody's machine.
. tests/lint/lib

here=tests/lint/words.sh
{
	sources '*' | grep -v -e "^$here\$" -e '^share/samples/' \
	    -e '^tests/fuzz/corpus' | while read -r f; do
		if [ ! -f "$f" ] || ! grep -Iq . "$f"; then continue; fi
		grep -nHE '\b(TODO|FIXME|XXX|HACK)\b' "$f" |
		    grep -vE 'X{4,}'
		grep -nHE '(^|[^[:alnum:]_.$}/-])/(home|root|work)/' "$f"
	done
	# a line that is nothing but a statement in a comment
	sources '*.c' '*.h' |
	    xargs -r grep -nE '^[[:space:]]*//|^[[:space:]]*/\*.*;[[:space:]]*\*/$' /dev/null
} | none
