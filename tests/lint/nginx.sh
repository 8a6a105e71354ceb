# SPDX-License-Identifier: BSD-2-Clause
# nginx takes the site as it is installed.
PATH=$PATH:/usr/sbin:/sbin
command -v nginx >/dev/null || { echo "no nginx"; exit 77; }
command -v openssl >/dev/null || { echo "no openssl"; exit 77; }
gen=$TRAINYARD_BUILD/gen/nginx
[ -s "$gen/trainyard.conf" ] || { echo "nothing built in $TRAINYARD_BUILD"; exit 1; }

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/trainyard" "$dir/temp"
cp nginx/*.conf "$gen"/error_*.conf "$dir/trainyard/"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj /CN=localhost -keyout "$dir/key" -out "$dir/cert" 2>/dev/null
# Addresses and files that anybody may take instead of the packaged ones.
listen="s|listen \([0-9][0-9]*\)|listen unix:$dir/\1|"
sed -e "$listen" -e "s|/etc/trainyard/tls/server.pem|$dir/cert|" \
    -e "s|/etc/trainyard/tls/server.key|$dir/key|" \
    -e "s|/var/log/nginx/trainyard.log|$dir/log|" \
    "$gen/trainyard.conf" >"$dir/site.conf"
if grep -n '@[a-z_]*@' "$dir/site.conf"; then
	echo "a placeholder is left in trainyard.conf"
	exit 1
fi
cat >"$dir/nginx.conf" <<END
pid $dir/pid;
events { }
http {
access_log off;
client_body_temp_path $dir/temp/b;
fastcgi_temp_path $dir/temp/f;
proxy_temp_path $dir/temp/p;
scgi_temp_path $dir/temp/s;
uwsgi_temp_path $dir/temp/u;
include site.conf;
include hosts.conf;
}
END
# what a site may add
sed -e "s|/etc/trainyard/tls/workers.pem|$dir/cert|" nginx/worker_tls.conf \
    >"$dir/trainyard/worker_tls.conf"
sed -i 's|^\(\t*\)#\tinclude trainyard/worker|\1include trainyard/worker|' "$dir/site.conf"
grep -q '^[[:space:]]*include trainyard/worker_tls.conf;' "$dir/site.conf" || {
	echo "trainyard.conf does not show how workers get certificates"
	exit 1
}
sed -e "$listen" \
    -e 's|server [ab][.]trainyard[.]example|server 127.0.0.1|' \
    -e "s|/etc/trainyard/tls/server.pem|$dir/cert|" \
    -e "s|/etc/trainyard/tls/server.key|$dir/key|" \
    -e "s|/etc/trainyard/tls/hosts.pem|$dir/cert|" \
    nginx/several-hosts.conf.example >"$dir/hosts.conf"
said=$(nginx -t -q -e "$dir/error" -c "$dir/nginx.conf" 2>&1) && [ -z "$said" ] && exit 0
printf '%s\n' "$said"
exit 1
