# SPDX-License-Identifier: Apache-2.0
# lib.sh: what scripts/serve and scripts/check share: words, packages, building. Source it.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# What each job needs, as PROBE=PACKAGE: a command, a header (h:) or a pkg-config name (p:), and the
# Debian package that brings it.
needs_build='gcc=gcc make=make autoreconf=autoconf automake=automake libtoolize=libtool
	pkg-config=pkg-config h:stdio.h=libc6-dev h:ev.h=libev-dev p:libconfig=libconfig-dev
	p:libcrypto=libssl-dev p:libseccomp=libseccomp-dev'
needs_tests='p:criterion=libcriterion-dev clang=clang clang-format=clang-format
	h:clang:sanitizer/asan_interface.h=libclang-rt-dev lua5.4=lua5.4 p:lua5.4=liblua5.4-dev
	git=git python3=python3 smbclient=smbclient smbtorture=samba-testsuite ip=iproute2
	iptables=iptables mkfs.btrfs=btrfs-progs setpriv=util-linux setfattr=attr setfacl=acl jq=jq shellcheck=shellcheck mandoc=mandoc xz=xz-utils
	p:mit-krb5-gssapi=libkrb5-dev krb5kdc=krb5-kdc kadmin.local=krb5-admin-server kinit=krb5-user faketime=faketime
	python3:impacket=python3-impacket python3:samba=python3-samba'
needs_vm='qemu-system-x86_64=qemu-system-x86 busybox=busybox-static cpio=cpio zstd=zstd'

say() { printf '%s\n' "$*"; }
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# have PROBE: whether it is there.
have() {
	case $1 in
	h:clang:*) echo "#include <${1#h:clang:}>" | clang -E - >/dev/null 2>&1 ;;
	h:*) echo "#include <${1#h:}>" | cc -E - >/dev/null 2>&1 ;;
	p:*) pkg-config --exists "${1#p:}" 2>/dev/null ;;
	python3:*) /usr/bin/python3 -c "import ${1#*:}" >/dev/null 2>&1 ;;
	*) command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] ;;
	esac
}

# missing_packages NEED...: prints the packages whose probe finds nothing.
missing_packages() {
	local need packages=()
	for need; do
		have "${need%%=*}" || packages+=("${need#*=}")
	done
	[ ${#packages[@]} = 0 ] || printf '%s\n' "${packages[@]}" | sort -u | tr '\n' ' ' | sed 's/ $//'
}

# as_root COMMAND...: runs it as root, or fails when there is no way to.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
		sudo "$@"
	else
		return 1
	fi
}

# install_packages LOG NEED...: installs what is missing, or says what to install and ends.
install_packages() {
	local log=$1 packages
	shift
	packages=$(missing_packages "$@")
	[ -n "$packages" ] || return 0
	command -v apt-get >/dev/null ||
		die "these are missing (Debian's names of the packages): $packages. Install them and try again"
	say "installing $packages"
	# shellcheck disable=SC2086
	apt_install $packages >"$log" 2>&1 || {
		tail -n 5 "$log" >&2
		die "cannot install packages here. As root: apt-get install $packages"
	}
	packages=$(missing_packages "$@")
	[ -z "$packages" ] || die "still missing after installing: $packages (see $log)"
}

apt_install() {
	local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
	as_root "${apt[@]}" install -y --no-install-recommends "$@" ||
		{ as_root "${apt[@]}" update && as_root "${apt[@]}" install -y --no-install-recommends "$@"; }
}

# logged LOG COMMAND...: runs it with its output in LOG; when it fails, shows the errors or the end.
logged() {
	local log=$1
	shift
	"$@" >>"$log" 2>&1 && return 0
	{ grep -aE '(error|Error [0-9]+|undefined reference|No rule to make)' "$log" || tail -n 15 "$log"; } |
		tail -n 15 | sed 's/^/    /' >&2
	return 1
}

jobs_count() { nproc 2>/dev/null || echo 2; }

# autogen LOG: makes ./configure when it is missing or older than what exists now.
autogen() {
	if [ -e "$top/configure" ] && [ ! -w "$top" ]; then
		return 0
	fi
	logged "$1" "$top/autogen.sh" || { say "autogen.sh failed, see $1" >&2; return 1; }
}

# build DIR LOG TARGETS CONFIGURE-ARGUMENT...: configures DIR once and makes the targets ("" is all).
# Without arguments DIR stays as it was configured, whatever for.
build() {
	local dir=$1 log=$2 targets=$3
	shift 3
	mkdir -p "$dir" || return 1
	if [ ! -e "$dir/Makefile" ] || { [ $# -gt 0 ] && [ "$(cat "$dir/.configured" 2>/dev/null)" != "$*" ]; }; then
		(cd "$dir" && logged "$log" "$top/configure" "$@") ||
			{ say "configure failed, see $log" >&2; return 1; }
		printf '%s\n' "$*" >"$dir/.configured"
	fi
	# shellcheck disable=SC2086
	logged "$log" make -C "$dir" -j"$(jobs_count)" $targets ||
		{ say "make failed, see $log" >&2; return 1; }
}
