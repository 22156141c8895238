#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# examples.sh: the modules of modules/example, as they are built in the tree: `smb3ctl module test` plays the
# scenario of each against a server that loads it. tests/install does the same outside of the tree.
set -u
# shellcheck source=tests/lib/server.sh
. "$(dirname "$0")/../lib/server.sh"

# example KIND: its built module, on a server of its own. What failed is said last.
example() {
	local name=example_$1 from=$top/modules/example/$1 with=()
	[ "$1" != rpc ] || with=(--with rpc)
	export LSAN_OPTIONS="suppressions=$top/tests/lsan.supp:print_suppressions=0:${LSAN_OPTIONS-}"
	export TSAN_OPTIONS="suppressions=$top/tests/tsan.supp:${TSAN_OPTIONS-}"
	cp "$SMB3D_BUILD/modules/example/$1/.libs/$name.so" "$T/" || return 1
	SMB3D_SDK=$top/scripts SMB3D_WIRE=$top/tests/wire/lib SMB3D=$SMB3D_BUILD/smb3d \
		SMB3CTL=$SMB3D_BUILD/smb3ctl SMB3WIRE=$SMB3D_BUILD/tests/wire/smb3wire \
		SMB3_RPCD=$SMB3D_BUILD/smb3-rpcd-here client "$SMB3D_BUILD/smb3ctl" module test "${with[@]}" \
		--conf "$from/$name.conf" "$T/$name.so" "$from/$name.lua" >"$T/example" 2>&1 && return
	grep -m 1 -A 1 '^FAIL' "$T/example" | tail -n 1
	return 1
}

main() {
	local folder kind
	test_begin examples
	[ -x "$SMB3D_BUILD/tests/wire/smb3wire" ] || {
		skip examples "no smb3wire (it wants liblua5.4-dev and libssl-dev)"
		exit 0
	}
	for folder in "$top"/modules/example/*/; do
		kind=$(basename "$folder")
		[ -e "$SMB3D_BUILD/modules/example/$kind/.libs/example_$kind.so" ] || {
			skip "example-$kind" "it was not built"
			continue
		}
		check "example-$kind" example "$kind"
	done
	[ $T_FAILED = 0 ]
}

main
