#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# confine.sh: an intruder inside of the server (confine_probe.c) reaches the shares and nothing else;
# each part of the confinement by itself, and a server without any, where the same things go well.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin confine
skipped() { skip confine "$1"; exit 0; }
is_smb3d || skipped "about our own program"
[ -e "$SMB3D_BUILD/modules.d/confine.so" ] || skipped "the module is not built"

S_MODDIR=$T/modules
mkdir -m 755 "$S_MODDIR"
cp -r "$SMB3D_BUILD"/modules.d/*.so "$S_MODDIR"
chmod 755 "$S_MODDIR"/*
"${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -shared -fPIC -I"$top/core/include" -o "$S_MODDIR/confine_probe.so" \
	"$top/tests/live/confine_probe.c" >"$T/cc.out" 2>&1 ||
	{ fail confine-probe-builds "$(tail -n 1 "$T/cc.out")"; exit 1; }
chmod 755 "$S_MODDIR/confine_probe.so"
export SMB3D_MODULE_DIR=$S_MODDIR	# for smb3ctl
S_MODULES="$S_MODULES confine_probe"
# Remote procedures have a program of their own; a server without runs none.
S_FEATURES=$(printf '%s\n' $S_FEATURES | grep -vE '^(rpc|sam$|lsa$)')

secret=$T/secret	# what no share has
echo secret >"$secret"
chmod 644 "$secret"
mkdir -m 777 "$T/elsewhere"
mkdir -p "$T/files/sub"
chmod 777 "$T/files/sub"
echo shared >"$T/files/shared"
share_new files
share_new ro read_only=true
echo readable >"$T/ro/readable"
sanitized=$(nm -D "$SMB3D_BUILD"/.libs/libsmb3core.so 2>/dev/null | sed -nE 's/.*__(asan|tsan)_init.*/\1/p' | head -n 1)

# The version of the kernel's Landlock.
landlock() {
	/usr/bin/python3 -c 'import ctypes
print(max(0, ctypes.CDLL(None, use_errno=True).syscall(444, None, 0, 1)))'
}

probe() { timeout 30 "${S_INSIDE[@]}" "$SMB3D_BUILD/smb3ctl" -c "$S_CONF" probe "$@"; }
# try NAME WANTED WHAT [WORD]: how an attempt ends (a pattern).
try() { expect "confine-$1" "(^|[^A-Z])($2)([^A-Z]|\$)" probe "${@:3}"; }

served() { smbc files 'get shared /dev/null; put /etc/hostname there; rename there sub\there; rm sub\there' &&
	smbc ro 'get readable /dev/null'; }

# files NAME: what Landlock keeps from us, and what it leaves.
files() {
	local abi
	abi=$(landlock)
	if [ "$abi" -lt 2 ]; then skip "confine-$1-files" "Landlock version $abi: a file server needs 2"; return; fi
	try "$1-reads-no-others" EACCES read "$secret"
	try "$1-lists-no-others" EACCES list "$T"
	try "$1-writes-no-others" EACCES write "$T/elsewhere/new"
	try "$1-writes-no-settings" EACCES write /etc/smb3d-confine-test
	! is_root || try "$1-makes-no-devices" 'EACCES|EPERM' device "$T/files/device"
	try "$1-reads-shares" done read "$T/files/shared"
	try "$1-writes-shares" done write "$T/files/new"
	try "$1-reads-read-only-shares" done read "$T/ro/readable"
	try "$1-writes-no-read-only-shares" EACCES write "$T/ro/new"
	[ -n "$sanitized" ] || try "$1-runs-nothing" 'EACCES|EPERM' run /bin/true
	try "$1-traces-nobody" EPERM ptrace $$
	if [ "$abi" -lt 4 ]; then skip "confine-$1-network" "Landlock version $abi: 4 knows TCP"; return; fi
	try "$1-connects-to-nobody" EACCES connect 9
	try "$1-listens-no-more" EACCES bind 0
}

calls() {
	if [ -n "$sanitized" ]; then skip "confine-$1-sanitized" "sanitizers need more calls"; else
		try "$1-makes-no-namespace" EPERM clone
		try "$1-writes-no-code" EPERM code
		try "$1-runs-no-data" EPERM code-later
		try "$1-traces-nobody" EPERM ptrace $$
		try "$1-runs-nothing" EPERM run /bin/true
	fi
	try "$1-shares-nothing" EPERM unshare
	try "$1-mounts-nothing" EPERM mount "$T/files/sub"
	try "$1-opens-no-odd-sockets" EPERM socket 17
	try "$1-loads-no-bpf" EPERM bpf
	try "$1-does-not-reboot" EPERM reboot
	if [ "$sanitized" = tsan ]; then
		skip "confine-$1-becomes-nobody" "a thread of the sanitizer's own has all signals blocked"
	else
		try "$1-becomes-nobody" EPERM root
	fi
	expect "confine-$1-log-names-the-call" 'the system call unshare .*not allowed' cat "$S_LOG"
}

caps() {
	local held
	held=$(awk '/^CapBnd/ { print $2 }' "/proc/$S_PID/status")
	check "confine-$1-few-capabilities" test $((16#$held & ~0x2000df)) = 0
	check "confine-$1-no-new-privileges" grep -qE '^NoNewPrivs:[[:space:]]1' "/proc/$S_PID/status"
	check "confine-$1-users-have-none" users_have_none
}

# Threads that act as a user: of what they hold only setuid and setgid, to change again.
users_have_none() {
	local status found=1
	smbc files 'ls' >/dev/null || return 1
	for status in /proc/"$S_PID"/task/*/status; do
		awk '/^Uid/ { user = $5 } /^CapEff/ { held = $2 }
		     END { if (user != 0 && held !~ /^0*c0$/) { print "uid " user " holds " held; exit 1 }
			   exit user == 0 ? 2 : 0 }' "$status"
		case $? in
		0) found=0 ;;
		1) return 1 ;;
		esac
	done
	[ $found = 0 ] || echo "no thread acts as a user"
	return $found
}

cores() {
	check "confine-$1-no-core-dumps" awk '/^Max core file size/ { exit !($5 <= 1) }' "/proc/$S_PID/limits"
	# The files of a process that must not be dumped are root's.
	is_root || [ -n "$sanitized" ] || check "confine-$1-memory-is-nobodys" test "$(stat -c %u "/proc/$S_PID/mem")" = 0
}

# ---- all of it ----

server_begin
check confine-all-serves served
files all
calls all
! is_root || caps all
cores all
expect confine-shown-capabilities 'capabilities +confined' smb3ctl confine
expect confine-shown-calls 'system calls +confined' smb3ctl confine
[ "$(landlock)" -lt 2 ] || expect confine-shown-files "$T/ro +r +share ro" smb3ctl confine
check confine-all-still-serves served

# ---- a reload ----

reload_with() { # the line of a further share
	sed -i "s|^shares = (|&\n$1,|" "$S_CONF"
	smb3ctl reload
}

if [ "$(landlock)" -ge 2 ]; then
	cp "$S_CONF" "$T/conf"
	refuse confine-reload-outside-refused refuses reload_with "{ name = \"out\"; path = \"$T/elsewhere\"; }"
	expect confine-reload-outside-told 'share out: .*restart' cat "$S_LOG"
	check confine-reload-outside-serves served
	cp "$T/conf" "$S_CONF"
	refuse confine-reload-writable-refused refuses reload_with "{ name = \"rw\"; path = \"$T/ro\"; }"
	cp "$T/conf" "$S_CONF"
	check confine-reload-inside reload_with "{ name = \"sub\"; path = \"$T/files/sub\"; }"
	check confine-reload-inside-serves smbc sub ls
	cp "$T/conf" "$S_CONF"
fi
check confine-all-clean server_clean

# ---- one part at a time ----

S_CONFINE='files = "require"; calls = "off"; capabilities = false;'
[ "$(landlock)" -ge 2 ] || S_CONFINE='calls = "off"; capabilities = false;'
server_start && files landlock
server_stop >/dev/null

S_CONFINE='files = "off"; capabilities = false;'
server_start && calls seccomp
server_stop >/dev/null

S_CONFINE='files = "off"; calls = "off";'
if is_root; then
	server_start && caps caps && check confine-caps-serves served
	try caps-makes-no-devices EPERM device "$T/files/device"
	try caps-mounts-nothing EPERM mount "$T/files/sub"
	server_stop >/dev/null
fi

# ---- of /etc only what names users ----

if is_root && [ "$(landlock)" -ge 2 ]; then
	S_CONFINE='etc = "files";'
	server_start && {
		check confine-etc-serves served
		try etc-reads-no-hashes EACCES read /etc/shadow
		try etc-reads-users done read /etc/passwd
		try etc-reads-no-keys 'EACCES|ENOENT' list /etc/ssl/private
		server_stop >/dev/null
	}
fi

# ---- what an administrator allows ----

S_CONFINE='allow_calls = [ "unshare" ];'
S_REACH=("$T/elsewhere")
server_start && {
	try allowed-call 'done|EUSERS|EINVAL|ENOSPC' unshare
	try allowed-path done write "$T/elsewhere/new"
	server_stop >/dev/null
}
S_REACH=()
S_CONFINE='allow_calls = [ "unshaer" ];'
peer_configure
refuse confine-unknown-call 'server.conf:[0-9]+: .*no system call unshaer' smb3d -t -c "$S_CONF"
S_CONFINE='homes = [ "home" ];'
peer_configure
refuse confine-relative-path 'server.conf:[0-9]+: .*home does not begin with a slash' smb3d -t -c "$S_CONF"

# ---- the end instead of an error ----

S_CONFINE='calls = "kill";'
server_start && {
	check confine-kill-serves served
	probe unshare >/dev/null 2>&1
	check confine-kill-ends until_true 30 server_gone
	wait "$S_PID" 2>/dev/null
	check confine-kill-signal test $? = 159	# 128 and SIGSYS
	S_PID=
	expect confine-kill-told 'the system call unshare .*ends the server' cat "$S_LOG"
}

# ---- none of it: the attempts are real ----

S_CONFINE='files = "off"; calls = "off"; capabilities = false;'
server_start && {
	try none-reads-others done read "$secret"
	try none-writes-others done write "$T/elsewhere/newer"
	! is_root || try none-reads-hashes done read /etc/shadow
	! is_root || try none-makes-devices done device "$T/files/device"
	try none-connects 'ECONNREFUSED' connect 9
	try none-listens done bind 0
	try none-opens-sockets 'done|EPERM|EACCES' socket 17
	[ -n "$sanitized" ] || try none-runs-programs done exec /bin/true
}
rm -f "$T/files/device"

# ---- as an ordinary user ----

if is_root; then
	server_stop >/dev/null
	S_CONFINE=
	S_WRAP=(setpriv --reuid "$S_USER" --regid "$(id -g "$S_USER")" --init-groups)
	S_PORT=4450
	chown -R "$S_USER:" "$S_DIR" "$T/files" "$T/ro"
	server_start && {
		check confine-user-serves served
		try user-reads-no-others 'EACCES|done' read "$secret"
		[ "$(landlock)" -lt 2 ] || try user-writes-no-others EACCES write "$T/elsewhere/user"
		try user-makes-no-namespace EPERM unshare
		check confine-user-no-capabilities grep -qE '^CapPrm:[[:space:]]0+$' "/proc/$S_PID/status"
		cores user
	}
fi
test_end
