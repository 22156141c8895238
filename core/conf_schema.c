// SPDX-License-Identifier: Apache-2.0
/*
 * conf_schema.c: values and their types: from the text of a default, from a setting of the file,
 * checked against the option's table, into a field of a conf struct.
 */
#include "conf_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t scale;
};

/* Largest first, so that values are printed in the largest unit that fits. */
static const struct unit sizes[] = {
	{ "T", 1ull << 40 }, { "G", 1u << 30 }, { "M", 1u << 20 }, { "K", 1u << 10 }, { "", 1 },
};
static const struct unit times[] = {
	{ "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "", 1000 }, { "ms", 1 },
};

/* ---- numbers with units ---- */

static bool scaled_parse(const char *text, const struct unit *units, size_t n, uint64_t *ret_value)
{
	char *end;
	unsigned long long number;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	for (size_t i = 0; !errno && i < n; i++)
		if (!strcmp(end, units[i].name))
			return !__builtin_mul_overflow(number, units[i].scale, ret_value);
	return false;
}

static void scaled_print(uint64_t value, const struct unit *units, size_t n, char *buf, size_t size)
{
	for (size_t i = 0; i < n; i++) {
		/* Zero needs no unit; a bare time is in seconds, but is written with its s. */
		if (value ? value % units[i].scale || (units == times && !*units[i].name) :
			    *units[i].name)
			continue;
		snprintf(buf, size, "%llu%s", (unsigned long long)(value / units[i].scale),
			 units[i].name);
		return;
	}
}

static void number_print(const struct smb3_option *o, int64_t value, char *buf, size_t size)
{
	if (o->type == SMB3_OPT_SIZE)
		scaled_print((uint64_t)value, sizes, SMB3_ARRAY_SIZE(sizes), buf, size);
	else if (o->type == SMB3_OPT_TIME)
		scaled_print((uint64_t)value, times, SMB3_ARRAY_SIZE(times), buf, size);
	else
		snprintf(buf, size, "%lld", (long long)value);
}

static bool in_range(const struct smb3_option *o, int64_t value)
{
	return (!o->min && !o->max) || (value >= o->min && value <= o->max);
}

/* ---- fields ---- */

static void put(const struct smb3_option *o, void *base, const void *value, size_t size)
{
	memcpy((char *)base + o->offset, value, size);
}

static bool put_number(const struct smb3_option *o, void *base, int64_t value)
{
	if (!in_range(o, value) || (o->type != SMB3_OPT_INT && value < 0))
		return false;
	put(o, base, &value, sizeof(value));
	return true;
}

static bool put_scaled(const struct smb3_option *o, void *base, const char *text)
{
	bool size = o->type == SMB3_OPT_SIZE;
	uint64_t value;

	if (!scaled_parse(text, size ? sizes : times,
			  size ? SMB3_ARRAY_SIZE(sizes) : SMB3_ARRAY_SIZE(times), &value))
		return false;
	return value <= INT64_MAX && put_number(o, base, (int64_t)value);
}

static bool put_choice(const struct smb3_option *o, void *base, const char *text)
{
	for (int i = 0; o->choices[i]; i++) {
		if (!strcmp(text, o->choices[i])) {
			put(o, base, &i, sizeof(i));
			return true;
		}
	}
	return false;
}

static bool put_mode(const struct smb3_option *o, void *base, const char *text)
{
	char *end;
	unsigned long mode = strtoul(text, &end, 8);
	uint32_t value = (uint32_t)mode;

	if (!isdigit((unsigned char)*text) || *end || mode > 07777)
		return false;
	put(o, base, &value, sizeof(value));
	return true;
}

static bool put_list(const struct smb3_option *o, void *base, const char *const *list)
{
	for (size_t i = 0; list && o->choices && list[i]; i++) {
		bool known = false;

		for (size_t c = 0; o->choices[c]; c++)
			known |= !strcmp(list[i], o->choices[c]);
		if (!known)
			return false;
	}
	if (list)
		put(o, base, &list, sizeof(list));
	return list != NULL;
}

/* "a, b" as a list. */
static const char *const *split(struct smb3_arena *a, const char *text)
{
	char *copy = smb3_arena_strdup(a, text), *rest = copy, *word;
	const char **list = smb3_arena_alloc(a, (strlen(text) + 1) * sizeof(*list));
	size_t n = 0;

	while ((word = strsep(&rest, ", ")))
		if (*word)
			list[n++] = word;
	return list;
}

static bool value_from_text(struct smb3_arena *a, const struct smb3_option *o, void *base,
			    const char *text)
{
	const char *copy;
	char *end;
	bool yes = !strcmp(text, "true");
	long long number;

	switch (o->type) {
	case SMB3_OPT_BOOL:
		put(o, base, &yes, sizeof(yes));
		return yes || !strcmp(text, "false");
	case SMB3_OPT_INT:
		number = strtoll(text, &end, 10);
		return *text && !*end && put_number(o, base, number);
	case SMB3_OPT_SIZE:
	case SMB3_OPT_TIME:
		return put_scaled(o, base, text);
	case SMB3_OPT_STRING:
		copy = smb3_arena_strdup(a, text);
		put(o, base, &copy, sizeof(copy));
		return true;
	case SMB3_OPT_LIST:
		return put_list(o, base, split(a, text));
	case SMB3_OPT_ENUM:
		return put_choice(o, base, text);
	case SMB3_OPT_MODE:
		return put_mode(o, base, text);
	}
	return false;
}

/* A bare number is what the same digits are in a string; nothing else changes its type. */
static bool value_from_setting(struct smb3_config *config, const struct smb3_option *o, void *base,
			       config_setting_t *setting)
{
	bool number = o->type == SMB3_OPT_INT || o->type == SMB3_OPT_SIZE ||
		      o->type == SMB3_OPT_TIME;
	const char *text = NULL;
	char digits[24];

	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_BOOL:
		if (o->type == SMB3_OPT_BOOL)
			text = config_setting_get_bool(setting) ? "true" : "false";
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(digits, sizeof(digits), "%lld", config_setting_get_int64(setting));
		if (number)
			text = digits;
		break;
	case CONFIG_TYPE_STRING:
		if (o->type != SMB3_OPT_BOOL && o->type != SMB3_OPT_INT && o->type != SMB3_OPT_LIST)
			text = config_setting_get_string(setting);
		break;
	default:
		return o->type == SMB3_OPT_LIST && put_list(o, base, conf_strings(config, setting));
	}
	return text && value_from_text(config->arena, o, base, text);
}

/* ---- what is expected, in words ---- */

static void choices_print(const struct smb3_option *o, char *buf, size_t size)
{
	for (size_t i = 0; o->choices[i]; i++) {
		size_t len = strlen(buf);

		snprintf(buf + len, size - len, "%s\"%s\"", i ? ", " : "", o->choices[i]);
	}
}

void conf_type_text(const struct smb3_option *o, char *buf, size_t size)
{
	static const char *const words[] = {
		[SMB3_OPT_BOOL] = "true or false",
		[SMB3_OPT_INT] = "a number",
		[SMB3_OPT_SIZE] = "a size in bytes, K, M or G",
		[SMB3_OPT_TIME] = "a time in ms, s, m or h",
		[SMB3_OPT_STRING] = "a string",
		[SMB3_OPT_LIST] = "a list of strings",
		[SMB3_OPT_ENUM] = "one of ",
		[SMB3_OPT_MODE] = "an octal mode",
	};
	size_t len = (size_t)snprintf(buf, size, "%s", words[o->type]);
	char low[32], high[32];

	if (o->choices) {
		if (o->type == SMB3_OPT_LIST)
			len += (size_t)snprintf(buf + len, size - len, " out of ");
		choices_print(o, buf + len, size - len);
	} else if (o->min || o->max) {
		number_print(o, o->min, low, sizeof(low));
		number_print(o, o->max, high, sizeof(high));
		snprintf(buf + len, size - len, " from %s to %s", low, high);
	}
}

static void list_print(const char *text, char *buf, size_t size)
{
	struct smb3_arena *a = smb3_arena_new();
	const char *const *list = split(a, text);
	size_t len = (size_t)snprintf(buf, size, "[ ");

	for (size_t i = 0; list[i]; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s\"%s\"", i ? ", " : "", list[i]);
	snprintf(buf + len, size - len, list[0] ? " ]" : "]");
	smb3_arena_free(a);
}

void conf_value_text(const struct smb3_option *o, char *buf, size_t size)
{
	const char *value = o->value ? o->value : "";

	if (o->type == SMB3_OPT_LIST)
		list_print(value, buf, size);
	else if (o->type == SMB3_OPT_BOOL || o->type == SMB3_OPT_INT)
		snprintf(buf, size, "%s", value);
	else
		snprintf(buf, size, "\"%s\"", value);
}

/* For a message: the default is an example, when it shows something. */
static void example_text(const struct smb3_option *o, char *buf, size_t size)
{
	struct smb3_option shown = *o;

	if (!o->value || !*o->value)
		shown.value = o->type == SMB3_OPT_LIST ? "one, two" : "text";
	conf_value_text(&shown, buf, size);
}

/* ---- groups ---- */

void conf_defaults(struct smb3_config *config, const struct smb3_option *options, void *base)
{
	static const char *const empty[] = {
		[SMB3_OPT_BOOL] = "false", [SMB3_OPT_INT] = "0",   [SMB3_OPT_SIZE] = "0",
		[SMB3_OPT_TIME] = "0",     [SMB3_OPT_STRING] = "", [SMB3_OPT_LIST] = "",
		[SMB3_OPT_ENUM] = "",      [SMB3_OPT_MODE] = "0",
	};

	for (const struct smb3_option *o = options; o && o->name; o++)
		if (!value_from_text(config->arena, o, base, o->value ? o->value : empty[o->type]))
			conf_problem(config, NULL,
				     "the table of options is wrong: the default of "
				     "%s is not of its type",
				     o->name);
}

static void setting_wrong(const struct conf_group *g, config_setting_t *setting,
			  const struct smb3_option *o)
{
	char type[400], example[200];

	conf_type_text(o, type, sizeof(type));
	example_text(o, example, sizeof(example));
	conf_problem(g->config, setting, "%s in %s must be %s, for example: %s = %s;", o->name,
		     g->name, type, o->name, example);
}

static void setting_unknown(const struct conf_group *g, config_setting_t *setting)
{
	const char *known[128];
	size_t n = 0;

	for (const struct smb3_option *o = g->options; o && o->name; o++)
		if ((o->scope & g->scope) && n < SMB3_ARRAY_SIZE(known))
			known[n++] = o->name;
	conf_unknown(g->config, setting, g->name, known, n);
}

static void setting_read(const struct conf_group *g, config_setting_t *setting, void *base)
{
	const char *name = config_setting_name(setting);
	const struct smb3_option *o = g->options;

	while (o && o->name && strcmp(o->name, name))
		o++;
	if (!o || !o->name)
		setting_unknown(g, setting);
	else if (!(o->scope & g->scope))
		conf_problem(g->config, setting,
			     "%s cannot be set per share: move it to the group "
			     "%s at the top of the file",
			     name, g->name);
	else if (!value_from_setting(g->config, o, base, setting))
		setting_wrong(g, setting, o);
}

void conf_read(const struct conf_group *g, void *base)
{
	int n = g->setting ? config_setting_length(g->setting) : 0;

	if (g->setting && !config_setting_is_group(g->setting)) {
		conf_problem(g->config, g->setting, "%s must be a group, for example: %s = { };",
			     g->name, g->name);
		return;
	}
	for (int i = 0; i < n; i++) {
		config_setting_t *child = config_setting_get_elem(g->setting, (unsigned int)i);

		if (!g->has_groups || !config_setting_is_group(child))
			setting_read(g, child, base);
	}
}

void conf_check(struct smb3_mod *mod, const struct conf_group *g, const void *base)
{
	struct smb3_conf_wrong wrong = { .option = "" };
	const config_setting_t *at = NULL;

	if (!mod->module->check || mod->module->check(mod, base, &wrong))
		return;
	if (g->setting)
		at = config_setting_get_member(g->setting, wrong.option);
	conf_problem(g->config, at ? at : g->setting, "%s in %s: %s", wrong.option, g->name,
		     wrong.why);
}

bool conf_list_same(const char *const *a, const char *const *b)
{
	size_t i = 0;

	while (a[i] && b[i] && !strcmp(a[i], b[i]))
		i++;
	return !a[i] && !b[i];
}

static bool field_same(const struct smb3_option *o, const char *a, const char *b)
{
	const char *const *list_a, *const *list_b;
	const char *text_a, *text_b;

	switch (o->type) {
	case SMB3_OPT_STRING:
		memcpy(&text_a, a, sizeof(text_a));
		memcpy(&text_b, b, sizeof(text_b));
		return !strcmp(text_a, text_b);
	case SMB3_OPT_LIST:
		memcpy(&list_a, a, sizeof(list_a));
		memcpy(&list_b, b, sizeof(list_b));
		return conf_list_same(list_a, list_b);
	case SMB3_OPT_BOOL:
		return !memcmp(a, b, sizeof(bool));
	case SMB3_OPT_ENUM:
	case SMB3_OPT_MODE:
		return !memcmp(a, b, sizeof(uint32_t));
	default:
		return !memcmp(a, b, sizeof(uint64_t));
	}
}

bool conf_same(const struct smb3_option *options, const void *a, const void *b)
{
	for (const struct smb3_option *o = options; o && o->name; o++)
		if (!field_same(o, (const char *)a + o->offset, (const char *)b + o->offset))
			return false;
	return true;
}
