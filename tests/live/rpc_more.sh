#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_more.sh: what management programs ask a file server for: services, registry keys, end points,
# the machine as a client; with rpcclient and with impacket's tools and calls.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc_more
only_smb3d "its modules are smb3d's"
needs rpc_svcctl
share_new files comment='"the files"'
S_RPC='comment = "files of the test";'
S_EXTRA='rpc_svcctl = { services = [ "Spooler=Print Spooler" ]; };'
server_begin
boss_add

# tool NAME [ARG...]: a program of impacket.
tools=/usr/share/doc/python3-impacket/examples
tool() {
	client timeout 60 /usr/bin/python3 "$tools/$1" -port "$S_PORT" \
		"${R_USER:-$S_USER}:$S_PASSWORD@$S_HOST" "${@:2}" </dev/null 2>&1
}

# map PIPE: which interfaces it has, as it says itself.
map() {
	client timeout 60 /usr/bin/python3 "$tools/rpcmap.py" "ncacn_np:${S_HOST}[\\pipe\\${1}]" -port "$S_PORT" -auth-level 1 \
		-auth-transport "${R_USER:-$S_USER}:$S_PASSWORD" </dev/null 2>&1
}

expect more-end-points 'FILES.*srvsvc.*srvsvc' rpc epmlookup
said more-end-points-more 'FILES.*svcctl.*svcctl'
check more-workstation-101 rpc 'wkssvc_wkstagetinfo 101'
check more-names rpc wkssvc_enumeratecomputernames
refuse more-users-denied WERR_ACCESS_DENIED rpc wkssvc_enumerateusers
R_USER=boss check more-users rpc wkssvc_enumerateusers
R_USER=boss check more-workstation-102 rpc 'wkssvc_wkstagetinfo 102'
expect more-plug-and-play 'version: 1024' rpc ntsvcs_getversion
check more-device-root rpc 'ntsvcs_validatedevinst HTREE\\ROOT\\0'
check more-device-list rpc 'ntsvcs_getdevlistsize Spooler 2'
refuse more-device-none WERR_INVALID_DATA rpc 'ntsvcs_validatedevinst PCI\\0'
expect more-dfs-version 'dfs is present .1.' rpc dfsversion
refuse more-dfs-no-link WERR_ rpc 'dfsgetinfo \\FILES\dfs FILES share 1'
refuse more-message-no 'result was' rpc 'wkssvc_messagebuffersend hello'

if [ -d "$tools" ]; then
	R_USER=boss
	expect more-services 'LanmanServer.*Server.*RUNNING' tool services.py list
	said more-services-other 'Spooler.*Print Spooler'
	expect more-service-config 'AUTO' tool services.py config -name LanmanServer
	expect more-service-status 'RUNNING' tool services.py status -name LanmanServer
	expect more-service-stop 'access_denied' tool services.py stop -name LanmanServer
	expect more-service-none ERROR_SERVICE_DOES_NOT_EXIST tool services.py status -name Nothing
	R_USER=
	expect more-services-denied 'access_denied' tool services.py list
	expect more-registry 'ProductType.*REG_SZ.*ServerNT' tool reg.py query -keyName 'HKLM\SYSTEM' -s
	said more-registry-comment 'srvcomment.*files of the test'
	expect more-registry-none ERROR_FILE_NOT_FOUND tool reg.py query -keyName 'HKLM\SOFTWARE\Nothing' -s
	expect more-dump 'srvsvc' tool rpcdump.py
	expect more-map '4B324FC8-1670-01D3-1278-5A47BF6EE188 v3.0' map srvsvc
	said more-map-itself 'AFA8BD80-7D8A-11C9-BEF4-08002B102989 v1.0'
else
	skip more-tools "impacket's examples are missing"
fi

relay python "$top/tests/live/rpc_more_client.py"
test_end
