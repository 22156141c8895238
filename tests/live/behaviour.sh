#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# behaviour.sh: what two clients see of each other's streams, extended attributes, deletions,
# renames, oplocks and changes; what local programs do; a folder of many entries. Byte-range locks
# are in locks.sh, more of notifications in notify.sh, names under local changes in names.sh.
# ENTRIES may be set.
set -u
. "$(dirname "$0")/../lib/server.sh"

entries=${ENTRIES:-100000}
test_begin behaviour
/usr/bin/python3 -c 'import impacket' 2>/dev/null || { skip behaviour "python3-impacket is missing"; exit 0; }
share_new files
mkdir "$T/files/many" "$T/files/some"
(cd "$T/files/many" && seq -f 'Entry-%.0f' 0 $((entries - 1)) | xargs touch)
(cd "$T/files/some" && seq -f 'Entry-%.0f' 0 1999 | xargs touch)
! is_root || chown -R "$S_USER:" "$T/files"
server_begin

features=
for module in $(is_smb3d && peer_modules); do features="$features $module"; done
relay python "$top/tests/live/behaviour_client.py" "$T/files" "$entries" "$features"

# Another implementation's client lists the same.
counted() { [ "$(smbc files "cd many; ls $1" | grep -ci '^  entry-')" = "$2" ]; }
check behaviour-many-smbclient counted '*' "$entries"
check behaviour-many-smbclient-pattern counted 'ENTRY-?7' 9
# Two clients of Samba's library, which knows port 445 only.
if ! /usr/bin/python3 -c 'import samba.samba3.libsmb_samba_internal' 2>/dev/null; then
	skip behaviour-samba "python3-samba is missing"
elif [ "$S_PORT" != 445 ]; then
	skip behaviour-samba "the library connects to port 445 only, where ordinary users cannot listen"
else
	relay python "$top/tests/live/behaviour_samba.py" "$T/files" "$T/client.conf"
fi
test_end
