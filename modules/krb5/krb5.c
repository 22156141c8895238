// SPDX-License-Identifier: Apache-2.0
/*
 * krb5.c: a log-on with a ticket. RFC 4120, RFC 4121, [MS-KILE] 3.4
 *
 * The mechanism has two OIDs, the standard's and the one that Windows once got wrong and still prefers;
 * tokens are the same. SPNEGO answers with the one that the client chose.
 */
#include "kerberos.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct kerberos_mod {
	_Atomic bool usable; /* there are keys, as far as was last seen */
};

static const struct smb3_auth_mech kerberos_mech, kerberos_windows_mech;

static struct smb3_mod *module_of(struct smb3_server *server)
{
	return smb3_module_of(server, &kerberos_mech);
}

/* ---- the log-on ---- */

/* 1.2.840.113554.1.2.2 */
static const uint8_t oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02 };
/* 1.2.840.48018.1.2.2 */
static const uint8_t windows_oid[] = { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02 };

/* The first token of GSSAPI, RFC 2743 3.1: 0x60, a length in DER, the OID. DCE/RPC sends the AP-REQ as it
 * is, RFC 4120 5.5.1. */
#define AP_REQ 0x6e

static bool kerberos_match(const uint8_t *token, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(token, len);
	uint8_t tag = smb3_get_u8(&c), size = smb3_get_u8(&c), begin[2];
	const uint8_t *found;

	if (size & 0x80)
		smb3_get_skip(&c, size & 0x7f);
	if (tag == AP_REQ)
		return true;
	begin[0] = smb3_get_u8(&c);
	begin[1] = smb3_get_u8(&c);
	found = smb3_get_bytes(&c, sizeof(oid));
	return found && tag == 0x60 && begin[0] == 0x06 && begin[1] == sizeof(oid) &&
	       (!memcmp(found, oid, sizeof(oid)) || !memcmp(found, windows_oid, sizeof(oid)));
}

static ntstatus ticket_take(struct smb3_auth *auth, const struct kerberos_conf *conf,
			    struct ticket *t)
{
	ntstatus status = accept_ticket(auth, t);

	snprintf(auth->who, sizeof(auth->who), "%s", t->client);
	if (status != STATUS_SUCCESS)
		return status;
	if (!service_is_ours(conf, t->service)) {
		snprintf(auth->reason, sizeof(auth->reason),
			 "the ticket is for %.80s, which is none of krb5.services", t->service);
		return STATUS_LOGON_FAILURE;
	}
	status = account_take(auth, conf, t);
	if (status != STATUS_SUCCESS)
		return status;
	auth->identity->mech = kerberos_mech.name;
	memcpy(auth->key, t->key, sizeof(auth->key));
	auth->key_len = t->key_len;
	auth->expires = t->ends;
	return STATUS_SUCCESS;
}

static ntstatus kerberos_step(struct smb3_auth *auth, const uint8_t *in, size_t len,
			      struct smb3_builder *out)
{
	const struct smb3_mod *mod = module_of(auth->server);
	const struct kerberos_conf *conf = atomic_load(&mod->conf);
	struct kerberos *k = auth->state;
	struct ticket t = { .ends = 0 };
	ntstatus status;

	if (k->ended) {
		snprintf(auth->reason, sizeof(auth->reason), "a message after the end of Kerberos");
		return STATUS_INVALID_PARAMETER;
	}
	status = accept_step(auth, conf, smb3_cursor_init(in, len), out);
	k->ended = status != STATUS_MORE_PROCESSING_REQUIRED;
	if (status != STATUS_SUCCESS)
		return status;
	status = ticket_take(auth, conf, &t);
	ticket_done(&t);
	return status;
}

static void kerberos_done(struct smb3_auth *auth)
{
	accept_done(auth->state);
}

static bool kerberos_available(struct smb3_server *server)
{
	const struct kerberos_mod *m = module_of(server)->data;

	return atomic_load(&m->usable);
}

/* ---- the module ---- */

static void keytab_look(struct smb3_mod *mod, const struct kerberos_conf *conf)
{
	struct kerberos_mod *m = mod->data;
	struct kerberos_text why;
	bool sound = keytab_sound(conf, &why);

	atomic_store(&m->usable, sound);
	if (!sound)
		smb3_log(SMB3_LOG_ERROR, "krb5: no log-on by Kerberos: %s; then smb3ctl reload",
			 why.text);
}

static bool kerberos_check(struct smb3_mod *mod, const void *new_conf,
			   struct smb3_conf_wrong *wrong)
{
	const struct kerberos_conf *conf = new_conf;
	struct kerberos_text why;

	wrong->option = "map";
	for (const char *const *rule = conf->map; *rule; rule++) {
		if (map_sound(*rule, &why))
			continue;
		snprintf(wrong->why, sizeof(wrong->why), "%s", why.text);
		return false;
	}
	wrong->option = "keytab";
	snprintf(wrong->why, sizeof(wrong->why), "is not a path that begins with a slash");
	if (*conf->keytab && *conf->keytab != '/')
		return false;
	wrong->option = "services";
	snprintf(wrong->why, sizeof(wrong->why), "is empty: no ticket would ever do");
	return *conf->services;
}

static int kerberos_init(struct smb3_mod *mod)
{
	mod->data = smb3_alloc(sizeof(struct kerberos_mod));
	keytab_look(mod, atomic_load(&mod->conf));
	return 0;
}

static int kerberos_reload(struct smb3_mod *mod, const void *new_conf)
{
	keytab_look(mod, new_conf);
	return 0;
}

static void kerberos_fini(struct smb3_mod *mod)
{
	free(mod->data);
	mod->data = NULL;
}

static const struct smb3_auth_mech kerberos_windows_mech = {
	.name = "krb5-windows",
	.oid = windows_oid,
	.oid_len = sizeof(windows_oid),
	.order = 100,
	.state_size = sizeof(struct kerberos),
	.step = kerberos_step,
	.done = kerberos_done,
	.mic_make = accept_mic_make,
	.mic_check = accept_mic_check,
	.available = kerberos_available,
	.wrap_size = protect_size,
	.wrap = protect_wrap,
	.unwrap = protect_unwrap,
};

static const struct smb3_auth_mech kerberos_mech = {
	.name = "krb5",
	.oid = oid,
	.oid_len = sizeof(oid),
	.order = 110,
	.state_size = sizeof(struct kerberos),
	.match = kerberos_match,
	.step = kerberos_step,
	.done = kerberos_done,
	.mic_make = accept_mic_make,
	.mic_check = accept_mic_check,
	.available = kerberos_available,
	.wrap_size = protect_size,
	.wrap = protect_wrap,
	.unwrap = protect_unwrap,
};

static const struct smb3_provide kerberos_provides[] = {
	SMB3_AUTH(&kerberos_windows_mech),
	SMB3_AUTH(&kerberos_mech),
	SMB3_END,
};

static const struct smb3_option kerberos_options[] = {
	{ .name = "keytab",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL | SMB3_USE_READ,
	  .offset = offsetof(struct kerberos_conf, keytab),
	  .value = "",
	  .help = "The file with the server's keys; others may neither read nor write it. When empty, the "
		  "machine's, which is /etc/krb5.keytab as a rule." },
	{ .name = "services",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct kerberos_conf, services),
	  .value = "cifs, host",
	  .help = "Tickets for these services are taken, and for the accounts that machines have in a "
		  "domain (NAME$)." },
	{ .name = "realms",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct kerberos_conf, realms),
	  .value = "",
	  .help = "Realms whose users are those of the same name here. When empty, the realm of the "
		  "server's own key." },
	{ .name = "map",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct kerberos_conf, map),
	  .value = "",
	  .help = "Which account a principal has, as PRINCIPAL=ACCOUNT or *@REALM=ACCOUNT; the first that "
		  "fits counts, before the rules of realms and min_uid." },
	{ .name = "accounts_only",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct kerberos_conf, accounts_only),
	  .value = "false",
	  .help = "Whether users need an account of the server's own; otherwise the machine's knowing them "
		  "(by passwd, LDAP, winbind) will do." },
	{ .name = "min_uid",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct kerberos_conf, min_uid),
	  .value = "1000",
	  .max = UINT32_MAX,
	  .help = "Unix users below this number are let in only with an account or by a rule of map, so "
		  "that nobody becomes root whom the realm calls so." },
	{ .name = "replay_cache",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct kerberos_conf, replay_cache),
	  .value = "true",
	  .help = "Whether log-ons are written down, in krb5.rcache2 in server.state_dir, so that none is "
		  "taken twice." },
	SMB3_OPTION_END,
};

/* Where the keytab is that no option names. */
static const char *const kerberos_reads[] = { "/etc/krb5.keytab", NULL };

static const struct smb3_needs kerberos_needs = { .reads = kerberos_reads };

static const char *const kerberos_wants[] = { "users", NULL };

SMB3_MODULE(krb5, .summary = "log-on with a Kerberos ticket", .wants = kerberos_wants,
	    .options = kerberos_options, .conf_size = sizeof(struct kerberos_conf),
	    .system = &kerberos_needs, .provides = kerberos_provides, .check = kerberos_check,
	    .init = kerberos_init, .reload = kerberos_reload, .fini = kerberos_fini);
