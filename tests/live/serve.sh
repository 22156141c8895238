#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# serve.sh: scripts/serve, as root and as an ordinary user: what it prints can be pasted.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin serve
only_smb3d "about our own script"
serve=$top/scripts/serve
[ -x "$serve" ] || { fail serve "no scripts/serve"; exit 1; }
export SMB3D_BUILD
S_SERVED=
# What was started is stopped even when a test fails.
test_undo() { [ -z "$S_SERVED" ] || kill -KILL "$S_SERVED" 2>/dev/null; }

# pasted FILE: runs the smbclient line that serve printed.
pasted() {
	local line
	line=$(grep -o 'smbclient .*' "$1" | head -n 1)
	[ -n "$line" ] || { echo "no line for smbclient"; return 1; }
	client env HOME="$T/client" bash -c "$line --configfile='$T/client.conf' -c 'put $T/payload up; get up $T/down; ls'" &&
		cmp "$T/payload" "$T/down"
}
gone() { ! kill -0 "$1" 2>/dev/null; }

# as_user: the words that run a command as an ordinary user; none when nobody is root here.
ordinary=(env)
! is_root || ordinary=(setpriv --reuid="$S_USER" --regid="$(id -g "$S_USER")" --clear-groups env "HOME=$T/home")
mkdir -p "$T/home" "$T/dir" "$T/tmp"
! is_root || chown "$S_USER:" "$T/home" "$T/dir" "$T/tmp"
head -c 200000 /dev/urandom >"$T/payload"

# foreground NAME WORDS...: as that kind of user, a random password, until it is told to end.
foreground() {
	local name=$1 out=$T/$1.out
	shift
	rm -f "$T/dir"/* "$T/down"
	"${S_INSIDE[@]}" "$@" env TMPDIR="$T/tmp" "$serve" --port 4445 "$T/dir" >"$out" 2>&1 </dev/null &
	S_SERVED=$!
	printed() { grep -q 'mount -t cifs' "$out"; }
	check "serve-$name-ready" until_true 90 printed
	cat "$out" >>"$S_DIR/server.out"
	check "serve-$name-smbclient-line" pasted "$out"
	check "serve-$name-stored" cmp "$T/payload" "$T/dir/up"
	check "serve-$name-mount-line" grep -q 'mount -t cifs //127\.0\.0\.1/' "$out"
	check "serve-$name-windows-line" grep -qiE 'net use|\\\\127\.0\.0\.1' "$out"
	check "serve-$name-mac-line" grep -q 'smb://' "$out"
	check "serve-$name-loopback-only" loopback_only
	check "serve-$name-features" features "$out"
	kill -INT "$S_SERVED"
	check "serve-$name-ends" until_true 30 gone "$S_SERVED"
	S_SERVED=
	check "serve-$name-leaves-nothing" silent_port
}
# What is built and harms nobody is loaded; a stream shows that it works.
features() {
	local conf module
	conf=$(sed -n 's/^log: \(.*\)log$/\1smb3.conf/p' "$1")
	for module in admin lock lease notify access acl encrypt vfs_streams vfs_veto; do
		[ ! -e "$SMB3D_BUILD/modules.d/$module.so" ] || grep -q "\"$module\"" "$conf" ||
			{ echo "no $module in $conf"; return 1; }
	done
	[ ! -e "$SMB3D_BUILD/modules.d/vfs_streams.so" ] || streams "$1"
}
streams() {
	local line
	line=$(grep -o 'smbclient .*' "$1" | head -n 1)
	client env HOME="$T/client" bash -c "$line --configfile='$T/client.conf' -c 'put $T/payload up:side; allinfo up'" |
		grep -F '[:side:$DATA]'
}
loopback_only() { ! client ss -Hltn 'sport = :4445' | awk '{ print $4 }' | grep -v '^127\.0\.0\.1:'; }
silent_port() { ! S_PORT=4445 server_answers; }

if "${ordinary[@]}" test -x "$serve" && "${ordinary[@]}" test -x "$SMB3D_BUILD/smb3d"; then
	foreground ordinary "${ordinary[@]}"
else
	skip serve-ordinary "the user $S_USER cannot enter $top or $SMB3D_BUILD"
	ordinary=(env)
fi
is_root && foreground root env

# Detached: comes back when the server answers, and says how to end it.
printf 'given-password\n' >"$T/password"
detach() {
	client "${ordinary[@]}" env TMPDIR="$T/tmp" "$serve" --port 4445 --share named --user someone \
		--password-stdin --detach "$T/dir" <"$T/password" >"$T/detach.out" 2>&1
}
check serve-detach detach
S_SERVED=$(grep -oE '(pid|kill) [0-9]+' "$T/detach.out" | grep -oE '[0-9]+' | head -n 1)
check serve-detach-pid kill -0 "${S_SERVED:-none}"
named() {
	client smbclient --configfile="$T/client.conf" -p 4445 -U "someone%given-password" //127.0.0.1/named -c ls
}
check serve-detach-serves named
check serve-detach-hides-password test -z "$(grep given-password "$T/detach.out")"
refuse serve-port-taken '4445' client timeout 60 "${ordinary[@]}" "$serve" --port 4445 --detach "$T/dir"
kill "${S_SERVED:-none}" 2>/dev/null
check serve-detach-ends until_true 30 gone "${S_SERVED:-none}"
S_SERVED=

refuse serve-no-folder "$T/no-such-folder" client timeout 60 "$serve" --port 4445 "$T/no-such-folder"
refuse serve-unknown-option '--frobnicate' client timeout 60 "$serve" --frobnicate "$T/dir"
refuse serve-no-argument 'DIR' client timeout 60 "$serve"
test_end
