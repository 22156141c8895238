# SPDX-License-Identifier: Apache-2.0
"""What escape.sh asks for: names that lead, or seem to lead, out of the share."""
import os
import sys
import threading

from livesmb import FILE_LIST_DIRECTORY, FILE_READ_DATA, READ_WRITE, Client, check, refused, report

INSIDE, OUTSIDE = sys.argv[1:3]
REFUSALS = {'STATUS_OBJECT_NAME_INVALID', 'STATUS_OBJECT_PATH_SYNTAX_BAD', 'STATUS_OBJECT_NAME_NOT_FOUND',
            'STATUS_OBJECT_PATH_NOT_FOUND', 'STATUS_ACCESS_DENIED', 'STATUS_INVALID_PARAMETER',
            'STATUS_STOPPED_ON_SYMLINK', 'STATUS_OBJECT_PATH_INVALID', 'STATUS_IO_REPARSE_TAG_NOT_HANDLED'}
LOOP = REFUSALS | {'STATUS_TOO_MANY_LINKS', 'STATUS_REPARSE_POINT_NOT_RESOLVED'}
DOTS = ('..', '..\\outside\\secret', '..\\files-not\\secret', 'folder\\..\\..\\outside\\secret', '.\\..\\outside\\secret',
        'folder\\..\\folder\\..\\..\\outside\\secret', '../outside/secret', 'folder/../../outside/secret',
        OUTSIDE + '/secret', OUTSIDE.replace('/', '\\') + '\\secret', '\\' + OUTSIDE.replace('/', '\\') + '\\secret',
        'missing\\..\\..\\outside\\secret')
LINKS = ('link-file', 'link-up', 'link-folder\\secret', 'link-dangling', 'link-magic\\passwd')


def expect(status, allowed=REFUSALS):
    check(status in allowed, status)


def read(client, name):
    tree = client.tree('files')
    f = tree.open(name, access=FILE_READ_DATA)
    return f.read(100)


def opened(client, name):
    for disposition in ('open', 'open_if', 'overwrite_if', 'supersede', 'create'):
        status = refused(client.tree('files').open, name, disposition, READ_WRITE)
        # A link that stands where a file is to be made is in the way of CREATE.
        expect(status, REFUSALS | ({'STATUS_OBJECT_NAME_COLLISION'} if 'link' in name else set()))
    expect(refused(read, client, name))


def listed(client):
    for name in ('..\\*', 'link-folder\\*', 'folder\\..\\..\\*', '..\\outside\\*'):
        expect(refused(client.smb.listPath, 'files', name), REFUSALS | {'STATUS_NO_SUCH_FILE', 'STATUS_NOT_A_DIRECTORY'})
    expect(refused(client.tree('files').open, 'link-folder', 'open', FILE_LIST_DIRECTORY, folder=True),
           REFUSALS | {'STATUS_NOT_A_DIRECTORY'})


def renamed(client):
    for target in ('..\\outside\\moved', '..\\moved', 'folder\\..\\..\\moved'):
        expect(refused(client.smb.rename, 'files', 'folder\\inside', target))
    # A client that copies instead meets the link at CREATE.
    expect(refused(client.smb.rename, 'files', 'folder\\inside', 'link-folder\\moved'),
           REFUSALS | {'STATUS_NOT_SAME_DEVICE'})
    expect(refused(client.smb.rename, 'files', '..\\outside\\secret', 'stolen'))
    check(os.path.exists(INSIDE + '/folder/inside'), 'moved away')


def made(client):
    for name in ('..\\made', '..\\outside\\made', 'link-folder\\made', 'folder\\..\\..\\made'):
        expect(refused(client.smb.createDirectory, 'files', name))
        expect(refused(client.smb.deleteDirectory, 'files', name))
        expect(refused(client.smb.deleteFile, 'files', name), REFUSALS | {'STATUS_NO_SUCH_FILE'})


def loop(client):
    expect(refused(read, client, 'link-loop'), LOOP)


def race(client):
    """A folder is replaced by a link to the outside, over and over, while a client opens below it."""
    flip, spare, link = INSIDE + '/flip', INSIDE + '/spare', INSIDE + '/link-race'
    os.mkdir(flip)
    os.chmod(flip, 0o777)
    with open(flip + '/secret', 'w') as f:
        f.write('harmless')
    os.symlink(OUTSIDE, link)
    stop = threading.Event()

    def turn():
        while not stop.is_set():
            os.rename(flip, spare)
            os.rename(link, flip)
            os.rename(flip, link)
            os.rename(spare, flip)

    turner = threading.Thread(target=turn)
    turner.start()
    seen = set()
    try:
        for _ in range(600):
            for name in ('flip\\secret', 'link-race\\secret'):
                try:
                    seen.add(read(client, name))
                except Exception as error:
                    seen.add(type(error).__name__)
            refused(client.tree('files').open, 'flip\\written', 'open_if')
    finally:
        stop.set()
        turner.join()
    check(b'secret\n' not in seen, 'the outside was read')
    check(b'harmless' in seen, 'the inside was never read: %r' % seen)
    check(not os.path.exists(OUTSIDE + '/written'), 'the outside was written')


def main():
    with Client() as client:
        for i, name in enumerate(DOTS):
            report('escape-dots-%d' % (i + 1), opened, client, name)
        for name in LINKS:
            report('escape-' + name.replace('\\', '-'), opened, client, name)
        for test in (listed, renamed, made, loop, race):
            report('escape-' + test.__name__, test, client)
        check(client.low.echo(), 'the connection is gone')


main()
