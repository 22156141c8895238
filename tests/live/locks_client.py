# SPDX-License-Identifier: Apache-2.0
"""What locks.sh tries: two clients lock ranges of one file."""
import fcntl
import os
import struct
import time

import livesmb
from impacket import nt_errors
from impacket.smb3structs import FILE_READ_DATA, FILE_WRITE_DATA, SMB2_LOCK
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


def two(name, size=1000, share='files'):
    one, other = Client(), Client()
    put(one, share, name, b'x' * size)
    return one.tree(share).open(name), other.tree(share).open(name)


def local(name):
    return open(os.path.join(os.environ['LOCKS_FOLDER'], name), 'r+b', buffering=0)


def held(program, offset, length, kind=fcntl.LOCK_EX):
    """Whether the server keeps a local program from locking that."""
    try:
        fcntl.lockf(program, kind | fcntl.LOCK_NB, length, offset)
    except OSError:
        return True
    fcntl.lockf(program, fcntl.LOCK_UN, length, offset)
    return False


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


def local_programs_see_locks():
    mine, theirs = two('seen', share='posix')
    with local('seen') as program:
        taken(mine, (0, 10, EXCLUSIVE))
        taken(mine, (20, 10, SHARED))
        taken(mine, (2**63 - 1, 10, EXCLUSIVE))
        taken(mine, (2**64 - 10, 5, EXCLUSIVE))
        equal([held(program, 9, 1, fcntl.LOCK_SH), held(program, 10, 10), held(program, 25, 1),
               held(program, 25, 1, fcntl.LOCK_SH), held(program, 2**63 - 1, 1), held(program, 2**63 - 2, 1)],
              [True, False, True, False, True, False])
        taken(mine, (2**63 - 1, 10, UNLOCK))
        taken(mine, (0, 10, UNLOCK))
        equal([held(program, 0, 20), held(program, 2**63 - 1, 1), held(program, 29, 1)], [False, False, True])
        mine.close()
        check(not held(program, 0, 0), 'nothing is left after the close')
    done(mine, theirs)


def what_lies_on_top_ends_alone():
    mine, theirs = two('stacked', share='posix')
    with local('stacked') as program:
        taken(mine, (10, 10, EXCLUSIVE))
        taken(mine, (5, 20, SHARED))
        check(held(program, 15, 1, fcntl.LOCK_SH), 'the shared lock leaves the exclusive one strong')
        check(not held(program, 5, 5, fcntl.LOCK_SH), 'beside it there is only the shared one')
        taken(mine, (10, 10, UNLOCK))
        equal([held(program, 15, 1, fcntl.LOCK_SH), held(program, 15, 1), held(program, 5, 1),
               held(program, 24, 1), held(program, 25, 1)], [False, True, True, True, False])
        taken(mine, (5, 20, UNLOCK))
        check(not held(program, 0, 0), 'and then nothing')
    done(mine, theirs)


def an_open_locks_as_far_as_it_may():
    client = Client()
    put(client, 'posix', 'only', b'x' * 10)
    tree = client.tree('posix')
    with local('only') as program:
        reader = tree.open('only', access=FILE_READ_DATA)
        taken(reader, (0, 1, EXCLUSIVE))
        equal([held(program, 0, 1), held(program, 0, 1, fcntl.LOCK_SH)], [True, False])
        reader.close()
        writer = tree.open('only', access=FILE_WRITE_DATA)
        taken(writer, (0, 1, EXCLUSIVE))
        taken(writer, (1, 1, SHARED))
        equal([held(program, 0, 1, fcntl.LOCK_SH), held(program, 1, 1)], [True, False])
    client.close()


def locks_of_local_programs_count():
    mine, theirs = two('theirs', share='posix')
    with local('theirs') as program:
        fcntl.lockf(program, fcntl.LOCK_EX, 10, 100)
        equal(lock(mine, (105, 1, SHARED | AT_ONCE)), NOT_GRANTED)
        equal(lock(mine, (0, 1, EXCLUSIVE | AT_ONCE), (99, 2, EXCLUSIVE | AT_ONCE)), NOT_GRANTED)
        check(not held(program, 0, 1), 'the first element of a failed request is taken back')
        taken(theirs, (0, 1, EXCLUSIVE | AT_ONCE))
        sent = send(mine, (105, 10, EXCLUSIVE))
        gone = send(theirs, (109, 1, SHARED))
        theirs.close()
        equal(answer(theirs, gone), 'STATUS_RANGE_NOT_LOCKED')
        fcntl.lockf(program, fcntl.LOCK_UN, 10, 100)
        equal(answer(mine, sent), 'STATUS_SUCCESS')
        check(held(program, 114, 1, fcntl.LOCK_SH), 'the lock that was waited for')
    done(mine, theirs)


def other_shares_keep_to_themselves():
    mine, theirs = two('apart')
    with open(os.path.join(os.environ['LOCKS_FOLDER'], '../files/apart'), 'r+b', buffering=0) as program:
        taken(mine, (0, 10, EXCLUSIVE))
        check(not held(program, 0, 0), 'local programs see nothing without the option')
    done(mine, theirs)


if __name__ == '__main__':
    livesmb.main([exclusive_keeps_others_out, shared_keeps_writers_out, waiting_ends_with_unlock,
                  waiting_ends_with_lost_client, many_locks_stay_fast, local_programs_see_locks,
                  what_lies_on_top_ends_alone, an_open_locks_as_far_as_it_may, locks_of_local_programs_count,
                  other_shares_keep_to_themselves])
