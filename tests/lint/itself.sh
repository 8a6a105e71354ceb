# SPDX-License-Identifier: BSD-2-Clause
# Every lint finds what it is there for: in a copy of the tree one fault at a
# time is planted, and the lint must object.
# shellcheck disable=SC2016 # faults are planted as they are written
. tests/lint/lib

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/tree" "$dir/built"
sources '*' | tar -cf - -T - | tar -xf - -C "$dir/tree"
[ ! -d "$TRAINYARD_BUILD/gen" ] || cp -R "$TRAINYARD_BUILD/gen" "$dir/built/"
TRAINYARD_BUILD=$dir/built
cd "$dir/tree" || exit 1

# try LINT FILE TEXT: FILE was changed by TEXT, LINT should say so.
try() {
	sh "tests/lint/$1.sh" >/dev/null 2>&1
	case $? in
	0) echo "$1 does not mind \"$3\" in $2" ;;
	esac
}

# plant LINT FILE TEXT: the text is added to the file.
plant() {
	cp -p "$2" "$dir/kept" 2>/dev/null
	printf '%b\n' "$3" >>"$2"
	try "$@"
	mv "$dir/kept" "$2" 2>/dev/null || rm "$2"
}

# change LINT FILE EXPRESSION: the file is changed by sed.
change() {
	cp -p "$2" "$dir/kept"
	sed -i "$3" "$2"
	! cmp -s "$2" "$dir/kept" || echo "$1: \"$3\" changes nothing in $2"
	try "$@"
	mv "$dir/kept" "$2"
}

{
	# first of all: the tree as it is offends none of them
	for lint in tests/lint/*.sh; do
		case $lint in */itself.sh) continue ;; esac
		sh "$lint" >/dev/null 2>&1
		case $? in
		0 | 77) ;;
		*) echo "$lint minds the tree as it is" ;;
		esac
	done
	plant floors lib/util/ts.c '#include "fcgi/http.h"'
	plant floors lib/store/db.c '#include "domain/fault.h"'
	plant floors judge/main.c '#include "store/db.h"'
	plant headers fcgi/gate.c '#include <libpq-fe.h>'
	plant headers lib/util/jw.c '#include <json-c/json.h>'
	plant sql fcgi/gate.c 'const char *q = "select id from x";'
	plant sql lib/domain/page.c 'const char *q = "x = $1";'
	plant sql lib/domain/page.c 'const char *q = "BEGIN";'
	plant statements sql/queries.sql '-- nobody --\nselect 1'
	plant statements sql/queries.sql 'select * from trainyard.job'
	plant licence lib/util/new.h '#define NEW'
	plant unsafe lib/util/ts.c 'int f(char *b) { return sprintf(b, "x"); }'
	# in two pieces, or the lint would find them here
	plant words lib/util/ts.c "/* TO""DO: more */"
	plant words lib/util/ts.c '/* return (0); */'
	plant words tests/stack "x=/ho""me/somebody/x"
	plant length lib/util/new.c "$(seq 601 | tr '\n' ' ' | sed 's/ /\\n/g')"
	plant scripts tests/stack 'echo $unquoted'
	plant nginx nginx/errors.conf 'no_such_directive on;'
	change units systemd/trainyard-fcgi.service.in '/^PrivateDevices=/d'
	change units systemd/trainyardd.service.in '/^# owns nothing/d'
	change changelog configure.ac 's/^AC_INIT(\[trainyard\],\[/&9./'
	change man lib/util/conf.tbl.h 's/^CONF(data_dir,/CONF(data_folder,/'
	change links README.md s/scale-out.md/scaling.md/g
	change links doc/first-job.md s/install-it/install-me/
	change links README.md "s/trainyard-metrics(7)/trainyard-metric(7)/"
	change links man/trainyardd.8 "s/Xr trainyard-runner 7/Xr trainyard-runners 7/"
	change man man/trainyard.8.in "s/@command job logs@/.It Cm logs/"
	change man lib/util/metric.tbl.h 's/"trainyard_queue_jobs"/"trainyard_q"/'
	change monitoring share/monitoring/alerts.yml s/trainyard_queue_oldest/trainyard_queue_old/
	change monitoring share/monitoring/alerts.yml s/outcome=/result=/
	change monitoring share/monitoring/dashboard.json s/trainyard_claim_seconds/trainyard_claims/
	change monitoring share/monitoring/dashboard.json "s/expr\": \"/&)/"
	change man lib/util/err.tbl.h 's/"not_found_error"/"lost_error"/'
} | none
