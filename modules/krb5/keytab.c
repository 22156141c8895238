// SPDX-License-Identifier: Apache-2.0
/*
 * keytab.c: the file with the service's keys. Whoever can read it can be the server to its clients, and
 * any user to the server.
 */
#include "kerberos.h"

#include <errno.h>
#include <krb5/krb5.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define SAY(why, ...) (snprintf((why)->text, sizeof((why)->text), __VA_ARGS__), false)

bool service_is_ours(const struct kerberos_conf *conf, const char *principal)
{
	size_t len = strcspn(principal, "/@");

	if (principal[len] != '/')
		return len && principal[len - 1] == '$';
	for (const char *const *name = conf->services; *name; name++)
		if (strlen(*name) == len && !strncasecmp(*name, principal, len))
			return true;
	return false;
}

static bool has_service(const struct kerberos_conf *conf, krb5_context ctx, krb5_keytab kt)
{
	krb5_keytab_entry entry;
	krb5_kt_cursor cursor;
	bool found = false;
	char *name;

	if (krb5_kt_start_seq_get(ctx, kt, &cursor))
		return false;
	while (!found && !krb5_kt_next_entry(ctx, kt, &entry, &cursor)) {
		if (!krb5_unparse_name(ctx, entry.principal, &name)) {
			found = service_is_ours(conf, name);
			krb5_free_unparsed_name(ctx, name);
		}
		krb5_free_keytab_entry_contents(ctx, &entry);
	}
	krb5_kt_end_seq_get(ctx, kt, &cursor);
	return found;
}

/* name: "FILE:/etc/krb5.keytab"; other kinds (MEMORY) are no files. */
static bool file_sound(const char *name, struct kerberos_text *why)
{
	const char *path = strchr(name, ':');
	struct stat st;

	if (strncmp(name, "FILE:", 5) != 0 && path)
		return true;
	path = path ? path + 1 : name;
	if (stat(path, &st) < 0)
		return SAY(why, "keytab %.60s: %s: get one from the KDC, see smb3-krb5(7)", path,
			   strerror(errno));
	if (st.st_mode & (S_IRWXO | S_IWGRP))
		return SAY(
			why,
			"keytab %.60s is open to others (mode %04o): chmod 600, and make new keys",
			path, (unsigned int)(st.st_mode & 07777));
	return true;
}

static bool opened_sound(const struct kerberos_conf *conf, krb5_context ctx, krb5_keytab kt,
			 struct kerberos_text *why)
{
	char name[1024];

	if (krb5_kt_get_name(ctx, kt, name, sizeof(name)))
		return SAY(why, "the keytab's name is too long");
	if (!file_sound(name, why))
		return false;
	if (!has_service(conf, ctx, kt))
		return SAY(
			why,
			"keytab %.60s has no key of cifs/HOST (krb5.services): export one, or see whether "
			"it can be read",
			name);
	return true;
}

bool keytab_sound(const struct kerberos_conf *conf, struct kerberos_text *ret_why)
{
	krb5_context ctx;
	krb5_keytab kt;
	krb5_error_code err = krb5_init_context(&ctx);
	bool sound;

	if (err)
		return SAY(ret_why, "the Kerberos library does not start; is krb5.conf right?");
	err = *conf->keytab ? krb5_kt_resolve(ctx, conf->keytab, &kt) : krb5_kt_default(ctx, &kt);
	if (err) {
		krb5_free_context(ctx);
		return SAY(ret_why, "keytab %.60s cannot be used", conf->keytab);
	}
	sound = opened_sound(conf, ctx, kt, ret_why);
	krb5_kt_close(ctx, kt);
	krb5_free_context(ctx);
	return sound;
}
