# SPDX-License-Identifier: Apache-2.0
# peer_smbd.sh: server.sh's functions for a private instance of Samba's smbd, so
# that a test can be tried against another server before ours is blamed. Root only.
# shellcheck shell=bash disable=SC2034,SC2154

PEER_MISSING="Samba's smbd wants root, and the package samba"

peer_find() { is_root && command -v smbd >/dev/null && command -v smbpasswd >/dev/null; }

# What only our own programs can answer.
smb3ctl() { echo "smbd has no smb3ctl"; return 1; }
smb3d() { echo "smbd is not smb3d"; return 1; }

peer_configure() {
	mkdir -p "$S_DIR"/{private,lock,state,cache,pid,rpc}
	{
		printf '[global]\n netbios name = %s\n workgroup = WORKGROUP\n' "$S_NAME"
		printf ' disable netbios = yes\n load printers = no\n map to guest = never\n'
		printf ' private dir = %s/private\n lock directory = %s/lock\n' "$S_DIR" "$S_DIR"
		printf ' state directory = %s/state\n cache directory = %s/cache\n' "$S_DIR" "$S_DIR"
		printf ' pid directory = %s/pid\n ncalrpc dir = %s/rpc\n' "$S_DIR" "$S_DIR"
		printf ' log file = %s\n smb ports = %s\n' "$S_LOG" "$S_PORT"
		printf ' interfaces = %s\n bind interfaces only = yes\n' "$S_HOST"
		printf ' server min protocol = SMB2_02\n ea support = yes\n store dos attributes = yes\n'
		printf ' kernel oplocks = no\n strict sync = yes\n vfs objects = acl_xattr streams_xattr\n'
		[ "$S_SIGNING" != required ] || printf ' server signing = mandatory\n'
		peer_shares
	} >"$S_CONF"
}

peer_shares() {
	local line fields word
	for line in "${S_SHARES[@]}"; do
		IFS=$'\t' read -r -a fields <<<"$line"
		printf '[%s]\n path = %s\n read only = no\n' "${fields[0]}" "${fields[1]}"
		for word in "${fields[@]:2}"; do
			case $word in
			read_only=*) printf ' read only = %s\n' "${word#*=}" ;;
			guest=*) printf ' guest ok = %s\n' "${word#*=}" ;;
			comment=*) printf ' comment = %s\n' "${word#*=}" ;;
			esac
		done
	done
}

peer_user_add() {
	printf '%s\n%s\n' "$2" "$2" | smbpasswd -c "$S_CONF" -s -a "$1" >/dev/null
}

peer_run() {
	"${S_INSIDE[@]}" "${S_SERVER_ON[@]}" setsid smbd -F --no-process-group -s "$S_CONF" >>"$S_DIR/server.out" 2>&1 </dev/null &
	S_PID=$!
}

# The processes of the connections too: they are a session of their own.
peer_kill() { kill -KILL -- "-$S_PID" 2>/dev/null; }

# A server that SIGTERM ends says so in its status.
peer_status_good() { [ "$1" = 0 ] || [ "$1" = 143 ]; }

peer_user_passwd() { peer_user_add "$@"; }
