# SPDX-License-Identifier: Apache-2.0
"""Local changes of a large folder, each followed by requests; for names.sh.

usage: names_client.py FOLDER ROUNDS      (FOLDER is \\many of the share files)
"""
import concurrent.futures
import os
import sys

from livesmb import Client, check, equal, get, refused, report

folder, rounds = sys.argv[1], int(sys.argv[2])
client = Client()
tree = client.tree('files')


def local(name, text=''):
    with open(os.path.join(folder, name), 'a') as f:
        f.write(text)
    os.chmod(os.path.join(folder, name), 0o666)


def opens(name):
    """'' when the name can be opened, else the status."""
    status = refused(lambda: tree.open('many\\' + name, access=0x80).close())
    return '' if status == 'went through' else status


def listed(pattern):
    return sorted(e.get_longname() for e in client.smb.listPath('files', 'many\\' + pattern))


def created_is_seen():
    for i in range(rounds):
        local('Made-%d' % i)
        equal(opens('mADE-%d' % i), '')
        equal(opens('mADE-%d' % (i + 1)), 'STATUS_OBJECT_NAME_NOT_FOUND')


def renamed_is_seen():
    for i in range(rounds):
        os.rename('%s/Made-%d' % (folder, i), '%s/Moved-%d' % (folder, i))
        equal(opens('mOVED-%d' % i), '')
        equal(opens('MADE-%d' % i), 'STATUS_OBJECT_NAME_NOT_FOUND')


def appended_is_seen():
    local('Grows')
    for i in range(1, 51):
        local('Grows', 'x')
        equal(len(get(client, 'files', 'many\\GROWS')), i)
        equal([e.get_filesize() for e in client.smb.listPath('files', 'many\\gROWS')], [i])


def removed_is_seen():
    for i in range(rounds):
        os.unlink('%s/Moved-%d' % (folder, i))
        equal(opens('moved-%d' % i), 'STATUS_OBJECT_NAME_NOT_FOUND')


def collisions_are_seen():
    """A new name is refused when a local program has just made it in another spelling."""
    for i in range(50):
        local('Taken-%d' % i)
        equal(refused(tree.open, 'many\\TAKEN-%d' % i, 'create'), 'STATUS_OBJECT_NAME_COLLISION')
        os.unlink('%s/Taken-%d' % (folder, i))
        tree.open('many\\TAKEN-%d' % i, 'create').close()
        check(os.path.exists('%s/TAKEN-%d' % (folder, i)), 'it has the new spelling')


def listings_follow():
    for i in range(20):
        local('List-%d.new' % i)
        equal(len(listed('list-*.NEW')), i + 1)
    for i in range(20):
        os.unlink('%s/List-%d.new' % (folder, i))
        equal([n for n in listed('*') if n == 'List-%d.new' % i], [])


def whole_folder_changes():
    """More changes at once than the system keeps for who is asleep."""
    for i in range(20000):
        os.rename('%s/Entry-%d' % (folder, i % 100), '%s/Other-%d' % (folder, i % 100))
        os.rename('%s/Other-%d' % (folder, i % 100), '%s/Entry-%d' % (folder, i % 100))
    local('Last')
    equal(opens('LAST'), '')
    equal(opens('OTHER-7'), 'STATUS_OBJECT_NAME_NOT_FOUND')
    equal(opens('ENTRY-7'), '')


def many_clients_at_once():
    """Each on a connection of its own, so on other workers, in the same folder."""
    def play(number):
        with Client() as own:
            files = own.tree('files')
            for i in range(max(rounds // 5, 20)):
                name = 'Crowd-%d-%d' % (number, i)
                local(name)
                files.open('many\\' + name.upper(), access=0x10080).close()
                equal(refused(files.open, 'many\\' + name.lower(), 'create'), 'STATUS_OBJECT_NAME_COLLISION')
                os.unlink(os.path.join(folder, name))
                equal(refused(files.open, 'many\\' + name.lower(), access=0x80), 'STATUS_OBJECT_NAME_NOT_FOUND')
                files.open('many\\' + name.lower(), 'create').close()
                os.unlink(os.path.join(folder, name.lower()))
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(play, range(6)))


def odd_names_are_reached():
    """What Windows cannot write has stand-ins in listings, by which it is opened."""
    for name in (b'12:30?', b'caf\xe9', b'dot.', b'back\\slash'):
        with open(os.path.join(os.fsencode(folder), name), 'w') as f:
            f.write('odd')
        os.chmod(os.path.join(os.fsencode(folder), name), 0o666)
    for name in ('12\uf02230\uf025', 'caf\uf0e9', 'dot\uf029', 'back\uf026slash'):
        check(name in listed('*'), 'listed: %r' % name)
        equal(get(client, 'files', 'many\\' + name), b'odd')


for test in (created_is_seen, renamed_is_seen, appended_is_seen, removed_is_seen, collisions_are_seen,
             listings_follow, many_clients_at_once, whole_folder_changes, odd_names_are_reached):
    report('names-' + test.__name__.replace('_', '-'), test)
client.close()
