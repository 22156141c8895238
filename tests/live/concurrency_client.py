# SPDX-License-Identifier: Apache-2.0
"""Many clients on the same few files and folders at once, each from its own process.

Statuses that such a crowd may rightly see are listed; anything else fails. What each
client wrote for itself it reads back unchanged, and the shared counters add up.
"""
import multiprocessing
import os
import random
import struct
import sys

from livesmb import Client, FILE_SHARE_READ, READ_WRITE, SHARE_ALL, check, equal, get, put, refused, report

CROWD = {'went through', 'STATUS_SHARING_VIOLATION', 'STATUS_OBJECT_NAME_COLLISION', 'STATUS_DELETE_PENDING',
         'STATUS_OBJECT_NAME_NOT_FOUND', 'STATUS_OBJECT_PATH_NOT_FOUND', 'STATUS_ACCESS_DENIED',
         'STATUS_DIRECTORY_NOT_EMPTY', 'STATUS_NO_SUCH_FILE'}
NAMES = ('alpha', 'beta', 'gamma', 'dir\\delta', 'dir\\epsilon')


class Member:
    def __init__(self, number, rounds):
        self.number, self.rounds = number, rounds
        self.random = random.Random(number)
        self.client = Client(self.random.choice((0x202, 0x210, 0x300, 0x311)), timeout=300)
        self.tree = self.client.tree('files')

    def crowd(self, call, *args, **kwargs):
        status = refused(call, *args, **kwargs)
        check(status in CROWD, '%s in %s' % (status, call.__name__))

    def write_shared(self):
        def work(name, share):
            f = self.tree.open(name, 'open_if', READ_WRITE, share)
            f.write(bytes([self.number]) * 5000, 5000 * self.number)
            data = f.read(5000, 5000 * self.number)
            f.close()
            # Another may have made the file anew in between; never may octets of a third appear.
            check(set(data) <= {self.number, 0}, 'octets of another client')
        self.crowd(work, self.random.choice(NAMES), self.random.choice((SHARE_ALL, SHARE_ALL, FILE_SHARE_READ)))

    def rename_shared(self):
        self.crowd(self.client.smb.rename, 'files', *self.random.sample(NAMES, 2))

    def delete_shared(self):
        self.crowd(self.client.smb.deleteFile, 'files', self.random.choice(NAMES))

    def list_shared(self):
        self.crowd(self.client.smb.listPath, 'files', self.random.choice(('*', 'dir\\*')))

    def folders(self):
        self.crowd(self.client.smb.createDirectory, 'files', 'common')
        self.crowd(self.client.smb.deleteDirectory, 'files', 'common')

    def reconnect(self):
        self.client.drop() if self.random.random() < 0.5 else self.client.close()
        self.__init__(self.number, self.rounds)

    def own_file(self):
        data = self.random.randbytes(70_000)
        put(self.client, 'files', 'own%d' % self.number, data)
        equal(get(self.client, 'files', 'own%d' % self.number) == data, True)

    def slot(self, value):
        f = self.tree.open('slots')
        f.write(struct.pack('<I', value), 4 * self.number)
        f.close()

    def live(self):
        deeds = (self.write_shared, self.write_shared, self.rename_shared, self.delete_shared, self.list_shared,
                 self.folders, self.own_file, self.reconnect)
        for i in range(self.rounds):
            for deed in self.random.sample(deeds, len(deeds)):
                deed()
            self.slot(i + 1)
        self.client.close()


def member(arguments):
    try:
        Member(*arguments).live()
        return None
    except Exception as error:
        return 'client %d: %s: %s' % (arguments[0], type(error).__name__, error)


def run(clients, rounds):
    with Client() as client:
        client.smb.createDirectory('files', 'dir')
        put(client, 'files', 'slots', bytes(4 * clients))
    with multiprocessing.Pool(clients) as pool:
        wrong = [w for w in pool.map(member, [(i, rounds) for i in range(clients)], 1) if w]
    check(not wrong, '; '.join(wrong[:3]))
    with Client() as client:
        values = struct.unpack('<%dI' % clients, get(client, 'files', 'slots'))
        equal(set(values), {rounds})


report('concurrency-%s-clients' % sys.argv[1], run, int(sys.argv[1]), int(sys.argv[2]))
