#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# concurrency.sh: 32 clients on the same files, 4 workers. Run it on a build with
# ThreadSanitizer (--enable-tsan); any report fails it. CLIENTS and ROUNDS may be set.
set -u
. "$(dirname "$0")/../lib/server.sh"

S_WORKERS=4
test_begin concurrency
share_new files
server_begin
relay python "$top/tests/live/concurrency_client.py" "${CLIENTS:-32}" "${ROUNDS:-12}"
check concurrency-still-serves smbc files 'mkdir after; rmdir after'
test_end
