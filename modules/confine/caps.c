// SPDX-License-Identifier: Apache-2.0
/*
 * caps.c: what of root's power the process keeps: capabilities(7).
 */
#include "confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const names[] = {
	"chown",
	"dac_override",
	"dac_read_search",
	"fowner",
	"fsetid",
	"kill",
	"setgid",
	"setuid",
	"setpcap",
	"linux_immutable",
	"net_bind_service",
	"net_broadcast",
	"net_admin",
	"net_raw",
	"ipc_lock",
	"ipc_owner",
	"sys_module",
	"sys_rawio",
	"sys_chroot",
	"sys_ptrace",
	"sys_pacct",
	"sys_admin",
	"sys_boot",
	"sys_nice",
	"sys_resource",
	"sys_time",
	"sys_tty_config",
	"mknod",
	"lease",
	"audit_write",
	"audit_control",
	"setfcap",
	"mac_override",
	"mac_admin",
	"syslog",
	"wake_alarm",
	"block_suspend",
	"audit_read",
	"perfmon",
	"bpf",
	"checkpoint_restore",
};

static uint64_t word(const struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3],
		     bool effective)
{
	uint64_t low = effective ? data[0].effective : data[0].permitted;
	uint64_t high = effective ? data[1].effective : data[1].permitted;

	return low | high << 32;
}

int confine_caps_held(struct confine_caps *ret_caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	ret_caps->effective = word(data, true);
	ret_caps->permitted = word(data, false);
	return 0;
}

/* Whoever has no capability to take others out of the bounding set gains none from it either: no
 * program gives new privileges any more. */
static void bounding_drop(uint64_t keep)
{
	uint64_t raised = smb3_caps_raise(SMB3_CAP(CAP_SETPCAP));

	for (unsigned int i = 0; i < 64 && prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if (!(keep >> i & 1))
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	smb3_caps_lower(raised);
}

int confine_caps_keep(const struct confine_caps *keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };
	struct confine_caps held = { 0 };
	int err = confine_caps_held(&held);

	if (err)
		return err;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	bounding_drop(keep->permitted);
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].effective = (uint32_t)((held.effective & keep->effective) >> 32 * i);
		data[i].permitted = (uint32_t)((held.permitted & keep->permitted) >> 32 * i);
	}
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

void confine_caps_text(uint64_t caps, char *text, size_t size)
{
	size_t len = 0;

	snprintf(text, size, "none");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(names) && len < size; i++)
		if (caps >> i & 1)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "",
						names[i]);
}
