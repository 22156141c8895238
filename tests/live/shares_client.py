# SPDX-License-Identifier: Apache-2.0
"""What shares.sh asks for: a share that takes two connections, however they come and go."""
import subprocess
import sys
import threading

from livesmb import Client, check, equal, refused, report

SHARE, OTHER = sys.argv[1:3]
USER, _, PASSWORD = OTHER.partition(':')
FULL = 'STATUS_REQUEST_NOT_ACCEPTED'


def enter(user=None, password=None):
    """A client that is connected to the share; impacket would share a second tree connect."""
    client = Client(user=user, password=password)
    try:
        client.inside = client.tree(SHARE)
    except Exception:
        client.close()
        raise
    return client


def leave(client):
    client.low.disconnectTree(client.inside.id)
    client.close()


def until_free():
    for _ in range(500):
        if refused(lambda: leave(enter())) == 'went through':
            return
    check(False, 'the places of a lost connection are never free')


def full():
    """A third is refused, whoever it is; one that goes makes room for one."""
    first, second = enter(), enter(USER, PASSWORD)
    equal(refused(enter), FULL)
    equal(refused(enter, USER, PASSWORD), FULL)
    leave(first)
    third = enter()
    equal(refused(enter), FULL)
    leave(second)
    leave(third)


def logged_off():
    """A log-off gives the place back without a tree disconnect."""
    for _ in range(5):
        enter().close()
    leave(enter())


def dropped():
    """A lost connection gives its place back, without saying good-bye."""
    for _ in range(10):
        enter().drop()
        enter(USER, PASSWORD).drop()
        until_free()


def raced():
    """Many at once: never more than two, and at the end there is room for two."""
    inside, most, lock = [0], [0], threading.Lock()

    def come_and_go():
        with Client() as client:
            for _ in range(30):
                try:
                    tree = client.tree(SHARE)
                except Exception:
                    continue
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with lock:
                    inside[0] -= 1
                client.low.disconnectTree(tree.id)

    threads = [threading.Thread(target=come_and_go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(0 < most[0] <= 2, 'as many as %d were in' % most[0])
    first, second = enter(), enter()
    equal(refused(enter), FULL)
    leave(first)
    leave(second)


def main():
    if len(sys.argv) > 3:
        enter(USER, PASSWORD)
        sys.exit(subprocess.call(sys.argv[3:]))
    for test in (full, logged_off, dropped, raced):
        report('shares-two-' + test.__name__.replace('_', '-'), test)


main()
