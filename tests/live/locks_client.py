# SPDX-License-Identifier: Apache-2.0
"""What locks.sh tries: two clients lock ranges of one file."""
import struct
import time

import livesmb
from impacket import nt_errors
from impacket.smb3structs import SMB2_LOCK
from livesmb import Client, check, equal, put, refused

SHARED, EXCLUSIVE, UNLOCK, AT_ONCE = 1, 2, 4, 0x10
CONFLICT, NOT_GRANTED = 'STATUS_FILE_LOCK_CONFLICT', 'STATUS_LOCK_NOT_GRANTED'
MANY = 10000


def send(opened, *ranges):
    packet = opened.low.SMB_PACKET()
    packet['Command'] = SMB2_LOCK
    packet['TreeID'] = opened.tree.id
    packet['Data'] = struct.pack('<HHI', 48, len(ranges), 0) + opened.fid + b''.join(
        struct.pack('<QQII', *r, 0) for r in ranges)
    return opened.low.sendSMB(packet)


def answer(opened, sent):
    """The status in the end; impacket waits for it when STATUS_PENDING comes first."""
    code = opened.low.recvSMB(sent)['Status']
    return nt_errors.ERROR_MESSAGES.get(code, ('0x%08x' % code,))[0]


def lock(opened, *ranges):
    return answer(opened, send(opened, *ranges))


def taken(opened, *ranges):
    equal(lock(opened, *ranges), 'STATUS_SUCCESS')


def two(name, size=1000):
    one, other = Client(), Client()
    put(one, 'files', name, b'x' * size)
    return one.tree('files').open(name), other.tree('files').open(name)


def done(*opens):
    for opened in opens:
        opened.tree.client.close()


def exclusive_keeps_others_out():
    mine, theirs = two('exclusive')
    taken(mine, (100, 100, EXCLUSIVE))
    equal(refused(theirs.read, 10, 195), CONFLICT)
    equal(refused(theirs.write, b'y', 100), CONFLICT)
    equal(theirs.read(100, 0), b'x' * 100)
    mine.write(b'z', 100)
    equal(lock(theirs, (199, 10, SHARED | AT_ONCE)), NOT_GRANTED)
    taken(mine, (100, 100, UNLOCK))
    equal(theirs.read(1, 100), b'z')
    done(mine, theirs)


def shared_keeps_writers_out():
    mine, theirs = two('shared')
    taken(mine, (0, 10, SHARED))
    taken(theirs, (5, 10, SHARED | AT_ONCE))
    equal(theirs.read(10, 0), b'x' * 10)
    equal(refused(theirs.write, b'y', 0), CONFLICT)
    equal(refused(mine.write, b'y', 0), CONFLICT)
    done(mine, theirs)


def waiting_ends_with_unlock():
    mine, theirs = two('waiting')
    taken(mine, (0, 10, EXCLUSIVE))
    sent = send(theirs, (0, 10, EXCLUSIVE))
    equal(refused(mine.read, 10, 0), 'went through')
    taken(mine, (0, 10, UNLOCK))
    equal(answer(theirs, sent), 'STATUS_SUCCESS')
    equal(refused(mine.read, 10, 0), CONFLICT)
    done(mine, theirs)


def waiting_ends_with_lost_client():
    mine, theirs = two('lost')
    taken(mine, (0, 10, EXCLUSIVE), )
    sent = send(theirs, (0, 10, EXCLUSIVE))
    mine.tree.client.drop()
    equal(answer(theirs, sent), 'STATUS_SUCCESS')
    done(theirs)


def lock_all(opened, first, count):
    began = time.monotonic()
    for at in range(first, first + count, 100):
        taken(opened, *[(10 * i, 5, EXCLUSIVE | AT_ONCE) for i in range(at, at + 100)])
    return time.monotonic() - began


def many_locks_stay_fast():
    mine, theirs = two('many')
    early = lock_all(mine, 0, 1000)
    lock_all(mine, 1000, MANY - 2000)
    late = lock_all(mine, MANY - 1000, 1000)
    check(late < 10 * early + 0.5, 'the first 1,000 of %d took %.3f s, the last %.3f s' % (MANY, early, late))
    equal(refused(theirs.read, 1, 104), CONFLICT)
    equal(theirs.read(5, 105), b'x' * 5)
    equal(lock(theirs, (10 * MANY - 6, 5, SHARED | AT_ONCE)), NOT_GRANTED)
    mine.close()
    taken(theirs, (0, 2**64 - 1, EXCLUSIVE | AT_ONCE))
    done(mine, theirs)


if __name__ == '__main__':
    livesmb.main([exclusive_keeps_others_out, shared_keeps_writers_out, waiting_ends_with_unlock,
                  waiting_ends_with_lost_client, many_locks_stay_fast])
