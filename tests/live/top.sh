#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# top.sh: smb3ctl top, as plain text and on a terminal.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin top
only_smb3d "about our own program"
share_new files
server_begin
echo held >"$T/files/held"
chown "$S_USER:" "$T/files/held" 2>/dev/null

# A client that is there while the pictures are taken.
talk_begin python "$top/tests/live/ctl_client.py"
check top-holder heard open

once() { smb3ctl top --once -d 0.2 "$@"; }
expect top-once-user "^$S_USER +127\.0\.0\.1" once
expect top-once-share '^files +1 +1$' once
expect top-once-sums '^[0-9]+ operations/s, [0-9]+ errors/s, ' once
expect top-once-sorted 'by user$' once --sort user
check top-batch test "$(smb3ctl top -b -n 3 -d 0.1 | grep -c '^smb3d ')" = 3
refuse top-bad-sort 'cannot sort by "size"' smb3ctl top --once --sort size
refuse top-bad-delay 'no delay' smb3ctl top -d 0
refuse top-bad-count 'no count' smb3ctl top -n 0
refuse top-bad-option usage smb3ctl top --nonsense
refuse top-bad-word usage smb3ctl top now
expect top-help 'q ends' smb3ctl top --help

# The tests on a terminal print lines of their own.
python "$top/tests/live/top_client.py" "$SMB3D_BUILD/smb3ctl" -c "$S_CONF" 2>"$T/top.err" || {
	cat "$T/top.err" >&2
	fail top-terminal "the script ended badly"
}
exec {talk_in}>&-
server_stop
refuse top-no-server 'no server listens' once
check top-clean test -z "$(find "$T/reports" -type f)"
