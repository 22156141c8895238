#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# secrets.sh: no key outlives its session in the memory of the server, and a crash leaves no image of it.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin secrets
skipped() { skip secrets "$1"; exit 0; }
is_smb3d || skipped "about our own program"
is_root || skipped "only root can read the memory of a server that is confined"
! nm -D "$SMB3D_BUILD"/.libs/libsmb3core.so 2>/dev/null | grep -qE '__(asan|tsan)_init' ||
	skipped "a sanitizer keeps freed memory, and its shadow is vast"

share_new files
server_begin
scan() { relay python "$top/tests/live/secrets_client.py" "$S_PID" "$1"; }
scan signed
check secrets-password-changed peer_user_passwd "$S_USER" 'Another.word-2'
check secrets-second-changed peer_user_passwd "$S_USER2" 'Another.word-2'
scan changed

# ---- a crash ----

# The kernel would write it where the server is, or hand it to a program: it does neither.
check secrets-core-limit awk '/^Max core file size/ { exit !($5 == 1 && $6 == 1) }' "/proc/$S_PID/limits"
before=$(ls /core* 2>/dev/null)
kill -ABRT "$S_PID"
check secrets-aborted until_true 30 server_gone
wait "$S_PID" 2>/dev/null
status=$?
S_PID=
check secrets-aborted-by-signal test $status = 134
check secrets-no-core-file test "$before" = "$(ls /core* 2>/dev/null)"

# Sealed sessions have keys of their own for that.
S_EXTRA='encrypt = { require = true; };'
peer_configure && server_run || { fail secrets-start-sealed "no server"; exit 1; }
check secrets-password-back peer_user_passwd "$S_USER" "$S_PASSWORD"
[ ! -e "$SMB3D_BUILD/modules.d/encrypt.so" ] || scan sealed
test_end
