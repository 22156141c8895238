# SPDX-License-Identifier: Apache-2.0
# made.sh: what smb3bench has made, put away. Source it after tests/lib/server.sh.
# shellcheck shell=bash

# put_away OPTIONS: after a run of smb3bench that only creates. What it has made stays, out of the way (ext4
# without a journal passes over inodes that were freed in the last minutes one by one when it makes new ones), and is
# on the disk before anything else is measured.
put_away() {
	[[ " $1 " == *" -w create "* ]] || return 0
	mv "$T/files/bench.d" "$(mktemp -d "$T/files/made-XXXXXX")"
	sync -f "$T/files"
}
