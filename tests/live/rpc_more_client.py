# SPDX-License-Identifier: Apache-2.0
"""Calls that no tool makes: bad arguments, refusals, pages. One line a test: ok NAME, or FAIL NAME: why."""
import os
import struct

from impacket.dcerpc.v5 import epm, rrp, scmr
from impacket.uuid import uuidtup_to_bin

from livesmb import report
from liverpc import HOST, bound, call as raw, connected

WKSSVC = uuidtup_to_bin(('6bffd098-a112-3610-9833-46c3f87e345a', '1.0'))
SHUTDOWN = uuidtup_to_bin(('894de0c0-0d55-11d3-a322-00c04fa321a1', '1.0'))
DENIED, NO_HANDLE, MORE_DATA, NO_MORE = 5, 6, 234, 259
CONTEXT_MISMATCH = 0x1c00001a


def code(function, *args, **words):
    """The status of what went wrong; 0 when nothing did."""
    try:
        function(*args, **words)
    except Exception as e:  # pylint: disable=broad-except
        get = getattr(e, 'get_error_code', None)
        number = get() if get else None
        return number if number is not None else str(e)
    return 0


def status(data):
    return struct.unpack('<L', data[-4:])[0]


def registry():
    dce = bound('winreg', rrp.MSRPC_UUID_RRP)
    return dce, rrp.hOpenLocalMachine(dce)['phKey']


def registry_write_denied():
    dce, root = registry()
    assert code(rrp.hBaseRegOpenKey, dce, root, 'SOFTWARE', samDesired=rrp.KEY_SET_VALUE) == DENIED
    assert code(rrp.hBaseRegCreateKey, dce, root, 'SOFTWARE\\Mine') == DENIED
    assert code(rrp.hBaseRegDeleteKey, dce, root, 'SOFTWARE') == DENIED


def registry_values():
    dce, root = registry()
    key = rrp.hBaseRegOpenKey(dce, root, 'software\\microsoft\\Windows NT\\CURRENTVERSION',
                              samDesired=rrp.KEY_READ)['phkResult']
    kind, text = rrp.hBaseRegQueryValue(dce, key, 'currentversion')
    assert (kind, text.rstrip('\0')) == (rrp.REG_SZ, '10.0'), (kind, text)
    assert rrp.hBaseRegQueryValue(dce, key, 'CurrentMajorVersionNumber') == (rrp.REG_DWORD, 10)
    assert code(rrp.hBaseRegQueryValue, dce, key, 'Nothing') == 2
    assert rrp.hBaseRegQueryInfoKey(dce, key)['lpcValues'] == 5
    names = [rrp.hBaseRegEnumValue(dce, key, n)['lpValueNameOut'] for n in range(5)]
    assert names[0].rstrip('\0') == 'ProductName', names
    assert code(rrp.hBaseRegEnumValue, dce, key, 5) == NO_MORE


def registry_arguments_missing():
    dce, root = registry()
    key = rrp.hBaseRegOpenKey(dce, root, 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
                              samDesired=rrp.KEY_READ)['phkResult']
    text = 'CurrentVersion\0'.encode('utf-16le')
    name = struct.pack('<HHLLLL', len(text), len(text), 1, len(text) // 2, 0, len(text) // 2) + text + bytes(-len(text) % 4)
    there = [struct.pack('<LL', 0x20000 + n, 0) for n in range(3)]
    ask = lambda name, parts: status(raw(dce, 17, key.getData() + name + parts[0] + bytes(4) + parts[1] + parts[2]))
    assert ask(name, there) == 0
    assert ask(bytes(8), there) == 87, 'no name'
    for n in range(3):
        assert ask(name, there[:n] + [bytes(4)] + there[n + 1:]) == 87, n


def registry_handles():
    dce, root = registry()
    rrp.hBaseRegCloseKey(dce, root)
    assert code(rrp.hBaseRegOpenKey, dce, root, 'SOFTWARE') == NO_HANDLE
    assert code(rrp.hBaseRegCloseKey, dce, root) == NO_HANDLE


def services_small_buffer():
    dce = bound('svcctl', scmr.MSRPC_UUID_SCMR)
    manager = scmr.hROpenSCManagerW(dce, dwDesiredAccess=scmr.SC_MANAGER_ENUMERATE_SERVICE)['lpScHandle']
    resume, names, pages = 0, [], 0
    while True:
        data = manager + struct.pack('<LLLLL', 0x30, 3, 256, 1, resume)
        answer = raw(dce, 14, data)
        left, number, _, resume, result = struct.unpack('<LLLLL', answer[-20:])
        assert struct.unpack('<L', answer[:4])[0] == 256 and result in (0, MORE_DATA), result
        buf = answer[4:260]
        for n in range(number):
            at = struct.unpack_from('<L', buf, 36 * n)[0]
            end = next(i for i in range(at, len(buf), 2) if buf[i:i + 2] == b'\0\0')
            names.append(buf[at:end].decode('utf-16le'))
        pages += 1
        if not result:
            break
        assert left and number
    assert pages > 1 and names[0] == 'LanmanServer' and names[-1] == 'Spooler', (pages, names)


def services_wrong_handle():
    dce = bound('svcctl', scmr.MSRPC_UUID_SCMR)
    manager = scmr.hROpenSCManagerW(dce, dwDesiredAccess=scmr.SC_MANAGER_CONNECT)['lpScHandle']
    assert code(scmr.hRQueryServiceStatus, dce, manager) == NO_HANDLE
    assert code(scmr.hROpenServiceW, dce, manager, 'LanmanServer\0', scmr.SERVICE_STOP) == DENIED
    service = scmr.hROpenServiceW(dce, manager, 'lanmanserver\0', scmr.SERVICE_QUERY_STATUS)['lpServiceHandle']
    assert scmr.hRQueryServiceStatus(dce, service)['lpServiceStatus']['dwCurrentState'] == 4
    assert code(scmr.hRQueryServiceConfigW, dce, service) == DENIED
    scmr.hRCloseServiceHandle(dce, service)
    assert code(scmr.hRQueryServiceStatus, dce, service) == NO_HANDLE


def end_points_in_pages():
    dce = bound('epmapper', epm.MSRPC_UUID_PORTMAP)
    handle, total = bytes(20), 0
    for _ in range(100):
        answer = raw(dce, 2, struct.pack('<LLLL', 0, 0, 0, 1) + handle + struct.pack('<L', 2))
        handle = answer[:20]
        total += struct.unpack_from('<L', answer, 20)[0]
        if handle == bytes(20):
            break
    assert total > 4 and status(answer) == 0x16c9a0d6, (total, hex(status(answer)))


def end_point_of_one():
    def place(uuid):
        return epm.hept_map(HOST, uuidtup_to_bin((uuid, '3.0')), dce=connected('epmapper'))

    found = place('4b324fc8-1670-01d3-1278-5a47bf6ee188')
    assert 'srvsvc' in found, found
    why = code(place, '12345678-1670-01d3-1278-5a47bf6ee188')
    assert why, 'it is registered'


def end_point_handle_freed():
    dce = bound('epmapper', epm.MSRPC_UUID_PORTMAP)
    answer = raw(dce, 2, struct.pack('<LLLL', 0, 0, 0, 1) + bytes(20) + struct.pack('<L', 2))
    assert status(raw(dce, 4, answer[:20])) == 0
    assert 'mismatch' in str(code(raw, dce, 4, answer[:20])) or code(raw, dce, 4, answer[:20]) == CONTEXT_MISMATCH


def shutdown_denied():
    assert status(raw(bound('InitShutdown', SHUTDOWN), 0, struct.pack('<LLLBB', 0, 0, 30, 1, 1))) == DENIED
    assert status(raw(bound('InitShutdown', SHUTDOWN, 'boss'), 0, struct.pack('<LLLBB', 0, 0, 30, 1, 1))) == DENIED
    assert status(raw(bound('InitShutdown', SHUTDOWN, 'boss'), 1, bytes(4))) == 1116


def workstation_levels():
    ask = struct.pack('<LL', 0, 502)
    assert status(raw(bound('wkssvc', WKSSVC), 0, ask)) == DENIED
    assert status(raw(bound('wkssvc', WKSSVC, 'boss'), 0, ask)) == 0
    assert status(raw(bound('wkssvc', WKSSVC), 0, struct.pack('<LL', 0, 7))) == 124


def workstation_changes_refused():
    assert status(raw(bound('wkssvc', WKSSVC), 22)) == DENIED
    assert status(raw(bound('wkssvc', WKSSVC, 'boss'), 22)) == 0x8001011c
    assert status(raw(bound('wkssvc', WKSSVC, 'boss'), 16)) == 50


MDSSVC = uuidtup_to_bin(('885d85fb-c754-4062-a0e7-6872ce0064f4', '2.0'))
FSRVP = uuidtup_to_bin(('a8e0653c-2744-4389-a61d-7373df8b2292', '1.0'))
PROTOCOL, BAD_STATE, IN_PROGRESS, NOT_SUPPORTED = 0x1c01000b, 0x80042301, 0x80042316, 0x8004230c
NOT_FOUND, BAD_CONTEXT, E_DENIED, E_INVALID = 0x80042308, 0x8004231b, 0x80070005, 0x80070057


def no_index():
    def text(word):
        data = word + b'\0'
        return struct.pack('<LLL', 1025, 0, len(data)) + data + bytes(-len(data) % 4)

    dce = bound('mdssvc', MDSSVC)
    answer = raw(dce, 0, struct.pack('<LLL', 7, 23, 0) + text(b'/Volumes/files') + text(b'files'))
    assert struct.unpack_from('<LLL', answer) == (7, 23, 0) and answer[-20:] == bytes(20), answer
    assert struct.unpack_from('<LLL', answer, 12) == (1025, 0, 1), answer
    assert not code(raw, dce, 3, bytes(20) + bytes(16))
    why = code(raw, dce, 1, os.urandom(20) + bytes(24))
    assert why == PROTOCOL or 'proto_error' in str(why), why


def wide(text):
    n = len(text) + 1
    return struct.pack('<LLL', n, 0, n) + (text + '\0').encode('utf-16le')


def shadow_copies_refused():
    nobody = bound('FssagentRpc', FSRVP)
    assert status(raw(nobody, 1, bytes(4))) == E_DENIED
    assert status(raw(nobody, 8, wide('\\\\FILES\\files\\'))) == E_DENIED
    dce = bound('FssagentRpc', FSRVP, 'boss')
    assert raw(dce, 0) == struct.pack('<LLL', 1, 1, 0)
    answer = raw(dce, 8, wide('\\\\FILES\\files\\'))
    assert struct.unpack_from('<L', answer)[0] == 0 and status(answer) == 0, answer
    assert status(raw(dce, 8, wide('\\\\FILES\\nothing\\'))) == NOT_FOUND
    assert status(raw(dce, 10, bytes(32) + wide('\\\\FILES\\files') + bytes(-len(wide('\\\\FILES\\files')) % 4) +
                      struct.pack('<L', 1))) == NOT_FOUND


def shadow_copy_sequence():
    dce = bound('FssagentRpc', FSRVP, 'boss')
    assert status(raw(dce, 2, bytes(16))) == BAD_STATE
    assert status(raw(dce, 1, struct.pack('<L', 0x1234))) == BAD_CONTEXT
    assert status(raw(dce, 1, bytes(4))) == 0
    answer = raw(dce, 2, bytes(16))
    one = answer[:16]
    assert status(answer) == 0 and one != bytes(16)
    # The state is the server's, whichever pipe asks.
    other = bound('FssagentRpc', FSRVP, 'boss')
    assert status(raw(other, 2, bytes(16))) == IN_PROGRESS
    assert status(raw(other, 1, bytes(4))) == IN_PROGRESS
    assert status(raw(dce, 3, bytes(16) + one + wide('\\\\FILES\\files'))) == NOT_SUPPORTED
    assert status(raw(dce, 3, bytes(16) + one + wide('\\\\FILES\\nothing'))) == NOT_FOUND
    assert status(raw(dce, 12, one + bytes(4))) == BAD_STATE
    assert status(raw(dce, 7, os.urandom(16))) == E_INVALID
    assert status(raw(dce, 7, one)) == 0
    assert status(raw(dce, 2, bytes(16))) == BAD_STATE


TESTS = (no_index, shadow_copies_refused, shadow_copy_sequence, registry_write_denied, registry_values, registry_arguments_missing, registry_handles, services_small_buffer, services_wrong_handle,
         end_points_in_pages, end_point_of_one, end_point_handle_freed, shutdown_denied, workstation_levels,
         workstation_changes_refused)

for test in TESTS:
    report('more-' + test.__name__.replace('_', '-'), test)
