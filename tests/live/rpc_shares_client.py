# SPDX-License-Identifier: Apache-2.0
"""Shares changed by calls that net and rpcclient do not make. usage: ADMIN:PASSWORD SHARE, which is
removed at the end, while somebody is connected to it. One line a test: ok NAME, or FAIL NAME: why."""
import struct
import sys

from impacket.smbconnection import SMBConnection

from livesmb import report
from liverpc import HOST, PASSWORD, PORT, USER, bound

ADMIN, ADMIN_PASSWORD = sys.argv[1].split(':', 1)
SHARE = sys.argv[2]
SRVSVC = ('4b324fc8-1670-01d3-1278-5a47bf6ee188', '3.0')
ADD, SET, DELETE, DELETE_STICKY = 14, 17, 18, 19
OK, DENIED, UNSUPPORTED, INVALID, LEVEL, MISSING = 0, 5, 50, 87, 124, 2310
NO_LIMIT = 0xffffffff


admin = bound('srvsvc', SRVSVC, ADMIN, ADMIN_PASSWORD)


def call(opnum, data, dce=admin):
    dce.call(opnum, data)
    return dce.recv()


def words(*numbers):
    return struct.pack('<%dL' % len(numbers), *numbers)


def text(s):
    raw = s.encode('utf-16le') + b'\0\0'
    return words(len(s) + 1, 0, len(s) + 1) + raw + b'\0' * (-len(raw) % 4)


def info(level, body):
    """Level, union and pointer, and a pointer for what is wrong."""
    return words(level, level, 1 if body else 0) + body + words(1, 0)


def level_2(name, path, kind=0, users=NO_LIMIT):
    return words(1, kind, 1, 0, users, 0, 1, 0) + text(name) + text('c') + text(path)


def level_502(name, path, descriptor):
    head = words(1, 0, 1, 0, NO_LIMIT, 0, 1, 0, len(descriptor), 1)
    return head + text(name) + text('c') + text(path) + words(len(descriptor)) + descriptor


def wrong_and_status(opnum, data, dce=admin):
    answer = call(opnum, data, dce)
    assert len(answer) == 12, answer
    return struct.unpack('<LL', answer[4:])


def add(level, body):
    return wrong_and_status(ADD, words(0) + info(level, body))


def change(level, body, dce=admin):
    return wrong_and_status(SET, words(0) + text(SHARE) + info(level, body), dce)


def status(opnum, name, dce=admin):
    return struct.unpack('<L', call(opnum, words(0) + text(name) + words(0), dce))[0]


def equal(found, wanted):
    assert found == wanted, '%r instead of %r' % (found, wanted)


def faults(opnum, data):
    """The call gets a fault, and the next one on another pipe an answer."""
    dce = bound('srvsvc', SRVSVC, ADMIN, ADMIN_PASSWORD)
    try:
        call(opnum, data, dce)
    except Exception:  # pylint: disable=broad-except
        equal(status(DELETE, 'nothing'), MISSING)
        return
    assert False, 'no fault'


def add_levels():
    for level, body in ((0, words(1) + text('x')), (1, words(1, 0, 0) + text('x')),
                        (501, words(1, 0, 0, 0) + text('x')), (1004, words(0)), (1005, words(0)),
                        (1006, words(5)), (1501, words(0, 0))):
        equal(add(level, body)[1], LEVEL)


def add_bad():
    equal(add(2, b''), (0, INVALID))
    equal(add(2, level_2('x', 'C:\\srv', kind=1)), (3, INVALID))
    equal(add(2, level_2('x', 'C:\\srv', kind=0x40000000)), (3, INVALID))
    equal(add(2, level_2('x', 'srv')), (8, INVALID))
    equal(add(2, level_2('x', '')), (8, INVALID))
    equal(add(2, level_2('x', 'C:\\srv', users=3))[1], UNSUPPORTED)
    equal(add(502, level_502('x', 'C:\\srv', b'\1\0\4\x80' + bytes(16)))[1], UNSUPPORTED)
    equal(add(2, words(0, 0, 0, 0, NO_LIMIT, 0, 0, 0)), (1, INVALID))


def set_levels():
    equal(change(1005, words(0))[1], OK)
    equal(change(1005, words(0x30))[1], UNSUPPORTED)
    equal(change(1006, words(NO_LIMIT))[1], OK)
    equal(change(1006, words(7))[1], UNSUPPORTED)
    equal(change(1501, words(20, 1, 20) + bytes(20))[1], UNSUPPORTED)
    equal(change(1501, words(0, 0))[1], UNSUPPORTED)
    equal(change(0, words(1) + text('x'))[1], LEVEL)
    equal(change(501, words(1, 0, 0, 0) + text('x'))[1], LEVEL)
    equal(change(2, level_2(SHARE, 'C:\\elsewhere')), (8, INVALID))
    equal(change(1004, b''), (0, INVALID))
    equal(change(1, words(1, 0, 1) + text(SHARE) + text('by level 1'))[1], OK)
    equal(change(1004, words(1) + text('line\nbreak'))[1], INVALID)
    equal(change(1004, words(1) + text('x' * 1001))[1], INVALID)


def not_for_users():
    dce = bound('srvsvc', SRVSVC, USER, PASSWORD)
    equal(change(1004, words(1) + text('mine'), dce)[1], DENIED)
    equal(status(DELETE, SHARE, dce), DENIED)
    equal(status(DELETE_STICKY, SHARE, dce), DENIED)


def bad_data():
    whole = words(0) + info(502, level_502('x', 'C:\\srv', bytes(20)))
    for length in list(range(0, 120, 4)) + [len(whole) - 12]:
        faults(ADD, whole[:length])
    faults(ADD, words(0) + info(3, words(0)))
    faults(ADD, words(0, 2, 502, 0, 0))
    faults(ADD, words(0) + info(502, level_502('x', 'C:\\srv', bytes(20))[:-24] + words(24) + bytes(20)))
    faults(SET, words(0) + text(SHARE) + info(77, words(0)))
    faults(DELETE, words(0))


def sticky():
    equal(status(DELETE_STICKY, SHARE), UNSUPPORTED)


def leaves():
    smb = SMBConnection(HOST, HOST, sess_port=PORT, timeout=60)
    smb.login(USER, PASSWORD)
    tree, other = smb.connectTree(SHARE), smb.connectTree('files')
    handle = smb.createFile(tree, 'open-when-it-goes')
    equal(status(DELETE, SHARE), OK)
    for what in (lambda: smb.writeFile(tree, handle, b'x'), lambda: smb.createFile(tree, 'again')):
        try:
            what()
        except Exception as e:  # pylint: disable=broad-except
            assert 'STATUS_NETWORK_NAME_DELETED' in str(e) or 'STATUS_FILE_CLOSED' in str(e), e
        else:
            assert False, 'the share can still be used'
    smb.closeFile(other, smb.createFile(other, 'stays'))


tests = {'client-add-levels': add_levels, 'client-add-bad': add_bad, 'client-set-levels': set_levels,
         'client-users': not_for_users, 'client-bad-data': bad_data, 'client-sticky': sticky,
         'client-leaves': leaves}
for name, test in tests.items():
    report(name, test)
