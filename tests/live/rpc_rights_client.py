# SPDX-License-Identifier: Apache-2.0
"""Rights and secrets by lsarpc, with impacket. usage: ADMIN:PASSWORD. Each call once as an administrator,
and before that as the test's user, who is refused. One line a test: ok NAME, or FAIL NAME: why."""
import contextlib
import io
import sys

from impacket import crypto
from impacket.dcerpc.v5 import lsad, rpcrt
from impacket.dcerpc.v5.dtypes import NULL
from impacket.smbconnection import SessionError, SMBConnection

from liverpc import HOST, PASSWORD, PORT, USER, bound

ADMIN = sys.argv[1].split(':', 1)
SID = 'S-1-5-21-7-8-9-1010'
MAXIMUM = 0x02000000
DENIED, NOT_FOUND, BAD_HANDLE = 0xC0000022, 0xC0000034, 0xC0000008
MISMATCH = 'nca_s_fault_context_mismatch '
SYSTEM_SECURITY, NOT_HELD, NOT_SUPPORTED = 0x01000000, 0xC0000061, 0xC00000BB
REVISION, INVALID, COLLISION = 0xC0000058, 0xC000000D, 0xC0000035


class Caller:
    def __init__(self, who):
        self.dce = bound('lsarpc', lsad.MSRPC_UUID_LSAD, who[0], who[1])
        self.policy = lsad.hLsarOpenPolicy2(self.dce, MAXIMUM)['PolicyHandle']
        self.key = self.dce.get_rpc_transport().get_smb_connection().getSessionKey()

    def seal(self, value):
        with contextlib.redirect_stdout(io.StringIO()):  # impacket prints the key's pieces
            return crypto.encryptSecret(self.key, value)

    def unseal(self, cipher):
        return crypto.decryptSecret(self.key, cipher)


def code(fn, *args):
    """0, or what the server refuses it with."""
    try:
        fn(*args)
    except rpcrt.DCERPCException as e:
        return e.get_error_code() or str(e)
    return 0


def expect(name, got, wanted):
    print('ok rights-%s' % name if got == wanted else 'FAIL %s: %r, not %r' % (name, got, wanted))


def set_secret(who, handle, now, old=None):
    request = lsad.LsarSetSecret()
    request['SecretHandle'] = handle
    for name, value in (('EncryptedCurrentValue', now), ('EncryptedOldValue', old)):
        if value is None:
            request[name] = NULL
            continue
        request[name]['Length'] = request[name]['MaximumLength'] = len(value)
        request[name]['Buffer'] = list(value)
    return who.dce.request(request)


def secret_call(who, request, name):
    request['PolicyHandle'] = who.policy
    request['SecretName'] = name
    request['DesiredAccess'] = MAXIMUM
    return who.dce.request(request)['SecretHandle']


def privileges(n):
    """LSAPR_PRIVILEGE_SET with the privilege of that number."""
    attributes = lsad.LSAPR_LUID_AND_ATTRIBUTES()
    attributes['Luid']['LowPart'], attributes['Luid']['HighPart'] = n, 0
    attributes['Attributes'] = 0
    return [attributes]


def refused(user):
    d, p = user.dce, user.policy
    for name, fn, args in (
            ('create-account', lsad.hLsarCreateAccount, (d, p, SID)),
            ('add-rights', lsad.hLsarAddAccountRights, (d, p, SID, ['SeBackupPrivilege'])),
            ('remove-rights', lsad.hLsarRemoveAccountRights, (d, p, SID, ['SeBackupPrivilege'])),
            ('with-right', lsad.hLsarEnumerateAccountsWithUserRight, (d, p, 'SeBackupPrivilege')),
            ('create-secret', secret_call, (user, lsad.LsarCreateSecret(), 'a')),
            ('open-secret', secret_call, (user, lsad.LsarOpenSecret(), 'service')),
            ('store', lsad.hLsarStorePrivateData, (d, p, 'a', user.seal(b'x'))),
            ('retrieve', lsad.hLsarRetrievePrivateData, (d, p, 'service'))):
        expect('denied-' + name, code(fn, *args), DENIED)
    account = lsad.hLsarOpenAccount(d, p, 'S-1-5-32-544')['AccountHandle']
    for name, fn, args in (
            ('account-privileges', lsad.hLsarEnumeratePrivilegesAccount, (d, account)),
            ('account-access', lsad.hLsarGetSystemAccessAccount, (d, account)),
            ('account-set-access', lsad.hLsarSetSystemAccessAccount, (d, account, 1)),
            ('account-delete', lsad.hLsarDeleteObject, (d, account))):
        expect('denied-' + name, code(fn, *args), DENIED)
    for right in (1, 2, 4, 8, 0x10000):
        expect('denied-open-%x' % right, code(lsad.hLsarOpenAccount, d, p, 'S-1-5-32-544', right), DENIED)
    expect('others-see-no-account', code(lsad.hLsarOpenAccount, d, p, SID), NOT_FOUND)


def rights(boss):
    d, p = boss.dce, boss.policy
    account = lsad.hLsarCreateAccount(d, p, SID)['AccountHandle']
    expect('create-twice', code(lsad.hLsarCreateAccount, d, p, SID), COLLISION)
    expect('create-fixed', code(lsad.hLsarCreateAccount, d, p, 'S-1-5-32-544'), COLLISION)
    lsad.hLsarSetSystemAccessAccount(d, account, 0x11)
    expect('system-access', lsad.hLsarGetSystemAccessAccount(d, account)['SystemAccess'], 0x11)
    expect('system-access-deny', code(lsad.hLsarSetSystemAccessAccount, d, account, 0x80), INVALID)
    lsad.hLsarSetSystemAccessAccount(d, account, 0)
    lsad.hLsarAddPrivilegesToAccount(d, account, privileges(17))
    held = lsad.hLsarEnumeratePrivilegesAccount(d, account)['Privileges']
    expect('privileges', [held['PrivilegeCount'], held['Privilege'][0]['Luid']['LowPart']], [1, 17])
    second = lsad.hLsarOpenAccount(d, p, SID)['AccountHandle']
    lsad.hLsarDeleteObject(d, account)
    expect('handle-of-what-is-gone', code(lsad.hLsarDeleteObject, d, second), BAD_HANDLE)
    expect('handle-that-is-closed', code(lsad.hLsarDeleteObject, d, account), MISMATCH)
    expect('delete-policy', code(lsad.hLsarDeleteObject, d, p), INVALID)


def secrets(boss, user):
    d, p = boss.dce, boss.policy
    expect('as-rpcclient-set-it', boss.unseal(lsad.hLsarRetrievePrivateData(d, p, 'service')),
           b'Value-Two-2')
    for size in (0, 1, 7, 8, 9, 20, 1024):
        value = bytes(i % 251 for i in range(size))
        lsad.hLsarStorePrivateData(d, p, 'impacket', boss.seal(value))
        expect('store-%d' % size, boss.unseal(lsad.hLsarRetrievePrivateData(d, p, 'impacket')), value)
    expect('too-long', code(lsad.hLsarStorePrivateData, d, p, 'impacket', boss.seal(bytes(1025))), INVALID)
    broken = bytearray(boss.seal(b'something'))
    broken[0] ^= 1
    expect('broken', code(lsad.hLsarStorePrivateData, d, p, 'impacket', bytes(broken)), REVISION)
    expect('short', code(lsad.hLsarStorePrivateData, d, p, 'impacket', bytes(7)), INVALID)
    expect('other-key', code(lsad.hLsarStorePrivateData, d, p, 'impacket', user.seal(b'something')), REVISION)
    expect('kept', boss.unseal(lsad.hLsarRetrievePrivateData(d, p, 'impacket')),
           bytes(i % 251 for i in range(1024)))
    handle = secret_call(boss, lsad.LsarOpenSecret(), 'IMPACKET')
    set_secret(boss, handle, boss.seal(b'new'), boss.seal(b'old'))
    expect('set', boss.unseal(lsad.hLsarRetrievePrivateData(d, p, 'impacket')), b'new')
    lsad.hLsarStorePrivateData(d, p, 'impacket', NULL)
    expect('gone', code(lsad.hLsarRetrievePrivateData, d, p, 'impacket'), NOT_FOUND)
    expect('set-gone', code(set_secret, boss, handle, boss.seal(b'x')), BAD_HANDLE)
    expect('name-empty', code(secret_call, boss, lsad.LsarCreateSecret(), ''), INVALID)
    expect('name-long', code(secret_call, boss, lsad.LsarCreateSecret(), 'x' * 129), 0xC0000106)
    expect('name-control', code(secret_call, boss, lsad.LsarCreateSecret(), 'a\nb'), INVALID)


def audit(boss):
    """The one right that does something, when it is taken away."""
    smb = SMBConnection(HOST, HOST, sess_port=PORT)
    smb.login(*ADMIN)
    tree = smb.connectTree('files')
    smb.closeFile(tree, smb.createFile(tree, 'audited'))

    def opened(access):
        try:
            smb.closeFile(tree, smb.openFile(tree, 'audited', desiredAccess=access))
        except SessionError as e:
            return e.getErrorCode()
        return 0

    account = lsad.hLsarOpenAccount(boss.dce, boss.policy, 'S-1-5-32-544')['AccountHandle']
    expect('audit-at-first', opened(SYSTEM_SECURITY | 0x80), 0)
    lsad.hLsarRemovePrivilegesFromAccount(boss.dce, account, privileges(8))
    expect('audit-taken', opened(SYSTEM_SECURITY | 0x80), NOT_HELD)
    expect('audit-only', opened(0x80), 0)
    lsad.hLsarAddPrivilegesToAccount(boss.dce, account, privileges(8))
    expect('audit-given', opened(SYSTEM_SECURITY | 0x80), 0)
    expect('not-ownership', code(lsad.hLsarRemovePrivilegesFromAccount, boss.dce, account, privileges(9)), NOT_SUPPORTED)


def main():
    user, boss = Caller((USER, PASSWORD)), Caller(ADMIN)
    audit(boss)
    refused(user)
    rights(boss)
    secrets(boss, user)


main()
