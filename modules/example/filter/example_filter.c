// SPDX-License-Identifier: Apache-2.0
/*
 * example_filter.c: a VFS filter: changes what passes between clients and a share's file system.
 * Here: clients read the letters of all files in upper or lower case; what is on disk stays.
 */
#include <smb3/smb3.h>
#include <errno.h>

enum { LETTERS_UPPER, LETTERS_LOWER };

/* Filled by core from the group "example_filter" of smb3.conf: the global one, and those of shares. */
struct example_filter_conf {
	int letters;
};

/* What one layer keeps; there is one in each share's stack. Core gives it zeroed, and frees it. */
struct example_filter_mount {
	bool lower;
};

static int example_filter_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	const struct example_filter_conf *conf = smb3_conf_of(self->mod, share);
	struct example_filter_mount *m = self->data;

	m->lower = conf->letters == LETTERS_LOWER;
	return 0;
}

/* By hand and not by toupper(), which asks the locale of the process. */
static char convert(const struct example_filter_mount *m, char c)
{
	if (m->lower)
		return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The layers below read into the client's buffer; what they gave is changed there. May run on any
 * thread, for several files at once. */
static ssize_t example_filter_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				    struct smb3_handle *h, void *buf, size_t len, uint64_t offset)
{
	ssize_t n = smb3_vfs_pread(self->next, ctx, h, buf, len, offset);
	char *p = buf;

	for (ssize_t i = 0; i < n; i++)
		p[i] = convert(self->data, p[i]);
	return n;
}

/* Who has the descriptor reads past this filter: there is none to be had. */
static int example_filter_fd(struct smb3_vfs *self, struct smb3_handle *h)
{
	return -EOPNOTSUPP;
}

/* All that is NULL here is passed on to the next layer. */
static const struct smb3_vfs_ops example_filter_ops = {
	.name = "example_filter",
	.flags = SMB3_VFS_FILTER,
	.mount_size = sizeof(struct example_filter_mount),
	.mount = example_filter_mount,
	.pread = example_filter_pread,
	.fd = example_filter_fd,
};

static const char *const letters[] = { "upper", "lower", NULL };

static const struct smb3_option example_filter_options[] = {
	{ .name = "letters",
	  .type = SMB3_OPT_ENUM,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct example_filter_conf, letters),
	  .value = "upper",
	  .choices = letters,
	  .help = "What becomes of the letters A to Z." },
	SMB3_OPTION_END,
};

static const struct smb3_provide example_filter_provides[] = {
	SMB3_VFS(&example_filter_ops),
	SMB3_END,
};

SMB3_MODULE(example_filter, .summary = "files in upper case", .options = example_filter_options,
	    .conf_size = sizeof(struct example_filter_conf), .provides = example_filter_provides);
