# SPDX-License-Identifier: BSD-2-Clause
# A source that Makefile.am does not name is in no archive and no package.
. tests/lint/lib

sources 'fcgi/*' 'lib/*' 'dispatch/*' 'ctl/*' 'judge/*' 'sql/*.sql' 'man/*' \
    'nginx/*' 'systemd/*' | while read -r file; do
	grep -qF "$file" Makefile.am || echo "$file is not in Makefile.am"
done | none
