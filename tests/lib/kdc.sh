# SPDX-License-Identifier: Apache-2.0
# kdc.sh: a Kerberos realm for one test, EXAMPLE.TEST, with an MIT KDC where the test's server is.
# Source it after server.sh.
#
#   kdc_missing || kdc_start; kdc_user NAME PASSWORD; kdc_service cifs/files.example.test
#   ticket NAME PASSWORD; smbk SHARE COMMANDS...
# shellcheck shell=bash disable=SC2154

K_REALM=EXAMPLE.TEST
K_HOST=files.example.test
K_PID=

# kdc_missing: prints what is not installed.
kdc_missing() {
	local program
	for program in krb5kdc kadmin.local kdb5_util kinit kvno; do
		PATH=$PATH:/usr/sbin:/sbin command -v $program >/dev/null && continue
		echo "$program is missing (packages krb5-kdc, krb5-admin-server, krb5-user)"
		return 0
	done
	return 1
}

# In the test's own network the KDC has its usual port.
kdc_configure() {
	local port=88
	[ -n "$S_NETNS" ] || port=$(free_port)
	mkdir -p "$K_DIR"
	cat >"$K_DIR/krb5.conf" <<-END
		[libdefaults]
			default_realm = $K_REALM
			dns_lookup_kdc = false
			dns_lookup_realm = false
			dns_canonicalize_hostname = false
			rdns = false
			udp_preference_limit = 1
		[realms]
			$K_REALM = {
				kdc = 127.0.0.1:$port
			}
		[domain_realm]
			.example.test = $K_REALM
		[logging]
			kdc = FILE:$K_DIR/kdc.log
	END
	cat >"$K_DIR/kdc.conf" <<-END
		[kdcdefaults]
			kdc_listen = 127.0.0.1:$port
			kdc_tcp_listen = 127.0.0.1:$port
		[realms]
			$K_REALM = {
				database_name = $K_DIR/principal
				key_stash_file = $K_DIR/stash
				acl_file = $K_DIR/acl
				max_life = 10h
				supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
			}
	END
	export KRB5_CONFIG=$K_DIR/krb5.conf KRB5_KDC_PROFILE=$K_DIR/kdc.conf KRB5CCNAME=$K_DIR/cache
	K_PORT=$port
}

kdc_answers() { client bash -c "exec 3<>/dev/tcp/127.0.0.1/$K_PORT" 2>/dev/null; }

kdc_start() {
	PATH=$PATH:/usr/sbin:/sbin
	K_DIR=$T/kdc
	K_KEYTAB=$K_DIR/keytab
	kdc_configure
	kdb5_util create -s -r "$K_REALM" -P "master of the realm" >"$K_DIR/create.log" 2>&1 || return 1
	"${S_INSIDE[@]}" krb5kdc -n -r "$K_REALM" >>"$K_DIR/kdc.out" 2>&1 &
	K_PID=$!
	until_true 30 kdc_answers
}

kdc_stop() {
	[ -z "$K_PID" ] || kill "$K_PID" 2>/dev/null
	K_PID=
}

kadmin_local() { kadmin.local -r "$K_REALM" -q "$*" >>"$K_DIR/kadmin.log" 2>&1; }

kdc_user() { kadmin_local "addprinc -pw $2 $1"; }

# kdc_service PRINCIPAL: in the KDC and in the keytab.
kdc_service() { kadmin_local "addprinc -randkey $1" && kadmin_local "ktadd -k $K_KEYTAB $1"; }

# ticket NAME PASSWORD [OPTION...]
ticket() {
	local name=$1 password=$2
	shift 2
	printf '%s\n' "$password" | client kinit "$@" "$name@$K_REALM"
}

# smbk SHARE COMMANDS [OPTION...]: smbclient with the ticket, and with nothing else.
smbk() {
	local share=$1 commands=$2 out status=0
	shift 2
	out=$(cd "$T/work" && client smbclient --configfile="$T/client.conf" -p "$S_PORT" -I "$S_HOST" \
		--use-kerberos=required --use-krb5-ccache="$KRB5CCNAME" -N "//$K_HOST/$share" "$@" \
		-c "$commands" </dev/null 2>&1) || status=$?
	printf '%s\n' "$out"
	case $out in *NT_STATUS_*) status=1 ;; esac
	return $status
}
