# SPDX-License-Identifier: Apache-2.0
"""Shadow copies: calls in the wrong order, arguments that are none, and a copy that goes while somebody is
connected to it. One line a test: ok NAME, or FAIL NAME: why.

usage: rpc_copies_client.py USER NAME SET COPY     (of a copy of the share docs, which is removed)
       rpc_copies_client.py USER NAME FILE         (makes FILE when it is connected; then the copy goes by itself)"""
import struct
import sys
import time
import uuid

from impacket.smbconnection import SessionError, SMBConnection

from liverpc import HOST, PASSWORD, PORT, bound, call

AGENT = ('a8e0653c-2744-4389-a61d-7373df8b2292', '1.0')
(CONTEXT, START, ADD, COMMIT, EXPOSE, RECOVERED, ABORT, SUPPORTED, COPIED, MAPPING, DELETE, PREPARE) = range(1, 13)
BAD_STATE, NOT_FOUND, NOT_SUPPORTED, EXISTS = 0x80042301, 0x80042308, 0x8004230c, 0x8004230d
IN_PROGRESS, BAD_CONTEXT, INVALID = 0x80042316, 0x8004231b, 0x80070057
NAME_DELETED = 0xc00000c9
NONE = bytes(16)


def ok(name, good, why=''):
    print('ok copies-' + name if good else 'FAIL copies-%s: %s' % (name, why), flush=True)


def text(value):
    """[string] wchar_t."""
    n = len(value) + 1
    raw = value.encode('utf-16-le') + b'\0\0'
    return struct.pack('<III', n, 0, n) + raw + bytes(-len(raw) % 4)


def unc(share):
    return text('\\\\%s\\%s\\' % (HOST, share))


class Agent:
    def __init__(self, user):
        self.dce = bound('FssagentRpc', AGENT, user)

    def call(self, opnum, data=b''):
        """(status, what comes before it)"""
        out = call(self.dce, opnum, data)
        return struct.unpack('<I', out[-4:])[0], out[:-4]

    def expect(self, name, wanted, opnum, data=b''):
        status, out = self.call(opnum, data)
        ok(name, status == wanted, '0x%08x instead of 0x%08x' % (status, wanted))
        return out


def order(agent):
    ms = struct.pack('<I', 60000)
    agent.expect('start-first', BAD_STATE, START, NONE)
    agent.expect('context-unknown', BAD_CONTEXT, CONTEXT, struct.pack('<I', 0x77))
    agent.expect('context', 0, CONTEXT, struct.pack('<I', 0))
    made = agent.expect('start', 0, START, NONE)
    agent.expect('start-twice', IN_PROGRESS, START, NONE)
    agent.expect('context-late', IN_PROGRESS, CONTEXT, struct.pack('<I', 0))
    agent.expect('prepare-empty', BAD_STATE, PREPARE, made + ms)
    agent.expect('commit-empty', BAD_STATE, COMMIT, made + ms)
    agent.expect('add-other-set', INVALID, ADD, NONE + NONE + unc('docs'))
    agent.expect('add-no-share', NOT_FOUND, ADD, NONE + made + unc('nothing'))
    agent.expect('add-ipc', NOT_FOUND, ADD, NONE + made + unc('IPC$'))
    agent.expect('add-no-path', NOT_FOUND, ADD, NONE + made + text('docs'))
    agent.expect('add-not-supported', NOT_SUPPORTED, ADD, NONE + made + unc('plain'))
    agent.expect('add', 0, ADD, NONE + made + unc('docs'))
    agent.expect('add-twice', EXISTS, ADD, NONE + made + unc('DOCS'))
    agent.expect('expose-early', BAD_STATE, EXPOSE, made + ms)
    agent.expect('recovered-early', BAD_STATE, RECOVERED, made)
    agent.expect('mapping-early', BAD_STATE, MAPPING, NONE + made + unc('docs') + struct.pack('<I', 1))
    agent.expect('prepare', 0, PREPARE, made + ms)
    agent.expect('commit', 0, COMMIT, made + ms)
    agent.expect('commit-twice', BAD_STATE, COMMIT, made + ms)
    agent.expect('abort-other', INVALID, ABORT, NONE)
    agent.expect('abort', 0, ABORT, made)
    agent.expect('abort-twice', INVALID, ABORT, made)
    agent.expect('start-after', BAD_STATE, START, NONE)


def garbage(agent):
    for name, opnum, data in (('add', ADD, NONE + NONE), ('context', CONTEXT, b''), ('delete', DELETE, NONE + NONE),
                              ('mapping', MAPPING, NONE + NONE + text('\\\\x\\y')), ('path', SUPPORTED, b'\1\0\0\0')):
        try:
            agent.call(opnum, data)
            ok('garbage-' + name, False, 'it went through')
        except Exception as e:  # a fault
            ok('garbage-' + name, 'bad_stub_data' in str(e) or '0x6f7' in str(e).lower(), str(e))


def leave(agent, name, ids, user):
    """Who is connected to a copy that goes is so no longer."""
    smb = SMBConnection(HOST, HOST, sess_port=PORT, timeout=60)
    smb.login(user, PASSWORD)
    tree = smb.connectTree(name)
    agent.expect('mapping-level', INVALID, MAPPING, ids[1] + ids[0] + unc('docs') + struct.pack('<I', 2))
    agent.expect('delete-other-set', NOT_FOUND, DELETE, NONE + ids[1] + unc('docs'))
    agent.expect('delete-other-copy', INVALID, DELETE, ids[0] + NONE + unc('docs'))
    agent.expect('delete-other-share', NOT_FOUND, DELETE, ids[0] + ids[1] + unc('plain'))
    agent.expect('delete', 0, DELETE, ids[0] + ids[1] + unc('docs'))
    try:
        smb.openFile(tree, 'sub\\a.txt', desiredAccess=1)
        ok('leave', False, 'a file was opened')
    except SessionError as e:
        ok('leave', e.getErrorCode() == NAME_DELETED, str(e))


def stay(name, user, connected):
    """The same when it goes by itself."""
    smb = SMBConnection(HOST, HOST, sess_port=PORT, timeout=60)
    smb.login(user, PASSWORD)
    tree = smb.connectTree(name)
    open(connected, 'w').close()
    code, end = 0, time.monotonic() + 60
    while code != NAME_DELETED and time.monotonic() < end:
        try:
            smb.closeFile(tree, smb.openFile(tree, 'sub\\a.txt', desiredAccess=1))
        except SessionError as e:
            code = e.getErrorCode()
        time.sleep(0.1)
    ok('leave-by-itself', code == NAME_DELETED, 'the tree stays: 0x%08x' % code)


def main():
    user, name = sys.argv[1:3]
    if len(sys.argv) == 4:
        stay(name, user, sys.argv[3])
        return
    ids = [uuid.UUID(i).bytes_le for i in sys.argv[3:]]
    agent = Agent(user)
    order(agent)
    garbage(Agent(user))
    leave(agent, name, ids, user)


main()
