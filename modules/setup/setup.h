// SPDX-License-Identifier: Apache-2.0
/*
 * setup.h: what the files of module setup share.
 */
#ifndef SETUP_H
#define SETUP_H

#include <smb3/smb3.h>

/* On each connection. */
struct setup_conn {
	bool multi_protocol; /* NEGOTIATE came as SMB1: the wildcard dialect may be answered */
};

extern struct smb3_slot setup_conn_slot;

extern const struct smb3_command negotiate_command;
extern const struct smb3_command session_setup_command;
extern const struct smb3_command logoff_command;
extern const struct smb3_command echo_command;
extern const struct smb3_layer smb1_layer;

/* The negotiate contexts of a 3.1.1 request; count of them start at offset. */
ntstatus contexts_parse(struct smb3_req *req, uint32_t offset, uint16_t count);
/* Appends those of the reply; their number. */
uint16_t contexts_build(struct smb3_req *req);

#endif
