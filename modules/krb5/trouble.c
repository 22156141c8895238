// SPDX-License-Identifier: Apache-2.0
/*
 * trouble.c: what an error of the Kerberos library means: a status for the client, and for the log a
 * sentence that says what to do. RFC 4120 7.5.9
 */
#include "kerberos.h"

#include <gssapi/gssapi_krb5.h>
#include <krb5/krb5.h>
#include <stdio.h>

struct known {
	krb5_error_code code;
	ntstatus status;
	const char *text;
};

/* The library's own words: they have names and numbers. */
static void detail(OM_uint32 major, OM_uint32 minor, char *ret_text, size_t size)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored, more = 0;

	*ret_text = '\0';
	if (gss_display_status(&ignored, minor ? minor : major,
			       minor ? GSS_C_MECH_CODE : GSS_C_GSS_CODE, (gss_OID)gss_mech_krb5,
			       &more, &text) != GSS_S_COMPLETE)
		return;
	snprintf(ret_text, size, "%.*s", (int)text.length, (const char *)text.value);
	gss_release_buffer(&ignored, &text);
}

#define NEW_KEYTAB "export the keytab again, and let clients get new tickets (kdestroy, kinit)"

static const struct known known[] = {
	{ KRB5KRB_AP_ERR_SKEW, STATUS_TIME_DIFFERENCE_AT_DC,
	  "the clocks of client and server differ too much: set both, best by NTP" },
	{ KRB5KRB_AP_ERR_TKT_NYV, STATUS_TIME_DIFFERENCE_AT_DC,
	  "the ticket is not valid yet: set this machine's clock, best by NTP" },
	{ KRB5KRB_AP_ERR_TKT_EXPIRED, STATUS_LOGON_FAILURE,
	  "the ticket has expired: the user needs a new one (kinit)" },
	{ KRB5KRB_AP_ERR_BADKEYVER, STATUS_LOGON_FAILURE,
	  "the keytab lacks the key version of the ticket: " NEW_KEYTAB },
	{ KRB5_KT_KVNONOTFOUND, STATUS_LOGON_FAILURE,
	  "the keytab lacks the key version of the ticket: " NEW_KEYTAB },
	{ KRB5KRB_AP_ERR_BAD_INTEGRITY, STATUS_LOGON_FAILURE,
	  "the keytab's key is not the KDC's: " NEW_KEYTAB },
	{ KRB5KRB_AP_ERR_MODIFIED, STATUS_LOGON_FAILURE,
	  "the keytab's key is not the KDC's: " NEW_KEYTAB },
	{ KRB5KRB_AP_ERR_NOT_US, STATUS_LOGON_FAILURE,
	  "the ticket is for a service that the keytab has no key of: add it to the keytab" },
	{ KRB5KRB_AP_WRONG_PRINC, STATUS_LOGON_FAILURE,
	  "the ticket is for a service that the keytab has no key of: add it to the keytab" },
	{ KRB5KRB_AP_ERR_NOKEY, STATUS_LOGON_FAILURE,
	  "the keytab has no key for the ticket: " NEW_KEYTAB },
	{ KRB5_KT_NOTFOUND, STATUS_LOGON_FAILURE,
	  "the keytab has no key for the ticket: " NEW_KEYTAB },
	{ KRB5KRB_AP_ERR_REPEAT, STATUS_LOGON_FAILURE,
	  "this log-on was seen before: a replay, or a client that sent it twice" },
	{ KRB5KRB_AP_ERR_BADADDR, STATUS_LOGON_FAILURE,
	  "the ticket is for another address: get tickets without addresses" },
	{ KRB5_NOPERM_ETYPE, STATUS_LOGON_FAILURE,
	  "the ticket's encryption is not permitted (krb5.conf): give the service AES keys" },
	{ KRB5_PROG_ETYPE_NOSUPP, STATUS_LOGON_FAILURE,
	  "the ticket's encryption is unknown here: give the service AES keys" },
};

/* The library keeps the codes of its mechanism as they are, in unsigned form. */
ntstatus trouble(struct smb3_auth *auth, OM_uint32 major, OM_uint32 minor)
{
	bool malformed = GSS_ROUTINE_ERROR(major) == GSS_S_DEFECTIVE_TOKEN ||
			 GSS_ROUTINE_ERROR(major) == GSS_S_BAD_MECH;
	const char *text = malformed ? "malformed Kerberos token" : "Kerberos refuses the log-on";
	char words[100];

	detail(major, minor, words, sizeof(words));
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(known); i++) {
		if ((OM_uint32)known[i].code != minor)
			continue;
		snprintf(auth->reason, sizeof(auth->reason), "%s (%s)", known[i].text, words);
		return known[i].status;
	}
	snprintf(auth->reason, sizeof(auth->reason), "%s (%s)", text, words);
	return malformed ? STATUS_INVALID_PARAMETER : STATUS_LOGON_FAILURE;
}
