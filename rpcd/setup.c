// SPDX-License-Identifier: Apache-2.0
/*
 * setup.c: the first message: what this process is to be; and the modules that it names.
 */
#include "process.h"

#include <dlfcn.h>
#include <smb3/module.h>
#include <stdio.h>
#include <stdlib.h>

#define MODULES_MAX 64

static void setup_modules(struct process *p, struct smb3_cursor *c)
{
	uint32_t n = smb3_get_u32(c);

	if (n > MODULES_MAX)
		c->bad = true;
	p->setup.modules = smb3_arena_alloc(p->arena, (MODULES_MAX + 1) * sizeof(char *));
	for (uint32_t i = 0; i < n && smb3_cursor_ok(c); i++)
		p->setup.modules[i] = smb3_get_text(c, p->arena);
}

void setup_read(struct process *p)
{
	struct channel_head head;
	uint8_t *body = channel_next(&head);
	struct smb3_cursor c = smb3_cursor_init(body, head.len);
	struct rpcd_host *h = &p->host;

	p->arena = smb3_arena_new();
	if (head.type != CHANNEL_SETUP || smb3_get_u32(&c) != CHANNEL_VERSION)
		give_up("the server is of another version");
	p->setup.threads = smb3_get_u32(&c);
	p->setup.memory = smb3_get_u64(&c);
	p->setup.cpu = smb3_get_u64(&c);
	h->limits.request = smb3_get_u32(&c);
	h->limits.response = smb3_get_u32(&c);
	h->limits.handles = smb3_get_u32(&c);
	h->facts.server = smb3_get_text(&c, p->arena);
	h->facts.workgroup = smb3_get_text(&c, p->arena);
	h->facts.comment = smb3_get_text(&c, p->arena);
	h->facts.version = smb3_get_text(&c, p->arena);
	h->facts.guid = smb3_get_guid(&c);
	h->facts.started = smb3_get_u64(&c);
	setup_modules(p, &c);
	if (!smb3_cursor_ok(&c) || !p->setup.threads || p->setup.threads > THREADS_MAX)
		give_up("the server's first message does not decode");
	free(body);
}

/* smb3d has opened the same file before and has looked at who may change it. */
static void load(struct process *p, const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct smb3_module *m = handle ? dlsym(handle, SMB3_MODULE_SYMBOL) : NULL;

	if (!m)
		give_up("%s cannot be loaded: %s", path, dlerror());
	if (m->magic != SMB3_MODULE_MAGIC || m->abi != SMB3_ABI)
		give_up("%s is of another version", path);
	rpcd_host_add(&p->host, m);
}

void setup_load_modules(struct process *p)
{
	for (char **path = p->setup.modules; *path; path++)
		load(p, *path);
}
