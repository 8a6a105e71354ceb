# SPDX-License-Identifier: BSD-2-Clause
# A library's header is included in one place, so that the rest can do without
# knowing the library.
. tests/lint/lib

only() {	# HEADER, as a pattern; PLACE, as a pattern
	sources '*.c' '*.h' | grep -v '^tests/' | grep -Ev "$2" |
	    xargs -r grep -nE "^#[ \t]*include[ \t]*<$1>" /dev/null
}

{
	only 'fcgiapp\.h' '^fcgi/cgi\.c$'
	only 'fcgi_stdio\.h' '^$'
	only 'libpq.*\.h|libpq/.*' '^lib/store/'
	only 'json-c/.*|json\.h' '^lib/util/jv\.c$'
	only 'openssl/.*' '^lib/util/hash\.c$'
	only 'curl/.*' '^dispatch/fetch\.c$'
	only 'microhttpd\.h' '^lib/util/scrape\.c$'
	only 'zlib\.h' '^lib/util/gunzip\.c$'
} | none
