# SPDX-License-Identifier: Apache-2.0
"""What notify.sh asks for: a client that waits for changes, and who makes them."""
import os
import shutil
import subprocess
import sys
import time

import livewatch
from livesmb import Client, check, equal, get, put, report
from livewatch import WRITES

TOP, SERVER = sys.argv[1:3]
FILES = os.path.join(TOP, 'files')
EVERYTHING = 0xfff
STATUS_CANCELLED, STATUS_NOTIFY_CLEANUP, STATUS_NOT_IMPLEMENTED = 0xC0000120, 0x10B, 0xC0000002


def known(tree):
    """Returns when the kernel watches all folders of the tree for the server: it walks there in its own time."""
    wanted = set()
    for folder, subs, _ in os.walk(tree):
        wanted.add(os.stat(folder).st_ino)
        subs[:] = [s for s in subs if s != 'private']
    for _ in range(1000):
        told = set()
        for fd in os.listdir('/proc/%s/fdinfo' % SERVER):
            try:
                with open('/proc/%s/fdinfo/%s' % (SERVER, fd)) as f:
                    told |= {int(line.split(' ino:')[1].split()[0], 16) for line in f if line.startswith('inotify ')}
            except FileNotFoundError:
                pass
        if wanted <= told:
            return
        time.sleep(0.01)
    raise AssertionError('not watched: %s' % [d for d, _, _ in os.walk(tree) if os.stat(d).st_ino not in told])


class Watcher(livewatch.Watcher):
    """Of a tree, it is there when the kernel watches all folders."""

    def __init__(self, folder='', tree=False, **how):
        super().__init__(folder, tree=tree, **how)
        if tree:
            known(os.path.join(FILES, folder.replace('\\', '/')))


def shell(text):
    """By another process, in the share's folder."""
    subprocess.run(['sh', '-ec', text], cwd=FILES, check=True)


def seen(text, last, wanted=None, **how):
    """A local process does something; the watcher is told all that is wanted, in that order."""
    watcher = Watcher(**how)
    began = time.monotonic()
    shell(text)
    found = watcher.until(last)
    check(time.monotonic() - began < 5, 'told late')
    equal(found, wanted or [last])
    watcher.close()


def local_changes():
    seen('echo x >local', 'added local')
    seen('echo y >>local', 'modified local', filter=WRITES)
    seen('chmod 600 local', 'modified local', filter=0x100)
    seen('mv local moved', 'new moved', ['old local', 'new moved'])
    seen('mkdir made; rmdir made', 'removed made', ['added made', 'removed made'])
    seen('mv moved sub/', 'removed moved')
    seen('mv sub/moved .', 'added moved')
    seen('mv moved sub/deep/', 'added sub/deep/moved', ['removed moved', 'added sub/deep/moved'], tree=True)
    seen('rm sub/deep/moved', 'removed moved', folder='sub\\deep')


def local_trees():
    # Folders that are made while the tree is watched, with what is put into them at once.
    seen('mkdir -p new/er; echo x >new/er/file', 'added new/er/file',
         ['added new', 'added new/er', 'added new/er/file'], tree=True)
    watcher = Watcher(tree=True)
    shell('echo x >new/er/other')
    equal(watcher.until('added new/er/other'), ['added new/er/other'])
    shell('mv new newer')
    equal(watcher.until('new newer'), ['old new', 'new newer'])
    shell('echo x >newer/er/third')
    equal(watcher.until('added newer/er/third'), ['added newer/er/third'])
    shell('mv newer ..; echo x >../newer/unseen; echo x >last')
    equal(watcher.until('added last'), ['removed newer', 'added last'])
    shell('rm -r ../newer last')
    watcher.close()


def own_changes_once():
    """Every change is told once; a local one behind them shows that nothing else was under way."""
    watcher = Watcher(filter=EVERYTHING, tree=True)
    with Client() as other:
        tree = other.tree('files')
        f = tree.open('mine', 'create')
        f.write(b'one')
        f.write(b'two', 3)
        f.close()
        other.smb.createDirectory('files', 'folder')
        put(other, 'files', 'folder\\inside', b'text')
        other.smb.rename('files', 'folder\\inside', 'folder\\outside')
        other.smb.deleteFile('files', 'folder\\outside')
        other.smb.deleteDirectory('files', 'folder')
    time_to_hold = os.path.join(FILES, 'behind')
    with open(time_to_hold, 'w'):
        pass
    found = watcher.until('added behind')
    for once in ('added mine', 'added folder', 'added folder/inside', 'old folder/inside', 'new folder/outside',
                 'removed folder/outside', 'removed folder', 'added behind'):
        equal((once, found.count(once)), (once, 1))
    check(found.count('modified mine') >= 1, 'the writes were not told')
    os.unlink(time_to_hold)
    watcher.close()


def overlapping_shares():
    """A folder that two shares lead to."""
    outer, inner = Watcher(tree=True), Watcher(share='sub')
    with Client() as other:
        put(other, 'sub', 'from inside', b'x')
        equal(inner.until('added from inside'), ['added from inside'])
        equal(outer.until('added sub/from inside'), ['added sub/from inside'])
        put(other, 'files', 'sub\\from outside', b'x')
    equal(outer.until('added sub/from outside'), ['added sub/from outside'])
    equal(inner.until('added from outside'), ['added from outside'])
    outer.close()
    inner.close()


def what_listings_show():
    with Client() as other:
        watcher = Watcher()
        other.smb.listPath('files', '*')
        shell('echo content >fresh')
        watcher.until('added fresh')
        check('fresh' in [e.get_longname() for e in other.smb.listPath('files', '*')], 'it is not listed')
        equal(get(other, 'files', 'FRESH'), b'content\n')
        shell('mv fresh stale')
        watcher.until('new stale')
        equal([e.get_longname() for e in other.smb.listPath('files', '*') if e.get_longname() in ('fresh', 'stale')],
              ['stale'])
        shell('rm stale')
        watcher.until('removed stale')
        watcher.close()


def names_as_shares_show_them():
    """A name that a share does not have is not told there, nor what is below it; others as clients write them."""
    seen('echo x >a.secret; mkdir hidden; echo x >hidden/in; mv a.secret a.open; mv a.open b.secret; echo x >last',
         'added last', ['added a.open', 'removed a.open', 'added last'], share='veiled', tree=True)
    shell('mv hidden shown')
    watcher = Watcher(share='veiled', tree=True, filter=EVERYTHING)
    shell('mv shown hidden')
    shell('echo y >>hidden/in; echo y >>b.secret; mv hidden shown; echo y >>shown/in; mv shown hidden; '
          'echo y >>hidden/in; rm last')
    found = watcher.until('removed last')
    check(not [f for f in found if 'secret' in f or 'hidden' in f], 'told: %s' % found)
    equal([f for f in found if f.split()[0] in ('added', 'removed')][:4],
          ['removed shown', 'added shown', 'removed shown', 'removed last'])
    watcher.close()
    shell('rm -r b.secret hidden')
    seen("echo x >'a:b'", 'added a\u00a6b', share='mapped')
    seen("mv a:b a:c", 'new a\u00a6c', ['old a\u00a6b', 'new a\u00a6c'], share='mapped', tree=True)
    seen("rm a:c", 'removed a\uf022c')
    watcher = Watcher(share='mapped', tree=True)
    with Client() as other:
        put(other, 'mapped', 'own\u00a6name', b'x')
        other.smb.deleteFile('mapped', 'own\u00a6name')
    shell('touch behind')
    found = watcher.until('added behind')
    equal([f for f in found if 'own' in f], ['added own\u00a6name', 'removed own\u00a6name'])
    watcher.close()
    shell('rm behind')


def unreadable_folders():
    """What the user may not read is not told of."""
    if os.getuid():
        return
    watcher = Watcher(tree=True)
    shell('echo x >private/secret; echo x >public')
    equal(watcher.until('added public'), ['added public'])
    watcher.close()


def many_at_once():
    """More than the client asked for: it is to look for itself."""
    watcher = Watcher(room=400)
    shell('i=0; while [ $i -lt 1000 ]; do : >"burst$i"; i=$((i + 1)); done')
    status = None
    for _ in range(100):
        status = watcher.answer()['Status']
        if status:
            break
        watcher.ask()
    equal(hex(status), hex(0x10C))
    watcher.close()


def at_unmount():
    """macOS unmounts by CLOSE of what it watches, and waits for the answer of each request."""
    watcher = Watcher()
    watcher.open.close()
    equal(watcher.answer()['Status'], STATUS_NOTIFY_CLEANUP)
    watcher.close()
    watcher = Watcher()
    watcher.client.low.disconnectTree(watcher.tree.id)
    equal(watcher.answer()['Status'], STATUS_NOTIFY_CLEANUP)
    watcher.close()


def options():
    watcher = Watcher(share='off')
    equal(watcher.answer()['Status'], STATUS_NOT_IMPLEMENTED)
    watcher.close()
    watcher = Watcher(share='quiet')
    with open(os.path.join(TOP, 'quiet', 'local'), 'w'):
        pass
    with Client() as other:
        put(other, 'quiet', 'by smb', b'')
    equal(watcher.until('added by smb'), ['added by smb'])
    watcher.close()


report('notify-local', local_changes)
report('notify-local-trees', local_trees)
report('notify-own-once', own_changes_once)
report('notify-overlapping-shares', overlapping_shares)
report('notify-listings', what_listings_show)
report('notify-names-of-shares', names_as_shares_show_them)
report('notify-unreadable', unreadable_folders)
report('notify-burst', many_at_once)
report('notify-unmount', at_unmount)
report('notify-options', options)
shutil.rmtree(os.path.join(FILES, 'sub'), ignore_errors=True)
