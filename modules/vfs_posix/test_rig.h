// SPDX-License-Identifier: Apache-2.0
/*
 * test_rig.h: the share of the tests of one program: a fresh folder.
 */
#ifndef POSIX_TEST_RIG_H
#define POSIX_TEST_RIG_H

#include "vfsrig.h"

extern struct vfsrig *rig;

void rig_setup(void);
void rig_teardown(void);

#endif
