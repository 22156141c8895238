// SPDX-License-Identifier: Apache-2.0
/*
 * test_rig.c: see test_rig.h.
 */
#include "test_rig.h"

struct vfsrig *rig;

void rig_setup(void)
{
	rig = vfsrig_new("\"vfs_posix\"", NULL, NULL);
}

void rig_teardown(void)
{
	vfsrig_free(rig);
}
