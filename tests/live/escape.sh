#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# escape.sh: nothing outside a share's folder is reached: not by "..", not by absolute
# names, not by symbolic links, not by a folder that turns into a link at the wrong moment.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin escape
share_new files
mkdir -p "$T/outside" "$T/files/folder" "$T/files-not"
echo secret >"$T/outside/secret"
echo secret >"$T/files-not/secret"
echo content >"$T/files/folder/inside"
chmod 777 "$T/outside" "$T/files-not"
chmod 666 "$T/outside/secret" "$T/files-not/secret"
ln -s "$T/outside/secret" "$T/files/link-file"
ln -s "$T/outside" "$T/files/link-folder"
ln -s ../outside/secret "$T/files/link-up"
ln -s "$T/outside/made" "$T/files/link-dangling"
ln -s /proc/self/cwd "$T/files/link-magic"
ln -s link-loop "$T/files/link-loop"
server_start || { fail escape-start "no server"; exit 1; }
before=$(cd "$T" && find outside files-not | sort; cat "$T/outside/secret" "$T/files-not/secret")

relay python "$top/tests/live/escape_client.py" "$T/files" "$T/outside"
after=$(cd "$T" && find outside files-not | sort; cat "$T/outside/secret" "$T/files-not/secret")
check escape-outside-untouched test "$before" = "$after"
check escape-links-are-left test -L "$T/files/link-folder"
test_end
