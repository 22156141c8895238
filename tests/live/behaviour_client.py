# SPDX-License-Identifier: Apache-2.0
"""What behaviour.sh tries: two clients and a local program, in one share.

usage: behaviour_client.py FOLDER ENTRIES MODULES     (FOLDER is the share files, ENTRIES are in its
folder many, named Entry-0 and so on; some has 2,000)
"""
import concurrent.futures
import os
import struct
import subprocess
import sys
import time

from livesmb import (FILE_LIST_DIRECTORY, FILE_READ_ATTRIBUTES, FILE_SHARE_READ, FILE_SHARE_WRITE, READ_WRITE, Client,
                     check, ea_list, ea_parse, equal, get, put, refused, report, status_of, stream_parse)
from livewatch import NAMES, WRITES, Watcher

FOLDER, ENTRIES, MODULES = sys.argv[1], int(sys.argv[2]), sys.argv[3].split()
DELETE, READ_EA, WRITE_EA = 0x10000, 0x8, 0x10
DELETE_ON_CLOSE = 0x1000
NAMES_CLASS, EA, STREAM, STANDARD, RENAME, DISPOSITION = 12, 15, 22, 5, 10, 13
NONE, LEVEL_II, EXCLUSIVE, BATCH = 0, 1, 8, 9
RESTART = 1
PENDING, VIOLATION, DENIED = 'STATUS_DELETE_PENDING', 'STATUS_SHARING_VIOLATION', 'STATUS_ACCESS_DENIED'
NOT_FOUND = 'STATUS_OBJECT_NAME_NOT_FOUND'
NO_DELETE = FILE_SHARE_READ | FILE_SHARE_WRITE

one, other = Client(), Client()
mine, theirs = one.tree('files'), other.tree('files')


def local(name):
    return os.path.join(FOLDER, name)


def rename(opened, to, replace=False):
    name = to.encode('utf-16-le')
    opened.tell(RENAME, struct.pack('<B7xQI', replace, 0, len(name)) + name)


def dispose(opened, pending=True):
    opened.tell(DISPOSITION, bytes([pending]))


# ---- streams ----

def named_streams(name):
    f = theirs.open(name, access=FILE_READ_ATTRIBUTES)
    try:
        return {k: v for k, v in stream_parse(f.ask(STREAM)).items() if k != '::$DATA'}
    finally:
        f.close()


def streams_of_another_client():
    put(one, 'files', 'doc', b'contents')
    f = mine.open('doc:one', 'create', access=READ_WRITE | DELETE)
    f.write(b'first')
    equal(named_streams('doc'), {':one:$DATA': 5})
    rename(f, ':two')
    equal(named_streams('doc'), {':two:$DATA': 5})
    f.close()
    put(one, 'files', 'doc:three', b'third')
    equal(get(other, 'files', 'DOC:THREE'), b'third')
    one.smb.deleteFile('files', 'doc:three')
    equal(named_streams('doc'), {':two:$DATA': 5})
    equal(get(other, 'files', 'doc'), b'contents')


def streams_go_with_their_file():
    put(one, 'files', 'base', b'contents')
    put(one, 'files', 'base:side', b'aside')
    held = theirs.open('base:side')
    one.smb.deleteFile('files', 'base')
    equal(held.read(10), b'aside')
    for name in ('base', 'base:side', 'base:new'):
        equal(refused(mine.open, name, 'open_if'), PENDING)
    held.close()
    for name in ('base', 'base:side'):
        equal(refused(mine.open, name), NOT_FOUND)
    check(not os.path.exists(local('base')), 'the file is still there')


# ---- extended attributes ----

def by_name(opened, *names):
    """FILE_GET_EA_INFORMATION: each entry on four octets."""
    entries = [struct.pack('<B', len(n)) + n.encode() + b'\0' for n in names]
    padded = [e + b'\0' * (-(len(e) + 4) % 4) for e in entries[:-1]]
    blob = b''.join(struct.pack('<I', len(e) + 4) + e for e in padded) + struct.pack('<I', 0) + entries[-1]
    return {k.upper(): v for k, v in ea_parse(opened.ask(EA, blob)).items()}


def everything(opened):
    return {k.upper(): v for k, v in ea_parse(opened.ask(EA, flags=RESTART)).items()}


def extended_attributes():
    put(one, 'files', 'with-eas', b'')
    writer = mine.open('with-eas', access=WRITE_EA | READ_EA)
    reader = theirs.open('with-eas', access=READ_EA)
    writer.tell(EA, ea_list({'COLOR': b'red', 'Size': b'\0\1', 'Kind': b'long ' * 100}))
    equal(everything(reader), {'COLOR': b'red', 'SIZE': b'\0\1', 'KIND': b'long ' * 100})
    equal(by_name(reader, 'color'), {'COLOR': b'red'})
    equal(by_name(reader, 'size', 'missing'), {'SIZE': b'\0\1', 'MISSING': b''})
    writer.tell(EA, ea_list({'color': b'blue', 'KIND': b''}))
    equal(everything(reader), {'COLOR': b'blue', 'SIZE': b'\0\1'})
    equal(refused(reader.tell, EA, ea_list({'COLOR': b'green'})), DENIED)
    values = [os.getxattr(local('with-eas'), n) for n in os.listxattr(local('with-eas')) if n.lower() == 'user.color']
    equal([v.rstrip(b'\0') for v in values], [b'blue'])


# ---- deleting ----

def delete_on_close_waits_for_all():
    first = mine.open('going', 'create', access=READ_WRITE | DELETE, options=DELETE_ON_CLOSE)
    second = theirs.open('going')
    second.write(b'still here')
    first.close()
    for disposition in ('open', 'open_if', 'create', 'overwrite_if'):
        equal(refused(mine.open, 'going', disposition), PENDING)
    equal(second.read(100), b'still here')
    second.close()
    equal(refused(mine.open, 'going'), NOT_FOUND)
    mine.open('going', 'create', access=DELETE, options=DELETE_ON_CLOSE).close()
    check(not os.path.exists(local('going')), 'the second one is still there')


def delete_pending_is_taken_back():
    put(one, 'files', 'kept', b'data')
    first, second = mine.open('kept', access=DELETE), theirs.open('kept', access=DELETE)
    dispose(first)
    equal(refused(mine.open, 'kept'), PENDING)
    dispose(second, False)
    theirs.open('kept').close()
    first.close()
    second.close()
    equal(get(other, 'files', 'kept'), b'data')


def delete_is_not_shared():
    put(one, 'files', 'held', b'data')
    holder = mine.open('held', share=NO_DELETE)
    equal(refused(theirs.open, 'held', access=DELETE), VIOLATION)
    equal(refused(theirs.open, 'held', access=READ_WRITE | DELETE, options=DELETE_ON_CLOSE), VIOLATION)
    holder.close()
    theirs.open('held', access=DELETE, options=DELETE_ON_CLOSE).close()
    equal(refused(mine.open, 'held'), NOT_FOUND)


# ---- renaming what is open ----

def rename_of_an_open_file():
    put(one, 'files', 'before', b'data')
    holder, renamer = mine.open('before'), theirs.open('before', access=DELETE)
    rename(renamer, 'after')
    renamer.close()
    equal(holder.read(10), b'data')
    holder.write(b'DATA')
    equal(refused(theirs.open, 'before'), NOT_FOUND)
    equal(theirs.open('AFTER').read(10), b'DATA')
    holder.close()


def rename_that_is_not_shared():
    put(one, 'files', 'fixed', b'data')
    holder = mine.open('fixed', share=NO_DELETE)
    equal(refused(theirs.open, 'fixed', access=DELETE), VIOLATION)
    without = theirs.open('fixed', share=NO_DELETE)
    equal(refused(rename, without, 'moved'), DENIED)
    without.close()
    holder.close()
    equal(get(other, 'files', 'fixed'), b'data')


def rename_over_an_open_file():
    put(one, 'files', 'new', b'new')
    put(one, 'files', 'old', b'old')
    holder, renamer = mine.open('old'), theirs.open('new', access=DELETE)
    equal(refused(rename, renamer, 'old'), 'STATUS_OBJECT_NAME_COLLISION')
    equal(refused(rename, renamer, 'old', True), DENIED)
    holder.close()
    rename(renamer, 'old', True)
    renamer.close()
    equal(get(one, 'files', 'old'), b'new')


def rename_of_a_folder_with_an_open_file():
    one.smb.createDirectory('files', 'folder')
    put(one, 'files', 'folder\\inside', b'')
    holder = mine.open('folder\\inside')
    renamer = theirs.open('folder', access=DELETE, folder=True)
    equal(refused(rename, renamer, 'elsewhere'), DENIED)
    holder.close()
    rename(renamer, 'elsewhere')
    renamer.close()
    equal(get(one, 'files', 'elsewhere\\inside'), b'')


# ---- oplocks ----

def oplocked(name, level):
    """An open with that oplock of the first client's, on a connection of its own."""
    client = Client()
    put(client, 'files', name, b'as it was')
    return client.tree('files').open(name, oplock=level)


def break_of(opened):
    """Waits for the server's notification: the level to which it asks to go down."""
    packet = opened.low.recvSMB(0xffffffffffffffff)
    opened.low._Connection['SequenceWindow'] += 1    # the library took it for an answer that was charged nothing
    size, level = struct.unpack_from('<HB', packet['Data'])
    equal((packet['Command'], size, packet['Data'][8:24]), (18, 24, opened.fid))
    return level


def acknowledge(opened, level):
    packet = opened.low.SMB_PACKET()
    packet['Command'] = 18
    packet['TreeID'] = opened.tree.id
    packet['Data'] = struct.pack('<HBBI', 24, level, 0, 0) + opened.fid
    answer = opened.low.recvSMB(opened.low.sendSMB(packet))
    equal((answer['Status'], answer['Data'][2]), (0, level))


def oplock_is_written_back_before_others_read():
    holder = oplocked('cached', BATCH)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        opening = pool.submit(theirs.open, 'cached')
        equal(break_of(holder), LEVEL_II)
        check(not opening.done(), 'the other client did not wait')
        holder.write(b'as it is!')
        acknowledge(holder, LEVEL_II)
        reader = opening.result(30)
    equal(reader.read(100), b'as it is!')
    # A write of the other one takes level II, and nobody waits for an answer to that.
    reader.write(b'changed')
    equal(break_of(holder), NONE)
    reader.close()
    holder.tree.client.close()


def oplock_ends_with_close():
    holder = oplocked('closed', EXCLUSIVE)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        opening = pool.submit(theirs.open, 'closed', 'overwrite')
        break_of(holder)
        holder.write(b'a last word')
        holder.close()
        opening.result(30).close()
    equal(get(other, 'files', 'closed'), b'')
    holder.tree.client.close()


# ---- a folder of many ----

def names_in(blob):
    at = 0
    while True:
        following, _, length = struct.unpack_from('<III', blob, at)
        yield blob[at + 12:at + 12 + length].decode('utf-16-le')
        if not following:
            return
        at += following


def search(pattern):
    """All names that match, without . and .., and the seconds it took."""
    began, found = time.monotonic(), []
    folder = mine.open('many', access=FILE_LIST_DIRECTORY, folder=True)
    try:
        while True:
            found += names_in(one.low.queryDirectory(mine.id, folder.fid, pattern, informationClass=NAMES_CLASS))
    except Exception as error:
        check(status_of(error) in ('STATUS_NO_MORE_FILES', 'STATUS_NO_SUCH_FILE'), status_of(error))
    folder.close()
    return [n for n in found if n not in ('.', '..')], time.monotonic() - began


def timed(text, seconds):
    print('%d entries: %s in %.3f s' % (ENTRIES, text, seconds), flush=True)


def many_are_listed():
    found, seconds = search('*')
    timed('listed', seconds)
    equal(len(found), ENTRIES)
    equal(set(found), {'Entry-%d' % i for i in range(ENTRIES)})


def many_are_searched():
    for pattern, wanted in (('entry-123*', {'Entry-%d' % i for i in range(ENTRIES) if str(i).startswith('123')}),
                            ('*-777', {'Entry-777'}), ('ENTRY-??', {'Entry-%d' % i for i in range(10, 100)}),
                            ('Other*', set())):
        found, seconds = search(pattern)
        timed('searched for %s' % pattern, seconds)
        equal((len(found), set(found)), (len(wanted), wanted))


def many_are_found_in_any_case():
    last = ENTRIES - 1
    for name in ('ENTRY-%d', 'entry-%d', 'eNTRY-%d'):
        found, seconds = search(name % last)
        timed('searched for %s' % name % last, seconds)
        equal(found, ['Entry-%d' % last])
        began = time.monotonic()
        theirs.open('MANY\\' + name % last, access=FILE_READ_ATTRIBUTES).close()
        timed('opened as %s' % name % last, time.monotonic() - began)
        equal(refused(theirs.open, 'many\\' + name % ENTRIES), NOT_FOUND)
        equal(refused(theirs.open, 'many\\' + name % last, 'create'), 'STATUS_OBJECT_NAME_COLLISION')


# ---- what a local program does, in a folder with an index of its names ----

def listed(pattern):
    try:
        return {e.get_longname(): e.get_filesize() for e in other.smb.listPath('files', 'some\\' + pattern)}
    except Exception as error:
        equal(status_of(error), 'STATUS_NO_SUCH_FILE')
        return {}


def local_program_is_seen_everywhere():
    """Listing and index in the next request, the notification without delay."""
    watcher = Watcher('some', filter=NAMES | WRITES)
    equal(refused(theirs.open, 'some\\fresh'), NOT_FOUND)    # the index knows the folder

    def shell(text, told):
        began = time.monotonic()
        subprocess.run(['sh', '-ec', text], cwd=local('some'), check=True)
        yield
        watcher.until(told)
        check(time.monotonic() - began < 5, 'told late')

    for _ in shell('umask 0; printf one >Fresh', 'modified Fresh'):
        equal(listed('fRESH'), {'Fresh': 3})
        equal(get(other, 'files', 'some\\FRESH'), b'one')
    held = theirs.open('some\\fresh')
    for _ in shell('printf two >>Fresh', 'modified Fresh'):
        equal(held.read(100), b'onetwo')
        equal(struct.unpack_from('<QQ', held.ask(STANDARD))[1], 6)
        equal(listed('fresh'), {'Fresh': 6})
    held.close()
    for _ in shell('mv Fresh Stale', 'new Stale'):
        equal((listed('*a*e'), listed('*esh')), ({'Stale': 6}, {}))
        equal(refused(theirs.open, 'some\\fresh'), NOT_FOUND)
        equal(get(other, 'files', 'some\\STALE'), b'onetwo')
    for _ in shell('rm Stale', 'removed Stale'):
        equal(listed('stal*'), {})
        equal(refused(theirs.open, 'some\\stale'), NOT_FOUND)
    watcher.close()


TESTS = {
    'vfs_streams': (streams_of_another_client, streams_go_with_their_file),
    'info': (extended_attributes, delete_on_close_waits_for_all, delete_pending_is_taken_back, delete_is_not_shared,
             rename_of_an_open_file, rename_that_is_not_shared, rename_over_an_open_file,
             rename_of_a_folder_with_an_open_file),
    'lease': (oplock_is_written_back_before_others_read, oplock_ends_with_close),
    'dir': (many_are_listed, many_are_searched, many_are_found_in_any_case),
    'notify': (local_program_is_seen_everywhere,),
}
for module, tests in TESTS.items():
    if MODULES and module not in MODULES:
        print('skip behaviour-%s: the module %s is not built' % (module, module))
        continue
    for test in tests:
        report('behaviour-' + test.__name__.replace('_', '-'), test)
