# SPDX-License-Identifier: Apache-2.0
"""Limits of connections and of time: at the limit all is well, beyond it the server acts, and what is
given back can be had again. The settings are those of limits.sh."""
import os
import select
import socket
import struct
import sys
import threading
import time

from livesmb import Client, check, report

NEGOTIATE, ECHO = 0, 13
PATIENCE = 60
HERE = (os.environ['SMB_HOST'], int(os.environ['SMB_PORT']))


def header(command, message):
    return b'\xfeSMB' + struct.pack('<HHIHHIIQIIQ', 64, 1, 0, command, 1, 0, 0, message, 0xfeff, 0, 0) + bytes(16)


def frame(data):
    return struct.pack('>I', len(data)) + data


NEGOTIATION = frame(header(NEGOTIATE, 0) + struct.pack('<HHHHI', 36, 2, 1, 0, 0) + os.urandom(16) + bytes(8)
                    + struct.pack('<2H', 0x202, 0x210))


def echo(message, padding=0):
    return frame(header(ECHO, message) + struct.pack('<HH', 4, 0) + bytes(padding))


def stranger(source='127.0.0.1'):
    return socket.create_connection(HERE, PATIENCE, (source, 0))


def receive(s):
    data = b''
    while len(data) < 4 or len(data) < 4 + struct.unpack('>I', data[:4])[0]:
        more = s.recv(65536)
        if not more:
            raise ConnectionError('closed')
        data += more
    return data[4:]


def ended(s, wait=0):
    """Whether the server has closed the connection; waits so long for it."""
    try:
        return bool(select.select([s], [], [], wait)[0]) and not s.recv(65536)
    except ConnectionError:
        return True


def closed_after(s, seconds):
    began = time.monotonic()
    end = began + PATIENCE
    while not ended(s, 1):
        check(time.monotonic() < end, 'it was never closed')
    check(time.monotonic() - began >= seconds, 'closed after %.1f s' % (time.monotonic() - began))


def negotiate_time():
    closed_after(stranger('127.0.2.1'), 1.9)


def logon_time():
    s = stranger('127.0.2.2')
    s.sendall(NEGOTIATION)
    receive(s)
    closed_after(s, 3.9)


def stranger_sends_slowly():
    """One octet a second inside of a message."""
    s = stranger('127.0.2.3')
    s.sendall(NEGOTIATION)
    receive(s)
    began = time.monotonic()
    s.sendall(echo(1)[:8])
    try:
        while not ended(s, 1):
            s.sendall(b'x')
    except ConnectionError:
        pass
    check(time.monotonic() - began >= 0.9, 'closed at once')


def user_stops_sending():
    s = Client().low.get_socket()
    s.sendall(echo(5)[:20])
    closed_after(s, 5.9)


def user_sends_slowly():
    """Slower than the time for a message, but it goes on: a thin line."""
    client = Client()
    s = client.low.get_socket()
    s.settimeout(PATIENCE)
    data = echo(client.low._Connection['SequenceWindow'], 60000)
    for at in range(0, len(data), 8000):
        s.sendall(data[at:at + 8000])
        time.sleep(1)
    check(receive(s)[8:12] == bytes(4), 'no answer')


def flood_of_echoes(client, each):
    """Asks until the server stops reading, and calls each then; ends when the connection does."""
    s = client.low.get_socket()
    message = client.low._Connection['SequenceWindow']
    s.setblocking(False)
    pending = b''
    try:
        while True:
            if not pending:
                pending = b''.join(echo(message + i) for i in range(100))
                message += 100
            if select.select([], [s], [], 0.5)[1]:
                pending = pending[s.send(pending):]
            elif not each(s):
                return True
    except ConnectionError:
        return False


def never_reads():
    began = []

    def wait(_):
        began.append(time.monotonic())
        check(time.monotonic() - began[0] < PATIENCE, 'the server never ends it')
        return True
    flood_of_echoes(Client(), wait)
    check(began, 'the server read all')
    check(time.monotonic() - began[0] >= 1.9, 'closed after %.1f s' % (time.monotonic() - began[0]))


def reads_slowly():
    """A client that is slow, but reads: its connection lives longer than one that never reads."""
    until = []

    def read(s):
        until.append(time.monotonic() + 8)
        for _ in range(4):
            s.recv(65536)
        return time.monotonic() < until[0]
    check(flood_of_echoes(Client(), read), 'the server ended it')


def strangers_of_one_address():
    crowd = [stranger('127.0.3.1') for _ in range(12)]
    for s in crowd[:4]:
        check(ended(s, PATIENCE), 'one too many lives')
    check(not any(ended(s) for s in crowd[8:]), 'the newest has gone')
    for s in crowd:
        s.close()


def strangers_in_all():
    """Two of each address; users come in all the same."""
    crowd = [stranger('127.0.4.%d' % (1 + i // 2)) for i in range(40)]
    end = time.monotonic() + PATIENCE
    while sum(not ended(s) for s in crowd) > 16:
        check(time.monotonic() < end, 'too many live')
        time.sleep(0.05)
    with Client() as client:
        client.tree('files')
    for s in crowd:
        s.close()


def users_of_one_address():
    users = [Client() for _ in range(12)]
    s = stranger()
    check(ended(s, PATIENCE), 'one more was taken')
    for s in users[:2]:
        s.close()
    end = time.monotonic() + PATIENCE
    while True:  # the server may not have seen the close yet
        s = stranger()
        if not ended(s, 0.3):
            break
        check(time.monotonic() < end, 'a place that was given back is lost')
    s.close()
    for user in users[2:]:
        user.close()


def refused(call, *args):
    try:
        call(*args)
    except Exception as e:  # of the library, or its session's
        check('INSUFFICIENT_RESOURCES' in str(e), str(e))
        return
    raise AssertionError('one more was had')


def opens():
    with Client() as client:
        tree = client.tree('files')
        have = [tree.open('open%d' % i, 'create') for i in range(6)]
        refused(tree.open, 'open6', 'create')
        have.pop().close()
        have.append(tree.open('open7', 'create'))
        refused(tree.open, 'open8', 'create')


def trees():
    with Client() as client:
        have = [client.tree('tree%d' % i) for i in range(4)]
        refused(client.tree, 'tree4')
        client.low.disconnectTree(have[0].id)
        client.tree('tree4')
        refused(client.tree, 'tree5')


def refusals_cost_no_places():
    """Connections that end in every early way, many more than there are places."""
    bad = [b'', b'\0', struct.pack('>I', 70000), frame(bytes(64)), NEGOTIATION[:30], NEGOTIATION, NEGOTIATION * 2,
           NEGOTIATION + echo(9), NEGOTIATION + echo(1)[:30]]
    for i in range(360):
        with stranger('127.0.5.%d' % (1 + i % 3)) as s:
            try:
                s.sendall(bad[i % len(bad)])
            except ConnectionError:
                pass
    # The server has to see that they are gone; on a busy machine that, or a client, takes a while.
    end = time.monotonic() + 30
    while True:
        try:
            with Client() as client:
                client.tree('files')
            return
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def together(*cases):
    found = {}

    def run(case):
        try:
            case()
        except Exception as e:  # told below, by the thread that reports
            found[case] = e
    threads = [threading.Thread(target=run, args=(case,)) for case in cases]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for case in cases:
        def again(case=case):
            if case in found:
                raise found[case]
        report('limits-' + case.__name__.replace('_', '-'), again)


for each in (opens, trees, strangers_of_one_address, strangers_in_all, users_of_one_address, refusals_cost_no_places):
    report('limits-' + each.__name__.replace('_', '-'), each)
together(negotiate_time, logon_time, stranger_sends_slowly, user_stops_sending, user_sends_slowly, never_reads,
         reads_slowly)
sys.exit(0)
