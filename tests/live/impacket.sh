#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# impacket.sh: the python client impacket with each dialect it has.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin impacket
/usr/bin/python3 -c 'import impacket' 2>/dev/null || { skip impacket "python3-impacket is missing"; exit 0; }
share_new files
share_new readonly read_only=true
server_start || { fail impacket-start "no server"; exit 1; }
relay python "$top/tests/live/impacket_client.py"
test_end
