#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# uncopied.sh: large reads in clear go past the server's memory, signed and encrypted ones do not, and
# who may not write a file, for whom the kernel does not tell what is cached, gets the same bytes.
set -u
. "$(dirname "$0")/../lib/server.sh"

only_smb3d "looks at a counter of smb3d's"
make_file() {
	/usr/bin/python3 - "$1" <<-'END'
		import os, struct, sys
		with open(sys.argv[1], "wb") as out:
		    for i in range(16):
		        out.write(struct.pack("<Q", i) + os.urandom((1 << 20) - 8))
		    out.write(b"odd end")
	END
}

# Bytes that went uncopied while the command ran.
uncopied() {
	local before after
	before=$(counter)
	"$@" >&2 || return 1
	after=$(counter)
	echo $((after - before))
}
counter() { smb3ctl metrics | awk '$1 == "tcp_uncopied_bytes" { print $2 }'; }
get() { smbc files "get $1 back" --client-protection="$2" && cmp "$T/files/$1" back; }
most() { [ "$(uncopied get "$@")" -ge $((8 << 20)) ]; }
none() { [ "$(uncopied get "$@")" = 0 ]; }

S_SIGNING=wanted
test_begin uncopied
share_new files
make_file "$T/files/large"
server_begin
cd "$T/work" || exit 1
[ -n "$(counter)" ] && ok uncopied-counter || fail uncopied-counter "$(smb3ctl metrics | head -n 3)"
! is_root || chown "$S_USER:" "$T/files/large"
check uncopied-clear most large off
check uncopied-signed none large sign
check uncopied-encrypted none large encrypt
make_file "$T/files/others"
chmod 444 "$T/files/others"
check uncopied-read-only-file get others off
check uncopied-again get others off
test_end
