#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# startup.sh: a configuration or a module that is wrong stops the start: a message that
# names the place, a status that is not 0, and nothing that listens.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin startup
only_smb3d "about our own program"
share_new files
touch "$T/a-file"
peer_configure
good=$T/good.conf
S_MODDIR=$T/modules
cp "$S_CONF" "$good"
cp -r "$SMB3D_BUILD/modules.d" "$S_MODDIR"

silent_port() { ! server_answers; }

# starts_not NAME PATTERN: -t and a start both fail, say so, and nobody listens.
starts_not() {
	refuse "startup-$1-checked" "$2" smb3d -t -c "$S_CONF"
	refused_start "$1" "$2"
}

refused_start() {
	refuse "startup-$1" "$2" smb3d -f -c "$S_CONF"
	check "startup-$1-no-half-server" silent_port
}

# edited NAME PATTERN SED...: the same with a changed configuration.
edited() {
	local name=$1 pattern=$2
	shift 2
	sed "$@" "$good" >"$S_CONF"
	if cmp -s "$good" "$S_CONF"; then fail "startup-$name" "the edit changed nothing"; return; fi
	starts_not "$name" "$pattern"
}

check startup-good-checked smb3d -t -c "$good"
check startup-version-runs smb3d --version
# What is installed as it stands, and with each example that is commented out; the names that it
# takes as read are replaced by some that are here.
check startup-installed-configuration smb3d -t -c "$top/etc/smb3.conf"
sed -E -e 's/^(\t*)#[ \t]+(([a-z_]+ = |"|\{).*)$/\1\2/' \
	-e "s/\"@(team|editors)\"/\"@$(id -gn)\"/; s/force_group = \"team\"/force_group = \"$(id -gn)\"/" \
	-e "s/\"alice\"/\"$(id -un)\"/" -e "s|lua = \{ |&folders = [ \"$top/scripts/lua\" ]; |" \
	"$top/etc/smb3.conf" >"$S_CONF"
check startup-examples-are-there grep -q '^[[:space:]]*{ name = "homes"' "$S_CONF"
check startup-examples smb3d -t -c "$S_CONF"
# A folder that is not there may come later: said, but no reason not to start.
sed "s|path = \"$T/files\"|path = \"$T/nowhere\"|" "$good" >"$S_CONF"
check startup-share-path-missing-starts smb3d -t -c "$S_CONF"
said startup-share-path-missing-said "$T/nowhere"
expect startup-lists-modules 'vfs_posix' smb3d --modules

edited syntax 'server\.conf:[0-9]+' -e 's/^shares = (/shares = ((/'
edited unknown-group 'server\.conf:[0-9]+.*serverr' -e 's/^server =/serverr =/'
edited unknown-key 'server\.conf:[0-9]+.*workerss.*workers' -e 's/workers =/workerss =/'
edited unknown-share-key 'server\.conf:[0-9]+.*pathh.*path' -e 's/path =/pathh =/'
edited wrong-type 'server\.conf:[0-9]+.*workers' -e 's/workers = [0-9]*/workers = "many"/'
edited wrong-type-share 'server\.conf:[0-9]+.*path' -e 's/path = "[^"]*"/path = 7/'
edited port-range 'port.*65535' -e 's/ port = [0-9]*/ port = 70000/'
edited bad-address '300\.1\.1\.1' -e 's/address = "[^"]*"/address = "300.1.1.1"/'
edited unknown-transport 'pigeon' -e 's/transport = "tcp"/transport = "pigeon"/'
edited missing-module 'no_such_module' -e 's/modules = \[ /&"no_such_module", /'
edited module-path '\.\./files' -e 's/modules = \[ /&"..\/files", /'
edited share-path-file "$T/a-file" -e "s|path = \"$T/files\"|path = \"$T/a-file\"|"
edited share-twice 'files' -e 's/^\(.*{ name = "files".*}\)$/\1,\n\1/'

S_CONF=$T/not-there.conf
starts_not no-configuration 'not-there\.conf.*(No such file|not exist|cannot)'
S_CONF=$T/work
starts_not configuration-is-folder "$T/work"
S_CONF=$S_DIR/server.conf
if is_root && command -v setpriv >/dev/null; then
	cp "$good" "$S_CONF"
	chmod 600 "$S_CONF"
	as_nobody() {
		client timeout 30 setpriv --reuid=nobody --regid=nogroup --clear-groups "$SMB3D_BUILD/smb3d" \
			--module-dir "$S_MODDIR" -t -c "$S_CONF"
	}
	refuse startup-unreadable 'server\.conf.*[Pp]ermission' as_nobody
	chmod 644 "$S_CONF"
else
	skip startup-unreadable "dropping rights takes root"
fi

# Modules that must not be loaded, each in the place of a good one.
cp "$good" "$S_CONF"
bad_module() {
	starts_not "$1" "$2"
	cp -p "$SMB3D_BUILD/modules.d/info.so" "$S_MODDIR/info.so"
	chmod 755 "$S_MODDIR/info.so"
}
chmod 777 "$S_MODDIR/info.so"
bad_module module-writable 'info.*writ'
rm "$S_MODDIR/info.so"; ln -s "$SMB3D_BUILD/modules.d/info.so" "$S_MODDIR/info.so"
starts_not module-link 'info.*(regular file|symbolic link|link)'
rm "$S_MODDIR/info.so"
bad_module module-gone 'info'
echo 'not a library' >"$S_MODDIR/info.so"
bad_module module-text 'info'
cp "$S_MODDIR/dir.so" "$S_MODDIR/info.so"
bad_module module-other-name 'info.*dir|dir.*info'

compiled() {
	"${CC:-cc}" -shared -fPIC -I"$top/core/include" -o "$S_MODDIR/info.so" -x c - <<<"$1"
}
shape='const struct smb3_module smb3_module = { .magic = MAGIC, .abi = ABI, .name = "info",
	.version = "1", .summary = "s", .provides = (const struct smb3_provide[]){ SMB3_END } };'
if command -v "${CC:-cc}" >/dev/null; then
	compiled "#include <smb3/smb3.h>
		#define MAGIC SMB3_MODULE_MAGIC
		#define ABI SMB3_ABI + 1
		$shape" && bad_module module-abi 'info.*(ABI|abi)'
	compiled "#include <smb3/smb3.h>
		#define MAGIC 0x1234
		#define ABI SMB3_ABI
		$shape" && bad_module module-magic 'info.*(not a module|magic)'
	compiled 'int nothing_of_interest;' && bad_module module-no-symbol 'info.*(smb3_module|not a module)'
else
	skip startup-module-abi "no compiler"
fi

# Two that want the same: the first goes on, the second says what is in its way.
server_begin server
other=$T/other.conf
sed -e "s|$S_DIR/run|$T/other-run|; s|$S_DIR/state|$T/other-state|" "$S_CONF" >"$other"
mkdir -p "$T/other-run" "$T/other-state"
refuse startup-port-in-use "$S_PORT.*in use|in use.*$S_PORT" smb3d -f -c "$other"
sed -e "s|port = $S_PORT|port = $((S_PORT + 1))|" "$S_CONF" >"$other"
refuse startup-run-dir-in-use "$S_DIR/run" smb3d -f -c "$other"
check startup-first-goes-on smbc files ls
check startup-first-still-controlled smb3ctl status
test_end
