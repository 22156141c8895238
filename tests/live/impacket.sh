#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# impacket.sh: the python client impacket with each dialect it has.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin impacket
/usr/bin/python3 -c 'import impacket' 2>/dev/null || { skip impacket "python3-impacket is missing"; exit 0; }
share_new files
share_new readonly read_only=true
server_begin
relay python "$top/tests/live/impacket_client.py" signed
check impacket-first-server-ends server_clean
S_SIGNING=wanted
server_begin second-start
relay python "$top/tests/live/impacket_client.py" unsigned
test_end
