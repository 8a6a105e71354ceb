# SPDX-License-Identifier: BSD-2-Clause
# A file includes from its own floor and from those below, never from above:
# programs, lib/domain, lib/store, lib/util.  Programs know nothing of each
# other.  The learner in judge/ stands on lib/util alone, so that the responder
# can score with it.
. tests/lint/lib

below() {	# FOLDER: the folders whose headers its files may name
	case $1 in
	lib/util/*) echo "util" ;;
	lib/store/*) echo "store util" ;;
	lib/domain/*) echo "domain store judge util" ;;
	judge/*) echo "judge util" ;;
	fcgi/*) echo "fcgi judge domain store util" ;;
	dispatch/*) echo "dispatch domain store util" ;;
	ctl/*) echo "ctl domain store util" ;;
	esac
}

for f in $(sources 'lib/*.[ch]' 'fcgi/*.[ch]' 'judge/*.[ch]' \
    'dispatch/*.[ch]' 'ctl/*.[ch]'); do
	allowed=$(below "$f")
	sed -n 's/^#include "\([^"]*\)".*/\1/p' "$f" | while read -r header; do
		case $header in
		*/*) ;;
		*) continue ;;	# config.h and generated ones
		esac
		case " $allowed " in
		*" ${header%%/*} "*) ;;
		*) echo "$f includes $header" ;;
		esac
	done
done | none
