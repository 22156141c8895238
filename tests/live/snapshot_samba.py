# SPDX-License-Identifier: Apache-2.0
"""Previous versions from Samba's client library; for snapshot.sh.

usage: snapshot_samba.py SMB.CONF     (the share files has two versions)
"""
import os
import sys

from livesamba import settings
from livesmb import check, equal, report
from samba import NTSTATUSError, ntstatus
from samba.samba3 import libsmb_samba_internal as libsmb

OLD, NEW = '@GMT-2015.10.31-19.40.30', '@GMT-2020.02.29-00.00.00'


def connect():
    lp, creds = settings(sys.argv[1])
    return libsmb.Conn(os.environ['SMB_HOST'], 'files', lp, creds)


def status_of(call, *args):
    try:
        call(*args)
    except NTSTATUSError as error:
        return error.args[0]
    return 0


def versions_of_a_file():
    equal(client.loadfile(OLD + '\\plan.txt'), b'first\n')
    equal(client.loadfile(NEW + '\\plan.txt'), b'second\n')
    equal(client.loadfile('plan.txt'), b'third\n')


def a_folder_as_it_was():
    then = {entry['name'] for entry in client.list(OLD + '\\letters')}
    check({'1.txt', '2.txt', '3.txt', 'deep'} <= then and 'live.txt' not in then, 'listed: %r' % then)
    check(client.chkpath(OLD + '\\letters\\deep'), 'no folder')


def restored_by_copying():
    old = client.loadfile(OLD + '\\letters\\2.txt')
    client.savefile('restored.txt', old)
    equal(client.loadfile('restored.txt'), b'letter 2\n')
    client.unlink('restored.txt')


def nothing_changes():
    refused = ntstatus.NT_STATUS_MEDIA_WRITE_PROTECTED
    equal(status_of(client.savefile, OLD + '\\plan.txt', b'x'), refused)
    equal(status_of(client.unlink, OLD + '\\plan.txt'), refused)
    equal(status_of(client.mkdir, OLD + '\\new'), refused)
    equal(client.loadfile(OLD + '\\plan.txt'), b'first\n')


def no_such_version():
    equal(status_of(client.loadfile, '@GMT-1999.01.01-00.00.00\\plan.txt'),
          ntstatus.NT_STATUS_OBJECT_NAME_NOT_FOUND)


client = connect()
for test in (versions_of_a_file, a_folder_as_it_was, restored_by_copying, nothing_changes, no_such_version):
    report('snapshot-samba-' + test.__name__.replace('_', '-'), test)
