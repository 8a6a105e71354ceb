# SPDX-License-Identifier: BSD-2-Clause
# Makes nginx's half of the error envelope from lib/util/err.tbl.h, so that
# what nginx refuses by itself reads like what the responder refuses.
#   -v out=maps    for http{}: texts, types and headers by status
#   -v out=pages   for server{}: an error_page line a status, and the location
# The first row of a status gives its text.
function fail(msg) {
	printf "gen-error-pages: %s\n", msg > "/dev/stderr"
	bad = 1
}

# One row: ERR(SYMBOL, status, "type", "detail" "more detail", retry)
function row(text,    head, rest, status, type, detail, n, part, i) {
	if (!match(text, /^ERR\([A-Z_]+, *[0-9]+, */)) {
		fail("cannot read " text)
		return
	}
	head = substr(text, 1, RLENGTH)
	rest = substr(text, RLENGTH + 1)
	sub(/^ERR\([A-Z_]+, */, "", head)
	status = head + 0
	n = split(rest, part, "\"")
	type = part[2]
	for (i = 4; i < n; i += 2)
		detail = detail part[i]
	if (type !~ /^[a-z_]+$/ || detail == "" || detail ~ /[\\$]/)
		fail("cannot quote " text)
	if (status in types)
		return
	order[++rows] = status
	types[status] = type
	details[status] = detail
	retry[status] = part[n] ~ /^, *1\)/
}

{ sub(/\/\*.*\*\//, "") }
/^ERR\(/ { open = 1; text = "" }
open {
	line = $0
	sub(/^[ \t]+/, "", line)
	text = text (text == "" ? "" : " ") line
	if (line ~ /[01]\)$/) {
		row(text)
		open = 0
	}
}

function map(name, dflt) {
	printf "map $trainyard_status $%s {\n\tdefault \"%s\";\n", name, dflt
}

END {
	if (rows == 0)
		fail("no rows")
	if (bad)
		exit 1
	print "# Made from lib/util/err.tbl.h by tools/gen-error-pages.awk."
	if (out == "maps") {
		map("trainyard_err_type", types[500])
		for (i = 1; i <= rows; i++)
			printf "\t%d \"%s\";\n", order[i], types[order[i]]
		print "}"
		map("trainyard_err_detail", details[500])
		for (i = 1; i <= rows; i++)
			printf "\t%d \"%s\";\n", order[i], details[order[i]]
		print "}"
		map("trainyard_err_retry", "")
		for (i = 1; i <= rows; i++)
			if (retry[order[i]])
				printf "\t%d %d;\n", order[i], \
				    order[i] == 429 ? 1 : 5
		print "}"
	} else {
		for (i = 1; i <= rows; i++)
			printf "error_page %d /_err/%d;\n", order[i], order[i]
	}
	# nginx's own numbers: 494 headers too large, 495 and 496 client
	# certificates, 497 plain HTTP sent to the TLS port.
	if (out == "pages") {
		print "error_page 494 =431 /_err/431;"
		print "error_page 495 496 =400 /_err/400;"
		print "error_page 497 =426 /_err/426;"
	}
}
