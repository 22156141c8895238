#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# krb5.sh: log-ons with tickets of a KDC: smbclient, impacket, smbtorture; what goes wrong with keytabs,
# clocks and realms, and what the log says then.
set -u
. "$(dirname "$0")/../lib/server.sh"
# shellcheck source=tests/lib/kdc.sh
. "$(dirname "$0")/../lib/kdc.sh"

test_begin krb5
if [ ! -e "$SMB3D_BUILD/modules.d/krb5.so" ] || why=$(kdc_missing); then
	skip krb5 "${why:-the module krb5 is not built}"
	exit 0
fi
test_undo() { kdc_stop; }
kdc_start || { fail krb5-kdc "no KDC: $(tail -n 1 "$K_DIR/kdc.out" "$K_DIR/create.log" 2>&1)"; exit 1; }
kdc_user "$S_USER" Kerberos-1
kdc_user stranger Kerberos-2
kdc_user daemon Kerberos-3
kdc_service "cifs/$K_HOST"
S_MODULES="$S_MODULES krb5"
share_new files
share_new strict ntlm='{ enabled = false; }'

# serve OPTIONS: a server with these options of krb5, and further groups behind them.
serve() {
	[ -z "$S_PID" ] || server_clean || fail "krb5-server-ends" "$(last_line)"
	# shellcheck disable=SC2034
	S_EXTRA="krb5 = { keytab = \"$K_KEYTAB\"; $1 }; ${2-}"
	: >"$S_LOG"
	server_begin
}

# logged NAME PATTERN: a line of the log matches.
logged() {
	if grep -Eq -- "$2" "$S_LOG"; then ok "$1"; else fail "$1" "no line /$2/: $(tail -n 1 "$S_LOG")"; fi
}

# This krb5.conf is not where a server that is confined looks for one.
S_REACH+=("$K_DIR")
mkdir -p "$S_DIR"
serve ''
check krb5-ticket ticket "$S_USER" Kerberos-1
echo content >"$T/work/page"
check krb5-login smbk files 'put page here; get here back; ls'
check krb5-same cmp "$T/work/page" "$T/work/back"
if is_root; then
	check krb5-owner test "$(stat -c %U "$T/files/here")" = "$S_USER"
fi
for dialect in SMB2_02 SMB2_10 SMB3_00 SMB3_02 SMB3_11; do
	check "krb5-$dialect" smbk files 'put page there; del there' --max-protocol="$dialect" \
		--client-protection=sign
done
# With the long ciphers all of the session key counts.
for cipher in AES-128-GCM AES-256-GCM AES-256-CCM; do
	check "krb5-$cipher" smbk files 'put page there; del there' --client-protection=encrypt \
		--option="client smb3 encryption algorithms=$cipher"
done
relay python "$top/tests/live/krb5_client.py" "$K_HOST" "$K_REALM"

check krb5-strict-share smbk strict ls
check krb5-ntlm-elsewhere smbc files ls
refuse krb5-ntlm-strict-share STATUS_ACCESS_DENIED smbc strict ls --use-kerberos=off

# Users whom the realm knows and this machine does not let in.
check krb5-stranger-ticket ticket stranger Kerberos-2
refuse krb5-stranger STATUS_LOGON_FAILURE smbk files ls
logged krb5-stranger-told 'log-on of "stranger@EXAMPLE.TEST" failed: .*stranger'
check krb5-daemon-ticket ticket daemon Kerberos-3
refuse krb5-daemon STATUS_LOGON_FAILURE smbk files ls
check krb5-ticket-again ticket "$S_USER" Kerberos-1

if command -v faketime >/dev/null; then
	check krb5-kvno client kvno "cifs/$K_HOST"
	smbk_late() { S_INSIDE+=(faketime -f +12m); smbk files ls; }
	refuse krb5-skew STATUS_TIME_DIFFERENCE_AT_DC eval '(smbk_late)'
	logged krb5-skew-told 'clocks of client and server differ'
else
	skip krb5-skew "faketime is missing (package faketime)"
fi

# smbtorture's tests of sessions that expire want a name of the server that is not an address.
torture() {
	printf '127.0.0.1 localhost %s\n' "$K_HOST" >"$T/hosts"
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount --bind "$1" /etc/hosts && shift && exec "$@"' sh "$T/hosts" \
		"${S_INSIDE[@]}" timeout 100 smbtorture --configfile="$T/client.conf" -p "$S_PORT" \
		-U "$S_USER@$K_REALM%Kerberos-1" --use-kerberos=required \
		--option=torture:progress=no "//$K_HOST/files" "smb2.session.$1" >"$T/torture.$1" 2>&1 &&
		grep -q "^success: $1" "$T/torture.$1"
}

expire_tests="expire1n expire1s expire1e expire2s expire2e expire_disconnect"
if is_root && command -v smbtorture >/dev/null; then
	for name in $expire_tests; do
		{ torture "$name"; echo $? >"$T/torture.$name.status"; } &
	done
	for name in $expire_tests; do
		until_true 120 test -s "$T/torture.$name.status"
		cp "$T/torture.$name" "$T/said"
		check_status() { cat "$T/torture.$1"; [ "$(cat "$T/torture.$1.status")" = 0 ]; }
		check "krb5-torture-$name" check_status "$name"
	done
else
	skip krb5-torture "needs root, and smbtorture (package samba-testsuite)"
fi

# The key is changed at the KDC: the keytab is out of date until it is exported again.
kadmin_local "ktadd -k $T/elsewhere cifs/$K_HOST"
check krb5-new-ticket ticket "$S_USER" Kerberos-1
refuse krb5-old-keytab STATUS_LOGON_FAILURE smbk files ls
logged krb5-old-keytab-told 'the keytab lacks the key version'
kadmin_local "ktadd -k $K_KEYTAB cifs/$K_HOST"
check krb5-newer-ticket ticket "$S_USER" Kerberos-1
check krb5-new-keytab-without-restart smbk files ls

serve 'realms = [ "ELSEWHERE.TEST" ];'
refuse krb5-realm STATUS_LOGON_FAILURE smbk files ls
logged krb5-realm-told 'realm EXAMPLE.TEST is none whose users are let in'

serve '' 'ntlm = { enabled = false; };'
check krb5-without-ntlm smbk files ls
refuse krb5-ntlm-off STATUS_ smbc files ls --use-kerberos=off

# Without keys there is no Kerberos; NTLM goes on, and a reload brings Kerberos back.
mv "$K_KEYTAB" "$K_KEYTAB.away"
serve ''
logged krb5-no-keytab-told 'no log-on by Kerberos: keytab .*: No such file or directory'
refuse krb5-no-keytab STATUS_ smbk files ls
check krb5-no-keytab-ntlm smbc files ls
mv "$K_KEYTAB.away" "$K_KEYTAB"
check krb5-reload smb3ctl reload
check krb5-keytab-back smbk files ls
chmod 644 "$K_KEYTAB"
check krb5-reload-open-keytab smb3ctl reload
logged krb5-open-keytab-told 'is open to others \(mode 0644\): chmod 600'
refuse krb5-open-keytab STATUS_ smbk files ls
test_end
