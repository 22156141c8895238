# SPDX-License-Identifier: Apache-2.0
# peer_ksmbd.sh: server.sh's functions for ksmbd, the server in Linux. There is one for a whole system, in
# no namespace: it is meant for a virtual machine of its own (tests/vm/bench).
# shellcheck shell=bash disable=SC2034,SC2154

PEER_MISSING="ksmbd wants a virtual machine, and the programs of ksmbd-tools"

peer_find() { is_root && command -v ksmbd.mountd >/dev/null && modprobe ksmbd; }

smb3ctl() { echo "ksmbd has no smb3ctl"; return 1; }
smb3d() { echo "ksmbd is not smb3d"; return 1; }

# It listens where the system does, and its threads are the kernel's: children of process 2.
peer_network() {
	S_PORT=445
	S_COST_PID=2
}

peer_configure() {
	{
		printf '[global]\n\tnetbios name = %s\n\tworkgroup = WORKGROUP\n\tmap to guest = never\n' "$S_NAME"
		printf '\ttcp port = %s\n\tserver min protocol = SMB2_10\n\tserver max protocol = SMB3_11\n' "$S_PORT"
		printf '\tsmb2 leases = yes\n\tmax connections = 0\n'
		[ "$S_SIGNING" = required ] || printf '\tserver signing = auto\n'
		[ "$S_SIGNING" != required ] || printf '\tserver signing = mandatory\n'
		peer_shares
	} >"$S_CONF"
}

peer_shares() {
	local line fields
	for line in "${S_SHARES[@]}"; do
		IFS=$'\t' read -r -a fields <<<"$line"
		printf '[%s]\n\tpath = %s\n\tread only = no\n' "${fields[0]}" "${fields[1]}"
		printf '\tstore dos attributes = yes\n\tvfs objects = acl_xattr streams_xattr\n'
	done
}

peer_user_add() {
	ksmbd.adduser -c "$S_CONF" -i "$S_DIR/ksmbdpwd.db" -a "$1" -p "$2" >/dev/null
}

peer_run() {
	ksmbd.mountd --nodetach -c "$S_CONF" -u "$S_DIR/ksmbdpwd.db" >>"$S_DIR/server.out" 2>&1 </dev/null &
	S_PID=$!
}

peer_kill() {
	ksmbd.control --shutdown >/dev/null 2>&1
	kill -KILL "$S_PID" 2>/dev/null
}

peer_status_good() { case $1 in 0 | 130 | 143) return 0 ;; *) return 1 ;; esac; }

peer_user_passwd() { ksmbd.adduser -c "$S_CONF" -i "$S_DIR/ksmbdpwd.db" -u "$1" -p "$2" >/dev/null; }
