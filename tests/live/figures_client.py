# SPDX-License-Identifier: Apache-2.0
"""Logs in many times and then waits; for figures.sh."""
import sys

from livesmb import Client

clients = [Client(0x300) for _ in range(int(sys.argv[1]))]
for client in clients:
    client.tree('files')
print('%d connections, each with a tree' % len(clients), flush=True)
sys.stdin.readline()
