# SPDX-License-Identifier: Apache-2.0
"""Security descriptors of files by srvsvc, beside what SMB says. usage: ADMIN:PASSWORD OTHER:PASSWORD, or
encrypted. One line a test: ok NAME, or FAIL NAME: why."""
import os
import struct
import sys
import threading

from impacket.smb3 import SessionError
from impacket.smbconnection import SMBConnection

import liverpc
from livesmb import report
from liverpc import HOST, PORT, call

USER = liverpc.USER, liverpc.PASSWORD
ENCRYPTED = sys.argv[1:] == ['encrypted']
ADMIN, OTHER = [USER, USER] if ENCRYPTED else [who.split(':', 1) for who in sys.argv[1:]]
SRVSVC = ('4b324fc8-1670-01d3-1278-5a47bf6ee188', '3.0')
CONNECTIONS, FILES, GET, SET = 8, 9, 39, 40
OK, NO_FILE, NO_PATH, DENIED, INVALID, BAD_NAME, NO_SHARE = 0, 2, 3, 5, 87, 123, 2310
WRITE_PROTECTED, BAD_DESCRIPTOR = 19, 1338
OWNER, GROUP, DACL, SACL = 1, 2, 4, 8
READ_CONTROL, SYSTEM = 0x20000, 0x1000000
BATCH = 9


def bound(who, inside=None):
    return liverpc.bound('srvsvc', SRVSVC, who[0], who[1], inside)


user, admin = bound(USER), bound(ADMIN)


def words(*numbers):
    return struct.pack('<%dL' % len(numbers), *numbers)


def text(s):
    raw = s.encode('utf-16le') + b'\0\0'
    n = len(raw) // 2
    return words(n, 0, n) + raw + b'\0' * (-len(raw) % 4)


def names(share, path, which):
    return words(0) + (words(1) + text(share) if share is not None else words(0)) + text(path) + words(which)


def get(share, path, which=OWNER | GROUP | DACL, dce=user):
    """The error and the descriptor."""
    answer = call(dce, GET, names(share, path, which))
    error, = struct.unpack('<L', answer[-4:])
    pointer, = struct.unpack('<L', answer[:4])
    assert (pointer == 0) == (error != 0), answer
    if error:
        assert len(answer) == 8, answer
        return error, b''
    length, inner, size = struct.unpack('<LLL', answer[4:16])
    assert inner and length == size and len(answer) == 16 + length + -length % 4 + 4, answer
    return error, answer[16:16 + length]


def put(share, path, sd, which=DACL, dce=user):
    data = names(share, path, which) + words(len(sd), 1, len(sd)) + sd
    return struct.unpack('<L', call(dce, SET, data))[0]


def by_smb(share, path, which=OWNER | GROUP | DACL, who=USER):
    conn = SMBConnection(HOST, HOST, sess_port=PORT, timeout=60)
    conn.login(who[0], who[1])
    low = conn.getSMBServer()
    try:
        tree = low.connectTree(share)
        access = (SYSTEM if which & SACL else 0) | (READ_CONTROL if which & ~SACL else 0)
        fid = low.create(tree, path, access, 7, 0, 1, 0)
        return low.queryInfo(tree, fid, infoType=3, fileInfoClass=0, additionalInformation=which)
    finally:
        conn.close()


def equal(found, wanted):
    assert found == wanted, '%r instead of %r' % (found, wanted)


def as_over_smb():
    for share in ('files', 'FILES', 'readonly'):
        for path in ('plan', 'PLAN', 'folder', 'folder\\inside', 'folder\\deep\\inside', '', 'Größe'):
            error, sd = get(share, path)
            equal(error, OK)
            equal(sd, by_smb(share, path))
    equal(get('files', '\\folder\\inside'), get('files', 'folder\\inside'))


def parts():
    for which in (OWNER, GROUP, DACL, OWNER | DACL, 0x10):
        equal(get('files', 'plan', which), (OK, by_smb('files', 'plan', which)))
    equal(get('files', 'plan', SACL)[0], 1314 if not_allowed(SACL) == 0xC0000061 else DENIED)
    equal(get('files', 'plan', SACL | DACL, admin), (OK, by_smb('files', 'plan', SACL | DACL, ADMIN)))


def not_allowed(which, share='files', path='plan', who=USER):
    """The status that SMB refuses it with."""
    try:
        by_smb(share, path, which, who)
    except SessionError as e:
        return e.get_error_code()
    return 0


def acl(*aces):
    body = b''.join(struct.pack('<BBHL', kind, 0, 8 + len(sid), mask) + sid for kind, mask, sid in aces)
    return (struct.pack('<BBHLLLL', 1, 0, 0x8004, 0, 0, 0, 20) +
            struct.pack('<BBHHH', 2, 0, 8 + len(body), len(aces), 0) + body)


EVERYONE = b'\1\1' + bytes(5) + b'\1' + bytes(4)


def set_and_read():
    before = get('files', 'folder\\inside', DACL)[1]
    new = acl((0, 0x1f01ff, EVERYONE))
    equal(put('files', 'folder\\inside', new), OK)
    after = get('files', 'folder\\inside', DACL)[1]
    assert after != before and EVERYONE in after, after
    equal(after, by_smb('files', 'folder\\inside', DACL))
    equal(put('files', 'folder\\inside', before), OK)
    equal(put('files', 'folder', get('files', 'folder', DACL)[1]), OK)


def missing():
    equal(get('nothing', 'plan')[0], NO_SHARE)
    equal(get(None, 'plan')[0], NO_SHARE)
    equal(put(None, 'plan', acl()), NO_SHARE)
    equal(get('files', 'nothing')[0], NO_FILE)
    equal(get('files', 'nothing\\plan')[0], NO_PATH)
    equal(put('files', 'nothing', acl()), NO_FILE)


def ways_out():
    for path in ('..', '..\\other', 'folder\\..\\..\\other', '../other', '/etc/passwd', '\\\\plan', 'C:\\plan',
                 'a*', '\1', 'plan:nothing', 'x' * 300, '\\' * 40, 'way-out', 'way-out\\x', 'x\\' * 1500,
                 'plan:nothing:$DATA', '@GMT-2020.01.01-00.00.00'):
        assert get('files', path)[0] != OK, path[:20]
        assert put('files', path, acl()) != OK, path[:20]
        smb = not_allowed(DACL, path=path)
        assert smb, path[:20]
    equal(get('files', 'x' * 5000)[0], INVALID)
    for share in ('', '\\', 'files\\folder', '..', 'x' * 100, 'IPC$'):
        assert get(share, 'plan')[0] != OK, share


def refused():
    equal(get('private', 'plan')[0], DENIED)
    equal(get('private', 'plan', dce=bound(OTHER))[0], OK)
    equal(get('files', 'secret')[0], DENIED)
    equal(put('files', 'secret', acl()), DENIED)
    equal(get('files', 'quiet')[0], DENIED)
    equal(put('files', 'fixed', acl()), DENIED)
    equal(get('sealed', 'plan')[0], DENIED)
    assert put('readonly', 'plan', acl()) in (DENIED, WRITE_PROTECTED)
    assert put('files', 'plan', acl(), OWNER) != OK
    assert put('files', 'plan', acl(), SACL) != OK
    if os.getuid() == 0:
        assert put('files', 'roots', acl((0, 0x1f01ff, EVERYONE))) != OK
        equal(put('files', 'plan', acl(), dce=bound(OTHER)), DENIED)


def nothing_stays():
    """Also where a script does not let anybody close or leave."""
    equal(get('sticky', 'plan'), get('files', 'plan'))
    equal(get('sticky', 'secret')[0], DENIED)
    enum = words(1, 0, 0, 0xffffffff, 0)
    level, _, _, trees = struct.unpack('<LLLL', call(
        admin, CONNECTIONS, words(0, 1) + text('sticky') + words(0, 0) + enum)[:16])
    equal((level, trees), (0, 0))
    opens = call(admin, FILES, words(0, 0, 0, 3, 3) + enum)
    assert 'srvsvc'.encode('utf-16le') in opens, 'not even the pipe'
    for name in ('plan', 'secret'):
        assert name.encode('utf-16le') not in opens, name


def guests():
    guest = bound(['stranger', 'x'])
    equal(get('files', 'plan', dce=guest)[0], DENIED)
    equal(put('files', 'plan', acl(), dce=guest), DENIED)
    assert put('lobby', 'hello', acl((0, 0x1f01ff, EVERYONE)), dce=guest) != OK


def somebody_else_inside():
    """Whoever logs on inside of the pipe has no session, and gets nothing by another one's."""
    equal(get('files', 'plan', dce=bound(USER, USER))[0], OK)
    equal(get('private', 'plan', dce=bound(USER, OTHER))[0], DENIED)
    equal(get('files', 'plan', dce=bound(ADMIN, USER))[0], DENIED)


def bad_descriptors():
    for sd in (b'\1', bytes(20), acl()[:-4], b'\1\0\4\x80' + words(0, 0, 0, 4000), bytes(40000)):
        assert put('files', 'plan', sd) != OK, sd[:20]
    equal(put('files', 'plan', bytes(50000)), INVALID)
    equal(put('files', 'plan', b''), INVALID)
    equal(put('files', 'plan', acl(), 0), INVALID)


def faults(opnum, data):
    dce = bound(USER)
    try:
        call(dce, opnum, data)
    except Exception:  # pylint: disable=broad-except
        return
    assert False, 'no fault: %r' % data


def bad_data():
    whole = names('files', 'plan', DACL) + words(20, 1, 20) + bytes(20)
    for length in list(range(0, len(whole), 8)):
        faults(SET, whole[:length])
    for length in range(0, len(names('files', 'plan', DACL)), 8):
        faults(GET, names('files', 'plan', DACL)[:length])
    faults(SET, names('files', 'plan', DACL) + words(20, 1, 24) + bytes(24))
    faults(SET, names('files', 'plan', DACL) + words(20, 0))
    faults(SET, names('files', 'plan', DACL) + words(0xffffffff, 1, 0xffffffff) + bytes(20))


def many():
    """More calls at once than smb3-rpcd has threads."""
    failed = []

    def work():
        try:
            dce = bound(USER)
            for _ in range(20):
                equal(get('files', 'plan', dce=dce)[0], OK)
        except Exception as e:  # pylint: disable=broad-except
            failed.append(e)
    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal(failed, [])


def waits_without_a_thread():
    """A client that has the file and does not answer holds up those who want that file, and nobody else."""
    holder = SMBConnection(HOST, HOST, sess_port=PORT, timeout=60)
    holder.login(*USER)
    low = holder.getSMBServer()
    low.create(low.connectTree('files'), 'held', 0x120089, 7, 0, 1, 0, oplockLevel=BATCH)
    sd = get('files', 'plan', DACL)[1]
    pipes = [bound(USER) for _ in range(7)]
    for dce in pipes:
        dce.call(SET, names('files', 'held', DACL) + words(len(sd), 1, len(sd)) + sd)
    equal(get('files', 'folder')[0], OK)
    pipes[0].disconnect()
    pipes[1].get_rpc_transport().get_smb_connection().close()
    equal(get('files', 'folder')[0], OK)
    holder.close()
    for dce in pipes[2:]:
        equal(struct.unpack('<L', dce.recv())[0], OK)


def encrypted():
    """Whoever has to encrypt everything has encrypted the call, too."""
    equal(get('sealed', 'plan'), (OK, by_smb('files', 'plan')))
    equal(put('sealed', 'plan', get('sealed', 'plan', DACL)[1]), OK)
    equal(get('files', 'secret')[0], DENIED)


for test in (encrypted,) if ENCRYPTED else (as_over_smb, parts, set_and_read, missing, ways_out, refused, nothing_stays, guests, somebody_else_inside,
             bad_descriptors, bad_data, many, waits_without_a_thread):
    report(test.__name__, test)
