# SPDX-License-Identifier: Apache-2.0
"""The same from Samba's client library, two connections of it; for behaviour.sh.

usage: behaviour_samba.py FOLDER SMB.CONF     (FOLDER is the share files)
"""
import os
import subprocess
import sys

from livesamba import settings
from livesmb import check, equal, report
from samba import NTSTATUSError, ntstatus
from samba.samba3 import libsmb_samba_internal as libsmb

FOLDER, CONF = sys.argv[1:3]
READ_WRITE, DELETE, LIST = 0x3, 0x10000, 0x1
SHARE_READ_WRITE, SHARE_ALL = 0x3, 0x7
OPEN, CREATE, FOLDERS = 1, 2, 1
NAMES, DELETE_ON_CLOSE = 0x3, 0x1000


def connect():
    lp, creds = settings(CONF)
    return libsmb.Conn(os.environ['SMB_HOST'], 'files', lp, creds)


def refusal(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except NTSTATUSError as error:
        return error.args[0]
    return 0


def opened(client, name, disposition=OPEN, access=READ_WRITE, share=SHARE_ALL, options=0):
    return client.create(name, DesiredAccess=access, ShareAccess=share, CreateDisposition=disposition,
                         CreateOptions=options)


def changes_are_told():
    folder = opened(one, '', access=LIST, options=FOLDERS)
    for what in ('smb', 'local'):
        asked = one.notify(folder, buffer_size=65536, completion_filter=NAMES, recursive=False)
        check(one.chkpath(''), 'no share')    # the server has the request when this is answered
        if what == 'smb':
            other.savefile('by-samba', b'')
        else:
            subprocess.run(['mv', 'by-samba', 'by-mv'], cwd=FOLDER, check=True)
        told = asked.get_changes(wait=True)
        check('by-samba' in [c['name'] for c in told], 'told: %r' % told)
    one.close(folder)
    other.unlink('by-mv')


def deleted_when_all_have_closed():
    first = opened(one, 'going', CREATE, access=READ_WRITE | DELETE)
    second = opened(other, 'going')
    one.delete_on_close(first, True)
    one.close(first)
    equal(refusal(opened, one, 'going'), ntstatus.NT_STATUS_DELETE_PENDING)
    equal(other.write(second, b'still', 0), 5)
    other.close(second)
    equal(refusal(opened, one, 'going'), ntstatus.NT_STATUS_OBJECT_NAME_NOT_FOUND)


def open_file_is_renamed():
    one.savefile('samba-before', b'data')
    holder = opened(one, 'samba-before')
    other.rename('samba-before', 'samba-after')
    equal(one.read(holder, 0, 10), b'data')
    one.close(holder)
    holder = opened(one, 'samba-after', share=SHARE_READ_WRITE)
    equal(refusal(other.rename, 'samba-after', 'again'), ntstatus.NT_STATUS_SHARING_VIOLATION)
    one.close(holder)
    equal(other.loadfile('SAMBA-AFTER'), b'data')


def streams_and_lists():
    one.savefile('SAMBA-AFTER:side', b'aside')
    equal(other.loadfile('samba-after:SIDE'), b'aside')
    one.unlink('samba-after')
    equal(refusal(other.loadfile, 'after:side'), ntstatus.NT_STATUS_OBJECT_NAME_NOT_FOUND)
    equal(len([e for e in other.list('many', mask='ENTRY-1?') if e['name'].startswith('Entry-')]), 10)


one, other = connect(), connect()
for test in (changes_are_told, deleted_when_all_have_closed, open_file_is_renamed, streams_and_lists):
    report('behaviour-samba-' + test.__name__.replace('_', '-'), test)
