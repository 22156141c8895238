# SPDX-License-Identifier: Apache-2.0
"""Many clients call remote procedures at once: usage: rpc_load.py CLIENTS CALLS. Each has a connection, lists
shares and looks up a name in turn; prints calls a second and how long they took."""
import os
import statistics
import sys
import threading
import time

from impacket.dcerpc.v5 import lsad, lsat, srvs, transport
from impacket.dcerpc.v5.dtypes import MAXIMUM_ALLOWED

HOST, PORT = os.environ['SMB_HOST'], int(os.environ['SMB_PORT'])
USER, PASSWORD = os.environ['SMB_AUTH'].split(':', 1)


def bound(pipe, uuid):
    t = transport.SMBTransport(HOST, PORT, '\\' + pipe, USER, PASSWORD, '')
    t.set_connect_timeout(120)
    dce = t.get_dce_rpc()
    dce.connect()
    dce.bind(uuid)
    return dce


def client(calls, ready, took, failed):
    try:
        shares, names = bound('srvsvc', srvs.MSRPC_UUID_SRVS), bound('lsarpc', lsat.MSRPC_UUID_LSAT)
        policy = lsad.hLsarOpenPolicy2(names, MAXIMUM_ALLOWED)['PolicyHandle']
        ready.wait()
        for _ in range(calls):
            for call in (lambda: srvs.hNetrShareEnum(shares, 1),
                         lambda: lsat.hLsarLookupNames(names, policy, (USER,))):
                began = time.monotonic()
                call()
                took.append(time.monotonic() - began)
    except Exception as e:  # pylint: disable=broad-except
        failed.append(str(e))
        ready.abort()


def main():
    clients, calls = int(sys.argv[1]), int(sys.argv[2])
    ready, took, failed = threading.Barrier(clients + 1), [], []
    threads = [threading.Thread(target=client, args=(calls, ready, took, failed)) for _ in range(clients)]
    for t in threads:
        t.start()
    try:
        ready.wait()
    except threading.BrokenBarrierError:
        pass
    began = time.monotonic()
    for t in threads:
        t.join()
    spent = time.monotonic() - began
    if failed:
        sys.exit('%d clients failed: %s' % (len(failed), failed[0]))
    cuts = statistics.quantiles(took, n=100)
    print('%d clients, %d calls: %.0f a second; ms: p50 %.1f, p90 %.1f, p99 %.1f, most %.1f' % (
        clients, len(took), len(took) / spent, 1000 * cuts[49], 1000 * cuts[89], 1000 * cuts[98],
        1000 * max(took)))


main()
