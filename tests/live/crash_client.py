# SPDX-License-Identifier: Apache-2.0
"""The writer of crash.sh and the one who looks afterwards.

Each line of the record is one promise that the server made by answering FLUSH:
file, offset, length, seed of the content.
"""
import os
import random
import sys

from livesmb import Client, check


def content(seed, size):
    return random.Random(seed).randbytes(size)


def write(record, number):
    """Writes and flushes until the server is gone; records what was answered."""
    client = Client()
    tree = client.tree('files')
    with open(record, 'a', buffering=1) as out:
        try:
            for i in range(100_000):
                name = 'r%s-%03d' % (number, i % 25)
                seed = '%s-%d' % (number, i)
                size = 1 + random.Random(seed).randrange(150_000)
                offset = (i // 25) * 150_000
                f = tree.open(name, 'open_if')
                f.write(content(seed, size), offset)
                f.flush()
                out.write('%s %d %d %s\n' % (name, offset, size, seed))
                f.write(b'not promised', offset + size)
                f.close()
        except Exception as error:
            print('after %d: %s: %s' % (i, type(error).__name__, error))
    print('ended by the server')


def promises(record):
    with open(record) as lines:
        for line in lines:
            name, offset, size, seed = line.split()
            yield name, int(offset), int(size), seed


def compare(record, folder):
    """The files on disk hold all that was promised."""
    for name, offset, size, seed in promises(record):
        with open(os.path.join(folder, name), 'rb') as f:
            f.seek(offset)
            check(f.read(size) == content(seed, size), '%s at %d differs' % (name, offset))


def reread(record):
    """And the new server serves it."""
    with Client() as client:
        tree = client.tree('files')
        for name, offset, size, seed in list(promises(record))[-50:]:
            f = tree.open(name)
            check(f.read(size, offset) == content(seed, size), '%s at %d differs' % (name, offset))
            f.close()


if __name__ == '__main__':
    {'write': write, 'compare': compare, 'reread': reread}[sys.argv[1]](*sys.argv[2:])
