# SPDX-License-Identifier: Apache-2.0
"""smb3ctl top on a terminal: pictures, keys, sizes, and how it leaves the terminal."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

BEGIN, END = b'\x1b[?1049h', b'\x1b[?1049l'
LIMIT = 60


class Terminal:
    opened = []

    def __init__(self, lines, columns, *arguments):
        self.master, self.slave = pty.openpty()
        self.resize(lines, columns, None)
        self.before = termios.tcgetattr(self.slave)
        self.seen = b''
        self.process = subprocess.Popen(
            sys.argv[1:] + ['top', *arguments], stdin=self.slave, stdout=self.slave,
            stderr=self.slave, preexec_fn=self.own, close_fds=True)
        self.opened.append(self)

    def own(self):
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def resize(self, lines, columns, process):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', lines, columns, 0, 0))

    def read(self):
        if select.select([self.master], [], [], 0.2)[0]:
            self.seen += os.read(self.master, 65536)

    def until(self, pattern):
        """Reads until the pattern has come; forgets what stood before its end."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            found = re.search(pattern, self.seen, re.S)
            if found:
                self.seen = self.seen[found.end():]
                return found
            self.read()
        raise Exception('no %r in %r' % (pattern, self.seen[-2000:]))

    def type(self, keys):
        os.write(self.master, keys)

    def ended(self):
        """The status; what was written until then stands in seen."""
        end = time.monotonic() + LIMIT
        while self.process.poll() is None and time.monotonic() < end:
            self.read()
        self.read()
        return self.process.wait(1)

    def restored(self):
        return END in self.seen and termios.tcgetattr(self.slave) == self.before

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def picture(terminal):
    """The lines of one whole picture."""
    found = terminal.until(rb'\x1b\[H(.*?)\x1b\[J')
    lines = found.group(1).decode().split('\x1b[K\r\n')
    return [line for line in lines if line]


def quits():
    t = Terminal(40, 100, '-d', '0.2')
    t.until(re.escape(BEGIN))
    lines = picture(t)
    assert lines[0].startswith('smb3d '), lines
    assert any(line.startswith('USER ') for line in lines), lines
    assert termios.tcgetattr(t.slave) != t.before
    picture(t)
    picture(t)
    t.type(b'q')
    assert t.ended() == 0
    assert t.restored()


def sorts():
    t = Terminal(40, 100, '-d', '30')
    t.until(rb'by ops')
    t.type(b's')
    t.until(rb'by in')
    t.type(b's')
    t.until(rb'by out')
    t.type(b'q')
    assert t.ended() == 0


def resizes():
    t = Terminal(40, 100, '-d', '30')
    picture(t)
    t.resize(8, 30, t.process)
    lines = picture(t)
    assert len(lines) <= 7 and all(len(line) <= 30 for line in lines), lines
    t.resize(50, 120, t.process)
    assert len(picture(t)) > 7
    t.type(b'q')
    assert t.ended() == 0


def shows_at_once():
    t = Terminal(40, 100, '-d', '600', '-n', '1')
    picture(t)
    t.type(b' ')
    picture(t)
    assert t.ended() == 0
    assert t.restored()


def interrupted():
    t = Terminal(40, 100, '-d', '600')
    picture(t)
    t.type(b'\x03')
    assert t.ended() == 0
    assert t.restored()


def terminated():
    t = Terminal(40, 100, '-d', '600')
    picture(t)
    t.process.send_signal(signal.SIGTERM)
    assert t.ended() == -signal.SIGTERM
    assert t.restored()


for test in quits, sorts, resizes, shows_at_once, interrupted, terminated:
    name = 'top-terminal-' + test.__name__.replace('_', '-')
    try:
        test()
        print('ok ' + name, flush=True)
    except Exception as error:  # one line for each test
        print('FAIL %s: %s' % (name, repr(error)[:1500]), flush=True)
    finally:
        while Terminal.opened:
            Terminal.opened.pop().close()
