#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What programs do with holes, copies, extended attributes, links and special files.

usage: special_ops.py FOLDER TITLE GROUP... >LINES

Groups: space, copy, clone, xattr, link, special. Each operation checks by itself what is the
same on every file system that has it: run in a local folder it must pass, or say that the file
system there cannot do it, and in a mounted share as well.
"""
import ctypes
import errno
import fcntl
import os
import socket
import stat
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
KEEP_SIZE, PUNCH_HOLE, ZERO_RANGE = 1, 2, 16
FICLONE = 0x40049409
MIB = 1 << 20
GROUPS = {}


def operation(group):
    def add(function):
        GROUPS.setdefault(group, []).append(function)
        return function
    return add


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError('%s: %r, not %r' % (what, got, wanted))


def fallocate(fd, mode, offset, length):
    if LIBC.fallocate(fd, mode, ctypes.c_int64(offset), ctypes.c_int64(length)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def put(path, data):
    with open(path, 'wb') as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())


def get(path):
    with open(path, 'rb') as f:
        return f.read()


def opened(path, data=b''):
    put(path, data)
    return os.open(path, os.O_RDWR)


@operation('space')
def punch_a_hole(top):
    fd = opened(top + '/punched', b'x' * MIB)
    fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 256 * 1024, 512 * 1024)
    os.fsync(fd)
    same(os.fstat(fd).st_size, MIB, 'size')
    os.close(fd)
    data = get(top + '/punched')
    same(data.count(b'\0'), 512 * 1024, 'zeros')
    same(data[:256 * 1024] + data[768 * 1024:], b'x' * (512 * 1024), 'the rest')


@operation('space')
def zero_a_range(top):
    fd = opened(top + '/zeroed', b'x' * MIB)
    fallocate(fd, ZERO_RANGE | KEEP_SIZE, 4096, 8192)
    os.fsync(fd)
    os.close(fd)
    data = get(top + '/zeroed')
    same(data[4096:12288], b'\0' * 8192, 'zeros')
    same(len(data), MIB, 'size')
    same(data.count(b'x'), MIB - 8192, 'the rest')


@operation('space')
def reserve_keeps_the_size(top):
    fd = opened(top + '/reserved', b'abc')
    fallocate(fd, KEEP_SIZE, 0, 2)
    os.fsync(fd)
    same(os.fstat(fd).st_size, 3, 'size')
    os.close(fd)
    same(get(top + '/reserved'), b'abc', 'contents')


@operation('space')
def extend(top):
    fd = opened(top + '/extended', b'abc')
    fallocate(fd, 0, 0, 100000)
    os.fsync(fd)
    same(os.fstat(fd).st_size, 100000, 'size')
    os.close(fd)
    same(get(top + '/extended'), b'abc' + b'\0' * 99997, 'contents')


@operation('space')
def seek_holes(top):
    path = top + '/sparse'
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 0, 4096)  # a network file system marks it as sparse now
    os.ftruncate(fd, 3 * MIB)
    os.pwrite(fd, b'd' * 65536, MIB)
    os.fsync(fd)
    os.close(fd)
    fd = os.open(path, os.O_RDONLY)
    same(os.lseek(fd, 0, os.SEEK_DATA), MIB, 'first data')
    same(os.lseek(fd, MIB, os.SEEK_HOLE), MIB + 65536, 'hole behind it')
    same(os.lseek(fd, 0, os.SEEK_HOLE), 0, 'hole in front')
    try:
        os.lseek(fd, 2 * MIB, os.SEEK_DATA)
        raise AssertionError('data in the hole at the end')
    except OSError as e:
        same(e.errno, errno.ENXIO, 'no more data')
    same(os.pread(fd, 10, 0), b'\0' * 10, 'a hole reads as zeros')
    os.close(fd)


@operation('copy')
def copy_file_range(top):
    data = os.urandom(3 * MIB + 77)
    put(top + '/source', data)
    a = os.open(top + '/source', os.O_RDONLY)
    b = os.open(top + '/copied', os.O_RDWR | os.O_CREAT)
    done = 0
    while done < len(data):
        n = os.copy_file_range(a, b, len(data) - done, done, done)
        if n == 0:
            raise AssertionError('nothing copied at %d' % done)
        done += n
    os.fsync(b)
    os.close(a)
    os.close(b)
    same(get(top + '/copied') == data, True, 'the copy is the same')


@operation('clone')
def clone(top):
    data = os.urandom(MIB + 4321)
    put(top + '/original', data)
    a = os.open(top + '/original', os.O_RDONLY)
    b = os.open(top + '/clone', os.O_RDWR | os.O_CREAT)
    fcntl.ioctl(b, FICLONE, a)
    os.close(a)
    os.close(b)
    same(get(top + '/clone') == data, True, 'the clone is the same')
    fd = os.open(top + '/clone', os.O_RDWR)
    os.pwrite(fd, b'changed', 0)
    os.close(fd)
    same(get(top + '/original') == data, True, 'the original stays')


@operation('xattr')
def extended_attributes(top):
    path = top + '/attributes'
    put(path, b'x')
    os.setxattr(path, 'user.one', b'first')
    os.setxattr(path, 'user.two', b'second value')
    same(os.getxattr(path, 'user.one'), b'first', 'one')
    same(sorted(n.lower() for n in os.listxattr(path) if n.lower() in ('user.one', 'user.two')),
         ['user.one', 'user.two'], 'the list')
    os.setxattr(path, 'user.one', b'1')
    same(os.getxattr(path, 'user.one'), b'1', 'replaced')
    os.removexattr(path, 'user.two')
    try:
        os.getxattr(path, 'user.two')
        raise AssertionError('removed, but there')
    except OSError as e:
        same(e.errno, errno.ENODATA, 'removed')


@operation('link')
def symbolic_links(top):
    put(top + '/target', b'the target')
    os.mkdir(top + '/below')
    for name, target in (('link', 'target'), ('dangling', 'nothing here'), ('below/up', '../target'),
                         ('to folder', 'below')):
        os.symlink(target, top + '/' + name)
        same(os.readlink(top + '/' + name), target, 'target of ' + name)
        same(stat.S_ISLNK(os.lstat(top + '/' + name).st_mode), True, name + ' is a link')
    same(get(top + '/link'), b'the target', 'followed')
    same(get(top + '/below/up'), b'the target', 'followed upwards')
    same(os.path.exists(top + '/dangling'), False, 'leads nowhere')
    types = {e.name: e.is_symlink() for e in os.scandir(top)}
    same([types[n] for n in ('link', 'dangling', 'target')], [True, True, False], 'the listing')
    os.rename(top + '/link', top + '/renamed link')
    same(os.readlink(top + '/renamed link'), 'target', 'renamed')
    os.unlink(top + '/dangling')
    os.unlink(top + '/renamed link')
    same(get(top + '/target'), b'the target', 'the target stays')


@operation('special')
def fifo(top):
    os.mkfifo(top + '/fifo')
    same(stat.S_ISFIFO(os.lstat(top + '/fifo').st_mode), True, 'a FIFO')


@operation('special')
def unix_socket(top):
    os.mknod(top + '/socket', stat.S_IFSOCK | 0o600)
    same(stat.S_ISSOCK(os.lstat(top + '/socket').st_mode), True, 'a socket')


@operation('special')
def devices(top):
    for name, kind, number in (('null', stat.S_IFCHR, os.makedev(1, 3)), ('disk', stat.S_IFBLK, os.makedev(8, 17))):
        os.mknod(top + '/' + name, kind | 0o600, number)
        st = os.lstat(top + '/' + name)
        same((stat.S_IFMT(st.st_mode), st.st_rdev), (kind, number), name)


@operation('special')
def special_files_listed_and_removed(top):
    kinds = {n: stat.S_IFMT(os.lstat(top + '/' + n).st_mode) for n in ('fifo', 'socket', 'null', 'disk')}
    same(sorted(n for n in os.listdir(top) if n in kinds), sorted(kinds), 'the listing')
    os.rename(top + '/fifo', top + '/renamed fifo')
    same(stat.S_ISFIFO(os.lstat(top + '/renamed fifo').st_mode), True, 'renamed')
    os.unlink(top + '/renamed fifo')
    os.unlink(top + '/null')
    same(os.path.lexists(top + '/null'), False, 'removed')


def main():
    folder, title, groups = sys.argv[1], sys.argv[2], sys.argv[3:]
    for function in [f for g in groups for f in GROUPS[g]]:
        name = '%s-%s' % (title, function.__name__)
        try:
            function(folder)
            print('ok ' + name, flush=True)
        except OSError as e:
            word = 'skip' if e.errno == errno.EOPNOTSUPP and title.endswith('local') else 'FAIL'
            print('%s %s: %s' % (word, name, e), flush=True)
        except Exception as e:
            print('FAIL %s: %s: %s' % (name, type(e).__name__, e), flush=True)


main()
