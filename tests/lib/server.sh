# SPDX-License-Identifier: Apache-2.0
# server.sh: one server for one test script, in a network namespace of its own
# when root runs it, on a free high port of the loopback otherwise. Source it.
#
#   test_begin NAME; only_smb3d WHY; needs MODULE...
#   share_add NAME FOLDER [KEY=VALUE...]; server_begin
#   ... client COMMAND..., smbc SHARE COMMANDS, rpc COMMAND ...
#   server_stop; test_end
#
# Environment: SMB3D_BUILD   the build folder (default: the top of the source)
#              SMB3D_PEER    "smbd" tests the tests against Samba's server, "ksmbd" against Linux's
#              SMB3D_LOGS    folder that keeps the logs of failed scripts
#              SMB3D_TEST_USER  the account of the host that the test user is
# shellcheck shell=bash

lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$lib/../.." && pwd)
# shellcheck source=report.sh
. "$lib/report.sh"

SMB3D_BUILD=${SMB3D_BUILD:-$top}
export SMB3D_PEER=${SMB3D_PEER:-smb3d}
S_HOST=127.0.0.1
S_NAME=FILES
T_NAME=$(basename "$0" .sh)	# until test_begin says another
S_PASSWORD='Pass.word-1'
S_WORKERS=${SMB3D_WORKERS:-4}
S_LEVEL=info
S_EXTRA=			# more lines for smb3d's configuration
S_SIGN=				# more of its group sign
S_INCLUDE=			# a file with more shares, from the folder of the configuration
S_CONFINE=			# options of the module confine
S_RPC=				# options of the module rpc
S_REACH=()			# what it may touch besides its shares
S_SERVER_ON=()			# what puts it, and its clients, on some processors only: processors_apart
S_CLIENT_ON=()
S_MOUNTS=()			# what fs_mount has mounted
S_SIGNING=required		# or "wanted": only when the client wants it
# What a server loads; those of the first list only when they are built.
S_FEATURES="limiter guard lock notify lease acl access encrypt vfs_streams vfs_veto vfs_catia vfs_shortnames vfs_snapshot quota lua confine rpc rpc_srvsvc rpc_wkssvc sam rpc_lsarpc lsa rpc_samr"
S_FEATURES="$S_FEATURES rpc_epmapper rpc_svcctl rpc_winreg rpc_initshutdown rpc_ntsvcs rpc_netdfs rpc_fsrvp rpc_mdssvc rpc_witness mds_names"
S_MODULES="admin tcp smb2 smb3 smb311 setup tree file dir info ioctl sign spnego ntlm guest users vfs_posix"
# Tests fail to log on on purpose, and often; those of the limiter say what they want.
S_LIMITER='delay = 0; ban_after = 0;'
S_PID=
# Who asks rpc and net_rpc: $S_USER with $S_PASSWORD where these are empty.
R_USER=
R_PASSWORD=
R_HOW=				# words of the binding: "[sign]"

# The Samba peer replaces the functions that know the server: peer_*.
case $SMB3D_PEER in
smb3d) . "$lib/peer_smb3d.sh" ;;
smbd) . "$lib/peer_smbd.sh" ;;
ksmbd) . "$lib/peer_ksmbd.sh" ;;
*) echo "SMB3D_PEER: no such server: $SMB3D_PEER" >&2; exit 2 ;;
esac

is_root() { [ "$(id -u)" = 0 ]; }
is_smb3d() { [ "$SMB3D_PEER" = smb3d ]; }
not() { ! "$@"; }

# own_mounts "$0" "$@": the script begins again where what it mounts is seen, and stays, only by itself.
own_mounts() {
	! is_root || [ -n "${SMB3D_UNSHARED-}" ] || ! unshare -m true 2>/dev/null ||
		SMB3D_UNSHARED=1 exec unshare -m "$@"
}

# test_begin NAME: the folder $T, the namespace, the test's user, cleaning up at exit.
test_begin() {
	T_NAME=$1
	T=$(mktemp -d "${TMPDIR:-/tmp}/smb3d-$1.XXXXXX")
	chmod 755 "$T"
	mkdir -p "$T/reports" "$T/work"
	chmod 1777 "$T/reports"
	S_DIR=$T/server
	S_CONF=$S_DIR/server.conf
	S_LOG=$S_DIR/server.log
	S_SHARES=()
	S_WRAP=()
	mkdir -p "$S_DIR"
	if is_root; then
		S_USER=${SMB3D_TEST_USER:-backup}
		S_USER2=${SMB3D_TEST_USER2:-list}
	else
		S_USER=$(id -un)
		S_USER2=second
	fi
	trap test_cleanup EXIT
	trap 'exit 130' INT TERM HUP PIPE
	test_network
	client_conf
	peer_find || { skip "$T_NAME" "$PEER_MISSING"; exit 0; }
}

# only_smb3d WHY: the topic is skipped when another server is tested.
only_smb3d() { is_smb3d || { skip "$T_NAME" "$1"; exit 0; }; }

has_module() { [ -e "$SMB3D_BUILD/modules.d/$1.so" ]; }

# needs MODULE...: the topic is skipped when smb3d was built without one of them.
needs() {
	local module
	is_smb3d || return 0
	for module; do
		has_module "$module" || { skip "$T_NAME" "$module is not built"; exit 0; }
	done
}

# needs_bench: the topic is skipped without smb3bench.
needs_bench() { [ -x "$SMB3D_BUILD/tests/bench/smb3bench" ] || { skip "$T_NAME" "no smb3bench in $SMB3D_BUILD"; exit 0; }; }

# smb3bench OPTION... HOST SHARE: as the test's user. smb3bench_behind, with "&" after it: so that $! is its process.
smb3bench() {
	SMB3BENCH_PASSWORD=$S_PASSWORD client "$SMB3D_BUILD/tests/bench/smb3bench" -p "$S_PORT" -U "$S_USER" "$@"
}
smb3bench_behind() {
	SMB3BENCH_PASSWORD=$S_PASSWORD exec "${S_INSIDE[@]}" "${S_CLIENT_ON[@]}" "$SMB3D_BUILD/tests/bench/smb3bench" -p "$S_PORT" -U "$S_USER" "$@"
}

# is_sanitized: the build watches its own memory; not_sanitized WHY: the topic is skipped then.
is_sanitized() { grep -qs '^SMB3_CFLAGS = .*-fsanitize=' "$SMB3D_BUILD/Makefile"; }
not_sanitized() { ! is_sanitized || { skip "$T_NAME" "$1"; exit 0; }; }

test_network() {
	S_NETNS=
	S_INSIDE=()
	if declare -F peer_network >/dev/null; then
		peer_network
		return
	fi
	S_PORT=$(free_port)
	is_root && command -v ip >/dev/null || return 0
	ip netns add "smb3d-$$-$T_NAME" 2>/dev/null || return 0
	S_NETNS=smb3d-$$-$T_NAME
	S_INSIDE=(ip netns exec "$S_NETNS")
	S_PORT=445
	client ip link set lo up
	# Where BBR is the machine's choice, it would send by timers even here, and rates would be its guesses.
	client ip route change local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1 \
		congctl cubic 2>/dev/null || client ip route show table local >&2
}

free_port() {
	/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

client_conf() {
	mkdir -p "$T/client"
	sed "s|@@|$T/client|" >"$T/client.conf" <<-'END'
		[global]
			workgroup = WORKGROUP
			netbios name = CLIENT
			private dir = @@
			lock directory = @@
			state directory = @@
			cache directory = @@
			client min protocol = SMB2_02
			client max protocol = SMB3_11
			client ipc min protocol = SMB2_02
			client ipc max protocol = SMB3_11
	END
}

# client COMMAND...: runs it where the server is reached.
client() { "${S_INSIDE[@]}" "${S_CLIENT_ON[@]}" "$@"; }

# processors_apart: from now on clients have the first processor for themselves and the server to be started has the
# others, as if they were two machines; unless there is only one, or SMB3D_SHARED is set.
processors_apart() {
	local list part all=()
	[ -z "${SMB3D_SHARED-}" ] || return 0
	list=$(taskset -cp $$) || return 0
	list=${list##* }
	for part in ${list//,/ }; do
		mapfile -t -O "${#all[@]}" all < <(seq "${part%-*}" "${part#*-}")
	done
	[ "${#all[@]}" -gt 1 ] || return 0
	S_CLIENT_ON=(taskset -c "${all[0]}")
	list=${all[*]:1}
	S_SERVER_ON=(taskset -c "${list// /,}")
}

# python SCRIPT...: a python client, with the server's address in its environment.
python() {
	local auth="$S_USER:$S_PASSWORD"
	client env SMB_HOST="$S_HOST" SMB_PORT="$S_PORT" SMB_AUTH="$auth" PYTHONPATH="$lib" \
		PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$@"
}

# smbc SHARE COMMANDS [OPTION...]: smbclient as the test's user. It ends with
# status 0 after some refusals, so an answer with an NT_STATUS is a failure.
smbc() { smbc_as "$S_USER%$S_PASSWORD" "$@"; }

# smbc_as USER%PASSWORD SHARE COMMANDS [OPTION...]
smbc_as() {
	local logon=$1 share=$2 commands=$3 out status=0
	shift 3
	out=$(cd "$T/work" && client smbclient --configfile="$T/client.conf" -p "$S_PORT" \
		-U "$logon" "//$S_HOST/$share" "$@" -c "$commands" </dev/null 2>&1) ||
		status=$?
	printf '%s\n' "$out"
	case $out in *NT_STATUS_*) status=1 ;; esac
	return $status
}

# rpc COMMAND [OPTION...]: rpcclient as $R_USER.
rpc() {
	client timeout 60 rpcclient --configfile="$T/client.conf" -p "$S_PORT" \
		-U "${R_USER:-$S_USER}%${R_PASSWORD:-$S_PASSWORD}" "${@:2}" -c "$1" "ncacn_np:$S_HOST$R_HOW" </dev/null 2>&1
}

# net_rpc WORD...: net rpc as $R_USER.
net_rpc() {
	client timeout 60 net --configfile="$T/client.conf" -p "$S_PORT" -S "$S_HOST" \
		-U "${R_USER:-$S_USER}%${R_PASSWORD:-$S_PASSWORD}" rpc "$@" </dev/null 2>&1
}

# talk_begin COMMAND...: a program that answers each line with a line.
talk_begin() {
	coproc TALK { "$@" 2>"$T/talk.err"; }
	talk_in=${TALK[1]} talk_out=${TALK[0]}
}

# talk LINE ANSWER: that is its answer to that line; heard ANSWER: that is what it says next.
talk() {
	echo "$1" >&"$talk_in"
	heard "$2"
}

heard() {
	local answer=nothing
	read -r -t 60 answer <&"$talk_out"
	test "$answer" = "$1"
}

# share_add NAME FOLDER [KEY=VALUE...]: made and given to the test's user.
share_add() {
	S_SHARES+=("$(printf '%s\t' "$@")")
	[ -d "$2" ] || return 0
	! is_root || chown "$S_USER:" "$2"
}

# share_new NAME [KEY=VALUE...]: a share on a fresh folder, $T/NAME.
share_new() {
	mkdir -p "$T/$1"
	share_add "$1" "$T/$1" "${@:2}"
}

# fs_mount NAME MKFS...: a file system of its own at $T/NAME, until the test ends; fails where
# nothing can be mounted, which takes own_mounts.
fs_mount() {
	local at=$T/$1
	shift
	[ -n "${SMB3D_UNSHARED-}" ] && command -v "$1" >/dev/null && mkdir -p "$at" &&
		truncate -s 512M "$at.image" && "$@" "$at.image" >/dev/null 2>&1 &&
		mount -o loop "$at.image" "$at" 2>/dev/null || return 1
	S_MOUNTS+=("$at")
}

# server_start: writes the configuration, adds the users once, waits for an answer.
server_start() {
	peer_configure
	[ -e "$S_DIR/users-added" ] || {
		user_add "$S_USER" && user_add "$S_USER2" && touch "$S_DIR/users-added"
	} || return 1
	server_run
}

# server_begin [NAME]: the same, without which there is nothing more to test.
server_begin() { server_start || { fail "$T_NAME-${1:-start}" "no server"; exit 1; }; }

# user_add NAME [PASSWORD [WORD...]]
user_add() { peer_user_add "$1" "${2:-$S_PASSWORD}" "${@:3}"; }

# boss_add: the administrator "boss", who acts as the test's user.
boss_add() { user_add boss "$S_PASSWORD" unix="$S_USER" admin || fail "$T_NAME-boss" "no administrator"; }

# server_run: starts with the configuration that is there.
server_run() {
	peer_run
	if ! server_wait; then
		echo "the server does not answer on port $S_PORT:" >&2
		tail -n 20 "$S_DIR/server.out" "$S_LOG" 2>/dev/null >&2
		return 1
	fi
}

server_answers() { client bash -c "exec 3<>/dev/tcp/$S_HOST/$S_PORT" 2>/dev/null; }

server_wait() {
	local end=$((SECONDS + 60))
	until server_answers; do
		kill -0 "$S_PID" 2>/dev/null && [ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# server_stop: asks it to end; 0 when it ended with status 0 in time.
server_stop() {
	local status=0
	[ -n "$S_PID" ] || return 0
	kill -TERM "$S_PID" 2>/dev/null
	if ! until_true 60 server_gone; then
		kill -KILL "$S_PID" 2>/dev/null
		echo "did not end within 60 s of SIGTERM"
		status=1
	fi
	wait "$S_PID" 2>/dev/null || status=$?
	S_PID=
	peer_status_good "$status" || { echo "the server ended with status $status"; return 1; }
}

# A child that has ended but was not waited for is a zombie.
server_gone() {
	local state
	read -r _ _ state _ <"/proc/$S_PID/stat" 2>/dev/null || return 0
	[ "$state" = Z ]
}

# server_kill: kill -9, no chance to tidy up.
server_kill() {
	peer_kill
	wait "$S_PID" 2>/dev/null
	S_PID=
}

# server_clean: stops it; no sanitizer report, no late loop.
server_clean() {
	local found
	server_stop || return 1
	found=$(find "$T/reports" -type f | head -n 1)
	if [ -n "$found" ]; then
		grep -hm 1 -E 'ERROR|WARNING|runtime error|SUMMARY' "$found" || echo "report in $found"
		return 1
	fi
	! is_smb3d || ! grep -h 'loop was late' "$S_LOG" "$S_DIR/server.out" 2>/dev/null
}

# test_end: the server's own test, after all others; the script's status.
test_end() {
	check "$T_NAME-server-clean" server_clean
	[ $T_FAILED = 0 ] || exit 1
	exit 0
}

test_cleanup() {
	local status=$?
	[ -z "$S_PID" ] || server_kill
	declare -F test_undo >/dev/null && test_undo
	if [ $T_FAILED -gt 0 ] || [ $status -ne 0 ]; then keep_logs; fi
	[ ${#S_MOUNTS[@]} = 0 ] || umount -l "${S_MOUNTS[@]}"
	[ -z "$S_NETNS" ] || ip netns del "$S_NETNS" 2>/dev/null
	chmod -R u+rwX "$T" 2>/dev/null	# what a test closed to itself
	rm -rf "$T"
	[ $status -eq 0 ] || exit $status
}

keep_logs() {
	local to=${SMB3D_LOGS:-${TMPDIR:-/tmp}/smb3d-test-logs}/$T_NAME
	mkdir -p "$to"
	rm -rf "${to:?}"/*
	cp -r "$T/reports" "$S_CONF" "$to/" 2>/dev/null
	find "$S_DIR" -maxdepth 1 -name 'server.*' -size -20M -exec cp {} "$to/" \;
	echo "logs kept in $to" >&2
}
