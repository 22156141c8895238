# SPDX-License-Identifier: Apache-2.0
# lua_client.py: has a file of a share open and does what it is told, a line each: write, read, make.
import os
import sys

from impacket.smb3 import SMB3, SessionError
from impacket.smb3structs import FILE_READ_DATA, FILE_WRITE_DATA, FILE_SHARE_READ

user, password = os.environ["SMB_AUTH"].split(":", 1)
client = SMB3("*SMBSERVER", os.environ["SMB_HOST"], sess_port=int(os.environ["SMB_PORT"]))
client.login(user, password)
tree = client.connectTree(sys.argv[1])
opened = client.create(tree, "plan.txt", FILE_READ_DATA | FILE_WRITE_DATA, FILE_SHARE_READ, 0, 5, 0)


def do(word):
    if word == "write":
        client.write(tree, opened, b"text", 0, 4)
    elif word == "read":
        client.read(tree, opened, 0, 4)
    else:
        client.close(tree, client.create(tree, "new.txt", FILE_WRITE_DATA, FILE_SHARE_READ, 0, 5, 0))


for line in sys.stdin:
    try:
        do(line.strip())
        print("done", flush=True)
    except SessionError as error:
        print("denied" if error.get_error_code() == 0xC0000022 else str(error), flush=True)
