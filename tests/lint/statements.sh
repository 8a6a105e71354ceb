# SPDX-License-Identifier: BSD-2-Clause
# Every statement is used, every column is named.
. tests/lint/lib

{
	used=$(sources 'lib/store/*.c' 'ctl/*.c' |
	    xargs grep -ohw 'STMT_[a-z0-9_]*' | sort -u)
	sed -n 's/^-- \([a-z][a-z0-9_]*\) --$/\1/p' sql/queries.sql |
	    while read -r name; do
		case "
$used
" in *"
STMT_$name
"*) ;;
		*) echo "sql/queries.sql: nobody runs $name" ;;
		esac
	done
	# a list that stands in the same statement names its columns there
	grep -v '^ *--' sql/queries.sql | tr -s ' \n' '  ' |
	    grep -oEi 'select +([a-z_]+\.)?\* +from +trainyard\.[a-z_.]+'
} | none
