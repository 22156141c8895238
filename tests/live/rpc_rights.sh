#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_rights.sh: rights of accounts, and secrets, by remote procedures: net, rpcclient, impacket.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc_rights
only_smb3d "its modules are smb3d's"
needs rpc_lsarpc lsa
share_new files
S_EXTRA="${S_EXTRA-} lsa = { accounts_max = 3; secrets_max = 2; secret_size = \"1K\"; };"
server_begin
boss_add

rights() { net_rpc rights "$@"; }
state=$(smb3ctl_state 2>/dev/null || echo "$S_DIR/state")
backup=S-1-5-32-551

# Secrets are off by default.
R_USER=boss
refuse secrets-off NT_STATUS_NOT_SUPPORTED rpc 'createsecret lost'
check secrets-no-file test ! -e "$state/secrets"

# Given, seen, taken, by an administrator; by nobody else.
R_USER=
refuse grant-denied NT_STATUS_ACCESS_DENIED rights grant 'BUILTIN\Backup Operators' SeBackupPrivilege
refuse add-denied NT_STATUS_ACCESS_DENIED rpc "lsaaddacctrights $backup SeBackupPrivilege"
refuse create-denied NT_STATUS_ACCESS_DENIED rpc "lsacreateaccount $backup"
R_USER=boss
check grant rights grant 'BUILTIN\Backup Operators' SeBackupPrivilege SeRestorePrivilege
expect list SeRestorePrivilege rights list accounts 'BUILTIN\Backup Operators'
expect enumerated "$backup" rpc lsaenumsid
expect holders 'Backup Operators' rights list privileges SeBackupPrivilege
expect rights-of SeBackupPrivilege rpc "lsaenumacctrights $backup"
expect privileges-of '17' rpc "lsaenumprivsaccount $backup"
refuse unknown-right NT_STATUS_NO_SUCH_PRIVILEGE rpc "lsaaddacctrights $backup SeNoSuchPrivilege"
refuse deny-right NT_STATUS_NO_SUCH_PRIVILEGE rpc "lsaaddacctrights $backup SeDenyNetworkLogonRight"
check add rpc "lsaaddacctrights $backup SeBatchLogonRight"
check add-privilege rpc "lsaaddpriv $backup SeShutdownPrivilege"
expect added SeShutdownPrivilege rpc "lsaenumacctrights $backup"
said added-right SeBatchLogonRight
check revoke rights revoke 'BUILTIN\Backup Operators' SeRestorePrivilege
check remove-privilege rpc "lsadelpriv $backup SeShutdownPrivilege"
expect removed SeBackupPrivilege rpc "lsaenumacctrights $backup"
check not-removed sh -c '! grep -q "SeRestore\|SeShutdown" "$1"' sh "$T/said"
expect fixed-stays NT_STATUS_NOT_SUPPORTED rpc 'lsaremoveacctrights S-1-5-32-545 SeNetworkLogonRight'

# As many as the limit says.
check second rpc 'lsaaddacctrights S-1-5-21-1-2-3-1 SeBackupPrivilege'
check third rpc 'lsaaddacctrights S-1-5-21-1-2-3-2 SeBackupPrivilege'
refuse fourth NT_STATUS_INSUFFICIENT_RESOURCES rpc 'lsaaddacctrights S-1-5-21-1-2-3-3 SeBackupPrivilege'
check third-gone rpc 'lsaremoveacctrights S-1-5-21-1-2-3-2 SeBackupPrivilege'
refuse third-forgotten NT_STATUS_OBJECT_NAME_NOT_FOUND rpc 'lsaenumacctrights S-1-5-21-1-2-3-2'

# Others do not see what was given.
R_USER=
expect others-see 'S-1-5-32-544' rpc lsaenumsid
check others-see-no-more sh -c '! grep -q "$1" "$2"' sh "$backup" "$T/said"
refuse others-ask NT_STATUS_OBJECT_NAME_NOT_FOUND rpc "lsaenumacctrights $backup"

# The file is the server's own, and lasts.
check file-mode test "$(stat -c %a "$state/rights")" = 600
expect file "^$backup SeBackupPrivilege SeBatchLogonRight\$" cat "$state/rights"
check stop server_stop
sed -i 's/lsa = {/lsa = { secrets = true;/' "$S_CONF"
check start server_run
R_USER=boss
expect lasts SeBatchLogonRight rpc "lsaenumacctrights $backup"

# Secrets.
R_USER=
refuse secret-denied NT_STATUS_ACCESS_DENIED rpc 'createsecret mine'
R_USER=boss
check secret rpc 'createsecret service; setsecret service Value-One-1'
refuse secret-twice NT_STATUS_OBJECT_NAME_COLLISION rpc 'createsecret SERVICE'
expect secret-read 'Value-One-1' rpc 'querysecret service'
check secret-changed rpc 'setsecret service Value-Two-2'
expect secret-both 'Value-Two-2' rpc 'querysecret service'
said secret-before 'Value-One-1'
check secret-second rpc 'createsecret other'
refuse secret-third NT_STATUS_INSUFFICIENT_RESOURCES rpc 'createsecret third'
check secret-file test "$(stat -c %a "$state/secrets")" = 600
check secret-deleted rpc 'deletesecret other'
refuse secret-forgotten NT_STATUS_OBJECT_NAME_NOT_FOUND rpc 'querysecret other'

# All of it with impacket; each call as nobody of importance.
R_USER=
each=$(python "$top/tests/live/rpc_rights_client.py" "boss:$S_PASSWORD" 2>&1)
while read -r line; do
	case $line in
	ok\ *) ok "${line#ok }" ;;
	*) fail "rpc_rights-client" "$line" ;;
	esac
done <<<"$each"

# What was taken stays taken.
R_USER=boss
check audit-taken rpc 'lsadelpriv S-1-5-32-544 SeSecurityPrivilege'
expect audit-file '^S-1-5-32-544$' cat "$state/rights"
expect audit-not-listed SeTakeOwnershipPrivilege rpc 'lsaenumacctrights S-1-5-32-544'
check audit-gone sh -c '! grep -q SeSecurity "$1"' sh "$T/said"

# Values are in no log.
check no-value-in-log sh -c '! grep -q "Value-\|56616c75652d" "$1"' sh "$S_LOG"
expect log-tells 'boss .* has changed the secret "service"' cat "$S_LOG"
said log-reads 'boss .* has read the secret "service"'
said log-rights "boss .* has changed the account $backup; given: SeBackupPrivilege SeRestorePrivilege"

# What somebody wrote into the file keeps the server from starting, and it says where.
check stop-again server_stop
echo 'S-1-5-32-551 SeEverything SeEverything' >>"$state/rights"
check bad-file sh -c '! "$@" >"$0" 2>&1' "$T/said" timeout 60 "$SMB3D_BUILD/smb3d" --module-dir "$SMB3D_BUILD/modules.d" -f -c "$S_CONF"
said bad-file-line 'rights, line [0-9]+: this is not what smb3d writes'
test_end
