# SPDX-License-Identifier: Apache-2.0
"""What a list of the network's tools would call: shares, sessions, files, users of a workstation; and files
closed from afar. One line a test: ok NAME, or FAIL NAME: why."""
from impacket.dcerpc.v5 import srvs, wkst
from impacket.smbconnection import SMBConnection, SessionError

from livesmb import report
from liverpc import HOST, PASSWORD, PORT, USER, bound

DENIED = 5


def refused(function, *args):
    try:
        function(*args)
    except Exception as e:  # pylint: disable=broad-except
        get = getattr(e, 'get_error_code', None)
        return get and get() == DENIED
    return False


def text(field):
    return field.rstrip('\0')


def shares():
    dce = bound('srvsvc', srvs.MSRPC_UUID_SRVS)
    for level, arm in ((0, 'Level0'), (1, 'Level1')):
        found = srvs.hNetrShareEnum(dce, level)['InfoStruct']['ShareInfo'][arm]['Buffer']
        names = [text(s['shi%d_netname' % level]) for s in found]
        assert sorted(names) == ['IPC$', 'files'], names
    assert refused(srvs.hNetrShareEnum, dce, 2)


def sessions():
    def of(user):
        found = srvs.hNetrSessionEnum(bound('srvsvc', srvs.MSRPC_UUID_SRVS, user), '\0', '\0', 10)
        return {text(s['sesi10_username']) for s in found['InfoStruct']['SessionInfo']['Level10']['Buffer']}

    other = SMBConnection(HOST, HOST, sess_port=PORT)
    other.login(USER, PASSWORD)
    assert of(USER) == {USER}
    assert of('boss') == {USER, 'boss'}
    other.logoff()


def workstation():
    dce = bound('wkssvc', wkst.MSRPC_UUID_WKST)
    info = wkst.hNetrWkstaGetInfo(dce, 100)['WkstaInfo']['WkstaInfo100']
    assert text(info['wki100_computername']) == 'FILES' and text(info['wki100_langroup']) == 'WORKGROUP'
    assert refused(wkst.hNetrWkstaUserEnum, dce, 1)
    admin = bound('wkssvc', wkst.MSRPC_UUID_WKST, 'boss')
    users = wkst.hNetrWkstaUserEnum(admin, 1)['UserInfo']['WkstaUserInfo']['Level1']['Buffer']
    assert 'boss' in {text(u['wkui1_username']) for u in users}


def opened():
    owner = SMBConnection(HOST, HOST, sess_port=PORT)
    owner.login(USER, PASSWORD)
    tree = owner.connectTree('files')
    return owner, tree, owner.createFile(tree, 'held.txt')


def files_seen_and_closed():
    owner, tree, fid = opened()
    owner.writeFile(tree, fid, b'before')
    dce = bound('srvsvc', srvs.MSRPC_UUID_SRVS, 'boss')
    found = srvs.hNetrFileEnum(dce, '\0', '\0', 3)['InfoStruct']['FileInfo']['Level3']['Buffer']
    held = [f for f in found if text(f['fi3_path_name']).endswith('held.txt')]
    assert len(held) == 1 and text(held[0]['fi3_username']) == USER, found
    assert refused(srvs.hNetrFileClose, bound('srvsvc', srvs.MSRPC_UUID_SRVS), held[0]['fi3_id'])
    owner.writeFile(tree, fid, b'still open')
    srvs.hNetrFileClose(dce, held[0]['fi3_id'])
    try:
        owner.writeFile(tree, fid, b'after')
        raise AssertionError('it can be written to')
    except SessionError as e:
        assert e.getErrorCode() in (0xC0000128, 0xC0000008), hex(e.getErrorCode())
    owner.deleteFile('files', 'held.txt')
    owner.logoff()


for test in (shares, sessions, workstation, files_seen_and_closed):
    report('tools-' + test.__name__.replace('_', '-'), test)
