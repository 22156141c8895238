#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc.sh: remote procedures: lists of shares with smbclient, calls of rpcclient.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc
only_smb3d "its process is smb3d's"
needs rpc
share_new files comment='"the files"'
share_new hidden browseable=false
S_RPC='comment = "files of the test"; call_time = "3s";'
S_FEATURES="$S_FEATURES rpc_echo"
S_MODDIR=$T/modules
mkdir -m 755 "$S_MODDIR"
cp "$SMB3D_BUILD"/modules.d/*.so "$S_MODDIR"
# The intruder is built like a module of somebody else.
"${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -shared -fPIC -I"$top/core/include" -o "$S_MODDIR/rpc_plant.so" \
	"$top/tests/live/rpc_plant.c" -L"$SMB3D_BUILD/.libs" -lsmb3rpc -lsmb3core >"$T/cc.out" 2>&1 ||
	{ fail rpc-plant-builds "$(tail -n 1 "$T/cc.out")"; exit 1; }
chmod 755 "$S_MODDIR"/*
export SMB3D_MODULE_DIR=$S_MODDIR	# for smb3ctl
S_MODULES="$S_MODULES rpc_plant"
server_begin

list() {
	client timeout 60 smbclient --configfile="$T/client.conf" -p "$S_PORT" \
		-U "$S_USER%$S_PASSWORD" -L "$S_HOST" -g "$@" </dev/null 2>&1
}

expect rpc-shares '^Disk\|files\|the files$' list
said rpc-shares-ipc '^IPC\|IPC\$\|'
check rpc-shares-hidden-not not grep -q hidden "$T/said"
expect rpc-srvinfo 'files of the test' rpc srvinfo
said rpc-srvinfo-version 'os version[[:space:]]*:[[:space:]]*10\.0'
expect rpc-share-list 'netname: files' rpc 'netshareenum 1'
check rpc-workstation rpc 'wkssvc_wkstagetinfo 100'
expect rpc-joined 'WORKGROUP' rpc wkssvc_getjoininformation
refuse rpc-workstation-denied WERR_ACCESS_DENIED rpc 'wkssvc_wkstagetinfo 102'
refuse rpc-share-paths-denied WERR_ACCESS_DENIED rpc netshareenumall
expect rpc-share-info 'netname: files' rpc 'netsharegetinfo files 1'
expect rpc-share-missing 'NETNAMENOTFOUND' rpc 'netsharegetinfo missing 1'

# An administrator sees folders, and what is hidden.
boss_add
R_USER=boss
expect rpc-admin-list 'path:[[:space:]]*C:.*files' rpc netshareenumall
said rpc-admin-list-hidden 'netname: hidden'
expect rpc-admin-info 'netname: hidden' rpc 'netsharegetinfo hidden'
# Sessions and files: others' are for administrators.
expect rpc-sessions 'Received [1-9]' rpc 'netsessenum'
expect rpc-files 'IPC.*srvsvc' rpc 'netfileenum'
R_USER=
refuse rpc-files-denied WERR_ACCESS_DENIED rpc netfileenum
check rpc-name-valid rpc 'netnamevalidate files 9'
refuse rpc-name-invalid WERR rpc 'netnamevalidate fi|les 9'

# Its process dies, while a file is copied: the copy goes on, and the next pipe starts another one.
rpcd_pid() { smb3ctl rpc --json | sed -n 's/.*"pid" *: *\([0-9]*\).*/\1/p' | head -n 1; }
head -c 30M /dev/urandom >"$T/work/big"
# Until all is over; not one operation may fail.
copies() {
	local n=0
	until [ -e "$T/over" ] && [ $n -gt 0 ]; do
		smbc files 'put big; get big back' && cmp "$T/work/big" "$T/work/back" || return 1
		n=$((n + 1))
	done
}
copies >"$T/copied" 2>&1 &
copy=$!
# How long it takes is for people to read: nothing may depend on how busy the machine is, but five seconds are
# too long for any.
for i in 1 2 3; do
	export RPC_VICTIM
	RPC_VICTIM=$(rpcd_pid)
	relay python "$top/tests/live/rpc_client.py" killed "$i"
done
: >"$T/over"
check rpc-copy wait $copy
check rpc-copy-nothing-failed not grep -q NT_STATUS "$T/copied"
expect rpc-ends '"ends" *: *3' smb3ctl rpc --json

relay python "$top/tests/live/rpc_client.py" calls
if nm -D "$SMB3D_BUILD"/.libs/libsmb3core.so 2>/dev/null | grep -qE '__(asan|tsan)_init'; then
	skip rpc-reach-much-memory "the address space of a sanitizer has no limit"
	export RPC_SKIP=much-memory
fi
relay python "$top/tests/live/rpc_client.py" plant
expect rpc-hangs '"hangs" *: *1' smb3ctl rpc --json
test_end
