# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # dir and others are set by tests/stack
# The cluster of a stack.  PostgreSQL refuses to run as root.

pg_caps=()
if [ "$(id -u)" = 0 ]; then
	as_pg() {
		setpriv --reuid=postgres --regid=postgres --init-groups \
		    "${pg_caps[@]}" "$@"
	}
	# A checkout below root's home is closed to others: then the cluster's
	# processes may pass the folders above their own.
	pg_reach() {
		local cap
		as_pg stat "$dir/." >/dev/null 2>&1 && return
		for cap in dac_read_search dac_override; do
			pg_caps=("--inh-caps=+$cap" "--ambient-caps=+$cap")
			as_pg stat "$dir/." >/dev/null 2>&1 && return
		done
		die "the user postgres cannot enter $dir"
	}
else
	as_pg() { "$@"; }
	pg_reach() { :; }
fi

pg_find() {
	local d
	for d in "$(pg_config --bindir 2>/dev/null)" \
	    $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr); do
		[ -x "$d/initdb" ] && pg_bin=$d && return
	done
	die "no PostgreSQL server found"
}

pg_init() {
	[ -s "$dir/pg/PG_VERSION" ] && return
	rm -rf "$dir/pg"
	mkdir -m 0700 "$dir/pg"
	[ "$(id -u)" != 0 ] || chown postgres: "$dir/pg"
	# The cluster's files need not survive a crash of the machine before
	# there is a row; what is committed later does (fsync stays on).
	as_pg "$pg_bin/initdb" --pgdata="$dir/pg" --username=postgres \
	    --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync \
	    >"$dir/logs/initdb.log" 2>&1 || die "initdb failed"
	cat >>"$dir/pg/postgresql.conf" <<-EOF
		listen_addresses = ''
		port = 5432
		timezone = 'UTC'
		fsync = on
		full_page_writes = on
		synchronous_commit = on
		shared_buffers = 128MB
		max_connections = 200
		max_wal_size = 2GB
		jit = off
		log_line_prefix = '%m [%p] %q%u '
	EOF
	echo "host all all samenet trust" >>"$dir/pg/pg_hba.conf"
}

start_postgres() {
	local listen=""
	runs postgres && return
	[ "$address" = 127.0.0.1 ] || listen=$address
	pg_find
	pg_reach
	pg_init
	mkdir -p "$sock/pg"
	chmod 0700 "$sock/pg"
	[ "$(id -u)" != 0 ] || chown postgres: "$sock/pg" "$dir/pg"
	: >>"$dir/logs/postgres.log"
	[ "$(id -u)" != 0 ] || chown postgres: "$dir/logs/postgres.log"
	# After kill -9 the old backends hold the shared memory for a moment.
	wait_for "$patience" pg_start_once || die "PostgreSQL does not start"
	proc_record postgres "$(head -n 1 "$dir/pg/postmaster.pid")" ||
	    die "PostgreSQL ended at once"
}

pg_start_once() {
	as_pg "$pg_bin/pg_ctl" start --silent --wait \
	    --timeout="$patience" --pgdata="$dir/pg" \
	    --log="$dir/logs/postgres.log" \
	    --options="-c unix_socket_directories='$sock/pg' \
	    -c listen_addresses='$listen'" \
	    </dev/null >/dev/null 2>&1 9>&-
}

# dsn USER: by the socket, or over the network to the host that has it.
dsn() {
	local host=$sock/pg
	[ -z "$join" ] ||
	    host=$(. "$join/state" && if [ "$address" = 127.0.0.1 ]; then
		printf %s "$sock/pg"; else printf %s "$address"; fi)
	printf 'host=%s dbname=trainyard user=%s' "$host" "$1"
}

pg_schema() {
	local admin="host=$sock/pg user=postgres"
	[ "$("$pg_bin/psql" -XAtd "$admin dbname=postgres" -c \
	    "select 1 from pg_database where datname = 'trainyard'")" = 1 ] ||
	    "$pg_bin/psql" -Xqd "$admin dbname=postgres" \
	    -c "create database trainyard"
	"$pg_bin/psql" -Xq -v ON_ERROR_STOP=1 -d "$admin dbname=trainyard" \
	    -f "$top/sql/roles.sql" \
	    -c "alter database trainyard owner to trainyard_owner"
	"$build/trainyard" -c "$conf" migrate --dir "$top/sql/migrations" \
	    >>"$dir/logs/migrate.log" 2>&1 || die "migrate failed"
}
