#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# busy_poll.sh: a worker looks for the next request before it sleeps where that comes soon, does not when
# told not to, and never while nobody asks anything.
set -u
. "$(dirname "$0")/../lib/server.sh"

only_smb3d "looks at threads of smb3d"
needs_bench
readonly ASKED=2000
# How often its threads have gone to sleep, and the processor time it has had, in ticks.
sleeps() { cat "/proc/$S_PID"/task/*/status | awk '/^voluntary_ctxt_switches/ { n += $2 } END { print n }'; }
ticks() { sed 's/.*) //' "/proc/$S_PID/stat" | awk '{ print $12 + $13 }'; }
echoes() { smb3bench -S none -n "$ASKED" -w echo "$S_HOST" files; }
slept() {
	local before
	before=$(sleeps)
	echoes >&2 && echo $(($(sleeps) - before))
}
few() { [ "$(slept)" -lt $((ASKED / 2)) ]; }
many() { [ "$(slept)" -ge $((ASKED / 2)) ]; }
at_rest() {
	local before
	before=$(ticks)
	sleep 2
	[ $(($(ticks) - before)) -le 10 ]
}

turned_off() { sed -i 's/busy_poll = 1000/busy_poll = 0/' "$S_CONF" && smb3ctl reload; }

S_SIGNING=wanted S_BUSY_POLL=1000
test_begin busy_poll
share_new files
server_begin
check busy_poll-on until_true 60 few
# It never took as long as it may, so it has not given up: and yet it sleeps now.
check busy_poll-nobody-asks until_true 60 at_rest
check busy_poll-turned-off turned_off
check busy_poll-off until_true 60 many
test_end
