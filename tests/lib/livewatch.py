# SPDX-License-Identifier: Apache-2.0
"""A client that waits for changes of a folder. [MS-SMB2] 2.2.35, [MS-FSCC] 2.7.1"""
import struct

from impacket.smb3structs import FILE_NOTIFY_CHANGE_DIR_NAME, FILE_NOTIFY_CHANGE_FILE_NAME, SMB2ChangeNotify
from livesmb import FILE_LIST_DIRECTORY, FILE_READ_ATTRIBUTES, Client, equal

NAMES = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME
WRITES, TREE = 0x18, 1
ACTIONS = ['?', 'added', 'removed', 'modified', 'old', 'new', 'stream added', 'stream removed', 'stream modified']


class Watcher:
    """One open folder and at most one request on it."""

    def __init__(self, folder='', share='files', filter=NAMES, tree=False, room=65536):
        self.client = Client()
        self.tree = self.client.tree(share)
        self.open = self.tree.open(folder, access=FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES, folder=True)
        self.filter, self.flags, self.room = filter, TREE if tree else 0, room
        self.ask()

    def ask(self):
        """Sends the request; a round trip later the server has it."""
        packet = self.client.low.SMB_PACKET()
        packet['Command'] = 15
        packet['TreeID'] = self.tree.id
        body = SMB2ChangeNotify()
        body['Flags'] = self.flags
        body['OutputBufferLength'] = self.room
        body['FileID'] = self.open.fid
        body['CompletionFilter'] = self.filter
        packet['Data'] = body
        self.mid = self.client.low.sendSMB(packet)
        self.client.low.echo()

    def answer(self, patience=10):
        low = self.client.low
        low._timeout = patience
        return low.recvSMB(self.mid)

    def changes(self):
        """The next answer as a list of "action name"."""
        reply = self.answer()
        equal(reply['Status'], 0)
        at, size = struct.unpack_from('<HI', reply['Data'], 2)
        data, found = reply['Data'][at - 64:at - 64 + size], []
        while True:
            further, action, length = struct.unpack_from('<III', data)
            found.append('%s %s' % (ACTIONS[action], data[12:12 + length].decode('utf-16le').replace('\\', '/')))
            if not further:
                return found
            data = data[further:]

    def until(self, last):
        """All changes up to that one."""
        found = []
        while last not in found:
            found += self.changes()
            self.ask()
        return found

    def close(self):
        self.client.drop()
