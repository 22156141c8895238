#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc.sh: many clients list shares and look up names at once: calls a second, how long they take, and
# what the memory of smb3-rpcd comes to. Run by hand: tests/bench/rpc.sh [CLIENTS [CALLS]]
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc-bench
for i in 1 2 3 4 5 6 7 8; do share_new "share$i"; done
server_start || { fail rpc-bench-start "no server"; exit 1; }
rpcd_pid() { smb3ctl rpc --json | sed -n 's/.*"pid" *: *\([0-9]*\).*/\1/p' | head -n 1; }
memory() { awk '$1 == "VmHWM:" || $1 == "VmRSS:" { printf "%s %s kB  ", $1, $2 } END { print "" }' "/proc/$1/status"; }

# The first call starts it; one client is what the others are compared with.
python "$top/tests/bench/rpc_load.py" 1 100 || fail rpc-bench-one "it failed"
pid=$(rpcd_pid)
echo "smb3-rpcd: $(memory "$pid")"
python "$top/tests/bench/rpc_load.py" "${1:-100}" "${2:-20}" || fail rpc-bench "it failed"
echo "smb3-rpcd: $(memory "$pid")"
check rpc-bench-same test "$(rpcd_pid)" = "$pid"
test_end
