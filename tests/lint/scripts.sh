# SPDX-License-Identifier: BSD-2-Clause
# No shell script gives shellcheck anything to say.
. tests/lint/lib

command -v shellcheck >/dev/null || { echo "no shellcheck"; exit 77; }
scripts=$(sources '*' | while read -r f; do
	case $f in
	share/* | tests/fuzz/corpus*) continue ;;
	*.sh) [ -f "$f" ] && echo "$f" ;;
	*) [ -f "$f" ] && head -c 40 "$f" | tr -d '\000' | head -n 1 |
	    grep -Eq '^#!.*\b(sh|bash)$' && echo "$f" ;;
	esac
done)
for f in $scripts; do
	case $(head -n 1 "$f") in
	*bash*) shell='bash' ;;
	*) shell='sh' ;;
	esac
	case $f in tests/stack.d/*) shell='bash' ;; esac
	shellcheck --shell=$shell --exclude=SC1090,SC1091 --format=gcc "$f"
done | none
