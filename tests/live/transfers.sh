#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# transfers.sh: a 1 GiB file and a tree of 10,000 small files, up and down, identical.
# SMB3D_CHECK_QUICK makes it smaller, TRANSFER_MIB and TRANSFER_FILES set the sizes.
set -u
. "$(dirname "$0")/../lib/server.sh"

[ -z "${SMB3D_CHECK_QUICK-}" ] || { : "${TRANSFER_MIB=64}" "${TRANSFER_FILES=1000}"; }
mib=${TRANSFER_MIB:-1024}
files=${TRANSFER_FILES:-10000}

# Numbered blocks, so that a block in the wrong place shows.
make_large() {
	/usr/bin/python3 - "$1" "$mib" <<-'END'
		import os, struct, sys
		block = os.urandom(1 << 20)
		with open(sys.argv[1], "wb") as out:
		    for i in range(int(sys.argv[2])):
		        out.write(struct.pack("<Q", i) + block[8:])
		    out.write(b"odd end")
	END
}

make_tree() {
	/usr/bin/python3 - "$1" "$files" <<-'END'
		import os, random, sys
		random.seed(7)
		for i in range(int(sys.argv[2])):
		    folder = os.path.join(sys.argv[1], "d%02d" % (i % 50), "e%d" % (i % 4))
		    os.makedirs(folder, exist_ok=True)
		    name = os.path.join(folder, "file %05d %s.txt" % (i, "äöü日"[i % 4]))
		    with open(name, "wb") as out:
		        out.write(random.randbytes(random.choice((0, 1, 100, 1000, 4096, 9000))))
		    os.utime(name, (1500000000 + i, 1500000000 + i))
	END
}

# Content, names and folders; sizes and modification times in seconds.
facts() { (cd "$1" && find . -type f -printf '%P %s %Ts\n' -o -type d -printf '%P/\n' | sort); }
same_tree() {
	diff -rq "$1" "$2" | head -n 3 | grep . && return 1
	facts "$1" >"$T/facts-a"
	facts "$2" >"$T/facts-b"
	diff "$T/facts-a" "$T/facts-b" | head -n 5 | grep . && return 1
	[ "$(find "$2" -type f | wc -l)" = "$files" ]
}

space() {
	local free
	free=$(df -Pm "$T" | awk 'NR == 2 { print $4 }')
	[ "$free" -gt $((mib * 3 + 500)) ]
}

large_file() {
	local protection=$1
	check "transfers-large-put-$protection" smbc files "put large big" --client-protection="$protection"
	check "transfers-large-put-$protection-identical" cmp large "$T/files/big"
	check "transfers-large-get-$protection" smbc files "get big back" --client-protection="$protection"
	check "transfers-large-get-$protection-identical" cmp large back
	smbc files "del big" >/dev/null
	rm -f back
}

S_SIGNING=wanted
test_begin transfers
share_new files
server_begin
cd "$T/work" || exit 1

if space; then
	make_large large
	large_file off
	truncate -s $((64 << 20)) large
	large_file sign
	rm large
else
	skip transfers-large "less than $((mib * 3 + 500)) MiB free in $T"
fi

mkdir tree down
make_tree tree
tar -C tree -cf up.tar .
check transfers-tree-up smbc files "mkdir t; cd t; tar x up.tar"
check transfers-tree-up-identical same_tree tree "$T/files/t"
check transfers-tree-down smbc files "cd t; tar c down.tar"
tar -C down -xf down.tar 2>/dev/null
# smbclient's archive names begin with the folder on the share.
check transfers-tree-down-identical same_tree tree "$([ -d down/t ] && echo down/t || echo down)"
check transfers-tree-delete smbc files "deltree t"
check transfers-tree-gone test ! -e "$T/files/t"
test_end
