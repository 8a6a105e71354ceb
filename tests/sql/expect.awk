# SPDX-License-Identifier: BSD-2-Clause
# Makes a schema "expect" from the sources of truth, for the tests to compare
# the database with: states and edges of lib/domain/state.tbl.h, statements
# of sql/queries.sql with the role that runs them, by the section they are in.
# Those of a second such file, released/queries.sql, go into a table of their
# own.

function q(s) { gsub(/'/, "''", s); return "'" s "'" }

function trim(s) { gsub(/^[ \t"]+|[ \t"]+$/, "", s); return s }

# STATE(CLAIMED, "claimed", "queued", "", ACTIVE)
function state(line,    f) {
	sub(/^STATE\(/, "", line)
	sub(/\).*$/, "", line)
	split(line, f, ",")
	word[trim(f[1])] = trim(f[2])
	printf "insert into expect.state values (%s, %s, %s, %s);\n",
	    q(trim(f[2])), q(trim(f[3])), q(trim(f[4])), q(trim(f[5]))
}

# EDGE(HOSTED, QUEUED, CLAIMED, "when")
function edge(line,    f) {
	sub(/^EDGE\(/, "", line)
	split(line, f, ",")
	if (!(trim(f[2]) in word) || !(trim(f[3]) in word)) {
		print "an edge without its states: " line > "/dev/stderr"
		exit 1
	}
	printf "insert into expect.edge values (%s, %s, %s);\n",
	    q(tolower(trim(f[1]))), q(word[trim(f[2])]), q(word[trim(f[3])])
}

function statement() {
	if (name == "")
		return
	n = split(roles, r, " ")
	for (i = 1; i <= n; i++)
		printf "insert into expect.%s values " \
		    "(%s, %s, %d, $statement$%s$statement$);\n",
		    into, q(name), q(r[i]), most, body
	name = ""
}

BEGIN {
	print "create schema expect;"
	print "create table expect.state (word text, hosted text, judge text," \
	    " phase text);"
	print "create table expect.edge (face text, from_status text," \
	    " to_status text);"
	print "create table expect.statement (name text, role text," \
	    " params integer, sql text);"
	print "create table expect.released (like expect.statement);"
}

FNR == 1 {
	statement()
	into = FILENAME ~ /released\/queries\.sql$/ ? "released" : "statement"
}

FILENAME ~ /state\.tbl\.h$/ {
	if (/^STATE\(/)
		state($0)
	if (/^EDGE\(/)
		edge($0)
	next
}

/^-- [a-z][a-z0-9_]* --$/ {
	statement()
	name = $2
	body = ""
	most = 0
	next
}

/^-- .* ---+$/ {
	statement()
	if (/Any program/)
		roles = "trainyard_fcgi trainyard_dispatch trainyard_owner"
	else if (/Command line/)
		roles = "trainyard_owner"
	else if (/Both servers/)
		roles = "trainyard_fcgi trainyard_dispatch"
	else if (/Dispatcher/)
		roles = "trainyard_dispatch"
	else
		roles = "trainyard_fcgi"
	next
}

/^[ \t]*--/ || /^[ \t]*$/ { next }

{
	body = body $0 "\n"
	rest = $0
	while (match(rest, /\$[0-9]+/)) {
		p = substr(rest, RSTART + 1, RLENGTH - 1) + 0
		if (p > most)
			most = p
		rest = substr(rest, RSTART + RLENGTH)
	}
}

END { statement() }
