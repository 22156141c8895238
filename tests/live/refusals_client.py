# SPDX-License-Identifier: Apache-2.0
"""What refusals.sh tries on shares that must not be changed."""
import struct

import livesmb
from livesmb import Client, check, equal, get, put, refused

TRUNCATING = ('supersede', 'overwrite', 'overwrite_if')
READ_ONLY = ('STATUS_ACCESS_DENIED', 'STATUS_MEDIA_WRITE_PROTECTED')
END_OF_FILE, DISPOSITION = 20, 13


def one_of(got, wanted):
    check(got in wanted, 'got %s, wanted one of %s' % (got, ', '.join(wanted)))


def refuse_changes(client, share, wanted):
    """Every way to change the file 'kept' or its folder is refused."""
    tree = client.tree(share)
    for disposition in TRUNCATING:
        # An open that asks only to read truncates all the same, were it let.
        for access in (livesmb.READ_WRITE, livesmb.FILE_READ_DATA):
            one_of(refused(tree.open, 'kept', disposition, access), wanted)
            equal(get(client, share, 'kept'), b'content\n')
    one_of(refused(tree.open, 'kept'), wanted)
    for disposition in ('create', 'open_if', 'overwrite_if', 'supersede'):
        one_of(refused(tree.open, 'new', disposition), wanted)
    one_of(refused(client.smb.createDirectory, share, 'newdir'), wanted)
    one_of(refused(client.smb.deleteFile, share, 'kept'), wanted)
    one_of(refused(client.smb.rename, share, 'kept', 'moved'), wanted)
    equal(get(client, share, 'kept'), b'content\n')
    reader = tree.open('kept', access=livesmb.FILE_READ_DATA)
    one_of(refused(reader.write, b'overwritten'), wanted)
    one_of(refused(reader.low.setInfo, tree.id, reader.fid, struct.pack('<Q', 0), fileInfoClass=END_OF_FILE), wanted)
    one_of(refused(reader.low.setInfo, tree.id, reader.fid, b'\x01', fileInfoClass=DISPOSITION), wanted)
    reader.close()
    equal(get(client, share, 'kept'), b'content\n')


def readonly_share():
    with Client() as client:
        refuse_changes(client, 'readonly', READ_ONLY)
        one_of(refused(client.smb.deleteDirectory, 'readonly', 'folder'), READ_ONLY)


def readonly_file_system():
    with Client() as client:
        refuse_changes(client, 'ro', READ_ONLY)


def permissions():
    denied = 'STATUS_ACCESS_DENIED'
    with Client() as client:
        tree = client.tree('denied')
        equal(refused(client.smb.listPath, 'denied', 'closed\\*'), denied)
        equal(refused(get, client, 'denied', 'closed\\inside'), denied)
        equal(refused(tree.open, 'unreadable', access=livesmb.FILE_READ_DATA), denied)
        for disposition in TRUNCATING:
            equal(refused(tree.open, 'unreadable', disposition), denied)
            equal(refused(tree.open, 'unwritable\\kept', disposition), denied)
        equal(get(client, 'denied', 'unwritable\\kept'), b'content\n')
        equal(refused(put, client, 'denied', 'unwritable\\new', b'x'), denied)
        equal(refused(client.smb.createDirectory, 'denied', 'unwritable\\new'), denied)
        equal(refused(client.smb.deleteFile, 'denied', 'unwritable\\kept'), denied)
        equal(refused(client.smb.rename, 'denied', 'unwritable\\kept', 'taken'), denied)
        equal([f.get_longname() for f in client.smb.listPath('denied', 'unwritable\\*')], ['.', '..', 'kept'])


def full_disk():
    """8 MiB and 40 inodes: a write that does not fit is refused, and room made is room again."""
    block = b'F' * (1 << 20)
    with Client() as client:
        tree = client.tree('full')
        f = tree.open('big', 'create')
        written = 0
        while (status := refused(f.write, block, written)) == 'went through':
            written += len(block)
            check(written < 16 << 20, 'wrote %d octets to a disk of 8 MiB' % written)
        equal(status, 'STATUS_DISK_FULL')
        check(written >= 6 << 20, 'only %d octets fitted' % written)
        equal(f.read(len(block)), block)
        # A disk that is full still lists, reads and deletes.
        check(client.smb.listPath('full', 'big'), 'not listed')
        f.close()
        client.smb.deleteFile('full', 'big')
        put(client, 'full', 'small', block)
        equal(get(client, 'full', 'small'), block)
        client.smb.deleteFile('full', 'small')
        made = []
        while (status := refused(put, client, 'full', 'inode%d' % len(made), b'')) == 'went through':
            made.append('inode%d' % len(made))
            check(len(made) < 50, 'no end of inodes')
        equal(status, 'STATUS_DISK_FULL')
        equal(refused(client.smb.createDirectory, 'full', 'folder'), 'STATUS_DISK_FULL')
        equal(sorted(f.get_longname() for f in client.smb.listPath('full', '*')), sorted(made + ['.', '..']))


if __name__ == '__main__':
    livesmb.main((readonly_share, readonly_file_system, permissions, full_disk))
