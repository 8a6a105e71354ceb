# SPDX-License-Identifier: BSD-2-Clause
# Every source names its licence at the top.
. tests/lint/lib

sources '*.c' '*.h' '*.py' '*.sql' '*.sh' '*.awk' '*.am' '*.ac' '*.in' \
    'nginx/*' 'systemd/*' quickstart check autogen.sh tests/stack |
    grep -v -e '^tests/fuzz/corpus' -e '^sql/schema\.sql$' |
    while read -r f; do
	[ -s "$f" ] || continue
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
	    echo "$f"
done | none
