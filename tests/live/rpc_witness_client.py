# SPDX-License-Identifier: Apache-2.0
"""Clients of the interface witness; for rpc_witness.sh. One line a test: ok NAME, or FAIL NAME: why.

usage: rpc_witness_client.py SMB.CONF SMB3CTL SMB3.CONF
       rpc_witness_client.py SMB.CONF wait VERSION CLIENT ADDRESS SHARE FLAGS SECONDS
           registers, says so, and prints what it is told
"""
import json
import os
import signal
import struct
import subprocess
import sys
import time

from liverpc import HOST, PASSWORD, USER, bound
from livesamba import settings
from livesmb import check, equal, report
from samba import WERRORError, NTSTATUSError
from samba.dcerpc import witness

NAME, ADDRESS = 'FILES', '192.0.2.1'
PATIENCE = 60
INVALID_PARAMETER, NOT_FOUND, REVISION, RESOURCES, TIMEOUT, STATE = 87, 1168, 1306, 1450, 1460, 5023


def connect(words='sign'):
    lp, creds = settings(sys.argv[1])
    binding = 'ncacn_np:%s[\\pipe\\witness%s]' % (HOST, words and ',' + words)
    connection = witness.witness(binding, lp, creds)
    connection.request_timeout = 2 * PATIENCE
    return connection


def error_of(call, *args):
    try:
        call(*args)
    except WERRORError as error:
        return error.args[0]
    return 0


def told(connection, handle):
    """One line: what AsyncNotify answers."""
    try:
        answer = connection.AsyncNotify(handle)
    except WERRORError as error:
        return 'error %d' % error.args[0]
    message = answer.messages[0]
    if answer.type == witness.WITNESS_NOTIFY_RESOURCE_CHANGE:
        return 'resource %s %d' % (message.name, message.type)
    return 'type %d: %s' % (answer.type, ' '.join(
        '%s/%#x' % (i.ipv4 if i.flags & witness.WITNESS_IPADDR_V4 else i.ipv6, i.flags) for i in message.addr))


def wait(version, client, address, share, flags, seconds):
    connection = connect()
    if version == '1':
        handle = connection.Register(witness.WITNESS_V1, NAME, address, client)
    else:
        handle = connection.RegisterEx(witness.WITNESS_V2, NAME, share or None, address, client, int(flags),
                                       int(seconds))
    print('registered', flush=True)
    while True:
        print(told(connection, handle), flush=True)


class Waiter:
    """A client in a process of its own."""
    all = []

    def __init__(self, client, version='2', address=ADDRESS, share='', flags='0', seconds='600'):
        self.client = client
        self.process = subprocess.Popen(
            [sys.executable, __file__, sys.argv[1], 'wait', version, client, address, share, flags, seconds],
            stdout=subprocess.PIPE, text=True)
        self.all.append(self)
        equal(self.line(), 'registered')
        until(lambda: any(row['client'] == client and row['waits'] for row in listed()), client + ' waits')

    def line(self):
        return self.process.stdout.readline().strip()

    def end(self):
        self.all.remove(self)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def ctl(*words):
    done = subprocess.run([sys.argv[2], '-c', sys.argv[3], '--json', *words], stdout=subprocess.PIPE, check=True,
                          text=True)
    said = json.loads(done.stdout)
    return said['rows'] if isinstance(said, dict) else said


def listed():
    return ctl('witnesses')


def until(true, what):
    end = time.monotonic() + PATIENCE
    while not true():
        check(time.monotonic() < end, 'not in time: ' + what)
        time.sleep(0.05)


def nobody_is_left():
    until(lambda: not listed(), 'nobody is registered')


def interfaces():
    found = connect().GetInterfaceList().interfaces
    equal(sorted(i.ipv4 if i.flags & 1 else i.ipv6 for i in found),
          ['192.0.2.1', '2001:0db8:0000:0000:0000:0000:0000:0001'])
    for i in found:
        equal(i.group_name, NAME)
        equal(i.version, witness.WITNESS_V2)
        equal(i.state, witness.WITNESS_STATE_AVAILABLE)
        check(i.flags in (5, 6), hex(i.flags))


def unsigned_calls_are_refused():
    try:
        connect('').GetInterfaceList()
    except NTSTATUSError:
        return
    check(False, 'it was answered')


def what_cannot_be_registered():
    c = connect()
    one = (witness.WITNESS_V1, NAME, ADDRESS, 'pc')
    two = (witness.WITNESS_V2, NAME, None, ADDRESS, 'pc', 0, 60)
    for version in (0, 1, 123456, 0xffffffff, witness.WITNESS_V2):
        equal(error_of(c.Register, version, *one[1:]), REVISION)
    equal(error_of(c.RegisterEx, witness.WITNESS_V1, *two[1:]), REVISION)
    for words in ((None, ADDRESS, 'pc'), (NAME, None, 'pc'), (NAME, ADDRESS, None), ('', '', ''),
                  ('OTHER', ADDRESS, 'pc'), (NAME, 'here', 'pc'), (NAME, '0.0.0.0', 'pc'), (NAME, ADDRESS, ''),
                  (NAME, ADDRESS, 'p' * 300), (NAME, ADDRESS, 'p\x1b[2J')):
        equal(error_of(c.Register, witness.WITNESS_V1, *words), INVALID_PARAMETER)
    equal(error_of(c.RegisterEx, *two[:5], 8, 60), INVALID_PARAMETER)
    equal(error_of(c.Register, witness.WITNESS_V1, NAME, '192.0.2.9', 'pc'), STATE)
    equal(error_of(c.RegisterEx, witness.WITNESS_V2, NAME, 'missing', *two[3:]), STATE)
    equal(listed(), [])


def register_and_unregister():
    c = connect()
    handle = c.Register(witness.WITNESS_V1, NAME + '.example.org', ADDRESS, 'pc.example.org')
    row = listed()[0]
    equal((row['client'], row['user'], row['address'], row['waits']), ('pc.example.org', USER, ADDRESS, False))
    c.UnRegister(handle)
    equal(listed(), [])
    equal(error_of(c.UnRegister, handle), INVALID_PARAMETER)
    equal(error_of(c.AsyncNotify, handle), NOT_FOUND)


def a_move_arrives():
    w = Waiter('pc1', version='1')
    equal(ctl('move-client', 'PC1', '192.0.2.77')[0], {'told': 1, 'will_be_told': 0})
    equal(w.line(), 'type 2: 192.0.2.77/0x9')
    until(lambda: listed()[0]['waits'], 'it waits again')
    ctl('move-client', HOST, '2001:db8::77')
    equal(w.line(), 'type 2: 2001:0db8:0000:0000:0000:0000:0000:0077/0xa')
    w.end()
    nobody_is_left()


def a_move_is_kept():
    c = connect()
    handle = c.Register(witness.WITNESS_V1, NAME, ADDRESS, 'slow')
    equal(ctl('move-client', 'slow', '192.0.2.76')[0], {'told': 0, 'will_be_told': 1})
    ctl('move-client', 'slow', '192.0.2.77')
    equal(told(c, handle), 'type 2: 192.0.2.77/0x9')
    c.UnRegister(handle)


def all_of_a_share_move():
    ours, other = Waiter('pc1', share='files'), Waiter('pc2')
    equal(ctl('move-client', '--share', 'FILES', '--all', '192.0.2.77')[0], {'told': 1, 'will_be_told': 0})
    equal(ours.line(), 'type 3: 192.0.2.77/0x9')
    until(lambda: all(row['waits'] for row in listed()), 'both wait')
    equal(ctl('move-client', '--all', '192.0.2.78')[0], {'told': 2, 'will_be_told': 0})
    for w in (ours, other):
        equal(w.line(), 'type 2: 192.0.2.78/0x9')
        w.end()
    nobody_is_left()


def addresses_come_and_go():
    """Also when they go as soon as somebody has registered."""
    one, every = Waiter('pc1', version='1'), Waiter('pc2', address='2001:db8::1', flags='1')
    subprocess.run(['ip', 'addr', 'del', ADDRESS + '/32', 'dev', 'lo'], check=True)
    equal(one.line(), 'resource %s 255' % ADDRESS)
    equal(every.line(), 'type 4: %s/0x11' % ADDRESS)
    subprocess.run(['ip', 'addr', 'add', ADDRESS + '/32', 'dev', 'lo'], check=True)
    equal(one.line(), 'resource %s 1' % ADDRESS)
    equal(every.line(), 'type 4: %s/0x9' % ADDRESS)
    one.end()
    every.end()
    nobody_is_left()


def it_ends_in_time():
    w = Waiter('pc1', seconds='1')
    equal(w.line(), 'error %d' % TIMEOUT)
    w.end()
    nobody_is_left()


def limit_of_a_user():
    c = connect()
    handles = [c.Register(witness.WITNESS_V1, NAME, ADDRESS, 'pc%d' % n) for n in range(3)]
    equal(error_of(connect().Register, witness.WITNESS_V1, NAME, ADDRESS, 'pc'), RESOURCES)
    c.UnRegister(handles[0])
    c.Register(witness.WITNESS_V1, NAME, ADDRESS, 'pc')


def unused_ones_go():
    """Those of the test before, too, whose pipes are closed."""
    nobody_is_left()
    c = connect()
    handle = c.Register(witness.WITNESS_V1, NAME, ADDRESS, 'idle')
    equal(len(listed()), 1)
    nobody_is_left()
    equal(error_of(c.AsyncNotify, handle), NOT_FOUND)


def text(s):
    units = (s + '\0').encode('utf-16-le')
    n = len(units) // 2
    return struct.pack('<LLLL', 0x20000, n, 0, n) + units + b'\0' * (-len(units) % 4)


def impacket_pipe():
    return bound('witness', ('ccd8c074-d0e5-4a40-92b4-d074faa6ba28', '1.1'), inside=(USER, PASSWORD))


def unregister_answers_who_waits():
    """Two calls of one pipe; both sealed, and answered in the order in which they end."""
    dce = impacket_pipe()
    dce.call(1, struct.pack('<L', witness.WITNESS_V1) + text(NAME) + text(ADDRESS) + text('pc'))
    answer = dce.recv()
    equal(struct.unpack('<L', answer[20:24])[0], 0)
    handle = answer[:20]
    dce.call(3, handle)
    until(lambda: listed()[0]['waits'], 'it waits')
    dce.call(5, handle)
    equal(dce.recv(), b'\0' * 24)
    equal(struct.unpack('<LL', dce.recv()), (0, NOT_FOUND))
    dce.disconnect()


def the_end_of_the_process():
    w = Waiter('pc1')
    pid = next(row['pid'] for row in ctl('rpc') if 'pid' in row)
    os.kill(pid, signal.SIGKILL)
    nobody_is_left()
    w.process.wait(PATIENCE)
    w.end()
    interfaces()


if sys.argv[2] == 'wait':
    wait(*sys.argv[3:])
for test in (interfaces, unsigned_calls_are_refused, what_cannot_be_registered, register_and_unregister,
             a_move_arrives, a_move_is_kept, all_of_a_share_move, addresses_come_and_go, it_ends_in_time,
             limit_of_a_user, unused_ones_go, unregister_answers_who_waits, the_end_of_the_process):
    report('witness-' + test.__name__.replace('_', '-'), test)
    while Waiter.all:
        Waiter.all[0].end()
