# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # dir and others are set by tests/stack
# Processes of a stack: messages, waiting, who runs, who is left.
#
# DIR/pids/PART holds "pid start-time": a number that the kernel has given to
# somebody else since then is not ours.

say() { printf 'stack: %s\n' "$*" >&2; }

die() {
	say "$*"
	show_logs
	exit 1
}

show_logs() {
	local f
	for f in "$dir"/logs/*.log; do
		[ -s "$f" ] || continue
		printf -- '--- %s\n' "$f" >&2
		tail -n 15 "$f" >&2
	done
}

# wait_for SECONDS COMMAND...: runs the command until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# await WHAT COMMAND...: the same, or the end.
await() {
	local what=$1
	shift
	wait_for "$patience" "$@" || die "$what ($patience s)"
}

# proc_stat PID: its state and start time.
proc_stat() {
	local line
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
	# shellcheck disable=SC2086 # fields behind the name, which may hold blanks
	set -- ${line##*) }
	printf '%s %s\n' "$1" "${20}"
}

proc_record() {	# PART PID
	local state start
	read -r state start <<<"$(proc_stat "$2")" || true
	[ -n "${start:-}" ] && [ "$state" != Z ] || return 1
	# who reads it meanwhile finds it whole or not at all
	printf '%s %s\n' "$2" "$start" >"$dir/pids/.$1"
	mv "$dir/pids/.$1" "$dir/pids/$1"
}

proc_alive() {	# PID START
	local state start
	read -r state start <<<"$(proc_stat "$1")" || true
	[ "${start:-}" = "$2" ] && [ "$state" != Z ]
}

proc_gone() { ! proc_alive "$@"; }

# pid_of PART: prints "pid start-time", fails when it does not run.
pid_of() {
	local pid start
	{ read -r pid start <"$dir/pids/$1"; } 2>/dev/null || return 1
	proc_alive "$pid" "$start" && printf '%s %s\n' "$pid" "$start"
}

runs() { pid_of "$1" >/dev/null; }

# Was the program built again since this process was started?
outdated() {
	local pid start
	read -r pid start <<<"$(pid_of "$1")" || return 1
	[[ "$(readlink "/proc/$pid/exe")" == *' (deleted)' ]]
}

# ours PID: was this process started for the folder?  Programs and the jobs
# below them say so in their environment; nginx and PostgreSQL write their
# titles over it, but hold our logs open.
ours() {
	local v fd env=()
	[ "$1" != $$ ] || return 1
	mapfile -d '' -t env 2>/dev/null <"/proc/$1/environ" || return 1
	for v in "${env[@]}"; do
		case $v in
		"TRAINYARD_STACK_DIR=$dir" | "TRAINYARD_WORKDIR=$dir/"*) return ;;
		esac
	done
	case $(readlink "/proc/$1/exe") in
	*/nginx | */postgres) ;;
	*) return 1 ;;
	esac
	for fd in "/proc/$1/fd"/*; do
		[[ "$(readlink "$fd")" != "$dir/logs/"* ]] || return 0
	done
	return 1
}

# kill_strays [PROGRAM]: what crashed parts have left behind.
kill_strays() {
	local p
	for p in /proc/[0-9]*; do
		[ $# = 0 ] || [[ "$(readlink "$p/exe")" == */"$1" ]] || continue
		! ours "${p#/proc/}" 2>/dev/null ||
		    kill -KILL "${p#/proc/}" 2>/dev/null || true
	done
}

# kill_keepers: runners outlive their dispatcher; not the stack.
kill_keepers() {
	local f pid data
	[ -s "$conf" ] || return 0
	data=$(data_dir)
	for f in "${data}/work/"*/*/keeper; do
		[ -f "$f" ] || continue
		read -r pid _ <"$f"
		[[ "$(readlink "/proc/$pid/exe")" != */trainyardd* ]] ||
		    kill -QUIT "$pid" 2>/dev/null || true
	done
}
