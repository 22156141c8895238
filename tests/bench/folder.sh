#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# folder.sh: what opening, making, looking at and listing names costs in a small and in a large
# folder, beside Samba's smbd on the same file system in one run. Prints figures, judges nothing.
#   usage: folder.sh [-c COUNT] [-s SMALL] [-l LARGE]
#     -c COUNT  how often each thing is done (default 2000; at most 20 s each)
#     -s SMALL  entries of the small folder (default 1000)
#     -l LARGE  entries of the large one (default 100000)
# Environment: see tests/lib/server.sh; without smbd only this server is measured. The folders are
# made below TMPDIR.
# Figures are done in a second by one client that waits for each answer; list counts entries.
set -u

count=2000 small=1000 large=100000
while getopts c:s:l:-:h flag; do
	case $flag in
	c) count=$OPTARG ;;
	s) small=$OPTARG ;;
	l) large=$OPTARG ;;
	-|h) [ "$flag" = h ] || [ "$OPTARG" = help ] && sed -n '3,12s/^# //p' "$0"; exit 0 ;;
	*) sed -n '5,8s/^# //p' "$0" >&2; exit 2 ;;
	esac
done

# One server's run, in a process of its own: SERVER RESULTS.
measure() {
	export SMB3D_PEER=$1
	. "$(dirname "$0")/../lib/server.sh"
	local entries
	S_SIGNING=wanted
	test_begin "folder-$1"
	share_new files
	for entries in $small $large; do
		mkdir "$T/files/f$entries"
		seq -f 'Entry-%.0f' 0 $((entries - 1)) | (cd "$T/files/f$entries" && xargs touch)
	done
	! is_root || chown -R "$S_USER:" "$T/files"
	server_start || exit 1
	[ -x "$SMB3D_BUILD/tests/bench/folder" ] || { echo "build tests/bench/folder first" >&2; exit 1; }
	for entries in $small $large; do
		client "$SMB3D_BUILD/tests/bench/folder" "$S_HOST" "$S_PORT" files "$S_USER" \
			"$S_PASSWORD" "f$entries" "$entries" "$count" | sed "s/^/$1 $entries /" >>"$2"
	done
	server_stop
}

results=$(mktemp) || exit 1
trap 'rm -f "$results"' EXIT
for server in smb3d smbd; do
	(measure $server "$results") || exit 1
done
awk -v small="$small" -v large="$large" '
	{ rate[$1, $2, $3] = $4; if (!seen[$3]++) order[++n] = $3 }
	function ratio(a, b) { return b ? sprintf("%.2f", a / b) : "-" }
	END {
		printf "%-10s %10s %10s %7s %10s %10s %7s %9s %9s\n", "a second", "smb3d " small,
			large, "ratio", "smbd " small, large, "ratio", "ours:smbd", "at " large
		for (i = 1; i <= n; i++) {
			o1 = rate["smb3d", small, order[i]]; o2 = rate["smb3d", large, order[i]]
			s1 = rate["smbd", small, order[i]]; s2 = rate["smbd", large, order[i]]
			printf "%-10s %10.0f %10.0f %7s %10.0f %10.0f %7s %9s %9s\n", order[i], o1, o2,
				ratio(o2, o1), s1, s2, ratio(s2, s1), ratio(o1, s1), ratio(o2, s2)
		}
	}' "$results"
