# SPDX-License-Identifier: Apache-2.0
"""What streams.sh has one server write and another one read.

streams_client.py SERVER write|read|change|changed SET: SERVER is the one that answers, SET the
one that wrote. SERVER large: a stream that no extended attribute holds.
"""
import struct
import sys

from livesmb import Client, check, ea_list, ea_parse, equal, get, put, refused, report, stream_parse

SERVER, WHAT, SET = (sys.argv + [''])[1:4]
STREAMS = {'Zone.Identifier': b'[ZoneTransfer]\r\nZoneId=3\r\n', 'Empty': b'', 'Binary': bytes(range(256)) * 4,
           '\u00dcbung \u65e5\u672c': b'not ASCII'}
EAS = {'COLOR': b'red', 'SIZE': b'\0\1\2'}
HIDDEN, SYSTEM = 2, 4
CREATED = 126312768000000000        # 2001-04-09
BASIC, STREAM, EA = 4, 22, 15
ALL = 0x12019f     # but for EXECUTE, which a mode may not grant


def name(suffix):
    return '%s.%s' % (SET, suffix)


def opened(client, path, disposition='open', folder=False):
    return client.tree('files').open(path, disposition, access=ALL, folder=folder)


def stream_put(client, path, data):
    f = opened(client, path, 'open_if')
    if data:
        equal(f.write(data), len(data))
    f.close()


def stream_get(client, path):
    f = opened(client, path)
    try:
        return f.read(65536)
    finally:
        f.close()


def write():
    with Client() as client:
        put(client, 'files', name('txt'), b'contents')
        client.smb.createDirectory('files', name('dir'))
        for key, data in STREAMS.items():
            stream_put(client, name('txt:' + key), data)
        stream_put(client, name('dir:note'), b'of a folder')
        f = opened(client, name('txt'))
        f.tell(EA, ea_list(EAS))
        f.tell(BASIC, struct.pack('<QQQQII', CREATED, 0, 0, 0, HIDDEN | SYSTEM, 0))
        f.close()


def read_contents():
    with Client() as client:
        equal(get(client, 'files', name('txt')), b'contents')
        for key, data in STREAMS.items():
            if data:
                equal(stream_get(client, name('txt:' + key)), data)
        equal(stream_get(client, name('dir:NOTE')), b'of a folder')


def read_list():
    with Client() as client:
        f = opened(client, name('txt'))
        wanted = {':%s:$DATA' % key: len(data) for key, data in STREAMS.items()}
        wanted['::$DATA'] = len(b'contents')
        equal(stream_parse(f.ask(STREAM)), wanted)


def read_eas():
    with Client() as client:
        equal({k.upper(): v for k, v in ea_parse(opened(client, name('txt')).ask(EA)).items()}, EAS)


def read_attributes():
    with Client() as client:
        basic = struct.unpack_from('<QQQQI', opened(client, name('txt')).ask(BASIC))
        equal(basic[4] & (HIDDEN | SYSTEM), HIDDEN | SYSTEM)
        equal(basic[0], CREATED)


def change():
    with Client() as client:
        f = opened(client, name('txt:Binary'))
        f.write(b'tail', 2000)
        f.close()
        client.smb.deleteFile('files', name('txt:Zone.Identifier'))
        f = opened(client, name('txt'))
        f.tell(EA, ea_list({'COLOR': b'blue'}))
        f.tell(BASIC, struct.pack('<QQQQII', 0, 0, 0, 0, SYSTEM, 0))
        f.close()


def changed():
    with Client() as client:
        equal(stream_get(client, name('txt:Binary')), STREAMS['Binary'] + b'\0' * (2000 - 1024) + b'tail')
        equal(refused(opened, client, name('txt:Zone.Identifier')), 'STATUS_OBJECT_NAME_NOT_FOUND')
        f = opened(client, name('txt'))
        equal(ea_parse(f.ask(EA))['COLOR'], b'blue')
        basic = struct.unpack_from('<QQQQI', f.ask(BASIC))
        equal((basic[0], basic[4] & (HIDDEN | SYSTEM)), (CREATED, SYSTEM))


def large():
    data = bytes(range(251)) * 4000
    with Client() as client:
        put(client, 'files', 'large', b'')
        f = opened(client, 'large:big', 'create')
        for at in range(0, len(data), 60000):
            f.write(data[at:at + 60000], at)
        equal(f.read(65536, 900000), data[900000:900000 + 65536])
        f.close()
        client.smb.rename('files', 'large', 'moved')
        f = opened(client, 'moved:BIG')
        equal(f.read(1000, len(data) - 1000), data[-1000:])
        f.close()
        client.smb.deleteFile('files', 'moved')
        check('moved' not in [e.get_longname() for e in client.smb.listPath('files', '*')], 'it is still there')


STEPS = {'write': (write,), 'read': (read_contents, read_list, read_eas, read_attributes), 'change': (change,),
         'changed': (changed,), 'large': (large,)}
for step in STEPS[WHAT]:
    report('streams-%s-%s%s' % (SERVER, step.__name__.replace('_', '-'), SET and '-of-' + SET), step)
