# SPDX-License-Identifier: Apache-2.0
"""notify_ops.py FOLDER: waits for a change by the ioctl that cifs.ko has for it, and makes one.

Prints "ok", or what went wrong. [MS-SMB2] 3.3.5.19; struct smb3_notify: filter, watch_tree.
"""
import os
import subprocess
import sys

CIFS_IOC_NOTIFY = 0x4005CF09
FILE_NAME, DIR_NAME = 1, 2

WAITER = '''
import fcntl, os, struct, sys
fd = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
fcntl.ioctl(fd, %d, struct.pack('<IB', %d, int(sys.argv[2])))
''' % (CIFS_IOC_NOTIFY, FILE_NAME | DIR_NAME)


def waits(folder, tree, place):
    """The ioctl returns when something is made; until then it is not known that it has begun."""
    waiter = subprocess.Popen([sys.executable, '-c', WAITER, folder, str(tree)], stderr=subprocess.PIPE)
    for i in range(50):
        name = os.path.join(place, 'noticed %d' % i)
        try:
            waiter.wait(0.2)
            break
        except subprocess.TimeoutExpired:
            open(name, 'w').close()
            os.unlink(name)
    else:
        waiter.kill()
        return 'it was not told'
    error = waiter.stderr.read().decode().strip().splitlines()
    return error[-1] if waiter.returncode else ''


def main():
    folder = sys.argv[1]
    deep = os.path.join(folder, 'watched', 'deep')
    os.makedirs(deep, exist_ok=True)
    for tree, place in ((0, folder), (1, deep)):
        why = waits(folder, tree, place)
        if why:
            print('tree %d: %s' % (tree, why))
            return
    print('ok')


main()
