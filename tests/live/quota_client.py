# SPDX-License-Identifier: Apache-2.0
"""What quota.sh asks about the quotas of the share files; the share bare has none.

QUOTA_DISK is the folder of the share, QUOTA_UID the test's user, QUOTA_UID2 another one. What the
server says is compared with what the kernel says to quotactl_fd().
"""
import ctypes
import os
import struct

from livesmb import Client, check, equal, main, refused

KIB = 1024
NONE = 2 ** 64 - 1
DISK = os.environ['QUOTA_DISK']
UID, UID2 = int(os.environ['QUOTA_UID']), int(os.environ['QUOTA_UID2'])
PASSWORD = os.environ['SMB_AUTH'].partition(':')[2]
QUOTA_FILE = '$Extend\\$Quota:$Q:$INDEX_ALLOCATION'
QUOTACTL_FD, GETQUOTA = 443, 0x800007 << 8


def kernel_quota(uid):
    """used bytes, soft and hard limit in KiB."""
    fd = os.open(DISK, os.O_RDONLY)
    block = ctypes.create_string_buffer(256)
    done = ctypes.CDLL(None).syscall(QUOTACTL_FD, fd, GETQUOTA, uid, block)
    os.close(fd)
    equal(done, 0)
    hard, soft, used = struct.unpack_from('<QQQ', block)
    return used, soft, hard


def sid(uid):
    return struct.pack('<BB6sII', 1, 2, b'\0\0\0\0\0\x16', 1, uid)


def sid_list(*uids):
    return b''.join(struct.pack('<II', 24 if i + 1 < len(uids) else 0, 16) + sid(uid) for i, uid in enumerate(uids))


def changes(*entries):
    return b''.join(struct.pack('<IIQQQQ', 56 if i + 1 < len(entries) else 0, 16, 0, 0, soft, hard) + sid(uid)
                    for i, (uid, soft, hard) in enumerate(entries))


class Quotas:
    def __init__(self, user=None, share='files', name=QUOTA_FILE):
        self.client = Client(user=user, password=PASSWORD)
        tree = self.client.tree(share)
        self.low, self.tree = tree.low, tree.id
        self.open = self.low.create(tree.id, name, 0x120081, 7, 0, 1, 0)

    def ask(self, sids=b'', start=b'', single=False, restart=False):
        """{uid: (used, threshold, limit)}"""
        question = struct.pack('<BBHIII', single, restart, 0, len(sids), len(start), 0) + sids + start
        blob = self.low.queryInfo(self.tree, self.open, inputBlob=question, infoType=4, fileInfoClass=0)
        found, at = {}, 0
        while True:
            following, sid_len, _, used, soft, hard = struct.unpack_from('<IIQQQQ', blob, at)
            equal(sid_len, 16)
            found[struct.unpack_from('<I', blob, at + 52)[0]] = (used, soft, hard)
            if not following:
                return found
            at += following

    def set(self, *entries):
        return self.low.setInfo(self.tree, self.open, inputBlob=changes(*entries), infoType=4, fileInfoClass=0)

    def control(self):
        blob = self.low.queryInfo(self.tree, self.open, inputBlob=b'', infoType=2, fileInfoClass=6)
        return struct.unpack('<24xQQII', blob)

    def set_control(self, soft, hard, flags):
        return self.low.setInfo(self.tree, self.open, inputBlob=struct.pack('<24xQQII', soft, hard, flags, 0),
                                infoType=2, fileInfoClass=6)


def nothing_without_quotas():
    bare = Quotas('boss', share='bare')
    equal(refused(bare.ask, restart=True), 'STATUS_NOT_SUPPORTED')
    equal(refused(bare.set, (UID, 1, 1)), 'STATUS_NOT_SUPPORTED')
    equal(bare.control(), (NONE, NONE, 0, 0))
    equal(refused(bare.set_control, NONE, NONE, 0), 'STATUS_ACCESS_DENIED')   # not opened for writing


def set_by_administrator():
    boss = Quotas('boss')
    boss.set((UID, 512 * KIB, 1024 * KIB), (UID2, NONE, 3 * KIB + 1))
    equal(kernel_quota(UID)[1:], (512, 1024))
    equal(kernel_quota(UID2)[1:], (0, 4))
    found = boss.ask(sid_list(UID, UID2, 54321))
    equal(found[UID][1:], (512 * KIB, 1024 * KIB))
    equal(found[UID][0], kernel_quota(UID)[0])
    equal(found[UID2][1:], (NONE, 4 * KIB))
    equal(found[54321], (0, 0, 0))


def any_file_will_do():
    equal(Quotas('boss', name='').ask(sid_list(UID))[UID][2], 1024 * KIB)


def scanned():
    boss = Quotas('boss')
    everybody = boss.ask(restart=True)
    check({UID, UID2} <= set(everybody), 'both are listed: %r' % everybody)
    equal(refused(boss.ask), 'STATUS_NO_MORE_ENTRIES')
    one_by_one = boss.ask(single=True, restart=True)
    while refused_or(one_by_one, boss):
        pass
    equal(one_by_one, everybody)
    equal(set(boss.ask(start=sid(UID + 1))), {uid for uid in everybody if uid > UID})


def refused_or(found, boss):
    """Adds the next of a scan; False at its end."""
    more = {}
    status = refused(lambda: more.update(boss.ask(single=True)))
    check(status in ('went through', 'STATUS_NO_MORE_ENTRIES'), status)
    found.update(more)
    return bool(more)


def own_and_no_others():
    own = Quotas()
    equal(own.ask(sid_list(UID))[UID][1:], (512 * KIB, 1024 * KIB))
    equal(refused(own.ask, sid_list(UID2)), 'STATUS_ACCESS_DENIED')
    equal(refused(own.ask, restart=True), 'STATUS_ACCESS_DENIED')
    equal(refused(own.set, (UID, NONE, NONE)), 'STATUS_ACCESS_DENIED')
    equal(kernel_quota(UID)[1:], (512, 1024))


def control_says_enforced():
    equal(Quotas().control(), (NONE, NONE, 2, 0))


def writes_end_at_the_limit():
    with Client() as client:
        f = client.tree('files').open('big', 'create')
        status = 'went through'
        for at in range(0, 4096 * KIB, 64 * KIB):
            status = refused(f.write, b'x' * (64 * KIB), at)
            if status != 'went through':
                break
        f.close()
    equal(status, 'STATUS_DISK_FULL')
    used = kernel_quota(UID)[0]
    check(900 * KIB <= used <= 1024 * KIB, '%d bytes are used' % used)
    equal(Quotas().ask(sid_list(UID))[UID][0], used)


def taken_away():
    boss = Quotas('boss')
    boss.set((UID, NONE, NONE - 1))
    equal(kernel_quota(UID)[1:], (0, 0))
    equal(boss.ask(sid_list(UID))[UID][1:], (NONE, NONE))
    with Client() as client:
        f = client.tree('files').open('more', 'create')
        for at in range(0, 2048 * KIB, 64 * KIB):
            f.write(b'x' * (64 * KIB), at)
        f.close()
    check(kernel_quota(UID)[0] > 2048 * KIB, 'more than the limit was')


if __name__ == '__main__':
    main([nothing_without_quotas, set_by_administrator, any_file_will_do, scanned, own_and_no_others,
          control_says_enforced, writes_end_at_the_limit, taken_away])
