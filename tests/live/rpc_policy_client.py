# SPDX-License-Identifier: Apache-2.0
"""Interfaces that a script denies or hides: who logs on inside of a pipe counts as that user. One line a test:
ok NAME, or FAIL NAME: why.

usage: rpc_policy_client.py BOSS     (who may use samr)"""
import sys

from impacket.dcerpc.v5 import mgmt, samr, wkst

from liverpc import PASSWORD, USER, connected



def ok(name, good, why=''):
    print('ok policy-' + name if good else 'FAIL policy-%s: %s' % (name, why), flush=True)


def outcome(name, user, inner, wanted):
    """wanted: what the failure says, or None for success."""
    try:
        dce = connected('samr', user, inside=inner and (inner, PASSWORD))
        dce.bind(samr.MSRPC_UUID_SAMR)
        samr.hSamrConnect(dce)
        ok(name, wanted is None, 'it went through')
    except Exception as e:  # pylint: disable=broad-except
        ok(name, wanted is not None and wanted in str(e), str(e))


def listed():
    dce = connected('wkssvc', USER)
    dce.bind(mgmt.MSRPC_UUID_MGMT)
    ids = mgmt.hinq_if_ids(dce)['if_id_vector']['if_id']
    ok('hidden-list', len(ids) == 0, '%d interfaces' % len(ids))
    dce = connected('wkssvc', USER)
    try:
        dce.bind(wkst.MSRPC_UUID_WKST)
        wkst.hNetrWkstaGetInfo(dce, 100)
        ok('hidden-bind', False, 'it went through')
    except Exception as e:  # pylint: disable=broad-except
        ok('hidden-bind', 'abstract_syntax_not_supported' in str(e), str(e))


def hidden_inside():
    """Whoever has begun to log on is nobody yet; the call finds no such interface."""
    dce = connected('wkssvc', USER, inside=USER and (USER, PASSWORD))
    dce.bind(wkst.MSRPC_UUID_WKST)
    try:
        wkst.hNetrWkstaGetInfo(dce, 100)
        ok('hidden-inside', False, 'it went through')
    except Exception as e:  # pylint: disable=broad-except
        ok('hidden-inside', 'unk_if' in str(e) or 'unknown_if' in str(e), str(e))


def main():
    boss = sys.argv[1]
    outcome('user', USER, None, 'provider_rejection')
    outcome('boss', boss, None, None)
    outcome('inside-boss', USER, boss, None)
    outcome('inside-user', boss, USER, 'access_denied')
    listed()
    hidden_inside()


main()
