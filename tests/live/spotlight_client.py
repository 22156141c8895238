# SPDX-License-Identifier: Apache-2.0
"""Searches as the Finder makes them: over the connection of the share, with attributes of files, and with
numbers that no tool uses. Arguments: FILE that USER has in the share "files", SIZE of it. One line a test:
ok NAME, or FAIL NAME: why."""
import os
import struct
import sys

from impacket.dcerpc.v5 import transport
from impacket.smbconnection import SMBConnection
from impacket.uuid import uuidtup_to_bin

HOST, PORT = os.environ['SMB_HOST'], int(os.environ['SMB_PORT'])
USER, PASSWORD = os.environ['SMB_AUTH'].split(':', 1)
NAME, SIZE = sys.argv[1], int(sys.argv[2])
MDSSVC = uuidtup_to_bin(('885d85fb-c754-4062-a0e7-6872ce0064f4', '2.0'))
FAILED = 2 ** 64 - 1
NO_HANDLE = bytes(20)
CONTEXT = 0x6b000020


class Ids(list):
    pass


class Meta(list):
    pass


class Date(int):
    pass


# ---- packets ----

def word(size, kind, more):
    return struct.pack('<HHL', size, kind, more)


def put(value, data, table):
    """Adds a value to the data, whose first word is that of the lengths."""
    def complex_(kind, more):
        data.append(word(1, 0x200, len(table) + 1))
        table.append(word(len(data), kind, more))

    if isinstance(value, int):
        data.extend([word(2, 0x8400, 1), struct.pack('<Q', value)])
    elif isinstance(value, str):
        raw = value.encode()
        last = (len(raw) - 1) % 8 + 1
        complex_(0xc00, last)
        raw += bytes(-len(raw) % 8)
        data.append(word(1 + len(raw) // 8, 0x700, last))
        data.extend(raw[i:i + 8] for i in range(0, len(raw), 8))
    elif isinstance(value, Ids):
        complex_(0x1a00, 0)
        data.extend([word(2 + len(value), 0x8700, 8), word(len(value), 0xadd, CONTEXT)])
        data.extend(struct.pack('<Q', i) for i in value)
    elif isinstance(value, dict):
        complex_(0xd00, 2 * len(value))
        for key in value:
            put(key, data, table)
            put(value[key], data, table)
    else:
        complex_(0xa00, len(value))
        for item in value:
            put(item, data, table)


def packet(value):
    data, table = [bytes(8)], []
    put(value, data, table)
    data[0] = struct.pack('<LL', len(data) + len(table) + 1, len(data))
    return b'432130dm' + b''.join(data) + word(len(table) + 1, 0x8800, 0) + b''.join(table)


class Reader:
    def __init__(self, raw):
        assert raw[:8] == b'432130dm', raw[:8]
        total, data = struct.unpack_from('<LL', raw, 8)
        assert 8 + 8 * total == len(raw), (total, len(raw))
        self.raw, self.at, self.end = raw, 16, 8 + 8 * data
        n = struct.unpack_from('<H', raw, self.end)[0] - 1
        self.table = [struct.unpack_from('<HHL', raw, self.end + 8 + 8 * i) for i in range(n)]

    def take(self, form):
        value = struct.unpack_from(form, self.raw, self.at)
        self.at += struct.calcsize(form)
        return value

    def bytes(self):
        size, kind, more = self.take('<HHL')
        assert kind == 0x700
        raw = self.raw[self.at:self.at + 8 * (size - 1)]
        self.at += len(raw)
        return raw[:len(raw) - 8 + more] if raw else b''

    def value(self):
        size, kind, more = self.take('<HHL')
        if kind in (0x8400, 0x8600):
            number = self.take('<Q')[0]
            return Date(number) if kind == 0x8600 else number
        if kind == 0x100:
            return bool(more)
        if kind == 0xe00:
            return self.take('16s')[0]
        if kind == 0:
            return None
        assert kind == 0x200, hex(kind)
        offset, kind, count = self.table[more - 1]
        assert 8 + 8 * offset == self.at, 'what the table says is where it is'
        if kind == 0xa00:
            return [self.value() for _ in range(count)]
        if kind == 0xd00:
            return dict((self.value(), self.value()) for _ in range(count // 2))
        if kind == 0xc00:
            return self.bytes().decode()
        if kind == 0x1c00:
            return self.bytes().decode('utf-16')
        if kind == 0x1b00:
            raw = self.bytes()
            return Meta([Reader(raw).value()] if raw else [])
        assert kind == 0x1a00, hex(kind)
        size = self.take('<HHL')[0]
        n = self.take('<HHL')[0] if size > 1 else 0
        return Ids(self.take('<Q')[0] for _ in range(n))


# ---- procedures ----

def bound(share=None):
    """A pipe, over a session that is also connected to the share if one is named."""
    connection = SMBConnection(HOST, HOST, sess_port=PORT, timeout=60)
    connection.login(USER, PASSWORD)
    if share:
        connection.connectTree(share)
    t = transport.SMBTransport(HOST, PORT, '\\mdssvc', USER, PASSWORD, '', smb_connection=connection)
    dce = t.get_dce_rpc()
    dce.connect()
    dce.bind(MDSSVC)
    return dce


def text(value):
    raw = value.encode() + b'\0'
    return struct.pack('<LLL', 1025, 0, len(raw)) + raw + bytes(-len(raw) % 4)


def opened(dce, share):
    dce.call(0, struct.pack('<LLL', 7, 23, 0) + text('/Volumes/x') + text(share))
    data = dce.recv()
    n = struct.unpack_from('<L', data, 20)[0]
    at = 24 + n + -n % 4
    return data[at:at + 20], data[24:24 + n - 1].decode()


def command(dce, handle, value, room=65536):
    raw = value if isinstance(value, bytes) else packet(value)
    dce.call(2, handle + struct.pack('<LLLLLLLLLLL', 0, 7, 23, 0, 0x6b000001, len(raw), len(raw), 1,
                                     len(raw), 0, len(raw)) + raw + bytes(-len(raw) % 4) +
             struct.pack('<LLLLLL', 0, room, 1, room, 0, 0))
    data = dce.recv()
    fragment, length, size, pointer = struct.unpack_from('<LLLL', data)
    assert fragment == 0 and length == size
    if not pointer:
        return None
    assert length <= room
    return Reader(data[28:28 + length]).value()


def start(dce, handle, query, number=1, **more):
    params = {'kMDQueryString': query, 'kMDAttributeArray': ['kMDItemFSName', 'kMDItemFSSize', 'kMDItemNone']}
    params.update(more)
    return command(dce, handle, [['openQueryWithParams:forContext:', number, CONTEXT], params])


def results(dce, handle, number=1, room=65536):
    return command(dce, handle, [['fetchQueryResultsForContext:', number, CONTEXT]], room)


def attributes(dce, handle, names, ids):
    return command(dce, handle, [['fetchAttributes:forOIDArray:context:', 1, CONTEXT], names, Ids(ids)])


def end(dce, handle, number=1):
    return command(dce, handle, [['closeQueryForContext:', number, CONTEXT]])


# ---- tests ----

def volume():
    dce = bound('files')
    handle, path = opened(dce, 'FILES')
    assert handle != NO_HANDLE and path == '/FILES', path
    about = command(dce, handle, [['fetchPropertiesForContext:', 0, 0]])
    again = command(dce, opened(dce, 'FILES')[0], [['fetchPropertiesForContext:', 0, 0]])
    assert about == again and len(about['kMDSStoreUUID']) == 16
    assert opened(dce, 'off') == (NO_HANDLE, '')


def finds():
    dce = bound('files')
    handle = opened(dce, 'files')[0]
    assert start(dce, handle, 'kMDItemFSName == "%s"' % NAME) == [0]
    status, ids, meta = results(dce, handle)
    assert status == 0 and len(ids) == 1 and meta[0] == [None, [NAME, SIZE, None]], meta
    assert results(dce, handle) == [0, [], []]
    assert end(dce, handle) == [0] and end(dce, handle) == [FAILED]
    assert results(dce, handle)[0] == FAILED


def about_files():
    dce = bound('files')
    handle = opened(dce, 'files')[0]
    start(dce, handle, '*=="%s"' % NAME)
    found = results(dce, handle)[1][0]
    names = ['kMDItemPath', 'kMDItemFSSize', 'kMDItemFSContentChangeDate', 'kMDItemContentType', 'kMDItemNone']
    status, ids, meta = attributes(dce, handle, names, [found, 4711, found])
    assert status == 0 and ids == [found, 4711, found]
    path, size, when, kind, none = meta[0][1]
    assert (path, size, kind, none) == ('/files/' + NAME, SIZE, 'public.data', None)
    assert isinstance(when, Date) and when >> 24 > 280878921600 + 1700000000
    assert meta[0][2] is None and meta[0][3][0] == path
    reply = command(dce, handle, [['fetchAttributeNamesForOIDArray:context:', 1, CONTEXT], Ids([found])])
    assert 'kMDItemPath' in reply[2][0]
    # Who has not found it does not know it by its number.
    other = bound('files')
    assert attributes(other, opened(other, 'files')[0], names, [found])[2][0] == [None, None]


def own_folder():
    """A share with a folder for each user is searched by who is connected to it."""
    assert opened(bound(), 'own')[0] == NO_HANDLE
    dce = bound('own')
    handle = opened(dce, 'own')[0]
    assert handle != NO_HANDLE
    start(dce, handle, '*=="*"')
    assert [r[0] for r in results(dce, handle)[2][0][1:]] == ['mine']


def limits():
    dce = bound('files')
    handle = opened(dce, 'files')[0]
    for number in range(8):
        assert start(dce, handle, '*=="x"', number) == [0]
    assert start(dce, handle, '*=="x"', 8) == [FAILED]
    assert start(dce, handle, '*=="y"', 3) == [0], 'in the place of another'
    assert end(dce, handle, 0) == [0]
    assert start(dce, handle, '*=="x"', 8) == [0]


def pieces():
    """As many as there is room for; names that do not fit are asked for by their numbers."""
    dce = bound('files')
    handle = opened(dce, 'files')[0]
    start(dce, handle, '*=="entry-*"')
    found = set()
    while True:
        status, ids, _ = results(dce, handle, room=4096)
        assert status == 0 and len(ids) <= 4
        if not ids:
            break
        assert not found & set(ids)
        found |= set(ids)
    assert len(found) == 300, len(found)


def refused():
    dce = bound('files')
    handle = opened(dce, 'files')[0]
    assert start(dce, handle, '*=="x"', kMDScopeArray=['/other']) == [FAILED]
    assert start(dce, handle, '*=="x"', kMDScopeArray=['/files/../..']) == [FAILED]
    assert start(dce, handle, '*=="x"', kMDScopeArray=['/'] * 17) == [FAILED]
    assert start(dce, handle, '*=="x"', kMDQueryItemArray=Ids([1])) == [FAILED]
    assert command(dce, handle, [['storeAttributes:forOIDArray:context:', 1, CONTEXT], {}, Ids([1])]) == [FAILED]
    assert command(dce, handle, [[]]) is None
    assert command(dce, handle, b'') is None
    assert command(dce, handle, b'432130dm' + b'\xff' * 64) is None
    assert command(dce, NO_HANDLE, [['closeQueryForContext:', 1, CONTEXT]]) is None
    try:
        command(dce, bytes(19) + b'1', [['closeQueryForContext:', 1, CONTEXT]])
        raise AssertionError('a handle that is none was taken')
    except AssertionError:
        raise
    except Exception as e:  # pylint: disable=broad-except
        assert '0x1c01000b' in str(e) or 'proto' in str(e), e


for test in (volume, finds, about_files, own_folder, limits, pieces, refused):
    try:
        test()
        print('ok spotlight-' + test.__name__.replace('_', '-'))
    except Exception as e:  # pylint: disable=broad-except
        print('FAIL spotlight-%s: %s: %s' % (test.__name__.replace('_', '-'), type(e).__name__, e))
