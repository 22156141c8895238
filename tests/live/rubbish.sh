#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rubbish.sh: one client sends rubbish while another copies files: the first loses its
# connection, the second notices nothing, and the server stays as it was.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rubbish
share_new files
server_begin
relay python "$top/tests/live/rubbish_client.py"
check rubbish-same-process kill -0 "$S_PID"
check rubbish-still-serves smbc files 'mkdir after; rmdir after'
test_end
