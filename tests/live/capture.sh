#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# capture.sh: what somebody on the wire sees: with encryption neither content nor names, whatever is
# done and refused; without it both, so that this test would see them.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin capture
[ -n "$S_NETNS" ] || { skip capture "wants a network namespace of its own: root"; exit 0; }
if is_smb3d && [ ! -e "$SMB3D_BUILD/modules.d/encrypt.so" ]; then
	skip capture "the module encrypt is not built"
	exit 0
fi
content=Zinnober-Contents
names=(Quokka-Folder Wombat-File Numbat-Renamed Bilby-Missing Dunnart-Stream)
cd "$T/work" || exit 1
for ((i = 0; i < 60000; i++)); do printf '%s %05d\n' "$content" "$i"; done >local

# Everything with a name or content in it, and refusals of several kinds.
play() {
	smbc "$1" "mkdir ${names[0]}; cd ${names[0]}; put local ${names[1]}; ls; stat ${names[1]}; \
		rename ${names[1]} ${names[2]}; get ${names[2]} back; \
		put local ${names[2]}:${names[4]}; ls ${names[2]}; del ${names[2]}; cd ..; \
		rmdir ${names[0]}" "${@:2}" && cmp local back &&
		! smbc "$1" "get ${names[3]}; mkdir ${names[3]}/${names[3]}; rmdir ${names[3]}" "${@:2}"
}

# watched NAME SHARE OPTION...: play, and what came across goes to the file NAME.seen.
watched() {
	local status=0 pid stop
	rm -f stop
	mkfifo stop
	client /usr/bin/python3 "$top/tests/live/capture_watch.py" "$content" "${names[@]}" <stop >"$1.seen" &
	pid=$!
	exec {stop}>stop
	until_true 60 grep -q ready "$1.seen" && play "${@:2}" || status=1
	exec {stop}>&-
	wait "$pid" || status=1
	return $status
}

# Content goes each way three times at least: there, back and into the stream.
much() { awk '$1 == "bytes" && $2 > 3 * 1400000 { much = 1 } END { exit !much }' "$1.seen"; }
nothing_found() { much "$1" && ! grep found "$1.seen"; }
all_found() {
	local name status=0
	grep -q "found $content utf-8" "$1.seen" || { echo "no content"; status=1; }
	for name in "${names[@]}"; do
		grep -q "found $name utf-16-le" "$1.seen" || { echo "no $name"; status=1; }
	done
	return $status
}

share_new files
share_new safe 'encrypt={ require = true; }'
server_begin
check capture-clear watched clear files --client-protection=sign
check capture-clear-much much clear
check capture-clear-shows all_found clear
check capture-share watched share safe --client-protection=sign
check capture-share-hides nothing_found share
check capture-client watched client files --client-protection=encrypt
check capture-client-hides nothing_found client
check capture-first-server-ends server_clean

# A server that demands it hides the share's name as well.
S_EXTRA='encrypt = { require = true; };'
names+=(kowari-share)
share_new kowari-share
server_begin second-start
check capture-server watched server kowari-share --client-protection=sign
check capture-server-hides nothing_found server
for dialect in SMB3_00 SMB3_02; do
	check "capture-$dialect" watched "$dialect" kowari-share --max-protocol="$dialect"
	check "capture-$dialect-hides" nothing_found "$dialect"
done
test_end
