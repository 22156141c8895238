#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# auth.sh: who may log in, as what: spellings of the name, domains, odd passwords, guests.
set -u
. "$(dirname "$0")/../lib/server.sh"

S_EXTRA='guest = { anonymous = true; };'
test_begin auth
share_new files
share_new open guest=true
share_new manuals guest=true read_only=true
chmod 777 "$T/open"
echo content >"$T/manuals/page"
server_begin

check auth-plain smbc_as "$S_USER%$S_PASSWORD" files ls
check auth-upper-case smbc_as "${S_USER^^}%$S_PASSWORD" files ls
check auth-own-domain smbc_as "WORKGROUP\\$S_USER%$S_PASSWORD" files ls
check auth-server-as-domain smbc_as "$S_NAME\\$S_USER%$S_PASSWORD" files ls
check auth-other-domain smbc_as "ELSEWHERE\\$S_USER%$S_PASSWORD" files ls
refuse auth-password-case STATUS_LOGON_FAILURE smbc_as "$S_USER%${S_PASSWORD^^}" files ls
refuse auth-password-longer STATUS_LOGON_FAILURE smbc_as "$S_USER%${S_PASSWORD}x" files ls
refuse auth-password-shorter STATUS_LOGON_FAILURE smbc_as "$S_USER%${S_PASSWORD%?}" files ls
refuse auth-other-users-password STATUS_LOGON_FAILURE smbc_as "$S_USER2%wrong" files ls

n=0
while IFS= read -r password; do
	n=$((n + 1))
	check "auth-password-$n-set" peer_user_passwd "$S_USER2" "$password"
	printf 'username = %s\npassword = %s\n' "$S_USER2" "$password" >"$T/credentials"
	check "auth-password-$n" client smbclient --configfile="$T/client.conf" -p "$S_PORT" \
		-A "$T/credentials" "//$S_HOST/files" -c quit
done <<'END'
Grüße aus Köln
日本語のパスワード
😀🎉
two  blanks inside
%s%n%x$(id)`id`'"\
a
0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789
END

# The files that a user makes are that user's.
if is_root; then
	echo content >"$T/work/page"
	check auth-file-made smbc_as "$S_USER%$S_PASSWORD" files 'put page mine; mkdir folder2'
	check auth-file-owner test "$(stat -c %U "$T/files/mine" "$T/files/folder2" | sort -u)" = "$S_USER"
	chmod 700 "$T/files"
	peer_user_passwd "$S_USER2" "$S_PASSWORD"
	refuse auth-other-user-kept-out STATUS_ACCESS_DENIED smbc_as "$S_USER2%$S_PASSWORD" files 'mkdir theirs'
fi

# Guests: no name, no password, only where the share says so, and never instead of a wrong password.
guest_name=%
expect auth-guest-lists '^  page ' smbc_as "$guest_name" manuals ls
refuse auth-guest-reads-only 'STATUS_(ACCESS_DENIED|MEDIA_WRITE_PROTECTED)' smbc_as "$guest_name" manuals 'mkdir x'
check auth-guest-writes smbc_as "$guest_name" open 'mkdir made'
check auth-guest-wrote test -d "$T/open/made"
refuse auth-guest-not-elsewhere STATUS_ACCESS_DENIED smbc_as "$guest_name" files ls
refuse auth-guest-not-for-users STATUS_LOGON_FAILURE smbc_as "$S_USER%wrong" open ls
test_end
