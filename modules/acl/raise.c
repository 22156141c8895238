// SPDX-License-Identifier: Apache-2.0
/*
 * raise.c: acting as the server for one call, where an ACL grants what permission bits do not.
 * Only the user for files changes, by a raw system call: it is per thread in the kernel. Groups
 * stay, so that what is made belongs to the user's group.
 */
#include "acl.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_setfsuid32 /* 32-bit machines: the plain name takes 16-bit ids */
#define CALL_SETFSUID SYS_setfsuid32
#else
#define CALL_SETFSUID SYS_setfsuid
#endif

/* Asked for an impossible user the call only answers the present one. */
static uint32_t present(void)
{
	return (uint32_t)syscall(CALL_SETFSUID, (uint32_t)-1);
}

struct acl_raised acl_raise(const struct acl_mount *m)
{
	struct acl_raised raised = { .uid = m->raises ? present() : 0 };

	if (!raised.uid)
		return raised;
	syscall(CALL_SETFSUID, 0);
	raised.on = true;
	return raised;
}

void acl_lower(struct acl_raised raised)
{
	if (!raised.on)
		return;
	syscall(CALL_SETFSUID, raised.uid);
	if (present() == raised.uid)
		return;
	smb3_log(SMB3_LOG_ERROR, "a thread could not take back the user that it acts as; "
				 "ending here rather than serve files as the wrong user");
	abort();
}
