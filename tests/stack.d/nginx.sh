# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # dir and others are set by tests/stack
# Certificate, ports and nginx of a stack.

make_certificate() {
	local t=$dir/tls
	openssl x509 -checkend 86400 -noout -in "$t/server.pem" \
	    >/dev/null 2>&1 && return
	mkdir -p "$t"
	chmod 0700 "$t"
	{
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		    -nodes -days 825 -subj "/CN=trainyard private CA" \
		    -addext keyUsage=critical,keyCertSign,cRLSign \
		    -keyout "$t/ca.key" -out "$t/ca.pem"
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		    -nodes -subj "/CN=localhost" \
		    -keyout "$t/server.key" -out "$t/server.csr"
		printf '%s\n' "subjectAltName=IP:$address,IP:::1,DNS:localhost" \
		    "basicConstraints=critical,CA:FALSE" \
		    "extendedKeyUsage=serverAuth" >"$t/server.ext"
		openssl x509 -req -in "$t/server.csr" -CA "$t/ca.pem" \
		    -CAkey "$t/ca.key" -CAcreateserial -days 825 \
		    -extfile "$t/server.ext" -out "$t/server.pem"
	} >"$dir/logs/openssl.log" 2>&1 || die "openssl failed"
	rm -f "$t/ca.key" "$t/ca.srl" "$t/server.csr" "$t/server.ext"
}

port_free() {
	local hex
	hex=$(printf ':%04X' "$1")
	! awk -v p="$hex" '$4 == "0A" && substr($2, length($2) - 4) == p \
	    { found = 1 } END { exit !found }' /proc/net/tcp /proc/net/tcp6 \
	    2>/dev/null
}

# Below the range from which the kernel takes ports for outgoing connections.
port_pick() {
	local p
	while :; do
		p=$((10240 + (RANDOM * 32768 + RANDOM) % 20000))
		port_free "$p" && [ "$p" != "${1:-}" ] && printf '%s\n' "$p" &&
		    return
	done
}

write_nginx() {
	local n=$dir/nginx
	mkdir -p "$n/trainyard" "$n/temp" "$n/www"
	cp "$top"/nginx/*.conf "$build"/gen/nginx/error_*.conf "$n/trainyard/"
	cp -R "$top"/www/. "$build"/gen/www/. "$n/www/"
	sed -e "s|@datadir@|$n|; s|@socket@|$sock/fcgi.sock|" \
	    -e "s|@client@|$client|; s|@data_dir@|$(data_dir)|" \
	    -e "s|@listen_http@|$address:$http_port|" \
	    -e "s|@listen_https@|$address:$https_port|" \
	    -e "s|@https_port@|:$https_port|" \
	    -e "s|@access_log@|$dir/logs/access.log|" \
	    -e "s|@certificate@|$dir/tls/server.pem|" \
	    -e "s|@certificate_key@|$dir/tls/server.key|" \
	    "$top/nginx/trainyard.conf.in" >"$n/site.conf"
	{
		[ "$(id -u)" != 0 ] || echo "user root;"
		cat <<-EOF
			worker_processes 2;
			pid $n/pid;
			error_log $dir/logs/nginx.log warn;
			events { worker_connections 1000; }
			http {
			client_body_temp_path $n/temp/body;
			fastcgi_temp_path $n/temp/fastcgi;
			proxy_temp_path $n/temp/proxy;
			scgi_temp_path $n/temp/scgi;
			uwsgi_temp_path $n/temp/uwsgi;
			access_log off;
		EOF
		# as several-hosts.conf.example says of the hosts behind
		[ -z "$front" ] || printf '%s\n' "set_real_ip_from $front;" \
		    "real_ip_header X-Forwarded-For;"
		printf '%s\n' "include site.conf;" "}"
	} >"$n/nginx.conf"
}

nginx_cmd() {
	PATH=$PATH:/usr/sbin:/sbin nginx -e "$dir/logs/nginx.log" \
	    -c "$dir/nginx/nginx.conf" "$@" 9>&-
}

# To other ports, and runners are told the new one.
move_ports() {
	local part old="https://$address:$https_port"
	https_port=$(port_pick)
	http_port=$(port_pick "$https_port")
	sed -i "s|^api_url = $old\$|api_url = https://$address:$https_port|" \
	    "$conf"
	for part in responder dispatcher; do
		if runs $part; then
			"stop_$part"
			"start_$part"
		fi
	done
}

start_nginx() {
	local try old
	if runs nginx; then
		old=$(cat "$dir"/nginx/*.conf "$dir"/nginx/trainyard/*)
		write_nginx
		[ "$old" = "$(cat "$dir"/nginx/*.conf "$dir"/nginx/trainyard/*)" ] ||
		    nginx_cmd -s reload
		return
	fi
	kill_strays nginx	# workers keep the ports when their master is lost
	for try in 1 2 3 4 5; do
		write_nginx
		: >"$dir/logs/nginx-start.log"
		if nginx_cmd 2>>"$dir/logs/nginx-start.log"; then
			proc_record nginx "$(cat "$dir/nginx/pid")" ||
			    die "nginx ended at once"
			return
		fi
		grep -q 'Address already in use' "$dir/logs/nginx-start.log" || break
		say "ports $https_port and $http_port are taken (try $try)"
		move_ports
		: >"$dir/logs/nginx.log"
	done
	die "nginx does not start"
}
