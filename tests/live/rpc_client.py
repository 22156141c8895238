# SPDX-License-Identifier: Apache-2.0
"""Calls on pipes that rpcclient does not make. One line a test: ok NAME, or FAIL NAME: why."""
import os
import signal
import struct
import sys
import time

from impacket.dcerpc.v5 import transport
from impacket.uuid import uuidtup_to_bin

from livesmb import report
from liverpc import HOST, PORT, bound, call, connected

SRVSVC = ('4b324fc8-1670-01d3-1278-5a47bf6ee188', '3.0')
ECHO = ('60a15ec5-4de8-11d7-a637-005056a20182', '1.0')
PLANT = ('7c44d7d4-31d5-424c-bd5e-2b3e1f323d22', '1.0')
NDR64 = ('71710533-beba-4937-8319-b5dbef9ccc36', '1.0')
DISCONNECTED, TIMEOUT = 0xC00000B0, 0xC00000B5


def failure(function, *args):
    """The words, or the status, of what went wrong; None when nothing did."""
    try:
        function(*args)
    except Exception as e:  # pylint: disable=broad-except
        get = getattr(e, 'getErrorCode', None) or getattr(e, 'get_error_code', lambda: None)
        code = get()
        return code if code is not None else str(e)
    return None


def number(data):
    return struct.unpack('<L', data[:4])[0]


def echo_answers():
    assert number(call(bound('rpcecho', ECHO), 0, struct.pack('<L', 41))) == 42


def large_both_ways():
    dce = bound('rpcecho', ECHO)
    data = os.urandom(200001)
    got = call(dce, 1, struct.pack('<LL', len(data), len(data)) + data)
    assert number(got) == len(data) and got[4:] == data


def small_fragments():
    dce = bound('rpcecho', ECHO)
    dce.set_max_fragment_size(100)
    data = os.urandom(5000)
    assert call(dce, 1, struct.pack('<LL', len(data), len(data)) + data)[4:] == data


def no_such_procedure():
    why = failure(call, bound('rpcecho', ECHO), 77)
    assert 'nca_s_op_rng_error' in str(why) or why == 0x1c010002, why


def arguments_cut_short():
    dce = bound('rpcecho', ECHO)
    why = failure(call, dce, 1, struct.pack('<LL', 100, 100) + b'short')
    assert why, 'it was answered'
    assert number(call(dce, 0, struct.pack('<L', 1))) == 2, 'the pipe is lost'


def other_pipes_interface():
    assert failure(bound, 'srvsvc', ECHO), 'bound to an interface of another pipe'


def ndr64_refused():
    dce = connected('srvsvc')
    why = failure(lambda: dce.bind(uuidtup_to_bin(SRVSVC), transfer_syntax=NDR64))
    assert 'proposed_transfer_syntaxes_not_supported' in str(why), why


def too_large():
    dce = bound('rpcecho', ECHO)
    why = failure(call, dce, 2, b'\0' * (5 << 20))
    assert why, 'it was answered'


def many_opens():
    pipes = [bound('rpcecho', ECHO) for _ in range(40)]
    for n, dce in enumerate(pipes):
        dce.call(0, struct.pack('<L', n))
    for n, dce in enumerate(pipes):
        assert number(dce.recv()) == n + 1


def planted_crash():
    other = bound('rpcecho', ECHO)
    assert DISCONNECTED == failure(call, bound('plant', PLANT), 0)
    assert DISCONNECTED == failure(call, other, 0, struct.pack('<L', 1))
    began = time.monotonic()
    echo_answers()
    assert time.monotonic() - began < 20


def killed(which):
    """From the end of smb3-rpcd until a pipe works that is opened then; the session is there already."""
    name = 'rpc-next-' + which
    smb = bound('rpcecho', ECHO).get_rpc_transport().get_smb_connection()
    began, tries = time.monotonic(), 0
    os.kill(int(os.environ['RPC_VICTIM']), signal.SIGKILL)
    while True:
        tries += 1
        t = transport.SMBTransport(HOST, PORT, '\\rpcecho', smb_connection=smb)
        dce = t.get_dce_rpc()
        why = failure(lambda d=dce: (d.connect(), d.bind(uuidtup_to_bin(ECHO)), call(d, 0, struct.pack('<L', 1))))
        took = time.monotonic() - began
        if why is None or took > 60:
            break
    good = why is None and took < 5
    print('%s %s: %.3f s after the end, %d tries%s' % ('ok' if good else 'FAIL', name, took, tries, '' if why is None else ': %s' % why))


def planted_loop():
    began = time.monotonic()
    assert TIMEOUT == failure(call, bound('plant', PLANT), 1)
    assert time.monotonic() - began >= 2, 'too early'
    echo_answers()


def planted_mount():
    assert DISCONNECTED == failure(call, bound('plant', PLANT), 3)
    echo_answers()


def hostile_questions():
    for seed in range(1, 6):
        assert number(call(bound('plant', PLANT), 4, struct.pack('<L', seed))) == 4000
    echo_answers()


def hostile_messages():
    for which in range(7):
        why = failure(call, bound('plant', PLANT), 5, struct.pack('<L', which))
        assert why == DISCONNECTED, '%d: %s' % (which, why)
        echo_answers()


def tries():
    names = ('open', 'open-folder', 'create', 'access', 'socket', 'socket-unix', 'exec', 'fork',
             'map-code', 'make-code', 'kill', 'ptrace', 'read-input', 'much-memory')
    skip = os.environ.get('RPC_SKIP', '').split()
    for n, name in enumerate(names):
        if name in skip:
            continue
        answer = []
        # A confined server hands its own filter down: then it may also be the end of the process.
        why = failure(lambda n=n: answer.append(call(bound('plant', PLANT), 2, struct.pack('<L', n))))
        good = why == DISCONNECTED or (why is None and number(answer[0]) == 0)
        print('ok rpc-reach-%s' % name if good else 'FAIL rpc-reach-%s: %s' % (name, why or 'it went well'))


TESTS = {'calls': (echo_answers, large_both_ways, small_fragments, no_such_procedure, arguments_cut_short,
                   other_pipes_interface, ndr64_refused, too_large, many_opens),
         'plant': (tries, planted_crash, planted_loop, planted_mount, hostile_questions, hostile_messages)}
if sys.argv[1] == 'killed':
    killed(sys.argv[2])
else:
    for t in TESTS[sys.argv[1]]:
        report('rpc-' + t.__name__.replace('_', '-'), t)
