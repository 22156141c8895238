// SPDX-License-Identifier: Apache-2.0
/*
 * list.c: listing a folder as work for smb3bench: it is opened, asked for all that it has, and closed.
 */
#include "bench.h"

#define LIST          0x0081u /* FILE_LIST_DIRECTORY, FILE_READ_ATTRIBUTES */
#define SHARE_ALL     7u
#define LIST_SIZE     65536u
#define NO_MORE_FILES 0x80000006u

enum { DISPOSITION_OPEN = 1, OPTION_DIRECTORY = 1, CLASS_ID_BOTH = 37 };

static unsigned count_entries(struct smbc_part out)
{
	struct smbc_rd r = smbc_rd(out.p, out.n);
	unsigned n = 0;
	size_t at = 0;

	while (!r.bad && at < out.n) {
		struct smbc_rd entry = smbc_rd_sub(&r, at, 4);
		uint32_t next = smbc_get32(&entry);

		n++;
		if (!next)
			break;
		at += next;
	}
	return n;
}

unsigned bench_list_step(struct bench_lane *l, unsigned i)
{
	const struct smbc_create c = { .name = "bench.d",
				       .impersonation = SMB2_IMPERSONATION,
				       .access = LIST,
				       .share = SHARE_ALL,
				       .disposition = DISPOSITION_OPEN,
				       .options = OPTION_DIRECTORY };
	struct smbc_query_directory q = {
		.fid = l->fid, .info_class = CLASS_ID_BOTH, .max_out = LIST_SIZE, .pattern = "*"
	};

	if (i == 0) {
		l->more = true;
		smbc_put_create(bench_req(l, SMB2_CREATE), &c);
		return 1;
	}
	if (l->more) {
		smbc_put_query_directory(bench_req(l, SMB2_QUERY_DIRECTORY), &q);
		return 1;
	}
	if (!l->fid.temporary && !l->fid.persistent)
		return 0;
	smbc_put_close(bench_req(l, SMB2_CLOSE), l->fid, 0);
	l->fid = (struct smbc_fid){ 0 };
	return 1;
}

bool bench_list_reply(struct bench_lane *l, unsigned i, const struct smbc_req *req)
{
	struct smbc_created made;
	struct smbc_part out;

	if (req->hdr.command == SMB2_CREATE) {
		if (req->reply.hdr.status || smbc_create_reply(&req->reply, &made))
			return false;
		l->fid = made.fid;
		return true;
	}
	if (req->hdr.command == SMB2_QUERY_DIRECTORY) {
		l->more = req->reply.hdr.status == 0;
		if (!l->more)
			return req->reply.hdr.status == NO_MORE_FILES;
		if (smbc_output_reply(&req->reply, &out))
			return false;
		l->peer->bench->tally.entries += count_entries(out);
		return true;
	}
	return req->reply.hdr.status == 0;
}
