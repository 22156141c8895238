# SPDX-License-Identifier: Apache-2.0
"""Log-ons inside of remote procedure calls, with impacket: each level, and what is wrong. One line a
test: ok NAME, or FAIL NAME: why. The argument says which tests: levels; with a limiter, delay or ban."""
import os
import struct
import subprocess
import sys
import threading
import time

from impacket.dcerpc.v5 import rpcrt, samr
from impacket.uuid import uuidtup_to_bin

import liverpc
from livesmb import report
from liverpc import PASSWORD, USER, call

ECHO = ('60a15ec5-4de8-11d7-a637-005056a20182', '1.0')
SAMR = ('12345778-1234-abcd-ef00-0123456789ac', '1.0')
SRVSVC = ('4b324fc8-1670-01d3-1278-5a47bf6ee188', '3.0')
DENIED, SEC_PKG = 'rpc_s_access_denied', 0x721
# At the level of packets it sends no verifiers: rpcclient does.
LEVELS = {'connect': rpcrt.RPC_C_AUTHN_LEVEL_CONNECT, 'integrity': rpcrt.RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
          'privacy': rpcrt.RPC_C_AUTHN_LEVEL_PKT_PRIVACY}


def connected(level, user=USER, password=PASSWORD, pipe='rpcecho', kind=rpcrt.RPC_C_AUTHN_WINNT):
    """A pipe of the test user's session, for a log-on as that user."""
    return liverpc.connected(pipe, inside=(user, password), level=LEVELS[level], kind=kind)


def opened(level, user=USER, password=PASSWORD, pipe='rpcecho', interface=ECHO, kind=rpcrt.RPC_C_AUTHN_WINNT):
    dce = connected(level, user, password, pipe, kind)
    dce.bind(uuidtup_to_bin(interface))
    return dce


def add_one(dce, number=41):
    return struct.unpack('<L', call(dce, 0, struct.pack('<L', number))[:4])[0]


def failure(function, *args):
    try:
        function(*args)
    except Exception as e:  # pylint: disable=broad-except
        return str(e)
    return None


def level_test(level):
    def run():
        dce = opened(level)
        for number in range(5):
            assert add_one(dce, number) == number + 1
        data = os.urandom(50001)
        back = call(dce, 1, struct.pack('<LL', len(data), len(data)) + data + b'\0' * 3)
        assert data in back, 'other data came back'
    return run


def flip_test(level, where):
    """One bit of a request changes on its way."""
    def run():
        dce = opened(level)
        assert add_one(dce) == 42
        send = dce._transport.send

        def spoilt(data, *args, **words):
            data = bytearray(data)
            data[where] ^= 1
            return send(bytes(data), *args, **words)
        dce._transport.send = spoilt
        said = failure(add_one, dce)
        assert said and '721' in said or 'sec_pkg' in (said or '').lower(), said
        dce._transport.send = send
        assert failure(add_one, dce), 'it goes on'
    return run


def replay():
    dce = opened('integrity')
    sent = []
    send = dce._transport.send
    dce._transport.send = lambda data, *a, **w: (sent.append(data), send(data, *a, **w))[1]
    assert add_one(dce) == 42
    dce._transport.send = lambda data, *a, **w: send(sent[0], *a, **w)
    said = failure(add_one, dce)
    assert said and ('721' in said or 'sec_pkg' in said.lower()), said


def without_verifier():
    dce = opened('privacy')
    assert add_one(dce) == 42
    body = struct.pack('<LHHL', 4, 0, 0, 7)
    head = struct.pack('<BBBBLHHL', 5, 0, 0, 3, 0x10, 16 + len(body), 0, 99)
    dce._transport.send(head + body)
    answer = dce._transport.recv()
    assert answer[2] == 3, 'no fault'
    assert struct.unpack('<L', answer[24:28])[0] == 5, answer[24:28]


def wrong_password():
    said = failure(lambda: add_one(opened('integrity', password='wrong')))
    assert said and ('denied' in said or 'sec' in said.lower() or '5' in said), said


def another_user():
    """An administrator logs on over the session of who is none."""
    dce = opened('privacy', 'boss', PASSWORD, 'srvsvc', SRVSVC)
    # NetrFileEnum, level 3
    arguments = struct.pack('<LLLLLLLLLL', 0, 0, 0, 3, 3, 0x20000, 0, 0, 0xffffffff, 0)
    assert call(dce, 9, arguments)[-4:] == b'\0\0\0\0', 'not as administrator'
    dce = opened('privacy', pipe='srvsvc', interface=SRVSVC)
    assert call(dce, 9, arguments)[-4:] == b'\5\0\0\0', 'anybody may'


def unsigned():
    """At the level connect an administrator's log-on could be somebody else's, passed on."""
    dce = opened('connect', 'boss', PASSWORD, 'samr', SAMR)
    assert failure(samr.hSamrConnect5, dce), 'taken'
    dce = opened('privacy', 'boss', PASSWORD, 'samr', SAMR)
    assert samr.hSamrConnect5(dce)['ErrorCode'] == 0


def log_on(dce):
    dce.bind(uuidtup_to_bin(ECHO))
    return add_one(dce)


def stall():
    """More wrong passwords than there are threads, when each costs a minute."""
    other = opened('integrity')
    wrong = [connected('integrity', password='wrong') for _ in range(6)]
    right = connected('integrity')
    began = time.monotonic()
    threads = [threading.Thread(target=failure, args=(log_on, dce), daemon=True) for dce in wrong]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert add_one(other) == 42
    took = time.monotonic() - began
    assert took < 40, 'another one waited for %d s' % took
    assert failure(log_on, right), 'the delay was not paid'


def ban():
    """Three wrong passwords ban: the session that there is says nothing about log-ons on its pipes."""
    other = opened('integrity')
    wrong = [connected('integrity', password='wrong') for _ in range(3)]
    right, later = connected('integrity'), connected('integrity')
    for dce in wrong:
        assert failure(log_on, dce), 'taken'
    assert failure(log_on, right), 'a banned address logs on'
    assert add_one(other) == 42
    subprocess.run([os.environ['SMB3CTL'], '-c', os.environ['SMB3_CONF'], 'limiter', 'unban', 'all'],
                   check=True, stdout=subprocess.DEVNULL)
    assert log_on(later) == 42


def unknown_type():
    said = failure(lambda: opened('integrity', kind=68))
    assert said, 'taken'


TESTS = [('level-' + level, level_test(level)) for level in LEVELS]
TESTS += [('flip-%s-%s' % (level, name), flip_test(level, at)) for level in ('integrity', 'privacy')
          for name, at in (('stub', 24), ('signature', -1))]
TESTS += [('flip-header', flip_test('integrity', 20)), ('replay', replay), ('without-verifier', without_verifier),
          ('wrong-password', wrong_password), ('another-user', another_user), ('unsigned', unsigned),
          ('unknown-type', unknown_type)]

TESTS = {'levels': TESTS, 'delay': [('delay-holds-up-nobody', stall)], 'ban': [('ban', ban)]}

for name, test in TESTS[sys.argv[1]]:
    report('rpc-auth-' + name, test)
