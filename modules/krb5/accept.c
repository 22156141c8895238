// SPDX-License-Identifier: Apache-2.0
/*
 * accept.c: the service's side of GSSAPI: a token in, a token out, and whom it was about.
 * RFC 2743, RFC 4121
 */
#include "kerberos.h"

#include <errno.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <stdio.h>
#include <stdlib.h>

#define NT_SECOND     10000000ull
#define UNIX_EPOCH_NT 116444736000000000ull

static ntstatus fail(struct smb3_auth *auth, ntstatus status, const char *reason)
{
	snprintf(auth->reason, sizeof(auth->reason), "%s", reason);
	return status;
}

static gss_buffer_desc buffer(const void *data, size_t len)
{
	return (gss_buffer_desc){ len, (void *)(uintptr_t)data };
}

/* ---- our keys ---- */

/* The cache of what has been seen lies with the server's other state: a file that anybody may make in
 * /var/tmp would let him keep users out. */
static bool credentials(struct smb3_auth *auth, const struct kerberos_conf *conf,
			OM_uint32 *ret_major, OM_uint32 *ret_minor)
{
	struct kerberos *k = auth->state;
	gss_OID_set_desc mechs = { 1, (gss_OID)gss_mech_krb5 };
	gss_key_value_element_desc element[2];
	gss_key_value_set_desc store = { 0, element };
	char cache[4096] = "none:";

	if (conf->replay_cache)
		snprintf(cache, sizeof(cache), "file2:%s/krb5.rcache2",
			 smb3_server_conf(auth->server)->state_dir);
	element[store.count++] = (gss_key_value_element_desc){ "rcache", cache };
	if (*conf->keytab)
		element[store.count++] = (gss_key_value_element_desc){ "keytab", conf->keytab };
	*ret_major = gss_acquire_cred_from(ret_minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechs,
					   GSS_C_ACCEPT, &store, &k->cred, NULL, NULL);
	return *ret_major == GSS_S_COMPLETE;
}

static ntstatus begin(struct smb3_auth *auth, const struct kerberos_conf *conf)
{
	struct kerberos_text why;
	OM_uint32 major, minor;

	if (!keytab_sound(conf, &why))
		return fail(auth, STATUS_NO_TRUST_LSA_SECRET, why.text);
	if (!credentials(auth, conf, &major, &minor)) {
		trouble(auth, major, minor);
		return STATUS_NO_TRUST_LSA_SECRET;
	}
	return STATUS_SUCCESS;
}

/* ---- a round trip ---- */

ntstatus accept_step(struct smb3_auth *auth, const struct kerberos_conf *conf,
		     struct smb3_cursor token, struct smb3_builder *out)
{
	struct kerberos *k = auth->state;
	gss_buffer_desc in = buffer(token.pos, smb3_cursor_left(&token));
	gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;
	ntstatus status = k->cred ? STATUS_SUCCESS : begin(auth, conf);
	OM_uint32 major, minor, ignored;

	if (status != STATUS_SUCCESS)
		return status;
	major = gss_accept_sec_context(&minor, &k->gss, k->cred, &in, GSS_C_NO_CHANNEL_BINDINGS,
				       NULL, NULL, &answer, NULL, NULL, NULL);
	if (GSS_ERROR(major)) {
		gss_release_buffer(&ignored, &answer);
		return trouble(auth, major, minor);
	}
	smb3_put_bytes(out, answer.value, answer.length);
	gss_release_buffer(&ignored, &answer);
	if (!smb3_builder_ok(out))
		return fail(auth, STATUS_INTERNAL_ERROR, "the Kerberos answer is too long");
	return major & GSS_S_CONTINUE_NEEDED ? STATUS_MORE_PROCESSING_REQUIRED : STATUS_SUCCESS;
}

/* ---- what it came to ---- */

static bool display(gss_name_t name, char *ret_text, size_t size)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored;
	bool fits;

	if (gss_display_name(&ignored, name, &text, NULL) != GSS_S_COMPLETE)
		return false;
	fits = text.length < size && !memchr(text.value, '\0', text.length);
	if (fits)
		snprintf(ret_text, size, "%.*s", (int)text.length, (const char *)text.value);
	gss_release_buffer(&ignored, &text);
	return fits;
}

/* The key of the acceptor if it made one, else the client's. [MS-SMB2] 3.3.5.5.3: all of it. */
static bool session_key(struct kerberos *k, struct ticket *t)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 ignored;
	bool found;

	found = gss_inquire_sec_context_by_oid(&ignored, k->gss, GSS_C_INQ_SSPI_SESSION_KEY,
					       &set) == GSS_S_COMPLETE &&
		set && set->count && set->elements[0].length;
	if (found) {
		size_t len = set->elements[0].length;

		memcpy(t->key, set->elements[0].value, len < sizeof(t->key) ? len : sizeof(t->key));
		t->key_len = len < 16 ? 16 : len < sizeof(t->key) ? len : sizeof(t->key);
		smb3_wipe(set->elements[0].value, len);
	}
	gss_release_buffer_set(&ignored, &set);
	return found;
}

/* The end as the ticket says it: what GSSAPI tells has the allowed clock skew added. Only a context that
 * is given away tells it, so a copy is. */
static bool ticket_end(struct kerberos *k, struct ticket *t)
{
	gss_buffer_desc saved = GSS_C_EMPTY_BUFFER;
	gss_krb5_lucid_context_v1_t *lucid = NULL;
	gss_ctx_id_t copy = GSS_C_NO_CONTEXT;
	OM_uint32 ignored;
	bool ok;

	if (gss_export_sec_context(&ignored, &k->gss, &saved) != GSS_S_COMPLETE)
		return false;
	ok = gss_import_sec_context(&ignored, &saved, &k->gss) == GSS_S_COMPLETE &&
	     gss_import_sec_context(&ignored, &saved, &copy) == GSS_S_COMPLETE &&
	     gss_krb5_export_lucid_sec_context(&ignored, &copy, 1, (void **)&lucid) ==
		     GSS_S_COMPLETE;
	smb3_wipe(saved.value, saved.length);
	gss_release_buffer(&ignored, &saved);
	gss_delete_sec_context(&ignored, &copy, NULL);
	if (!ok)
		return false;
	t->ends = UNIX_EPOCH_NT + (uint64_t)lucid->endtime * NT_SECOND;
	gss_krb5_free_lucid_sec_context(&ignored, lucid);
	return true;
}

/* 0 also when there is no PAC, or one that our key did not sign. */
static int pac_take(gss_name_t client, struct ticket *t)
{
	gss_buffer_desc name = buffer("urn:mspac:logon-info", 20), value = GSS_C_EMPTY_BUFFER;
	gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
	int authenticated = 0, complete = 0, more = -1, err = 0;
	OM_uint32 ignored;

	if (gss_get_name_attribute(&ignored, client, &name, &authenticated, &complete, &value,
				   &shown, &more) != GSS_S_COMPLETE)
		return 0;
	if (authenticated)
		err = pac_sids(value.value, value.length, &t->sids, &t->sids_len);
	gss_release_buffer(&ignored, &value);
	gss_release_buffer(&ignored, &shown);
	return err;
}

static ntstatus names_take(struct smb3_auth *auth, struct ticket *t)
{
	struct kerberos *k = auth->state;
	gss_name_t client = GSS_C_NO_NAME, service = GSS_C_NO_NAME;
	OM_uint32 ignored;
	ntstatus status = STATUS_SUCCESS;

	if (gss_inquire_context(&ignored, k->gss, &client, &service, NULL, NULL, NULL, NULL,
				NULL) != GSS_S_COMPLETE ||
	    !display(client, t->client, sizeof(t->client)) ||
	    !display(service, t->service, sizeof(t->service)))
		status = fail(auth, STATUS_LOGON_FAILURE, "a principal's name is too long");
	else if (pac_take(client, t))
		status = fail(
			auth, STATUS_LOGON_FAILURE,
			"the PAC is malformed, or has too many groups: ask who runs the domain");
	gss_release_name(&ignored, &client);
	gss_release_name(&ignored, &service);
	return status;
}

ntstatus accept_ticket(struct smb3_auth *auth, struct ticket *ret_ticket)
{
	ntstatus status = names_take(auth, ret_ticket);

	if (status == STATUS_SUCCESS &&
	    (!session_key(auth->state, ret_ticket) || !ticket_end(auth->state, ret_ticket)))
		status = fail(auth, STATUS_INTERNAL_ERROR,
			      "the Kerberos library tells neither key nor end of the ticket");
	return status;
}

void ticket_done(struct ticket *t)
{
	free(t->sids);
	smb3_wipe(t, sizeof(*t));
}

void accept_done(struct kerberos *k)
{
	OM_uint32 ignored;

	gss_delete_sec_context(&ignored, &k->gss, NULL);
	gss_release_cred(&ignored, &k->cred);
}

/* ---- SPNEGO's MIC over its list of mechanisms ---- */

int accept_mic_make(struct smb3_auth *auth, const void *data, size_t len,
		    struct smb3_builder *ret_mic)
{
	const struct kerberos *k = auth->state;
	gss_buffer_desc message = buffer(data, len), mic = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored;

	if (gss_get_mic(&ignored, k->gss, GSS_C_QOP_DEFAULT, &message, &mic) != GSS_S_COMPLETE)
		return -EIO;
	smb3_put_bytes(ret_mic, mic.value, mic.length);
	gss_release_buffer(&ignored, &mic);
	return 0;
}

int accept_mic_check(struct smb3_auth *auth, const void *data, size_t len, const void *mic,
		     size_t mic_len)
{
	const struct kerberos *k = auth->state;
	gss_buffer_desc message = buffer(data, len), token = buffer(mic, mic_len);
	OM_uint32 ignored;

	return GSS_ERROR(gss_verify_mic(&ignored, k->gss, &message, &token, NULL)) ? -EBADMSG : 0;
}
