# SPDX-License-Identifier: Apache-2.0
"""Remote procedures for live tests, on impacket. SMB_HOST, SMB_PORT and SMB_AUTH come from tests/lib/server.sh."""
import os

from impacket.dcerpc.v5 import rpcrt, transport
from impacket.uuid import uuidtup_to_bin

HOST, PORT = os.environ['SMB_HOST'], int(os.environ['SMB_PORT'])
USER, PASSWORD = os.environ['SMB_AUTH'].split(':', 1)


def connected(pipe, user=USER, password=PASSWORD, inside=None, level=rpcrt.RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
              kind=rpcrt.RPC_C_AUTHN_WINNT):
    """A pipe of that user; inside: the name and password of who is to log on inside of it, at that level."""
    t = transport.SMBTransport(HOST, PORT, '\\' + pipe, user, password, '')
    t.set_connect_timeout(60)
    dce = t.get_dce_rpc()
    if inside:
        dce.set_credentials(inside[0], inside[1], '')
        dce.set_auth_type(kind)
        dce.set_auth_level(level)
    dce.connect()
    return dce


def bound(pipe, interface, user=USER, password=PASSWORD, inside=None, **words):
    """The same, bound to an interface: the bytes, or (uuid, version)."""
    dce = connected(pipe, user, password, inside)
    dce.bind(uuidtup_to_bin(interface) if isinstance(interface, tuple) else interface, **words)
    return dce


def call(dce, opnum, data=b''):
    dce.call(opnum, data)
    return dce.recv()
