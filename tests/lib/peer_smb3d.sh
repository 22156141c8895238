# SPDX-License-Identifier: Apache-2.0
# peer_smb3d.sh: how server.sh configures and runs the server of this project.
# shellcheck shell=bash disable=SC2034,SC2154

PEER_MISSING="no smb3d in $SMB3D_BUILD (set SMB3D_BUILD)"

# For smb3ctl, which runs the server's program where a command needs no running server.
export SMB3D_MODULE_DIR=${SMB3D_MODULE_DIR:-$SMB3D_BUILD/modules.d}

peer_find() { [ -x "$SMB3D_BUILD/smb3d" ] && [ -x "$SMB3D_BUILD/smb3ctl" ]; }

# smb3ctl COMMAND...: the admin client of the test's server.
smb3ctl() { client "$SMB3D_BUILD/smb3ctl" -c "$S_CONF" "$@"; }

# smb3d ARGUMENT...: the server's program, for tests of its start; waits for its end.
# One that still runs after a while has started, which is its success.
smb3d() {
	local status=0
	client timeout 20 "$SMB3D_BUILD/smb3d" --module-dir "${S_MODDIR:-$SMB3D_BUILD/modules.d}" "$@" ||
		status=$?
	[ $status != 124 ] || { echo "it started"; status=0; }
	return $status
}

peer_configure() {
	[ -z "${SMB3D_CHECK_QUICK-}" ] || S_LATE=10s
	mkdir -p "$S_DIR/state" "$S_DIR/run"
	{
		printf 'server = { name = "%s"; workgroup = "WORKGROUP"; workers = %d;\n' \
			"$S_NAME" "$S_WORKERS"
		# A machine that is busy with a sanitizer holds a loop up, too.
		printf '\tlate = "%s"; inline_time = "%s";\n' "${S_LATE:-1s}" "${S_INLINE:-3ms}"
		[ -z "${S_BUSY_POLL-}" ] || printf '\tbusy_poll = %d;\n' "$S_BUSY_POLL"
		printf '\tstate_dir = "%s/state"; run_dir = "%s/run"; };\n' "$S_DIR" "$S_DIR"
		printf 'listen = ( { transport = "tcp"; address = "%s"; port = %d; } );\n' \
			"$S_HOST" "$S_PORT"
		printf 'modules = [ %s ];\n' "$(quoted_list $(peer_modules))"
		printf 'users = { file = "%s/users"; };\n' "$S_DIR"
		printf 'log = { file = "%s"; level = "%s"; };\n' "$S_LOG" "$S_LEVEL"
		case " $(peer_modules | tr '\n' ' ')" in
		*' limiter '*) printf 'limiter = { %s };\n' "$S_LIMITER" ;;
		esac
		case " $(peer_modules | tr '\n' ' ')" in
		*' rpc '*) printf 'rpc = { program = "%s/smb3-rpcd-here"; %s };\n' "$SMB3D_BUILD" "$S_RPC" ;;
		esac
		[ "$S_SIGNING" = required ] && [ -z "$S_SIGN" ] ||
			echo "sign = { require = $([ "$S_SIGNING" = required ] && echo true || echo false); $S_SIGN };"
		peer_confine
		printf '%s\n' "$S_EXTRA"
		printf 'shares = (\n'
		peer_shares
		# What is included begins with a comma: it stands behind other shares.
		[ -z "$S_INCLUDE" ] || printf '\t@include "%s"\n' "$S_INCLUDE"
		printf ');\n'
	} >"$S_CONF"
}

peer_modules() {
	local module
	echo $S_MODULES
	for module in $S_FEATURES; do
		[ ! -e "$SMB3D_BUILD/modules.d/$module.so" ] || echo "$module"
	done
}

# A server that is confined reaches its shares and little else. Sanitizers write reports and read
# programs for them; a build that measures coverage writes beside its objects.
peer_confine() {
	local reach=("$T/reports" "${S_REACH[@]}") reads=()
	[[ " $(peer_modules | tr '\n' ' ') " == *" confine "* ]] || return 0
	[ -z "$(find "$SMB3D_BUILD/core" -name '*.gcno' -print -quit 2>/dev/null)" ] ||
		reach+=("$SMB3D_BUILD")
	# smb3-rpcd is started later, and loads its libraries then.
	reads=("$SMB3D_BUILD/.libs")
	! is_sanitized || reads=("$SMB3D_BUILD")
	printf 'confine = { paths = [ %s ]; read_paths = [ %s ]; %s };\n' \
		"$(quoted_list "${reach[@]}")" "$(quoted_list "${reads[@]}")" "$S_CONFINE"
}

quoted_list() {
	local word sep=
	for word; do
		printf '%s"%s"' "$sep" "$word"
		sep=', '
	done
}

peer_shares() {
	local line fields word sep=
	for line in "${S_SHARES[@]}"; do
		IFS=$'\t' read -r -a fields <<<"$line"
		printf '%s\t{ name = "%s"; path = "%s";' "$sep" "${fields[0]}" "${fields[1]}"
		for word in "${fields[@]:2}"; do
			printf ' %s = %s;' "${word%%=*}" "${word#*=}"
		done
		printf ' }'
		sep=$',\n'
	done
	printf '\n'
}

peer_user_add() { printf '%s\n' "$2" | smb3ctl user add "$1" "${@:3}" >/dev/null; }

# Sanitizer reports go to a folder of their own, as a report on standard error
# would be lost in the log.
peer_run() {
	local reports=$T/reports
	# A session of its own, as a daemon has: the scheduler may share processors out by session.
	# One plain command, so that $! is the server itself; S_WRAP may hold a
	# command that runs it, such as setpriv.
	LSAN_OPTIONS="suppressions=$top/tests/lsan.supp:print_suppressions=0:${LSAN_OPTIONS-}" \
	ASAN_OPTIONS="log_path=$reports/asan:${ASAN_OPTIONS-}" \
	UBSAN_OPTIONS="log_path=$reports/ubsan:print_stacktrace=1:${UBSAN_OPTIONS-}" \
	TSAN_OPTIONS="log_path=$reports/tsan:suppressions=$top/tests/tsan.supp:${TSAN_OPTIONS-}" \
		"${S_INSIDE[@]}" "${S_SERVER_ON[@]}" setsid "${S_WRAP[@]}" "$SMB3D_BUILD/smb3d" -c "$S_CONF" -f \
		--module-dir "${S_MODDIR:-$SMB3D_BUILD/modules.d}" >>"$S_DIR/server.out" 2>&1 </dev/null &
	S_PID=$!
}

peer_kill() { kill -KILL "$S_PID" 2>/dev/null; }

peer_status_good() { [ "$1" = 0 ]; }

peer_user_passwd() { printf '%s\n' "$2" | smb3ctl user passwd "$1" >/dev/null; }
