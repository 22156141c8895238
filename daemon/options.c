// SPDX-License-Identifier: Apache-2.0
/*
 * options.c: the option reference of the manual, printed from the tables of core and of the
 * modules: smb3d --options.
 */
#include "conf_file.h"
#include "daemon.h"

#include <ctype.h>

/* mdoc takes a backslash, and a point or a quote at the start of a line, for its own. */
static void mdoc_text(FILE *out, const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", out);
	for (; *s; s++) {
		/* A sentence begins on a line of its own. */
		if (s[0] == '.' && s[1] == ' ' && isupper((unsigned char)s[2]))
			s += fputs(".\n", out) >= 0;
		else
			fputs(*s == '\\' ? "\\e" : (char[]){ *s, '\0' }, out);
	}
	fputc('\n', out);
}

static void option_print(const struct smb3_option *o, bool share_too, FILE *out)
{
	char type[400], value[400], text[900];

	conf_type_text(o, type, sizeof(type));
	conf_value_text(o, value, sizeof(value));
	snprintf(text, sizeof(text), "This is %s; the default is %s.%s", type, value,
		 share_too && (o->scope & SMB3_SHARE) ? " It can also be set per share." : "");
	fprintf(out, ".It Ic %s\n", o->name);
	mdoc_text(out, o->help ? o->help : "");
	mdoc_text(out, text);
}

static void group_print(const char *title, const struct smb3_option *options, bool share_too,
			FILE *out)
{
	fprintf(out, ".Ss %s\n", title);
	if (!options || !options->name) {
		fputs("There are no options.\n", out);
		return;
	}
	fputs(".Bl -tag -width Ds\n", out);
	for (const struct smb3_option *o = options; o->name; o++)
		option_print(o, share_too, out);
	fputs(".El\n", out);
}

void options_print(const struct smb3_module *module, FILE *out)
{
	char title[128];

	if (module) {
		snprintf(title, sizeof(title), "Module %s", module->name);
		group_print(title, module->options, true, out);
		return;
	}
	group_print("Group server", conf_server_options, false, out);
	group_print("Group limits", conf_limits_options, false, out);
	group_print("Group log", conf_log_options, false, out);
	group_print("Entries of listen", conf_listen_options, false, out);
	group_print("Entries of shares", conf_share_options, false, out);
}
