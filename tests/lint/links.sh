# SPDX-License-Identifier: BSD-2-Clause
# Links lead somewhere: files and headings of Markdown, and our own manual
# pages, from Markdown and from other pages.
. tests/lint/lib

# the anchor that a heading gets: "What to expect" is #what-to-expect
anchors() {
	sed -n 's/^##* //p' "$1" | tr '[:upper:] ' '[:lower:]-' |
	    tr -cd 'a-z0-9_\n-'
}

page_known() {	# NAME SECTION
	[ -f "man/$1.$2" ] || [ -f "man/$1.$2.in" ]
}

{
	sources '*.md' | grep -v '^share/samples/' | while read -r f; do
		grep -oE '\]\([^)]+\)' "$f" | sed 's/^](//; s/)$//' |
		    while read -r to; do
			case $to in
			http://* | https://* | mailto:*) continue ;;
			esac
			path=${to%%#*}
			target=$f
			[ -z "$path" ] || target=$(dirname "$f")/$path
			[ -e "$target" ] || {
				echo "$f links to $to, which is not there"
				continue
			}
			case $to in
			*'#'*) anchors "$target" | grep -qx -- "${to#*#}" ||
			    echo "$f links to $to: no such heading" ;;
			esac
		done
		grep -oE '\btrainyard[a-z.-]*\([1-8]\)' "$f" | sort -u |
		    tr '()' '  ' | while read -r name section; do
			page_known "$name" "$section" ||
			    echo "$f names $name($section), which is no page"
		done
	done
	for f in man/*; do
		sed -n 's/^\.Xr \(trainyard[^ ]*\) \([1-8]\).*/\1 \2/p' "$f" |
		    while read -r name section; do
			page_known "$name" "$section" ||
			    echo "$f names $name($section), which is no page"
		done
	done
} | none
