# SPDX-License-Identifier: BSD-2-Clause
# Makes the statement enum (-v out=h) and table (-v out=c) from
# sql/queries.sql.  A statement begins with "-- <name> --"; comments (at the
# beginning of a line, or behind white space and before one) and blank lines
# are dropped, the number of parameters is the highest $n.

function fault(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
	bad = 1
}

function flush() {
	if (name == "")
		return
	if (body == "")
		fault("nothing between " name " and this line")
	n++
	names[n] = name
	texts[n] = body
	params[n] = most
}

# The line without its comment.  A "--" inside quotes is none.
function code(line,    i, quotes) {
	i = match(line, /[ \t]--[ \t]/)
	if (i == 0)
		return line
	quotes = substr(line, 1, i)
	if (gsub(/'/, "", quotes) % 2 == 1)
		fault("white space around -- in a quoted text")
	return substr(line, 1, i - 1)
}

/^-- [a-z][a-z0-9_]* --$/ {
	flush()
	name = $2
	body = ""
	most = 0
	if (name in seen)
		fault(name " appears twice")
	seen[name] = 1
	next
}

/^[ \t]*--/ || /^[ \t]*$/ { next }

{
	if (name == "")
		fault("text before the first name")
	line = code($0)
	sub(/[ \t]+$/, "", line)
	rest = line
	while (match(rest, /\$[0-9]+/)) {
		p = substr(rest, RSTART + 1, RLENGTH - 1) + 0
		if (p > most)
			most = p
		rest = substr(rest, RSTART + RLENGTH)
	}
	# "&&" doubles in every awk; "\\\\" is one backslash in some.
	gsub(/\\/, "&&", line)
	gsub(/"/, "\\\\&", line)
	body = body (body == "" ? "" : "\n") "\t    \"" line "\\n\""
}

END {
	flush()
	if (bad)
		exit 1
	print "/* Made from sql/queries.sql by tools/gen-stmt.awk. */"
	if (out == "h") {
		print "#ifndef STMT_H\n#define STMT_H\n\nenum stmt {"
		for (i = 1; i <= n; i++)
			printf "\tSTMT_%s,\n", names[i]
		print "\tSTMT__MAX\n};\n"
		print "struct stmt_text {"
		print "\tconst char\t*name;\n\tconst char\t*sql;"
		print "\tint\t\t params;\n};\n"
		print "extern const struct stmt_text stmt_table[STMT__MAX];\n"
		print "#endif"
	} else {
		print "#include \"config.h\"\n\n#include \"stmt.h\"\n"
		print "const struct stmt_text stmt_table[STMT__MAX] = {"
		for (i = 1; i <= n; i++)
			printf "\t{ \"%s\",\n%s, %d },\n", names[i],
			    texts[i], params[i]
		print "};"
	}
}
