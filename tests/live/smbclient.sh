#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# smbclient.sh: what a user does with smbclient: list, put, get, rename, remove,
# folders, names in every script, and every dialect with signing on and off.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin smbclient
share_new files comment='"the files"'
server_begin
cd "$T/work" || exit 1
head -c 300000 /dev/urandom >local

listed() { smbc "$1" "$2" "${@:4}" | grep -Eq -- "$3"; }
roundtrip() {
	smbc files "put local $1; get $1 back-$1; del $1" "${@:2}" && cmp local "back-$1" &&
		[ ! -e "$T/files/$1" ] && rm "back-$1"
}

# Listing shares takes the srvsvc pipe; a server without it refuses the pipe, at once.
expect smbclient-shares '^Disk\|files\||NT_STATUS_OBJECT_NAME_NOT_FOUND|no workgroup available' client timeout 20 \
	smbclient --configfile="$T/client.conf" -p "$S_PORT" -U "$S_USER%$S_PASSWORD" -L "$S_HOST" -g
check smbclient-put smbc files 'put local one'
check smbclient-put-content cmp local "$T/files/one"
check smbclient-list listed files ls '^  one +[A-Z]* +300000 '
check smbclient-get smbc files 'get one two'
check smbclient-get-content cmp local two
check smbclient-rename smbc files 'rename one other'
check smbclient-renamed cmp local "$T/files/other"
check smbclient-rename-away test ! -e "$T/files/one"
check smbclient-mkdir smbc files 'mkdir d; mkdir d/e; cd d/e; put local inner; ls'
check smbclient-mkdir-content cmp local "$T/files/d/e/inner"
check smbclient-rename-folder smbc files 'rename d d2; ls d2/e/inner'
refuse smbclient-rmdir-full STATUS_DIRECTORY_NOT_EMPTY smbc files 'rmdir d2'
check smbclient-del smbc files 'del d2/e/inner; del other'
check smbclient-rmdir smbc files 'rmdir d2/e; rmdir d2'
check smbclient-empty test -z "$(ls -A "$T/files")"
refuse smbclient-get-missing STATUS_OBJECT_NAME_NOT_FOUND smbc files 'get nothing'
refuse smbclient-missing-folder STATUS_OBJECT_PATH_NOT_FOUND smbc files 'get no/thing'
refuse smbclient-del-missing STATUS_NO_SUCH_FILE smbc files 'del nothing'
check smbclient-free-space listed files ls '[0-9]+ blocks of size [0-9]+\. [0-9]+ blocks available'
expect smbclient-attributes '^  info +HS +300000 ' \
	smbc files 'put local info; setmode info +hs-a; ls info; setmode info -hs+a; ls info'
said smbclient-attributes-back '^  info +A +300000 '
smbc files 'del info' >/dev/null

# A second name differs by case only: the first is found, not made again.
check smbclient-case-put smbc files 'put local CamelCase; get camelcase back-case; put local CAMELCASE'
check smbclient-case-one test "$(ls "$T/files")" = CamelCase
check smbclient-case-rename smbc files 'rename CamelCase camelcase'
check smbclient-case-renamed test "$(ls "$T/files")" = camelcase
smbc files 'del camelcase' >/dev/null

names() {
	printf '%s\n' 'äöüß Ünïcode' '日本語の名前' '한국어' 'файл' 'العربية' '😀 emoji 🎉' \
		"with 'quotes' & \$signs" 'percent%20' '.hidden' 'a.b.c.d' "$(printf 'x%.0s' {1..255})"
	printf 'ä%.0s' {1..127}
	echo
}
n=0
while IFS= read -r name; do
	n=$((n + 1))
	check "smbclient-name-$n-put" smbc files "put local \"$name\""
	check "smbclient-name-$n-on-disk" cmp local "$T/files/$name"
	check "smbclient-name-$n-listed" listed files "ls \"$name\"" ' 300000 '
	check "smbclient-name-$n-get" smbc files "get \"$name\" back; del \"$name\""
	check "smbclient-name-$n-content" cmp local back
	check "smbclient-name-$n-gone" test ! -e "$T/files/$name"
	rm -f back
done < <(names)

# Signing is required unless said otherwise, then only where the client wants it.
check smbclient-signs-when-it-must roundtrip must-sign --client-protection=off
check smbclient-first-server-ends server_clean
S_SIGNING=wanted
server_begin second-start
for dialect in SMB2_02 SMB2_10 SMB3_00 SMB3_02 SMB3_11; do
	for protection in off sign; do
		check "smbclient-$dialect-$protection" roundtrip "$dialect-$protection" \
			--option="client min protocol=$dialect" --max-protocol="$dialect" \
			--client-protection="$protection"
	done
done
check smbclient-from-smb1 roundtrip from-smb1 --option='client min protocol=NT1' \
	--max-protocol=SMB3_11
refuse smbclient-smb1-only 'NT_STATUS_|protocol negotiation failed' roundtrip smb1 \
	--option='client min protocol=NT1' --max-protocol=NT1
test_end
