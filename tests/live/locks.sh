#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# locks.sh: byte-range locks between two clients, a client that dies with locks, many locks, and
# local programs that lock the same file.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin locks
if is_smb3d && [ ! -e "$SMB3D_BUILD/modules.d/lock.so" ]; then
	skip locks "the module lock is not built"
	test_end
	exit
fi
share_new files
share_new posix 'lock={ posix = true; }'
server_begin
export LOCKS_FOLDER=$T/posix
relay python "$top/tests/live/locks_client.py"
test_end
