// SPDX-License-Identifier: Apache-2.0
/*
 * terms.h: what is searched for. A client writes it as text, which smb3-rpcd reads; smb3d is given
 * terms, each after those that it puts together, and trusts them no more than the text.
 *
 *   terms    4 how many, terms
 *   term     b operation; of a comparison also: t attribute, b relation, b kind, b flags, and
 *            t text, 8 number, or 8 time
 */
#ifndef RPC_MDSSVC_TERMS_H
#define RPC_MDSSVC_TERMS_H

#include <smb3/arena.h>
#include <smb3/cursor.h>
#include <smb3/spotlight.h>

#define TERMS_MAX     64
#define TERM_TEXT_MAX 1024

/* Writes the terms of a query in macOS' language, at the time now. 0; -EINVAL: it is no query, or
 * one of more than is known here (out is of no use then). */
int query_parse(const char *text, smb3_nttime now, struct smb3_arena *a, struct smb3_builder *out);

/* NULL, and the cursor is bad, for what are no terms. */
const struct smb3_term *terms_decode(struct smb3_arena *a, struct smb3_cursor *c);

#endif
