// SPDX-License-Identifier: Apache-2.0
/*
 * protect.c: messages after the log-on, as DCE/RPC wants them: the signature stands apart from what it
 * is about, and all that sealing adds stands with it. RFC 4121 4.2, [MS-KILE] 3.4.5.4, 3.4.5.5
 */
#include "kerberos.h"

#include <errno.h>
#include <gssapi/gssapi_ext.h>

#define PARTS 4

static gss_buffer_desc buffer(const void *data, size_t len)
{
	return (gss_buffer_desc){ len, (void *)(uintptr_t)data };
}

static gss_iov_buffer_desc part(OM_uint32 type, const void *data, size_t len)
{
	return (gss_iov_buffer_desc){ type, buffer(data, len) };
}

/* The signature, then the PDU; what is not to be signed stands as nothing. */
static void parts_of(const struct smb3_auth_message *m, gss_iov_buffer_desc *parts)
{
	size_t end = m->at + m->data_len;

	parts[1] = part(GSS_IOV_BUFFER_TYPE_SIGN_ONLY, m->pdu, m->whole ? m->at : 0);
	parts[2] = part(GSS_IOV_BUFFER_TYPE_DATA, m->pdu + m->at, m->data_len);
	parts[3] = part(GSS_IOV_BUFFER_TYPE_SIGN_ONLY, m->pdu + end, m->whole ? m->len - end : 0);
}

static gss_buffer_desc signed_part(const struct smb3_auth_message *m)
{
	return m->whole ? buffer(m->pdu, m->len) : buffer(m->pdu + m->at, m->data_len);
}

static size_t seal_size(const struct kerberos *k)
{
	uint8_t data[16] = { 0 };
	const struct smb3_auth_message m = { .pdu = data, .len = 16, .data_len = 16 };
	gss_iov_buffer_desc parts[PARTS];
	OM_uint32 ignored;

	parts_of(&m, parts);
	parts[0] = part(GSS_IOV_BUFFER_TYPE_HEADER, NULL, 0);
	if (gss_wrap_iov_length(&ignored, k->gss, 1, GSS_C_QOP_DEFAULT, NULL, parts, PARTS) !=
	    GSS_S_COMPLETE)
		return 0;
	return parts[0].buffer.length;
}

static size_t sign_size(const struct kerberos *k)
{
	gss_iov_buffer_desc parts[2] = { part(GSS_IOV_BUFFER_TYPE_DATA, "", 1),
					 part(GSS_IOV_BUFFER_TYPE_MIC_TOKEN, NULL, 0) };
	OM_uint32 ignored;

	if (gss_get_mic_iov_length(&ignored, k->gss, GSS_C_QOP_DEFAULT, parts, 2) != GSS_S_COMPLETE)
		return 0;
	return parts[1].buffer.length;
}

size_t protect_size(const struct smb3_auth *auth, bool seal)
{
	const struct kerberos *k = auth->state;
	OM_uint32 ignored, flags = 0;

	if (!k->gss || gss_inquire_context(&ignored, k->gss, NULL, NULL, NULL, NULL, &flags, NULL,
					   NULL) != GSS_S_COMPLETE)
		return 0;
	/* Only so does all of a seal stand in one place. */
	if (seal)
		return flags & GSS_C_CONF_FLAG && flags & GSS_C_DCE_STYLE ? seal_size(k) : 0;
	return flags & GSS_C_INTEG_FLAG ? sign_size(k) : 0;
}

static int wrap_seal(const struct kerberos *k, const struct smb3_auth_message *m, uint8_t *ret_sign)
{
	gss_iov_buffer_desc parts[PARTS];
	OM_uint32 ignored;
	int sealed = 0;

	parts_of(m, parts);
	parts[0] = part(GSS_IOV_BUFFER_TYPE_HEADER, ret_sign, seal_size(k));
	if (gss_wrap_iov(&ignored, k->gss, 1, GSS_C_QOP_DEFAULT, &sealed, parts, PARTS) !=
	    GSS_S_COMPLETE)
		return -EIO;
	return sealed && parts[0].buffer.length == seal_size(k) ? 0 : -EIO;
}

int protect_wrap(struct smb3_auth *auth, const struct smb3_auth_message *m, uint8_t *ret_sign)
{
	const struct kerberos *k = auth->state;
	gss_buffer_desc data = signed_part(m), mic = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored;
	int err = -EIO;

	if (m->seal)
		return wrap_seal(k, m, ret_sign);
	if (gss_get_mic(&ignored, k->gss, GSS_C_QOP_DEFAULT, &data, &mic) == GSS_S_COMPLETE &&
	    mic.length == sign_size(k)) {
		memcpy(ret_sign, mic.value, mic.length);
		err = 0;
	}
	gss_release_buffer(&ignored, &mic);
	return err;
}

/* Whatever it answers besides "complete" (seen before, too early, ...) is not as it was sent. */
int protect_unwrap(struct smb3_auth *auth, const struct smb3_auth_message *m, const uint8_t *sign,
		   size_t sign_len)
{
	const struct kerberos *k = auth->state;
	gss_buffer_desc data = signed_part(m), token = buffer(sign, sign_len);
	gss_iov_buffer_desc parts[PARTS];
	OM_uint32 ignored, major;
	int sealed = 0;

	if (!m->seal)
		return gss_verify_mic(&ignored, k->gss, &data, &token, NULL) == GSS_S_COMPLETE ?
			       0 :
			       -EBADMSG;
	if (sign_len != seal_size(k))
		return -EBADMSG;
	parts_of(m, parts);
	parts[0] = part(GSS_IOV_BUFFER_TYPE_HEADER, sign, sign_len);
	major = gss_unwrap_iov(&ignored, k->gss, &sealed, NULL, parts, PARTS);
	return major == GSS_S_COMPLETE && sealed ? 0 : -EBADMSG;
}
