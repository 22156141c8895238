// SPDX-License-Identifier: Apache-2.0
/*
 * services.c: which services there are: the server under the name that clients know, those that
 * interfaces of it are to clients, and names that the configuration adds. The last are asked for: the
 * configuration is the parent's.
 */
#include "svcctl.h"

#include <errno.h>

#define EXTRA_MAX 64

static const struct service own[] = {
	{ "LanmanServer", "Server", "Shares files over the network.", NULL },
	{ "LanmanWorkstation", "Workstation", "Tells the name of the server.", "wkssvc" },
	{ "RemoteRegistry", "Remote Registry", "Tells facts about the server as registry keys.",
	  "winreg" },
	{ "RpcEptMapper", "RPC Endpoint Mapper", "Tells where interfaces are found.", "epmapper" },
	{ "SamSs", "Security Accounts Manager", "Tells accounts and groups.", "samr" },
	{ "fssagent", "File Server Shadow Copy Agent", "Takes shadow copies of shares.",
	  "FileServerVssAgent" },
};

/* ---- in smb3d: t name, t display, for each ---- */

static int answer(struct smb3_rpc_asking *asking)
{
	const struct svcctl_conf *conf = smb3_module_of(asking->server, &svcctl_ask_services)->conf;

	for (const char *const *s = conf->services; *s && smb3_rpc_row(asking); s++)
		smb3_put_text(&asking->out, *s);
	smb3_put_u8(&asking->out, asking->cut ? SMB3_RPC_LIST_CUT : SMB3_RPC_LIST_END);
	return 0;
}

const struct smb3_rpc_question svcctl_ask_services = { .name = "services", .answer = answer };

const struct smb3_option svcctl_options[] = {
	{ .name = "services",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct svcctl_conf, services),
	  .value = "",
	  .help = "Further services that clients are told are running: \"Spooler\", or with a name to "
		  "show, \"Spooler=Print Spooler\"." },
	SMB3_OPTION_END,
};

/* ---- in smb3-rpcd ---- */

static bool is_loaded(struct smb3_rpc_call *call, const char *interface)
{
	size_t n;
	const struct smb3_rpc_interface *const *all = smb3_rpc_interfaces(call, &n);

	for (size_t i = 0; i < n; i++)
		if (!interface || !strcmp(all[i]->name, interface))
			return true;
	return false;
}

/* "NAME" or "NAME=DISPLAY". */
static struct service extra(struct smb3_rpc_call *call, const char *text)
{
	const char *equals = strchr(text, '=');
	struct service s = { .name = text, .display = text, .about = "" };

	if (!equals)
		return s;
	s.name = smb3_arena_printf(call->arena, "%.*s", (int)(equals - text), text);
	s.display = equals + 1;
	return s;
}

struct services services_all(struct smb3_rpc_call *call)
{
	struct service *list =
		smb3_arena_alloc(call->arena, (SMB3_ARRAY_SIZE(own) + EXTRA_MAX) * sizeof(*list));
	struct services all = { list, 0 };
	struct smb3_cursor c;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(own); i++)
		if (is_loaded(call, own[i].interface))
			list[all.n++] = own[i];
	if (smb3_rpc_ask(call, SMB3_ASK_SERVICES, NULL, &c))
		return all;
	for (unsigned int i = 0; i < EXTRA_MAX && smb3_rpc_next(&c, NULL); i++) {
		const char *text = smb3_get_text(&c, call->arena);

		if (!text)
			break;
		list[all.n++] = extra(call, text);
	}
	return all;
}

const struct service *service_find(struct smb3_rpc_call *call, const char *name)
{
	struct services all = services_all(call);

	for (uint32_t i = 0; i < all.n; i++)
		if (smb3_name_equal(all.list[i].name, name))
			return &all.list[i];
	return NULL;
}
