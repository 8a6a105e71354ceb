# SPDX-License-Identifier: BSD-2-Clause
# Alerts and dashboard name metrics that exist, with labels that they have,
# and Prometheus understands each expression.
. tests/lint/lib

command -v jq >/dev/null || { echo "no jq"; exit 77; }
folder=share/monitoring
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# name and labels of each series, from the table
tr '\n' ' ' <lib/util/metric.tbl.h | sed 's/METRIC(/\n&/g' | sed -n \
    's/^METRIC([A-Z_]*, *"\([a-z_]*\)", *\([A-Z]*\), *"[FD]*", *"\([a-z,]*\)".*/\1 \2 \3/p' |
    while read -r name type labels; do
	case $type in
	SECONDS | ROWS)
		echo "${name}_bucket $labels,le"
		echo "${name}_sum $labels"
		echo "${name}_count $labels"
		;;
	*) echo "$name $labels" ;;
	esac
done >"$dir/series"

# the dashboard's expressions as rules, for promtool
jq '{groups: [{name: "dashboard", rules: [.panels[].targets[].expr
    | {record: "x", expr: gsub("[$]job"; "trainyard")}]
    | to_entries | map(.value + {record: "x:\(.key)"})}]}' \
    $folder/dashboard.json >"$dir/dashboard.yml" ||
    { echo "$folder/dashboard.json is no dashboard"; exit 1; }

{
	[ "$(wc -l <"$dir/series")" -gt 30 ] || echo "the table was not read"
	for f in $folder/alerts.yml "$dir/dashboard.yml"; do
		grep -oE '\b(trainyard|process)_[a-z_]+(\{[^}]*\})?' "$f" |
		    sort -u | while IFS='{' read -r name labels; do
			known=$(grep "^$name " "$dir/series") || {
				echo "$f names $name, which is no metric"
				continue
			}
			# job and instance are Prometheus' own
			printf '%s' "$labels" | grep -oE '[a-z]+(=|!)' |
			    tr -d '=!' | sed '/^job$/d; /^instance$/d' |
			    while read -r label; do
				case ",${known#* }," in
				*",$label,"*) ;;
				*) echo "$f: $name has no label $label" ;;
				esac
			done
		done
		! command -v promtool >/dev/null ||
		    promtool check rules "$f" >"$dir/said" 2>&1 ||
		    { echo "$f:"; cat "$dir/said"; }
	done
} | none
