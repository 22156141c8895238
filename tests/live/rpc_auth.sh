#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_auth.sh: log-ons inside of remote procedure calls: signed and sealed calls of rpcclient and
# impacket, by password and by ticket; what is wrong is refused.
set -u
. "$(dirname "$0")/../lib/server.sh"
# shellcheck source=tests/lib/kdc.sh
. "$(dirname "$0")/../lib/kdc.sh"

test_begin rpc-auth
only_smb3d "its process is smb3d's"
needs rpc
test_undo() { kdc_stop; }
krb5=1
if [ ! -e "$SMB3D_BUILD/modules.d/krb5.so" ] || why=$(kdc_missing); then
	skip rpc-auth-krb5 "${why:-the module krb5 is not built}"
	krb5=
fi
if [ -n "$krb5" ]; then
	kdc_start || { fail rpc-auth-kdc "no KDC"; exit 1; }
	kdc_user "$S_USER" Kerberos-1
	kdc_service "cifs/$K_HOST"
	kdc_service "host/$K_HOST"
	S_MODULES="$S_MODULES krb5"
	S_EXTRA="krb5 = { keytab = \"$K_KEYTAB\"; };"
	S_REACH+=("$K_DIR")
fi
S_FEATURES="$S_FEATURES rpc_echo audit"
S_EXTRA="$S_EXTRA audit = { file = \"$S_DIR/audit\"; };"
share_new files
server_begin
boss_add

for how in connect packet sign seal ntlm,connect ntlm,packet ntlm,sign ntlm,seal spnego,sign spnego,seal; do
	R_HOW="[$how]" expect "rpc-auth-${how/,/-}" 'netname: files' rpc 'netshareenum 1'
	R_HOW="[$how]" check "rpc-auth-${how/,/-}-large" rpc 'echodata 200000'
done
relay python "$top/tests/live/rpc_auth_client.py" levels

if [ -n "$krb5" ]; then
	check rpc-auth-ticket ticket "$S_USER" Kerberos-1
	rpck() {
		client timeout 60 rpcclient \
			--configfile="$T/client.conf" -p "$S_PORT" -I "$S_HOST" \
			--use-kerberos=required --use-krb5-ccache="$KRB5CCNAME" -N -c "$2" "ncacn_np:${K_HOST}[$1]" </dev/null 2>&1
	}
	for how in krb5,sign krb5,seal spnego,krb5,sign spnego,krb5,seal; do
		expect "rpc-auth-${how//,/-}" 'netname: files' rpck "$how" 'netshareenum 1'
		check "rpc-auth-${how//,/-}-large" rpck "$how" 'echodata 200000'
	done
fi

# What wrong passwords cost.
S_LIMITER='delay = "60s"; ban_after = 0;'
peer_configure
check rpc-auth-reload-delay smb3ctl reload
relay python "$top/tests/live/rpc_auth_client.py" delay
check rpc-auth-forget smb3ctl limiter unban all
S_LIMITER='delay = 0; ban_after = 3;'
peer_configure
check rpc-auth-reload-ban smb3ctl reload
export SMB3CTL="$SMB3D_BUILD/smb3ctl" SMB3_CONF="$S_CONF"
relay python "$top/tests/live/rpc_auth_client.py" ban
test_end
