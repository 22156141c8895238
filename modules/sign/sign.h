// SPDX-License-Identifier: Apache-2.0
/*
 * sign.h: what the files of module sign share: an algorithm that has a file of its own.
 */
#ifndef SIGN_H
#define SIGN_H

#include <smb3/smb3.h>

/* For a row of kind SIGN. */
void *cmac_key(const uint8_t key[16]);
void cmac_free(void *ctx);
int cmac_sign(void *ctx, const struct smb3_sign_info *info, const struct iovec *iov, int n_iov,
	      uint8_t ret_signature[16]);

#endif
