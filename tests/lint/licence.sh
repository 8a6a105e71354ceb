# SPDX-License-Identifier: BSD-2-Clause
# Every source names its licence at the top.
. tests/lint/lib

sources '*.c' '*.h' '*.py' '*.sql' '*.sh' '*.awk' '*.am' '*.ac' '*.in' \
    'nginx/*' 'systemd/*' quickstart check autogen.sh tests/stack |
    grep -v -e '^tests/fuzz/corpus' -e '^sql/schema\.sql$' |
    xargs -rd '\n' head -v -n 3 2>/dev/null | awk '
	function tell() { if (lines && !found) print file }
	/^==> .* <==$/ { tell(); file = $2; lines = found = 0; next }
	/[^ ]/ { lines++ }
	/SPDX-License-Identifier: BSD-2-Clause/ { found = 1 }
	END { tell() }' | none
