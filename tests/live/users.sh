#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# users.sh: accounts that are disabled, locked, expired; whom they act as; accounts of Samba and of
# ksmbd taken over, and used by smbclient. The server runs, but for the last ones.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin users
only_smb3d "about our own program"
share_new files
server_begin

as() { smbc_as "$1%$2" files "${3:-quit}"; }
user() { smb3ctl user "$@"; }
check users-add user_add anna "$S_PASSWORD" "unix=$S_USER"
check users-log-on as anna "$S_PASSWORD"

# The state is told to who knows the password; to others it is a wrong password.
# state NAME STATUS COMMAND... -- COMMAND... that takes it back
state() {
	local name=$1 status=$2
	shift 2
	check "users-$name" user "$@"
	refuse "users-$name-told" "$status" as anna "$S_PASSWORD"
	refuse "users-$name-not-told" STATUS_LOGON_FAILURE as anna wrong
}
state disable STATUS_ACCOUNT_DISABLED disable anna
check users-enable user enable anna
state lock STATUS_ACCOUNT_LOCKED_OUT lock anna
check users-unlock user unlock anna
state expire STATUS_ACCOUNT_EXPIRED expire anna 2020-01-01
check users-expire-never user expire anna never
state must-change STATUS_PASSWORD_MUST_CHANGE set anna must-change
check users-need-not-change user set anna no-must-change
check users-again as anna "$S_PASSWORD"
expect users-show "^anna +$S_USER " user show anna
expect users-show-groups "^$S_USER +yes +[0-9]" user show anna

# Whom an account acts as.
if is_root; then
	check users-set-unix user set anna "unix=$S_USER2"
	chmod 777 "$T/files"
	check users-acts as anna "$S_PASSWORD" 'mkdir made'
	check users-acts-as test "$(stat -c %U "$T/files/made")" = "$S_USER2"
	refuse users-no-unix-user no-such-unix-user user set anna unix=no-such-unix-user
fi

# From Samba: its own program writes the list.
cat >"$T/samba.conf" <<END
[global]
	private dir = $T/samba
	lock directory = $T/samba
	state directory = $T/samba
	cache directory = $T/samba
	passdb backend = tdbsam:$T/samba/passdb.tdb
	netbios name = OLD
END
mkdir -p "$T/samba"
samba_user() { printf '%s\n%s\n' "$2" "$2" | smbpasswd -c "$T/samba.conf" -L -s -a "$1"; }
if is_root && command -v pdbedit smbpasswd >/dev/null && samba_user "$S_USER2" 'Old.pass-1' >"$T/said" 2>&1; then
	pdbedit -s "$T/samba.conf" -L -w >"$T/list" 2>/dev/null
	expect users-samba-dry-run "$S_USER2 .*would be kept" user import "$T/list" --dry-run
	expect users-samba-kept "$S_USER2 .*kept" user import "$T/list"
	refuse users-samba-not-overwritten STATUS_LOGON_FAILURE as "$S_USER2" 'Old.pass-1'
	from_stdin() { user import - overwrite <"$T/list"; }
	expect users-samba-overwritten "$S_USER2 .*overwritten" from_stdin
	check users-samba-log-on as "$S_USER2" 'Old.pass-1'
	expect users-samba-time "^$S_USER2 .* $(date -u +%Y)-" user list
	smbpasswd -c "$T/samba.conf" -L -d "$S_USER2" >/dev/null 2>&1
	pdbedit -s "$T/samba.conf" -L -w >"$T/list" 2>/dev/null
	expect users-samba-disabled "$S_USER2 +disabled" user import "$T/list" overwrite
	refuse users-samba-disabled-told STATUS_ACCOUNT_DISABLED as "$S_USER2" 'Old.pass-1'
	user enable "$S_USER2" >/dev/null
else
	skip users-samba "no pdbedit, or not root: $(last_line)"
fi

# From ksmbd. MD4 over UTF-16 of "secret".
printf 'kurt:h42AFGBs2ilnekTvoTU/xw==\n' >"$T/ksmbdpwd.db"
check users-ksmbd user import "$T/ksmbdpwd.db" "unix=$S_USER"
check users-ksmbd-log-on as kurt secret
printf 'kurt:h42AFGBs2ilnekTvoTU/xw==\nlena:what\n' >"$T/ksmbdpwd.db"
refuse users-line-told 'line 2: ' user import "$T/ksmbdpwd.db"
refuse users-none-imported 'no account' user show lena
refuse users-no-file 'No such file' user import "$T/nothing"

# Many: more than one packet, and there and back.
seq -f 'many%.0f:h42AFGBs2ilnekTvoTU/xw==' 5000 >"$T/many"
check users-many user import "$T/many" "unix=$S_USER"
check users-many-log-on as many4711 secret
smb3ctl user export >"$T/export"
check users-export test "$(grep -c '^many' "$T/export")" = 5000
check users-server-stop server_stop
check users-offline-delete user delete many4711
check users-offline-import user import "$T/export"
expect users-offline-back '^many4711 ' user list
check users-store-private test "$(stat -c %a "$S_DIR/users")" = 600
chmod 644 "$S_DIR/users"
refuse users-readable-store 'chmod 600' user list
chmod 600 "$S_DIR/users"
test_end
