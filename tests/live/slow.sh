#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# slow.sh: a share whose storage takes 20 ms for each read does not make clients of another share wait for it, however
# many such reads are under way, on one loop, too.
set -u
. "$(dirname "$0")/../lib/server.sh"

S_FEATURES="$S_FEATURES vfs_fault"
only_smb3d "the delay is a module's"
needs vfs_fault
needs_bench
S_WORKERS=1
test_begin slow
share_new files
share_new slow vfs_fault='{ enabled = true; rules = [ "read delay=20ms" ]; }'
server_begin

smb3bench_behind -c 4 -d 8 -s 64K -f 1M -t 5 -w read --json "$T/readers.json" "$S_HOST" slow >"$T/readers" 2>&1 &
readers=$!
sleep 2
meanwhile() { smb3bench -f 1M -s 4K -t 1 --json "$T/json" -w open,read-random "$S_HOST" files; }
check slow-others-work meanwhile
cat "$T/json"
# Who waited for a single one of these reads would take 20 ms.
check slow-nobody-waits jq -es 'length == 2 and all(.p99_us < 20000 and .ops > 100)' "$T/json"
wait $readers
cat "$T/readers.json"
check slow-readers-were-there jq -e '.ops > 50 and .p50_us >= 20000' "$T/readers.json"
test_end
