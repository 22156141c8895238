// SPDX-License-Identifier: Apache-2.0
/*
 * module.h: what a module is. One exported const symbol per .so, smb3_module, declares all that
 * the module offers, needs and can be configured with; core does the registering and undoing.
 *
 *   row     a struct that answers one identifier of the protocol, or plugs into one point
 *   provide an entry that says "I own this row"
 *
 * The smallest module:
 *
 *   static const struct smb3_provide echo_provides[] = {
 *           SMB3_COMMAND(SMB2_ECHO, &echo_command),
 *           SMB3_END
 *   };
 *   SMB3_MODULE(echo, .summary = "answers ECHO", .provides = echo_provides);
 */
#ifndef SMB3_MODULE_H
#define SMB3_MODULE_H

#include <smb3/base.h>
#include <smb3/conf.h>

#define SMB3_MODULE_MAGIC  SMB3_MAGIC('S', 'M', '3', 'M')
#define SMB3_MODULE_SYMBOL "smb3_module"

/* The kinds of rows; each has a struct of its own (see the header named). */
enum smb3_kind {
	SMB3_KIND_END,
	SMB3_KIND_TRANSPORT, /* transport.h; key: scheme name */
	SMB3_KIND_DIALECT,   /* dialect.h;   key: revision */
	SMB3_KIND_NEGCTX,    /* dialect.h;   key: context type */
	SMB3_KIND_COMMAND,   /* req.h;       key: command code */
	SMB3_KIND_CREATECTX, /* create.h;    key: tag bytes (as a name) */
	SMB3_KIND_FSCTL,     /* fsctl.h;     key: control code */
	SMB3_KIND_INFO,      /* info.h;      key: info type << 8 | class */
	SMB3_KIND_SIGN,      /* sign.h;      key: algorithm id */
	SMB3_KIND_LAYER,     /* layer.h;     key: first four bytes; encrypt, compress */
	SMB3_KIND_AUTH,      /* auth.h;      key: mechanism name */
	SMB3_KIND_ACCOUNTS,  /* auth.h;      key: name */
	SMB3_KIND_VFS,       /* vfs.h;       key: name */
	SMB3_KIND_PIPE,      /* pipe.h;      key: pipe name */
	SMB3_KIND_HOOK,      /* hook.h;      no key: any number per point */
	SMB3_KIND_SLOT,      /* slot.h;      no key */
	SMB3_KIND_CTL,       /* ctl.h;       key: command name */
	SMB3_KIND_METRIC,    /* metric.h;    key: name */
	SMB3_KIND_RPC,       /* rpc.h;       key: name of the interface */
	SMB3_KIND_ASK,       /* rpc.h;       key: number of the question */
	SMB3_KIND_SNAPSHOTS, /* snapshot.h;  key: name */
	SMB3_KIND_SPOTLIGHT, /* spotlight.h; key: name */
	SMB3_KINDS
};

struct smb3_provide {
	enum smb3_kind kind;
	uint64_t key;     /* numeric key, or 0 */
	const char *name; /* textual key, or NULL */
	const void *row;
};

/* The compiler checks that the row has the type that the kind wants. */
#define SMB3_ROW(type, ptr) (1 ? (ptr) : (const type *)NULL)
#define SMB3_END                             \
	{                                    \
		SMB3_KIND_END, 0, NULL, NULL \
	}

#define SMB3_TRANSPORT(ptr)                                                        \
	{                                                                          \
		SMB3_KIND_TRANSPORT, 0, NULL, SMB3_ROW(struct smb3_transport, ptr) \
	}
#define SMB3_DIALECT(rev, ptr)                                                   \
	{                                                                        \
		SMB3_KIND_DIALECT, rev, NULL, SMB3_ROW(struct smb3_dialect, ptr) \
	}
#define SMB3_NEGCTX(type, ptr)                                                  \
	{                                                                       \
		SMB3_KIND_NEGCTX, type, NULL, SMB3_ROW(struct smb3_negctx, ptr) \
	}
#define SMB3_COMMAND(code, ptr)                                                   \
	{                                                                         \
		SMB3_KIND_COMMAND, code, NULL, SMB3_ROW(struct smb3_command, ptr) \
	}
#define SMB3_CREATECTX(ptr)                                                        \
	{                                                                          \
		SMB3_KIND_CREATECTX, 0, NULL, SMB3_ROW(struct smb3_createctx, ptr) \
	}
#define SMB3_FSCTL(code, ptr)                                                 \
	{                                                                     \
		SMB3_KIND_FSCTL, code, NULL, SMB3_ROW(struct smb3_fsctl, ptr) \
	}
#define SMB3_INFO(type, class, ptr)                                                          \
	{                                                                                    \
		SMB3_KIND_INFO, (type) << 8 | (class), NULL, SMB3_ROW(struct smb3_info, ptr) \
	}
#define SMB3_SIGN(id, ptr)                                                \
	{                                                                 \
		SMB3_KIND_SIGN, id, NULL, SMB3_ROW(struct smb3_sign, ptr) \
	}
#define SMB3_LAYER(magic4, ptr)                                                 \
	{                                                                       \
		SMB3_KIND_LAYER, magic4, NULL, SMB3_ROW(struct smb3_layer, ptr) \
	}
#define SMB3_AUTH(ptr)                                                        \
	{                                                                     \
		SMB3_KIND_AUTH, 0, NULL, SMB3_ROW(struct smb3_auth_mech, ptr) \
	}
#define SMB3_ACCOUNTS(ptr)                                                       \
	{                                                                        \
		SMB3_KIND_ACCOUNTS, 0, NULL, SMB3_ROW(struct smb3_accounts, ptr) \
	}
#define SMB3_VFS(ptr)                                                      \
	{                                                                  \
		SMB3_KIND_VFS, 0, NULL, SMB3_ROW(struct smb3_vfs_ops, ptr) \
	}
#define SMB3_PIPE(ptr)                                                           \
	{                                                                        \
		SMB3_KIND_PIPE, 0, NULL, SMB3_ROW(struct smb3_pipe_service, ptr) \
	}
#define SMB3_HOOK(ptr)                                                   \
	{                                                                \
		SMB3_KIND_HOOK, 0, NULL, SMB3_ROW(struct smb3_hook, ptr) \
	}
#define SMB3_SLOT(ptr)                                                   \
	{                                                                \
		SMB3_KIND_SLOT, 0, NULL, SMB3_ROW(struct smb3_slot, ptr) \
	}
#define SMB3_CTL(ptr)                                                          \
	{                                                                      \
		SMB3_KIND_CTL, 0, NULL, SMB3_ROW(struct smb3_ctl_command, ptr) \
	}
#define SMB3_METRIC(ptr)                                                     \
	{                                                                    \
		SMB3_KIND_METRIC, 0, NULL, SMB3_ROW(struct smb3_metric, ptr) \
	}
#define SMB3_RPC(ptr)                                                            \
	{                                                                        \
		SMB3_KIND_RPC, 0, NULL, SMB3_ROW(struct smb3_rpc_interface, ptr) \
	}
#define SMB3_ASK(number, ptr)                                                        \
	{                                                                            \
		SMB3_KIND_ASK, number, NULL, SMB3_ROW(struct smb3_rpc_question, ptr) \
	}
#define SMB3_SNAPSHOTS(ptr)                                                        \
	{                                                                          \
		SMB3_KIND_SNAPSHOTS, 0, NULL, SMB3_ROW(struct smb3_snapshots, ptr) \
	}
#define SMB3_SPOTLIGHT(ptr)                                                        \
	{                                                                          \
		SMB3_KIND_SPOTLIGHT, 0, NULL, SMB3_ROW(struct smb3_spotlight, ptr) \
	}

/* What a module needs of the system beyond what every server does: a server that confines itself
 * keeps it. Paths that the configuration names are said by its options (conf.h: use). The lists end
 * with NULL, or are NULL. */
struct smb3_needs {
	uint64_t caps;             /* capabilities, SMB3_CAP(CAP_...), while the server is itself */
	uint64_t raise;            /* those that smb3_caps_raise() takes up for a moment */
	const char *const *calls;  /* names of system calls */
	const char *const *reads;  /* files and folders that are read; they need not be there */
	const char *const *writes; /* ... read and changed */
	const char *const *execs;  /* ... programs, and folders of programs, that are run */
};

struct smb3_module {
	uint32_t magic, abi; /* set by SMB3_MODULE() */
	const char *name, *summary, *version;
	const char *const *needs; /* modules that must be loaded, NULL-terminated; start first */
	const char *const *wants; /* modules that start first if they are loaded */
	const struct smb3_option *options;   /* ends with SMB3_OPTION_END; may be NULL */
	size_t conf_size;                    /* of the struct that the options fill */
	const struct smb3_provide *provides; /* ends with SMB3_END */
	const struct smb3_needs *system; /* what it needs of the system; NULL: nothing special */
	/* Whether a filled conf struct makes sense: the global one, and each share's. False: the
	 * configuration is refused, as *ret_wrong says. Before init as well, so that smb3d -t can
	 * tell; may block. Optional. */
	bool (*check)(struct smb3_mod *, const void *conf, struct smb3_conf_wrong *ret_wrong);
	/* All optional. 0 or a negative errno; the reason has been logged by the module. */
	int (*init)(struct smb3_mod *);  /* configuration is ready: allocate */
	int (*start)(struct smb3_mod *); /* every module has initialised */
	/* Every module has started, the server listens, and no thread of core's has begun. Whoever
	 * starts threads or processes that shall be confined as the server is does it here. */
	int (*started)(struct smb3_mod *);
	int (*reload)(struct smb3_mod *, const void *new_conf); /* accept, or refuse the new conf */
	void (*stop)(struct smb3_mod *);                        /* take no new work */
	void (*fini)(struct smb3_mod *); /* reverse order of init; every object is gone */
};

/* A loaded module. */
struct smb3_mod {
	uint32_t magic;
	const struct smb3_module *module;
	struct smb3_server *server;
	const void *_Atomic conf; /* conf struct with GLOBAL values; swapped by a reload */
	void *data;               /* the module's own */
	unsigned int index;       /* core's: among the loaded ones */
	void *handle;             /* of dlopen */
};

#define SMB3_MODULE(ident, ...)                                                      \
	__attribute__((visibility("default"))) const struct smb3_module smb3_module; \
	const struct smb3_module smb3_module = { .magic = SMB3_MODULE_MAGIC,         \
						 .abi = SMB3_ABI,                    \
						 .name = #ident,                     \
						 .version = "1.0",                   \
						 __VA_ARGS__ }

/* The loaded module of that name, or NULL. */
struct smb3_mod *smb3_module_find(struct smb3_server *server, const char *name);

/* The module that provides a row (a row pointer stands in exactly one module). */
struct smb3_mod *smb3_module_of(struct smb3_server *server, const void *row);

/* The module's conf struct with a share's overrides; mod->conf for a NULL share. Lives as long
 * as the share. */
const void *smb3_conf_of(const struct smb3_mod *mod, const struct smb3_share *share);

/* Registry look-ups: the row, or NULL. smb3_row_name ignores case. */
const void *smb3_row(struct smb3_server *server, enum smb3_kind kind, uint64_t key);
const void *smb3_row_name(struct smb3_server *server, enum smb3_kind kind, const char *name);
/* All rows of a kind, in load order; at becomes the count. */
const struct smb3_provide *const *smb3_rows(struct smb3_server *server, enum smb3_kind kind,
					    size_t *ret_count);

/* ---- for listings ---- */

/* All loaded modules, in the order in which they start. */
struct smb3_mod *const *smb3_modules(struct smb3_server *server, size_t *ret_count);

/* A row in words: "command" "0x05" "CREATE"; key and name may be empty. */
struct smb3_row_text {
	const char *kind, *name;
	char key[48];
};
void smb3_row_describe(const struct smb3_provide *p, struct smb3_row_text *ret_text);

#endif
