# SPDX-License-Identifier: Apache-2.0
"""Rubbish of every kind, sent while a thread of well-behaved transfers goes on."""
import os
import random
import socket
import struct
import threading

import livesmb
from livesmb import Client, check, equal, get, put, report

NEGOTIATE, SESSION_SETUP, LOGOFF, TREE_CONNECT, CREATE, READ, WRITE, ECHO = 0, 1, 2, 3, 5, 8, 9, 13
DEADLINE = 20


def header(command, size=64, message=0, credits=1, flags=0, following=0, session=0, tree=0):
    return (b'\xfeSMB' + struct.pack('<HHIHHIIQIIQ', size, 1, 0, command, credits, flags, following, message, 0xfeff,
                                     tree, session) + bytes(16))


def negotiate_body(dialects=(0x202, 0x210, 0x300, 0x302)):
    return struct.pack('<HHHHI', 36, len(dialects), 1, 0, 0) + os.urandom(16) + bytes(8) + struct.pack(
        '<%dH' % len(dialects), *dialects)


def frame(data):
    return struct.pack('>I', len(data)) + data


NEGOTIATION = frame(header(NEGOTIATE) + negotiate_body())


def receive(s):
    """One frame, or None when the server has closed the connection."""
    try:
        data = b''
        while len(data) < 4 or len(data) < 4 + struct.unpack('>I', data[:4])[0]:
            more = s.recv(65536)
            if not more:
                return None
            data += more
        return data[4:]
    except (ConnectionError, BrokenPipeError):
        return None


def connect():
    s = socket.create_connection((os.environ['SMB_HOST'], int(os.environ['SMB_PORT'])), DEADLINE)
    s.settimeout(DEADLINE)
    return s


def loses_connection(*messages):
    """After the messages the server closes; answers before that are allowed."""
    with connect() as s:
        try:
            for message in messages:
                s.sendall(message)
        except (ConnectionError, BrokenPipeError):
            return
        answers = 0
        while receive(s) is not None:
            answers += 1
            check(answers < 10, 'answers and answers')


def answered_or_closed(*messages):
    """Refused with a status or with the end of the connection, but in time; never success."""
    with connect() as s:
        s.sendall(NEGOTIATION)
        check(receive(s), 'no answer to NEGOTIATE')
        try:
            for message in messages:
                s.sendall(message)
        except (ConnectionError, BrokenPipeError):
            return
        answer = receive(s)
        if answer is not None:
            check(answer[:4] == b'\xfeSMB', 'an answer of another protocol')
            check(struct.unpack_from('<I', answer, 8)[0] != 0, 'rubbish was a success')


def closing_cases():
    yield 'random-octets', [frame(random.randbytes(500))]
    if os.environ['SMB3D_PEER'] != 'smbd':  # which waits for the rest
        yield 'http', [b'GET / HTTP/1.1\r\nHost: files\r\n\r\n']
        yield 'frame-too-long', [struct.pack('>I', 0x00ffffff) + b'\xfeSMB' + bytes(60)]
    yield 'frame-type', [struct.pack('>I', 0x85000004) + bytes(4)]
    yield 'smb1-no-smb2-dialect', [frame(b'\xffSMB\x72' + bytes(27) + b'\0\x0c\0\x02NT LM 0.12\0')]
    yield 'smb1-command', [frame(b'\xffSMB\x25' + bytes(27) + b'\0\0\0')]
    yield 'first-is-echo', [frame(header(ECHO) + struct.pack('<HH', 4, 0))]
    yield 'header-only', [frame(b'\xfeSMB')]
    yield 'second-negotiate', [NEGOTIATION, frame(header(NEGOTIATE, message=1) + negotiate_body())]
    yield 'random-after-negotiate', [NEGOTIATION, frame(random.randbytes(300))]
    yield 'message-id-out-of-window', [NEGOTIATION, frame(header(ECHO, message=1 << 40) + struct.pack('<HH', 4, 0))]
    yield 'transform-without-session', [NEGOTIATION, frame(b'\xfdSMB' + random.randbytes(100))]
    yield 'compressed-without-agreement', [NEGOTIATION, frame(b'\xfcSMB' + random.randbytes(100))]


def refusing_cases():
    yield 'header-size', [frame(header(ECHO, size=63, message=1) + struct.pack('<HH', 4, 0))]
    yield 'command-unknown', [frame(header(99, message=1) + struct.pack('<HH', 4, 0))]
    yield 'no-session', [frame(header(CREATE, message=1, session=77, tree=1) + struct.pack('<H', 57) + bytes(60))]
    yield 'tree-without-session', [frame(header(TREE_CONNECT, message=1) + struct.pack('<HHHH', 9, 0, 72, 4) + b'a\0b\0')]
    yield 'setup-offset', [frame(header(SESSION_SETUP, message=1) + struct.pack('<HBBIIHHQ', 25, 0, 1, 0, 0, 0xffff,
                                                                              0xffff, 0) + b'x')]
    yield 'setup-token', [frame(header(SESSION_SETUP, message=1) + struct.pack('<HBBIIHHQ', 25, 0, 1, 0, 0, 88, 200,
                                                                             0) + random.randbytes(200))]
    yield 'setup-short', [frame(header(SESSION_SETUP, message=1) + struct.pack('<H', 25))]
    yield 'compound-offset', [frame(header(ECHO, message=1, following=0x7fffffff) + struct.pack('<HH', 4, 0))]
    yield 'compound-offset-unaligned', [frame(header(ECHO, message=1, following=69) + struct.pack('<HH', 4, 0)
                                              + bytes(100))]
    yield 'compound-loop', [frame(header(ECHO, message=1, following=8) + struct.pack('<HH', 4, 0) + bytes(100))]


def bad_negotiates():
    yield 'negotiate-no-dialect', negotiate_body(())
    yield 'negotiate-unknown-dialect', negotiate_body((0x9999,))
    yield 'negotiate-count', struct.pack('<HHHHI', 36, 5000, 1, 0, 0) + bytes(24) + bytes(10)
    yield 'negotiate-311-no-context', negotiate_body((0x311,))
    yield 'negotiate-311-context-offset', struct.pack('<HHHHI', 36, 1, 1, 0, 0) + bytes(16) + struct.pack(
        '<IHH', 0xfffffff0, 3, 0) + struct.pack('<H', 0x311)
    yield 'negotiate-short', struct.pack('<HH', 36, 1)


def refused_negotiate(body):
    with connect() as s:
        s.sendall(frame(header(NEGOTIATE) + body))
        answer = receive(s)
        check(answer is None or struct.unpack_from('<I', answer, 8)[0] != 0, 'rubbish was negotiated')


def fuzzed():
    """Half-right messages: octets of good ones changed at random."""
    random.seed(20)
    for _ in range(150):
        with connect() as s:
            data = bytearray(NEGOTIATION + frame(header(SESSION_SETUP, message=1) + struct.pack(
                '<HBBIIHHQ', 25, 0, 1, 0, 0, 88, 40, 0) + random.randbytes(40)))
            for _ in range(random.randrange(1, 6)):
                data[random.randrange(len(data))] = random.randrange(256)
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
                while s.recv(65536):
                    pass
            except TimeoutError:
                raise
            except OSError:  # closed by the server, at whatever point
                pass


def abandoned():
    """Connections that end in the middle of a frame, at every stage."""
    for cut in range(1, len(NEGOTIATION), 3):
        with connect() as s:
            s.sendall(NEGOTIATION[:cut])
    for _ in range(20):
        client = Client()
        client.tree('files').open('abandoned', 'open_if').write(b'x')
        client.drop()


class Bystander(threading.Thread):
    """The other client: copies until told to stop."""

    def __init__(self):
        super().__init__()
        self.stop, self.enough = threading.Event(), threading.Event()
        self.rounds, self.error = 0, None

    def run(self):
        data = os.urandom(200_000)
        try:
            with Client() as client:
                while not self.stop.is_set():
                    put(client, 'files', 'bystander', data)
                    equal(get(client, 'files', 'bystander') == data, True)
                    self.rounds += 1
                    if self.rounds >= 2:
                        self.enough.set()
        except Exception as error:
            self.error = error
            self.enough.set()

    def noticed_nothing(self):
        # A slow machine may still be at the second round when the rubbish has ended.
        self.enough.wait(60)
        self.stop.set()
        self.join()
        if self.error:
            raise self.error
        check(self.rounds >= 2, 'only %d rounds' % self.rounds)


def main():
    bystander = Bystander()
    bystander.start()
    for name, messages in closing_cases():
        report('rubbish-' + name, loses_connection, *messages)
    for name, messages in refusing_cases():
        report('rubbish-' + name, answered_or_closed, *messages)
    for name, body in bad_negotiates():
        report('rubbish-' + name, refused_negotiate, body)
    report('rubbish-fuzzed', fuzzed)
    report('rubbish-abandoned', abandoned)
    report('rubbish-bystander', bystander.noticed_nothing)


if __name__ == '__main__':
    main()
