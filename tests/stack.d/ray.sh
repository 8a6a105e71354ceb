# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # dir and others are set by tests/stack
# A Ray cluster of one node, its own and asking for a token.

ray_venv=${TRAINYARD_RAY:-$top/run/venv-ray}

ray_settings() {
	printf '%s\n' engine_ray_grpo=ray ray_token_file="$dir/ray/token" \
	    ray_address="http://127.0.0.1:$ray_port" ray_cpus=0 \
	    engine_poll_seconds=1 \
	    runner_ray_grpo="\"$ray_venv/bin/python3 $top/runners/trainyard-runner\""
}

ray_token() {
	[ ! -s "$dir/ray/token" ] || return 0
	(
		umask 077
		mkdir -p "$dir/ray"
		od -An -vtx1 -N32 /dev/urandom | tr -d ' \n' >"$dir/ray/token"
		echo "Authorization: Bearer $(cat "$dir/ray/token")" \
		    >"$dir/ray/header"
	)
}

# Its sockets' addresses have 107 bytes as well, most of which are Ray's.
ray_folder() {
	[ -z "$ray_tmp" ] || return 0
	ray_tmp=$dir/ray/tmp
	[ ${#ray_tmp} -lt 40 ] || ray_tmp=$(mktemp -d /tmp/ty-ray.XXXXXX)
	[ -n "$ray_port" ] || ray_port=$(port_pick "$https_port")
	write_state
}

# All ports are taken at random but that of the dashboard, which jobs are
# submitted to, and one that cannot be left out.
start_ray() {
	local log=$dir/logs/ray.log
	runs ray && return
	[ -x "$ray_venv/bin/ray" ] ||
	    die "no Ray in $ray_venv: run tools/ray-venv first"
	ray_token
	ray_folder
	RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH=$dir/ray/token \
	    RAY_BACKEND_LOG_LEVEL=error TRAINYARD_STACK_DIR=$dir \
	    setsid "$ray_venv/bin/ray" start --head --block \
	    --disable-usage-stats --temp-dir "$ray_tmp" --num-cpus 4 \
	    --object-store-memory 100000000 --include-log-monitor false \
	    --port 0 --dashboard-host 127.0.0.1 --dashboard-port "$ray_port" \
	    --ray-client-server-port "$(port_pick "$ray_port")" \
	    --dashboard-agent-listen-port 0 --min-worker-port 0 \
	    --max-worker-port 0 </dev/null >>"$log" 2>&1 9>&- &
	proc_record ray $! || die "Ray ended at once"
	await "Ray does not answer" ray_answers
}

ray_answers() {
	runs ray || die "Ray ended"
	curl -s -m 5 -o /dev/null --fail -H "@$dir/ray/header" \
	    "http://127.0.0.1:$ray_port/api/jobs/"
}

stop_ray() {
	[ -s "$dir/pids/ray" ] || return 0
	# SIGTERM takes it a minute when a job was killed before
	stop_part ray KILL
	kill_ray
}

# What the head has started and did not take with it: all of it says so in
# its environment, jobs and their workers too.
kill_ray() {
	local p
	for p in /proc/[0-9]*; do
		! grep -qszxF "RAY_AUTH_TOKEN_PATH=$dir/ray/token" "$p/environ" ||
		    kill -KILL "${p#/proc/}" 2>/dev/null || true
	done
}
