#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# limiter.sh: a thousand wrong passwords from one address, while a client at another one logs on as
# ever; bans and what lifts them.
#   GUESS_DELAY and GUESSES, for a run by hand: the delay of the server, in ms, and how many.
set -u
. "$(dirname "$0")/../lib/server.sh"

GUESS_DELAY=${GUESS_DELAY:-20}
GUESSES=${GUESSES:-1000}
S_LIMITER="delay = \"${GUESS_DELAY}ms\"; ban_after = 0;"
test_begin limiter
only_smb3d "about our own program"
needs limiter
share_new files
server_begin

guess() { client "$SMB3D_BUILD/tests/bench/guess" "$S_PORT" "$@" "$S_USER" "$S_PASSWORD"; }
# value LINE WORD: the word after it, on the line that begins so.
value() { awk -v line="$1" -v word="$2" 'index($0, line) == 1 { for (i = 1; i < NF; i++) if ($i == word) print $(i + 1) }' "$T/figures"; }

if [ -x "$SMB3D_BUILD/tests/bench/guess" ]; then
	check limiter-guessing guess "$GUESSES" 16
	cp "$T/said" "$T/figures"
	check limiter-one-guess-per-delay awk -v got="$(value guesses ms_per_guess)" -v want="$GUESS_DELAY" \
		'BEGIN { print got " ms for a guess"; exit !(got >= want) }'
	check limiter-others-log-on test "$(value 'client during' failed)" = 0
	check limiter-others-go-on test "$(value 'client during' logons)" -gt $((GUESSES / 20))
	refuse limiter-nothing-held-against-others 'nothing is held' smb3ctl limiter show 127.0.0.2
	sed 's/^/note: /' "$T/figures" >&2
	expect limiter-show 'address +127\.0\.0\.1 ' smb3ctl limiter show 127.0.0.1
else
	skip limiter-guessing "tests/bench/guess is not built (make check does)"
fi
check limiter-forget-all smb3ctl limiter unban all
check limiter-same-address-logs-on smbc files ls

# A ban, and what ends it.
wrong() { S_PASSWORD=wrong smbc files ls; }
S_LIMITER='delay = 0; ban_after = 3;'
peer_configure
check limiter-reload smb3ctl reload
for n in 1 2 3; do refuse "limiter-wrong-$n" STATUS_LOGON_FAILURE wrong; done
expect limiter-show-account "account +$S_USER +3 " smb3ctl limiter list
refuse limiter-banned 'NT_STATUS_|failed' smbc files ls
expect limiter-bans 'address +127\.0\.0\.1 ' smb3ctl limiter bans
expect limiter-ban-logged 'limiter: 127\.0\.0\.1 is banned for' cat "$S_LOG"
check limiter-metric sh -c "'$SMB3D_BUILD/smb3ctl' -c '$S_CONF' metrics | grep -q 'limiter_bans *1'"
refuse limiter-unban-nobody 'nothing is held' smb3ctl limiter unban 192.0.2.1
check limiter-unban smb3ctl limiter unban 127.0.0.1
check limiter-unbanned smbc files ls

# Those on the list may fail as often as they like.
S_LIMITER='delay = "30s"; ban_after = 3; exempt = [ "127.0.0.0/8" ];'
peer_configure
check limiter-reload-exempt smb3ctl reload
for n in 1 2 3 4 5; do refuse "limiter-exempt-$n" STATUS_LOGON_FAILURE wrong; done
check limiter-exempt smbc files ls

# A list that makes no sense is told.
S_LIMITER='exempt = [ "files.example" ];'
peer_configure
refuse limiter-bad-list 'files\.example' smb3ctl reload
S_LIMITER='delay = 0;'
peer_configure
test_end
