# SPDX-License-Identifier: Apache-2.0
"""What stop.sh asks for: connections that come and go at all stages, until nobody listens any more."""
import os
import socket
import threading

from livesmb import Client

WHERE = (os.environ['SMB_HOST'], int(os.environ['SMB_PORT']))
NEGOTIATE = bytes.fromhex('00000068' 'fe534d42' '4000') + bytes(98)
come = threading.Semaphore(0)


def raw(sent):
    while True:
        try:
            with socket.create_connection(WHERE, timeout=5) as s:
                s.sendall(sent)
                come.release()
        except ConnectionRefusedError:
            return
        except OSError:
            pass


def work():
    while True:
        try:
            with Client(timeout=5) as client:
                client.tree('files')
                come.release()
        except ConnectionRefusedError:
            return
        except Exception as e:  # whatever a server that goes away makes of a request
            if 'refused' in str(e):
                return


crowd = [threading.Thread(target=raw, args=(sent,), daemon=True) for sent in (b'', NEGOTIATE[:20], NEGOTIATE)]
crowd += [threading.Thread(target=work, daemon=True) for _ in range(2)]
for one in crowd:
    one.start()
for _ in range(40):
    come.acquire(timeout=30)
print('crowded', flush=True)
for one in crowd:
    one.join(30)
