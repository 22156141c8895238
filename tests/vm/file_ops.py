#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What programs do with files, as facts that must be the same on every file system.

usage: file_ops.py FOLDER RESULT.json     (FOLDER holds 'many', made beforehand)

Each operation returns plain facts: contents, sizes, error names. Run once in a local
folder and once in a mounted share, the two results must be equal. What is left below
FOLDER/kept must be equal too, seen from the server's side.
"""
import errno
import hashlib
import json
import mmap
import os
import shutil
import sys
import time

OPERATIONS = []


def operation(function):
    OPERATIONS.append(function)
    return function


def put(path, data, flags=os.O_CREAT | os.O_TRUNC):
    fd = os.open(path, os.O_WRONLY | flags, 0o644)
    try:
        check(os.write(fd, data) == len(data), 'short write')
    finally:
        os.close(fd)


def get(path):
    with open(path, 'rb') as f:
        return f.read()


def digest(data):
    return '%d:%s' % (len(data), hashlib.md5(data).hexdigest())


def pattern(size, seed=1):
    block = hashlib.sha512(str(seed).encode()).digest() * 1024
    return (block * (size // len(block) + 1))[:size]


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def error_of(call, *args):
    try:
        call(*args)
    except OSError as e:
        return errno.errorcode.get(e.errno, str(e.errno))
    return 'none'


def forget():
    """Nothing is answered from this machine's cache afterwards."""
    os.sync()
    with open('/proc/sys/vm/drop_caches', 'w') as f:
        f.write('3')


@operation
def create_and_read(top):
    p = top('kept', 'file')
    put(p, pattern(100_001))
    forget()
    return digest(get(p)), os.stat(p).st_size, sorted(os.listdir(top('kept')))


@operation
def write_in_the_middle(top):
    p = top('kept', 'middle')
    put(p, pattern(50_000))
    with open(p, 'r+b') as f:
        for at in (1, 4095, 4096, 33_333, 49_990):
            f.seek(at)
            f.write(b'<%d>' % at)
        f.flush()
        os.fsync(f.fileno())
    forget()
    return digest(get(p))


@operation
def read_beyond_end(top):
    p = top('short')
    put(p, b'12345')
    fd = os.open(p, os.O_RDONLY)
    try:
        return [os.pread(fd, n, at).decode() for n, at in ((100, 0), (100, 3), (100, 5), (1, 1000))]
    finally:
        os.close(fd)


@operation
def append(top):
    p = top('kept', 'appended')
    for i in range(5):
        put(p, b'line %d\n' % i, os.O_CREAT | os.O_APPEND)
    forget()
    return get(p).decode()


@operation
def truncate(top):
    p, sizes = top('kept', 'truncated'), []
    put(p, pattern(10_000))
    for size in (5000, 9000, 0, 3, 70_000):
        os.truncate(p, size)
        forget()
        sizes.append((os.stat(p).st_size, digest(get(p))))
    put(p, b'short')
    return sizes, get(p).decode()


@operation
def exclusive_create(top):
    p = top('exclusive')
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
    return [error_of(lambda: os.close(os.open(p, flags, 0o644))) for _ in range(2)]


@operation
def rename_over_existing(top):
    put(top('from'), b'from')
    put(top('kept', 'over'), b'over, longer than the other')
    os.rename(top('from'), top('kept', 'over'))
    forget()
    return get(top('kept', 'over')).decode(), os.path.exists(top('from'))


@operation
def rename_folder(top):
    os.makedirs(top('kept', 'd1', 'e', 'f'))
    put(top('kept', 'd1', 'e', 'f', 'g'), b'deep')
    os.rename(top('kept', 'd1'), top('kept', 'd2'))
    os.rename(top('kept', 'd2', 'e', 'f', 'g'), top('kept', 'moved up'))
    forget()
    return get(top('kept', 'moved up')).decode(), os.path.exists(top('kept', 'd1')), sorted(os.listdir(top('kept', 'd2')))


@operation
def unlink_while_open(top):
    p = top('unlinked')
    put(p, b'still here')
    fd = os.open(p, os.O_RDWR)
    os.unlink(p)
    seen = os.pread(fd, 100, 0).decode()
    os.close(fd)
    # Over SMB the name is free after the last close; a client may hold that back a second.
    end = time.monotonic() + 10
    while os.path.exists(p) and time.monotonic() < end:
        time.sleep(0.1)
    put(p, b'new')
    return seen, get(p).decode()


@operation
def folders(top):
    facts = [error_of(os.mkdir, top('folder')) for _ in range(2)]
    put(top('folder', 'inside'), b'x')
    facts += [error_of(os.rmdir, top('folder')), error_of(os.unlink, top('folder', 'inside')),
              error_of(os.rmdir, top('folder')), error_of(os.rmdir, top('folder'))]
    return facts + [error_of(os.mkdir, top('no', 'such'))]


@operation
def errors(top):
    put(top('plain'), b'x')
    return [error_of(open, top('missing')), error_of(open, top('missing', 'file')), error_of(os.listdir, top('missing')),
            error_of(os.listdir, top('plain')), error_of(os.unlink, top('missing')),
            error_of(os.rename, top('missing'), top('other')), error_of(os.mkdir, top('plain')),
            error_of(os.rmdir, top('plain'))]


@operation
def many_entries(top):
    names = os.listdir(top('many'))
    return len(names), len(set(names)), digest('\n'.join(sorted(names)).encode())


@operation
def entries_with_facts(top):
    os.mkdir(top('kept', 'facts'))
    for i in range(40):
        put(top('kept', 'facts', 'n%02d' % i), b'z' * i * 97)
    os.mkdir(top('kept', 'facts', 'sub'))
    forget()
    return sorted((e.name, e.is_dir(), 0 if e.is_dir() else e.stat().st_size) for e in os.scandir(top('kept', 'facts')))


@operation
def names(top):
    os.mkdir(top('kept', 'names'))
    wanted = ['ä ö ü ß', '日本語', '\U0001F600 emoji', 'UPPER lower', 'a' * 255, 'é' * 100, '.hidden', 'a.b.c', '#%&\'$@~!']
    for name in wanted:
        put(top('kept', 'names', name), name.encode())
    forget()
    return sorted(os.listdir(top('kept', 'names'))), [get(top('kept', 'names', n)).decode() for n in wanted]


@operation
def file_system_size(top):
    s = os.statvfs(top())
    return s.f_blocks > 0, s.f_bfree <= s.f_blocks, s.f_bavail <= s.f_bfree, s.f_namemax


@operation
def memory_map(top):
    p = top('kept', 'mapped')
    put(p, bytes(300_000))
    with open(p, 'r+b') as f, mmap.mmap(f.fileno(), 0) as m:
        m[4090:4102] = b'hello world!'
        m[-1:] = b'z'
        m.flush()
    forget()
    with open(p, 'rb') as f, mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ) as m:
        return digest(m[:]), m[4090:4102].decode()


@operation
def sparse_write(top):
    p = top('kept', 'sparse')
    with open(p, 'wb') as f:
        f.write(b'begin')
        f.seek(5 << 20)
        f.write(b'far away')
    forget()
    with open(p, 'rb') as f:
        f.seek(3 << 20)
        hole = f.read(4096)
        f.seek(5 << 20)
        return os.stat(p).st_size, digest(hole), f.read().decode()


@operation
def times(top):
    p, facts = top('kept', 'dated'), []
    put(p, b'x')
    for atime, mtime in ((1_600_000_000_123_456_700, 1_500_000_000_765_432_100), (10**9, 4_000_000_000 * 10**9)):
        os.utime(p, ns=(atime, mtime))
        forget()
        facts.append(os.stat(p).st_mtime_ns)
    os.utime(p, (10**9, 10**9))
    os.mkdir(top('kept', 'dated folder'))
    os.utime(top('kept', 'dated folder'), (10**9, 1_234_567_890))
    return facts, os.stat(top('kept', 'dated folder')).st_mtime


@operation
def large_file(top):
    p, block = top('kept', 'large'), pattern(1 << 20)
    with open(p, 'wb') as f:
        for i in range(12):
            f.write(b'%8d' % i + block[8:])
        f.flush()
        os.fsync(f.fileno())
    forget()
    return digest(get(p))


def main():
    folder, target = sys.argv[1:]

    def top(*parts):
        return os.path.join(folder, *parts)

    os.mkdir(top('kept'))
    results = {}
    for function in OPERATIONS:
        began = time.monotonic()
        try:
            facts = function(top)
        except Exception as e:  # what goes wrong is this operation's result
            facts = '%s: %s' % (type(e).__name__, str(e).replace(folder, ''))
        results[function.__name__] = {'facts': facts, 'seconds': round(time.monotonic() - began, 2)}
        with open(target, 'w') as out:
            json.dump(results, out)
    forget()


if __name__ == '__main__':
    main()
