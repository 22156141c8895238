#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ciphers.sh: each cipher and each signing algorithm that smbclient knows, forced by the client and by
# the server in turn; the server says what was agreed on, and the content is compared.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin ciphers
only_smb3d "asks smb3ctl"
for module in sign encrypt; do
	[ -e "$SMB3D_BUILD/modules.d/$module.so" ] && continue
	skip ciphers "the module $module is not built"
	exit 0
done
share_new files
cd "$T/work" || exit 1
head -c 9000001 /dev/urandom >local

# A file there and back, while the session is looked at; only what comes from standard input may run
# a command.
session() {
	rm -f back sessions.json
	printf '%s\n' 'put local far' "!$SMB3D_BUILD/smb3ctl -c $S_CONF --json sessions >sessions.json" \
		'get far back' 'del far' |
		client smbclient --configfile="$T/client.conf" -p "$S_PORT" -U "$S_USER%$S_PASSWORD" \
			"//$S_HOST/files" "$@" && cmp local back
}

# agreed DIALECT CIPHER SIGNING ENCRYPTED: the one session that there was.
agreed() {
	/usr/bin/python3 - "$@" <<-'END'
		import json, sys
		row, = json.load(open('sessions.json'))
		found = [str(row[k]) for k in ('dialect', 'cipher', 'signing', 'encrypted')]
		found == sys.argv[1:] or sys.exit(f'wanted {sys.argv[1:]}, found {found}')
	END
}

# runs NAME DIALECT CIPHER SIGNING ENCRYPTED OPTION...
runs() {
	check "$1" session "${@:6}"
	check "$1-agreed" agreed "${@:2:4}"
}

seal=--client-protection=encrypt
ciphers='aes-128-ccm aes-128-gcm aes-256-ccm aes-256-gcm'
server_begin
for cipher in $ciphers; do
	runs "cipher-$cipher-by-client" 3.1.1 "$cipher" aes-128-gmac True $seal \
		--option="client smb3 encryption algorithms=$cipher"
done
for signing in hmac-sha256 aes-128-cmac aes-128-gmac; do
	runs "signing-$signing-by-client" 3.1.1 aes-128-gcm "$signing" False --client-protection=sign \
		--option="client smb3 signing algorithms=${signing/sha256/sha-256}"
done
for dialect in 2_02:2.0.2:hmac-sha256 2_10:2.1:hmac-sha256 3_00:3.0:aes-128-cmac \
	3_02:3.0.2:aes-128-cmac; do
	IFS=: read -r option name signing <<<"$dialect"
	case $name in
	3*)	runs "sealed-$name" "$name" aes-128-ccm "$signing" True $seal \
			--option="client min protocol=SMB$option" --max-protocol="SMB$option"
		cipher=aes-128-ccm ;;
	*)	cipher= ;;
	esac
	runs "signed-$name" "$name" "$cipher" "$signing" False --client-protection=sign \
		--option="client min protocol=SMB2_02" --max-protocol="SMB$option"
done
check ciphers-end-client server_clean

for cipher in $ciphers; do
	S_EXTRA="encrypt = { ciphers = [ \"$cipher\" ]; };"
	server_start || { fail "cipher-$cipher-start" "no server"; continue; }
	runs "cipher-$cipher-by-server" 3.1.1 "$cipher" aes-128-gmac True $seal
	check "cipher-$cipher-end" server_clean
done
S_EXTRA=
for signing in hmac-sha256 aes-128-cmac aes-128-gmac; do
	S_SIGN="order = [ \"$signing\" ];"
	server_start || { fail "signing-$signing-start" "no server"; continue; }
	runs "signing-$signing-by-server" 3.1.1 aes-128-gcm "$signing" False --client-protection=sign
	check "signing-$signing-end" server_clean
done

# Where nonces would repeat, another algorithm is taken; gmac_channels wants it all the same.
S_EXTRA='setup = { multichannel = true; };' S_SIGN=
server_start || { fail channels-start "no server"; exit 1; }
runs signing-with-channels 3.1.1 aes-128-gcm aes-128-cmac False --client-protection=sign
check channels-end server_clean
test_end
