# SPDX-License-Identifier: Apache-2.0
"""What impacket.sh does with each dialect: log in, list, put, get and the rest of a day's work."""
import os
import sys

import livesmb
from livesmb import Client, check, equal, get, put, refused, report

MODE = sys.argv[1]
DIALECTS = {0x202: '2.0.2', 0x210: '2.1', 0x300: '3.0', 0x311: '3.1.1', None: 'from-smb1'}


def login(dialect):
    with Client(dialect) as client:
        if dialect:
            equal(client.smb.getDialect(), dialect)
        equal(client.smb.isGuestSession(), 0)
        # It signs when it must, and with 3.1.1 always.
        equal(client.smb.isSigningRequired(), MODE == 'signed' or dialect == 0x311)


def wrong_password(dialect):
    equal(refused(Client, dialect, password='not the password'), 'STATUS_LOGON_FAILURE')
    equal(refused(Client, dialect, user='nobody-of-that-name'), 'STATUS_LOGON_FAILURE')


def put_get_list(dialect):
    data = os.urandom(300_001)
    with Client(dialect) as client:
        put(client, 'files', 'one', data)
        equal(get(client, 'files', 'one'), data)
        entry = [f for f in client.smb.listPath('files', '*') if f.get_longname() == 'one']
        equal([f.get_filesize() for f in entry], [len(data)])
        client.smb.deleteFile('files', 'one')
        equal(refused(client.smb.listPath, 'files', 'one'), 'STATUS_NO_SUCH_FILE')


def folders(dialect):
    with Client(dialect) as client:
        client.smb.createDirectory('files', 'd')
        client.smb.createDirectory('files', 'd\\e')
        put(client, 'files', 'd\\e\\f', b'deep')
        equal(refused(client.smb.deleteDirectory, 'files', 'd'), 'STATUS_DIRECTORY_NOT_EMPTY')
        equal(refused(client.smb.createDirectory, 'files', 'd'), 'STATUS_OBJECT_NAME_COLLISION')
        client.smb.rename('files', 'd\\e\\f', 'd\\g')
        equal(sorted(f.get_longname() for f in client.smb.listPath('files', 'd\\*')), ['.', '..', 'e', 'g'])
        equal(get(client, 'files', 'd\\g'), b'deep')
        client.smb.deleteFile('files', 'd\\g')
        client.smb.deleteDirectory('files', 'd\\e')
        client.smb.deleteDirectory('files', 'd')


def large_transfers(dialect):
    """Reads and writes as large as the server offers: several credits from 2.1 on."""
    data = os.urandom(3 << 20)
    with Client(dialect) as client:
        size = client.low._Connection['MaxWriteSize']
        check(size >= 65536, 'MaxWriteSize is %d' % size)
        f = client.tree('files').open('large', 'create')
        equal(f.write(data), len(data))
        f.flush()
        got = b''
        while len(got) < len(data):
            got += f.read(min(size, len(data) - len(got)), len(got))
        equal(got == data, True)
        equal(refused(f.read, 1, len(data)), 'STATUS_END_OF_FILE')
        f.close()
        client.smb.deleteFile('files', 'large')


def share_modes(dialect):
    with Client(dialect) as client:
        tree = client.tree('files')
        f = tree.open('mode', 'create', share=livesmb.FILE_SHARE_READ)
        equal(refused(tree.open, 'mode'), 'STATUS_SHARING_VIOLATION')
        f.close()
        tree.open('mode').close()
        client.smb.deleteFile('files', 'mode')


def statuses(dialect):
    with Client(dialect) as client:
        equal(refused(client.tree, 'no-such-share'), 'STATUS_BAD_NETWORK_NAME')
        tree = client.tree('files')
        equal(refused(tree.open, 'missing'), 'STATUS_OBJECT_NAME_NOT_FOUND')
        equal(refused(tree.open, 'missing\\file'), 'STATUS_OBJECT_PATH_NOT_FOUND')
        tree.open('there', 'create').close()
        equal(refused(tree.open, 'there', 'create'), 'STATUS_OBJECT_NAME_COLLISION')
        equal(refused(tree.open, 'there', folder=True, access=livesmb.FILE_LIST_DIRECTORY),
              'STATUS_NOT_A_DIRECTORY')
        equal(refused(tree.open, 'ba?d', 'create'), 'STATUS_OBJECT_NAME_INVALID')
        closed = tree.open('there')
        closed.close()
        client.low._Session['OpenTable'][closed.fid] = {}
        equal(refused(closed.flush), 'STATUS_FILE_CLOSED')
        client.smb.deleteFile('files', 'there')


def pipes(dialect):
    """IPC$ is there; a pipe that nobody serves is not found."""
    with Client(dialect) as client:
        tree = client.tree('IPC$')
        equal(refused(tree.open, 'no-such-pipe'), 'STATUS_OBJECT_NAME_NOT_FOUND')


def keep_alive(dialect):
    with Client(dialect) as client:
        check(client.low.echo(), 'no answer to ECHO')


def many_connections(dialect):
    clients = [Client(dialect) for _ in range(10)]
    for i, client in enumerate(clients):
        put(client, 'files', 'c%d' % i, b'x' * i)
    for i, client in enumerate(reversed(clients)):
        equal(get(client, 'files', 'c%d' % i), b'x' * i)
    for i, client in enumerate(clients):
        client.smb.deleteFile('files', 'c%d' % i)
        client.close()


TESTS = (login, wrong_password, put_get_list, folders, large_transfers, share_modes, statuses, pipes, keep_alive,
         many_connections)
for version, title in DIALECTS.items():
    for test in TESTS:
        report('impacket-%s-%s-%s' % (title, MODE, test.__name__.replace('_', '-')), test, version)
