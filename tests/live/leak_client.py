# SPDX-License-Identifier: Apache-2.0
"""Connections for leak.sh: proper ones, abandoned ones, failed log-ins, half-open ones."""
import os
import socket
import sys

from livesmb import Client, FILE_LIST_DIRECTORY, refused, report


def proper():
    with Client() as client:
        tree = client.tree('files')
        f = tree.open('leak', 'open_if')
        f.write(b'x' * 70_000)
        f.read(70_000)
        f.close()
        client.smb.listPath('files', '*')


def abandoned():
    """Opens of a file and of a folder, a session and a tree: all left behind."""
    client = Client()
    tree = client.tree('files')
    tree.open('leak', 'open_if').write(b'y')
    tree.open('', folder=True, access=FILE_LIST_DIRECTORY)
    client.drop()


def failed_login():
    assert refused(Client, password='wrong') == 'STATUS_LOGON_FAILURE'


def silent():
    socket.create_connection((os.environ['SMB_HOST'], int(os.environ['SMB_PORT']))).close()


def rubbish():
    with socket.create_connection((os.environ['SMB_HOST'], int(os.environ['SMB_PORT']))) as s:
        s.sendall(os.urandom(64))


def cycles():
    kinds = (proper, abandoned, failed_login, silent, rubbish)
    for i in range(int(sys.argv[1])):
        kinds[i % len(kinds)]()


report('leak-%s-connections' % sys.argv[1], cycles)
