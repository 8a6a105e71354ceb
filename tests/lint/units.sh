# SPDX-License-Identifier: BSD-2-Clause
# systemd takes the units without a word, every directive has its reason, and
# the responder's exposure stays at 1.1, the pruning's at 1.8 and the
# dispatcher's at 2.0.
command -v systemd-analyze >/dev/null || { echo "no systemd-analyze"; exit 77; }
# it makes this folder itself where systemd does not run
[ -d /run/systemd ] || [ -w /run ] || { echo "no systemd runs here"; exit 77; }

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp systemd/*.socket systemd/*.timer systemd/*.target "$dir/"
for f in systemd/*.service.in; do
	name=$(basename "$f" .in)
	sed -e 's|^ExecStart=.*|ExecStart=/bin/true|' -e '/^Documentation=/d' \
	    "$f" >"$dir/$name"
done
sed -i '/^Documentation=/d' "$dir"/*.socket \
    "$dir"/*.timer "$dir"/*.target

exposure() {	# UNIT CEILING
	score=$(systemd-analyze security --offline=true "$dir/$1" 2>/dev/null |
	    sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
	awk -v s="${score:-99}" -v c="$2" 'BEGIN { exit !(s <= c) }' ||
	    echo "$1: exposure ${score:-unknown}, not $2"
}

said=$(
	systemd-analyze verify "$dir"/* 2>&1
	exposure trainyard-fcgi.service 1.1
	exposure trainyard-prune.service 1.8
	exposure trainyardd.service 2.0
	awk '/^[A-Z][A-Za-z]*=/ && before !~ /^#/ &&
	    !/^(Description|Documentation|ExecStart|WantedBy|Also)=/ &&
	    !/^(StandardError|IPAddressAllow)=/ {
		print FILENAME ":" FNR ": no reason for " $0 }
	    { before = $0 }' systemd/*.service.in systemd/*.socket systemd/*.timer \
	    systemd/*.target
)
[ -z "$said" ] && exit 0
printf '%s\n' "$said"
exit 1
