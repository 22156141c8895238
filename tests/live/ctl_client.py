# SPDX-License-Identifier: Apache-2.0
"""Holds a file open for ctl.sh; at each line of input says whether the session is alive."""
import sys

from livesmb import Client

client = Client()
held = client.tree('files').open('held')
print('open', flush=True)
for line in sys.stdin:
    try:
        held.read(1)
        print('alive', flush=True)
    except Exception:  # a status or the end of the connection: the session is gone
        print('gone', flush=True)
