# SPDX-License-Identifier: Apache-2.0
"""A client for live tests, on impacket.

SMB_HOST, SMB_PORT and SMB_AUTH (user:password) come from tests/lib/server.sh.
Statuses that a test expects are compared by name, as in nt_errors.
"""
import io
import os
import struct
import sys

from impacket import nt_errors, smb3
from impacket.smb3structs import (FILE_ATTRIBUTE_NORMAL, FILE_CREATE, FILE_DIRECTORY_FILE, FILE_LIST_DIRECTORY,
                                  FILE_NON_DIRECTORY_FILE, FILE_OPEN, FILE_OPEN_IF, FILE_OVERWRITE,
                                  FILE_OVERWRITE_IF, FILE_READ_ATTRIBUTES, FILE_READ_DATA, FILE_SHARE_DELETE,
                                  FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_SUPERSEDE, FILE_WRITE_DATA)
from impacket.smbconnection import SMBConnection, SessionError

SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE
READ_WRITE = FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES
DISPOSITIONS = {'supersede': FILE_SUPERSEDE, 'open': FILE_OPEN, 'create': FILE_CREATE, 'open_if': FILE_OPEN_IF,
                'overwrite': FILE_OVERWRITE, 'overwrite_if': FILE_OVERWRITE_IF}


class Client:
    """One connection, logged in."""

    def __init__(self, dialect=None, user=None, password=None, timeout=60):
        own_user, _, own_password = os.environ['SMB_AUTH'].partition(':')
        self.smb = SMBConnection('FILES', os.environ['SMB_HOST'], sess_port=int(os.environ['SMB_PORT']),
                                 preferredDialect=dialect, timeout=timeout)
        self.low = self.smb.getSMBServer()
        # Release 0.10 begins the session's preauth hash at zero for NTLM; it has to begin
        # at the connection's, or every signature of 3.1.1 is wrong. [MS-SMB2] 3.2.5.3
        self.low._Session['PreauthIntegrityHashValue'] = self.low._Connection['PreauthIntegrityHashValue']
        self.smb.login(own_user if user is None else user, own_password if password is None else password,
                       ntlmFallback=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.smb.logoff()
        except Exception:  # the server may be gone on purpose
            pass
        self.drop()

    def drop(self):
        """Closes the TCP connection and says nothing before."""
        self.smb.getSMBServer().get_socket().close()

    def tree(self, share):
        return Tree(self, share)


class Tree:
    def __init__(self, client, share):
        self.client, self.low = client, client.low
        self.id = self.low.connectTree(share)

    def open(self, name, disposition='open', access=READ_WRITE, share=SHARE_ALL, folder=False, options=0, oplock=0):
        options |= FILE_DIRECTORY_FILE if folder else FILE_NON_DIRECTORY_FILE
        return Open(self, self.low.create(self.id, name, access, share, options, DISPOSITIONS[disposition],
                                          FILE_ATTRIBUTE_NORMAL, oplockLevel=oplock))


class Open:
    def __init__(self, tree, fid):
        self.tree, self.low, self.fid = tree, tree.low, fid

    def write(self, data, offset=0):
        return self.low.write(self.tree.id, self.fid, data, offset, len(data))

    def read(self, size, offset=0):
        return self.low.read(self.tree.id, self.fid, offset, size)

    def flush(self):
        return self.low.flush(self.tree.id, self.fid)

    def ask(self, level, blob=b'', flags=0):
        """A FILE information class."""
        return self.low.queryInfo(self.tree.id, self.fid, inputBlob=blob, fileInfoClass=level, flags=flags)

    def tell(self, level, blob):
        self.low.setInfo(self.tree.id, self.fid, inputBlob=blob, fileInfoClass=level)

    def close(self):
        # The library keeps one entry for all opens of a name, and wants to remove it with each.
        self.low.GlobalFileTable.setdefault(self.low._Session['OpenTable'][self.fid]['FileName'], None)
        return self.low.close(self.tree.id, self.fid)


def ea_list(eas):
    """FILE_FULL_EA_INFORMATION of a dict; a value of no octets deletes."""
    entries = []
    for i, (key, value) in enumerate(sorted(eas.items())):
        entry = struct.pack('<BBH', 0, len(key), len(value)) + key.encode() + b'\0' + value
        pad = -(len(entry) + 4) % 4
        last = i + 1 == len(eas)
        entries.append(struct.pack('<I', 0 if last else len(entry) + 4 + pad) + entry + (b'' if last else b'\0' * pad))
    return b''.join(entries)


def ea_parse(blob):
    eas, at = {}, 0
    while True:
        following, _, name_len, len_ = struct.unpack_from('<IBBH', blob, at)
        start = at + 8 + name_len + 1
        eas[blob[at + 8:at + 8 + name_len].decode()] = blob[start:start + len_]
        if not following:
            return eas
        at += following


def stream_parse(blob):
    """FILE_STREAM_INFORMATION: the size of each."""
    streams, at = {}, 0
    while blob:
        following, length, size, _ = struct.unpack_from('<IIQQ', blob, at)
        streams[blob[at + 24:at + 24 + length].decode('utf-16-le')] = size
        if not following:
            break
        at += following
    return streams


def status_of(error):
    """The name of the NTSTATUS in an impacket exception."""
    code = error.getErrorCode() if isinstance(error, SessionError) else error.get_error_code()
    return nt_errors.ERROR_MESSAGES.get(code, ('0x%08x' % code,))[0]


def refused(call, *args, **kwargs):
    """The status with which the server refuses the call, or 'went through'."""
    try:
        call(*args, **kwargs)
    except (SessionError, smb3.SessionError) as error:
        return status_of(error)
    return 'went through'


def get(client, share, name):
    out = io.BytesIO()
    client.smb.getFile(share, name, out.write)
    return out.getvalue()


def put(client, share, name, data):
    client.smb.putFile(share, name, io.BytesIO(data).read)


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def equal(got, wanted):
    check(got == wanted, 'got %r, wanted %r' % (got, wanted))


def report(name, call, *args):
    """Runs one test and prints its line; True when it passed."""
    try:
        call(*args)
    except Exception as error:  # whatever goes wrong is this test's failure
        text = str(error).replace('\n', ' ') or type(error).__name__
        print('FAIL %s: %s' % (name, text[:300]), flush=True)
        return False
    print('ok %s' % name, flush=True)
    return True


def main(tests):
    """Runs the functions named on the command line, or all."""
    wanted = sys.argv[1:]
    for test in tests:
        if not wanted or test.__name__ in wanted:
            report(os.path.basename(sys.argv[0]).partition('_')[0] + '-' + test.__name__.replace('_', '-'), test)
