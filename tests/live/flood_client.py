# SPDX-License-Identifier: Apache-2.0
"""A flood: silent connections, senders of one octet a second, users that never read their replies. Who is
dropped comes back. Says "ready" when all have tried once, and goes on until its input ends.
  usage: flood_client.py SILENT SLOW READERS"""
import errno
import os
import resource
import select
import socket
import struct
import sys
import time

from livesmb import Client

HERE = (os.environ['SMB_HOST'], int(os.environ['SMB_PORT']))
ADDRESSES = 20
A_TURN = 200  # new connections before others have their turn
AGAIN = 2000  # dropped connections that come back each second


def header(command, message):
    return b'\xfeSMB' + struct.pack('<HHIHHIIQIIQ', 64, 1, 0, command, 1, 0, 0, message, 0xfeff, 0, 0) + bytes(16)


def echo(message):
    return struct.pack('>I', 68) + header(13, message) + struct.pack('<HH', 4, 0)


NEGOTIATION = header(0, 0) + struct.pack('<HHHHI', 36, 1, 1, 0, 0) + os.urandom(16) + bytes(8) + struct.pack('<H', 0x202)
NEGOTIATION = struct.pack('>I', len(NEGOTIATION)) + NEGOTIATION


class Crowd:
    """Half of the silent ones come from one address, the others from many."""

    def __init__(self, silent, slow):
        self.poll = select.epoll()
        self.live, self.waiting = {}, [(i, False) for i in range(silent)] + [(i, True) for i in range(slow)]
        self.lost = self.short = 0

    def open(self, number, slow):
        s = socket.socket()
        s.setblocking(False)
        source = '127.0.7.1' if number % 2 else '127.0.8.%d' % (1 + number // 2 % ADDRESSES)
        try:
            s.bind((source, 0))
            s.connect(HERE)
        except BlockingIOError:
            pass
        except OSError as e:
            s.close()
            self.short += e.errno not in (errno.ECONNREFUSED, errno.EADDRNOTAVAIL)
            self.waiting.append((number, slow))
            return
        self.poll.register(s, select.EPOLLIN | (select.EPOLLOUT if slow else 0))
        self.live[s.fileno()] = (s, number, slow)

    def drop(self, fd):
        s, number, slow = self.live.pop(fd)
        s.close()
        self.lost += 1
        self.waiting.append((number, slow))

    def heard(self, fd, events):
        s = self.live[fd][0]
        try:
            if events & select.EPOLLOUT:  # a slow one has been connected: the first part, then octets
                s.send(NEGOTIATION[:6])
                self.poll.modify(fd, select.EPOLLIN)
            if events & ~select.EPOLLOUT and not s.recv(4096):
                self.drop(fd)
        except OSError:
            self.drop(fd)

    def come(self, most):
        for _ in range(min(most, len(self.waiting))):
            self.open(*self.waiting.pop())

    def turn(self, wait):
        for fd, events in self.poll.poll(wait, 1000):
            self.heard(fd, events)

    def drip(self):
        for fd, (s, _, slow) in list(self.live.items()):
            if not slow:
                continue
            try:
                s.send(b'x')
            except BlockingIOError:
                pass
            except OSError:
                self.drop(fd)


class Reader:
    """A user who asks and never reads."""

    def __init__(self):
        self.client = Client()
        self.s = self.client.low.get_socket()
        self.s.setblocking(False)
        self.message, self.pending = self.client.low._Connection['SequenceWindow'], b''

    def ask(self):
        try:
            for _ in range(20):
                if not self.pending:
                    self.pending = b''.join(echo(self.message + i) for i in range(200))
                    self.message += 200
                self.pending = self.pending[self.s.send(self.pending):]
        except OSError:
            pass


def main():
    silent, slow, readers = map(int, sys.argv[1:4])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    users = [Reader() for _ in range(readers)]
    crowd = Crowd(silent, slow)
    tried, second, most = 0, time.monotonic(), 0
    os.set_blocking(0, False)
    while True:
        if tried < silent + slow:
            crowd.come(A_TURN)
            tried += A_TURN
            if tried >= silent + slow:
                print('ready', flush=True)
        crowd.turn(0.02)
        most = max(most, len(crowd.live))
        if time.monotonic() - second > 1:
            second = time.monotonic()
            crowd.drip()
            crowd.come(AGAIN)
            for user in users:
                user.ask()
            if os.read(0, 1) == b'' if select.select([0], [], [], 0)[0] else False:
                break
    print('most at once %d, dropped %d, refused by the own system %d' % (most, crowd.lost, crowd.short), flush=True)


main()
