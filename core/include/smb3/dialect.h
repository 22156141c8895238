// SPDX-License-Identifier: Apache-2.0
/*
 * dialect.h: rows of kind DIALECT (one per revision) and NEGCTX (negotiate contexts of 3.1.1).
 * Rows are const; what differs per connection is copied into the connection.
 */
#ifndef SMB3_DIALECT_H
#define SMB3_DIALECT_H

#include <errno.h>
#include <smb3/base.h>
#include <smb3/cursor.h>

struct smb3_dialect {
	uint16_t revision;
	const char *name;      /* "3.1.1" */
	uint32_t capabilities; /* SMB2_GLOBAL_CAP_ that the dialect allows; negotiation masks them */
	uint32_t max_transact, max_read, max_write; /* upper limits; configuration may lower them */
	bool multi_credit;                          /* CreditCharge is honoured, 2.1 and later */
	bool contexts;                              /* NEGOTIATE has negotiate contexts */
	uint16_t sign_id; /* the signing algorithm unless a context chose another */
	/* Derives everything that the new keys need from session->key (first log-on): app, enc, dec
	 * and ch->sign_key; for a further channel (binding) only ch->sign_key, from the key of
	 * ch->auth, the log-on that binds. 0; -ENOKEY: there is no key; or another -errno. */
	int (*derive)(struct smb3_channel *ch, bool binding);
	/* Preauthentication integrity: extends a 64-byte hash by a message. NULL: no such thing. */
	void (*transcript)(uint8_t hash[64], const void *pdu, size_t len);
};

struct smb3_negctx {
	uint16_t type;
	const char *name;
	bool required; /* NEGOTIATE without it is refused with INVALID_PARAMETER */
	/* The client's context; core's conn fields and slots take the result. Any error status ends
	 * the negotiation. */
	ntstatus (*parse)(struct smb3_conn *conn, struct smb3_cursor *data);
	/* Appends the reply's data; false: no such context in the reply. */
	bool (*build)(struct smb3_conn *conn, struct smb3_builder *out);
	/* Optional: called when the client sent no such context. */
	void (*absent)(struct smb3_conn *conn);
};

static inline bool smb3_negctx_offers(struct smb3_cursor ids, int id)
{
	while (smb3_cursor_left(&ids) >= 2)
		if (smb3_get_u16(&ids) == id)
			return true;
	return false;
}

/* For contexts that are a count and that many numbers (u16), of which one is taken: the first of
 * names, our order, whose number is among them. Or -EINVAL: no such list, or an empty one; -ENOENT:
 * nothing in common. number() has -1 for a name that it does not know. */
static inline int smb3_negctx_choose(struct smb3_cursor *data, const char *const *names,
				     int (*number)(const char *name))
{
	size_t count = smb3_get_u16(data);
	const uint8_t *list = smb3_get_bytes(data, count * 2);
	struct smb3_cursor ids = smb3_cursor_init(list, list ? count * 2 : 0);

	if (!smb3_cursor_ok(data) || !count)
		return -EINVAL;
	for (; *names; names++) {
		int id = number(*names);

		if (id >= 0 && smb3_negctx_offers(ids, id))
			return id;
	}
	return -ENOENT;
}

#endif
