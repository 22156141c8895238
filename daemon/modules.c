// SPDX-License-Identifier: Apache-2.0
/*
 * modules.c: what the modules are and provide, as text or JSON: smb3d --modules.
 */
#include "daemon.h"

static void print_names(FILE *out, const char *word, const char *const *names)
{
	if (!names || !*names)
		return;
	fprintf(out, "\t%s", word);
	for (; *names; names++)
		fprintf(out, " %s", *names);
	fputc('\n', out);
}

static void print_text(const struct smb3_module *m, FILE *out)
{
	fprintf(out, "%s %s: %s\n", m->name, m->version, m->summary ? m->summary : "");
	print_names(out, "needs", m->needs);
	print_names(out, "wants", m->wants);
	for (const struct smb3_provide *p = m->provides; p && p->kind; p++) {
		struct smb3_row_text text;

		smb3_row_describe(p, &text);
		fprintf(out, "\t%s%s%s%s%s\n", text.kind, *text.key ? " " : "", text.key,
			*text.name ? " " : "", text.name);
	}
}

static void json_names(FILE *out, const char *key, const char *const *names)
{
	const char *comma = "";

	fprintf(out, ",\"%s\":[", key);
	for (; names && *names; names++, comma = ",") {
		fputs(comma, out);
		smb3_json_string(out, *names);
	}
	fputc(']', out);
}

static void json_field(FILE *out, const char *lead, const char *key, const char *value)
{
	fprintf(out, "%s\"%s\":", lead, key);
	smb3_json_string(out, value ? value : "");
}

static void print_json(const struct smb3_module *m, FILE *out)
{
	const char *lead = "{";

	json_field(out, "{", "module", m->name);
	json_field(out, ",", "version", m->version);
	json_field(out, ",", "summary", m->summary);
	json_names(out, "needs", m->needs);
	json_names(out, "wants", m->wants);
	fputs(",\"rows\":[", out);
	for (const struct smb3_provide *p = m->provides; p && p->kind; p++, lead = ",{") {
		struct smb3_row_text text;

		smb3_row_describe(p, &text);
		json_field(out, lead, "kind", text.kind);
		json_field(out, ",", "key", text.key);
		json_field(out, ",", "name", text.name);
		fputc('}', out);
	}
	fputs("]}", out);
}

void modules_print(struct smb3_server *server, FILE *out, bool json)
{
	if (json)
		fputs("[\n", out);
	for (unsigned int i = 0; i < server->n_mods; i++) {
		if (json) {
			print_json(server->mods[i]->module, out);
			fputs(i + 1 < server->n_mods ? ",\n" : "\n", out);
		} else {
			print_text(server->mods[i]->module, out);
		}
	}
	if (json)
		fputs("]\n", out);
}
