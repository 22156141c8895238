#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# names.sh: names in a folder of many entries that local programs change meanwhile: each change is
# seen by the next request, in every spelling. ROUNDS may be set.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin names
share_new files
mkdir "$T/files/many"
seq -f 'Entry-%.0f' 0 4999 | (cd "$T/files/many" && xargs touch)
! is_root || chown -R "$S_USER:" "$T/files"
server_begin
relay python "$top/tests/live/names_client.py" "$T/files/many" "${ROUNDS:-1000}"
test_end
