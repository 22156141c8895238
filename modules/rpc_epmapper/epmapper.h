// SPDX-License-Identifier: Apache-2.0
/*
 * epmapper.h: what the files of module rpc_epmapper share. [C706] appendix O, [MS-RPCE] 2.2.1.2
 */
#ifndef RPC_EPMAPPER_EPMAPPER_H
#define RPC_EPMAPPER_EPMAPPER_H

#include <smb3/rpcself.h>
#include <smb3/smb3.h>

struct epm_syntax {
	struct smb3_guid uuid;
	uint16_t major, minor;
};

/* What a tower says about where it leads. */
struct epm_tower {
	struct epm_syntax interface, transfer;
	bool pipes; /* to a named pipe, whichever */
};

/* One place where an interface is found. */
struct epm_place {
	const struct smb3_rpc_interface *interface;
	const char *pipe;
};

/* tower_length and octets, conformance first. False: no tower, and the reader may be bad. */
bool epm_get_tower(struct smb3_ndr_in *in, struct epm_tower *ret_tower);
void epm_put_tower(struct smb3_rpc_call *call, const struct epm_place *place);

static inline bool epm_same_guid(const struct smb3_guid *a, const struct smb3_guid *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

#endif
