# SPDX-License-Identifier: Apache-2.0
"""Looks for keys in the memory of the server, whose pid is the first argument: while a session is there,
after its logoff, and after a connection that just ended ("signed", "sealed"); or for a password that was changed."""
import os
import re
import sys
import time

from impacket import ntlm

import livesmb

PID = int(sys.argv[1])
CHUNK = 1 << 20


def memory():
    """The server's private memory, in pieces that overlap by no key."""
    with open(f'/proc/{PID}/maps') as maps, open(f'/proc/{PID}/mem', 'rb', 0) as mem:
        for line in maps:
            start, end, rights = re.match(r'([0-9a-f]+)-([0-9a-f]+) (\S+)', line).groups()
            start, end = int(start, 16), int(end, 16)
            if not rights.startswith('rw') or end - start > 1 << 32:
                continue
            for at in range(start, end, CHUNK):
                try:
                    yield os.pread(mem.fileno(), min(CHUNK + 64, end - at), at)
                except OSError:  # it went away, or was never there
                    break


def found(keys):
    """The names of those keys that are somewhere in it."""
    names = set()
    for piece in memory():
        names |= {name for name, key in keys.items() if key in piece}
    return sorted(names)


def gone(keys, seconds=20):
    """The server tidies up when it comes to it."""
    end = time.monotonic() + seconds
    while True:
        left = found(keys)
        if not left or time.monotonic() > end:
            return left
        time.sleep(.2)


def keys_of(client):
    session = client.low._Session
    names = ('SessionKey', 'SigningKey', 'EncryptionKey', 'DecryptionKey', 'ApplicationKey')
    keys = {name: bytes(session[name]) for name in names if session.get(name)}
    return {name: key for name, key in keys.items() if len(key) >= 16 and any(key)}


def report(name, good, why):
    print(f'ok {name}' if good else f'FAIL {name}: {why}')


def sessions(dialect):
    for how in ('logoff', 'drop', 'again'):
        client = livesmb.Client(dialect=dialect)
        keys = keys_of(client)
        file = client.tree('files').open('f', 'open_if')
        file.write(b'x' * 100)
        file.close()
        name = f'{sys.argv[2]}-{dialect:x}-{how}'
        during = found(keys)
        report(f'secrets-there-while-used-{name}', len(during) > 1, f'only {during} of {sorted(keys)}')
        if how == 'drop':
            client.drop()
        else:
            client.close()
        left = gone(keys)
        report(f'secrets-gone-after-{name}', not left, f'still there: {left}')


def main():
    password = os.environ['SMB_AUTH'].partition(':')[2]
    passwords = {'the password': password.encode(), 'it in UTF-16': password.encode('utf-16-le')}
    if sys.argv[2] == 'signed':
        sessions(0x0311)
        sessions(0x0300)
    elif sys.argv[2] == 'sealed':  # the library cannot with 3.1.1
        sessions(0x0300)
    else:
        # The accounts themselves are kept; here they have other passwords by now.
        passwords['NT hash'] = ntlm.compute_nthash(password)
    left = gone(passwords)
    report(f'secrets-no-password-stays-{sys.argv[2]}', not left, f'still there: {left}')


main()
