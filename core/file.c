// SPDX-License-Identifier: Apache-2.0
/*
 * file.c: the file table, where the opens of all sessions meet: share modes, deletion.
 * Lock order: a shard of the table, then one file. Nobody takes a shard with a file locked.
 */
#include "core.h"

#define SHARDS 64

struct smb3_files {
	struct smb3_server *server;
	_Atomic size_t count;
	struct files_shard {
		pthread_mutex_t lock;
		struct smb3_hash table;
		_Atomic uint64_t disturbed; /* smb3_clock(): when one of its files last was */
	} shards[SHARDS];
};

static uint64_t key_hash(const struct smb3_file_key *key)
{
	return smb3_hash_bytes(key, sizeof(*key));
}

/* All streams of a file have one shard; so a stream keeps it when its name changes. */
static struct files_shard *shard_of(struct smb3_files *files, const struct smb3_file_key *key)
{
	return &files->shards[smb3_hash_bytes(key, offsetof(struct smb3_file_key, stream)) >> 58];
}

struct smb3_files *smb3_files_new(void)
{
	struct smb3_files *files = smb3_alloc(sizeof(*files));

	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&files->shards[i].lock, NULL);
		smb3_hash_init(&files->shards[i].table);
	}
	return files;
}

void smb3_files_free(struct smb3_files *files)
{
	if (!files)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		smb3_hash_done(&files->shards[i].table);
		pthread_mutex_destroy(&files->shards[i].lock);
	}
	free(files);
}

size_t smb3_server_files(const struct smb3_server *server)
{
	return atomic_load(&server->files->count);
}

/* ---- references ---- */

static struct smb3_file *shard_find(struct files_shard *shard, const struct smb3_file_key *key,
				    uint64_t hash)
{
	struct smb3_hash_node *n = smb3_hash_find(&shard->table, hash);

	for (; n; n = smb3_hash_next_same(n)) {
		struct smb3_file *f = SMB3_CONTAINER(n, struct smb3_file, node);

		if (!memcmp(&f->key, key, sizeof(*key))) {
			atomic_fetch_add(&f->refs, 1);
			return f;
		}
	}
	return NULL;
}

static struct smb3_file *file_new(struct smb3_server *server, const struct smb3_file_key *key)
{
	struct smb3_file *f = smb3_object_alloc(server, SMB3_SLOT_FILE);

	f->magic = SMB3_FILE_MAGIC;
	f->refs = 1;
	f->key = *key;
	f->server = server;
	pthread_mutex_init(&f->mutex, NULL);
	smb3_list_init(&f->opens);
	smb3_list_init(&f->waiters);
	smb3_slots_init(server, SMB3_SLOT_FILE, f);
	return f;
}

struct smb3_file *smb3_file_get(struct smb3_server *server, const struct smb3_file_key *key)
{
	uint64_t hash = key_hash(key);
	struct files_shard *shard = shard_of(server->files, key);
	struct smb3_file *f;

	pthread_mutex_lock(&shard->lock);
	f = shard_find(shard, key, hash);
	if (!f) {
		f = file_new(server, key);
		smb3_hash_add(&shard->table, &f->node, hash);
		atomic_fetch_add(&server->files->count, 1);
	}
	pthread_mutex_unlock(&shard->lock);
	return f;
}

struct smb3_file *smb3_file_find(struct smb3_server *server, const struct smb3_file_key *key)
{
	uint64_t hash = key_hash(key);
	struct files_shard *shard = shard_of(server->files, key);
	struct smb3_file *f;

	pthread_mutex_lock(&shard->lock);
	f = shard_find(shard, key, hash);
	pthread_mutex_unlock(&shard->lock);
	return f;
}

struct smb3_file *smb3_file_ref(struct smb3_file *f)
{
	SMB3_CHECK(f, SMB3_FILE_MAGIC);
	atomic_fetch_add(&f->refs, 1);
	return f;
}

static void file_free(struct smb3_file *f)
{
	smb3_slots_fini(f->server, SMB3_SLOT_FILE, f);
	smb3_delete_free(f->deleting);
	pthread_mutex_destroy(&f->mutex);
	f->magic = 0;
	free(f);
}

/* The last reference goes under the shard's lock, so that nobody finds a dying file. */
void smb3_file_unref(struct smb3_file *f)
{
	struct files_shard *shard;
	uint32_t refs;
	bool last;

	if (!f)
		return;
	SMB3_CHECK(f, SMB3_FILE_MAGIC);
	refs = atomic_load(&f->refs);
	while (refs > 1)
		if (atomic_compare_exchange_weak(&f->refs, &refs, refs - 1))
			return;
	shard = shard_of(f->server->files, &f->key);
	pthread_mutex_lock(&shard->lock);
	last = atomic_fetch_sub(&f->refs, 1) == 1;
	if (last) {
		smb3_hash_remove(&shard->table, &f->node);
		atomic_fetch_sub(&f->server->files->count, 1);
	}
	pthread_mutex_unlock(&shard->lock);
	if (last)
		file_free(f);
}

/* ---- share modes; [MS-FSA] 2.1.5.1.2.2 ---- */

#define READING (FILE_READ_DATA | FILE_EXECUTE)
#define WRITING (FILE_WRITE_DATA | FILE_APPEND_DATA)

static bool shares(uint32_t access, uint32_t share_access)
{
	if (access & READING && !(share_access & FILE_SHARE_READ))
		return false;
	if (access & WRITING && !(share_access & FILE_SHARE_WRITE))
		return false;
	return !(access & SMB3_DELETE) || share_access & FILE_SHARE_DELETE;
}

ntstatus smb3_file_check(const struct smb3_file *f, uint32_t access, uint32_t share_access)
{
	if (f->delete_pending)
		return STATUS_DELETE_PENDING;
	if (access & SMB3_DELETE && f->n_pinned)
		return STATUS_SHARING_VIOLATION;
	if (!(access & (READING | WRITING | SMB3_DELETE)))
		return STATUS_SUCCESS;
	SMB3_LIST_EACH(&f->opens, node) {
		struct smb3_open *o = SMB3_CONTAINER(node, struct smb3_open, file_link);

		if (o->stat_only)
			continue;
		if (!shares(access, o->share_access) || !shares(o->access, share_access))
			return STATUS_SHARING_VIOLATION;
	}
	return STATUS_SUCCESS;
}

void smb3_file_join(struct smb3_file *f, struct smb3_open *o)
{
	o->stat_only = !(o->access & (READING | WRITING | SMB3_DELETE));
	smb3_list_add(&f->opens, &o->file_link);
	f->n_opens++;
}

void smb3_file_disturb(struct smb3_server *server, const struct smb3_file_key *key)
{
	_Atomic uint64_t *last = &shard_of(server->files, key)->disturbed;
	uint64_t now = smb3_clock(), then = atomic_load(last);

	/* Never back: somebody else may have been later, and faster. */
	while (then < now && !atomic_compare_exchange_weak(last, &then, now))
		;
}

bool smb3_file_alone(const struct smb3_file *f, uint64_t since)
{
	return f->n_opens == 1 && !f->n_streams &&
	       atomic_load(&shard_of(f->server->files, &f->key)->disturbed) < since;
}

/* Whether an open of a stream is in the way of deleting its file. */
static bool pins(const struct smb3_open *o)
{
	return o->access & (READING | WRITING | SMB3_DELETE) &&
	       !(o->share_access & FILE_SHARE_DELETE);
}

ntstatus smb3_file_join_base(struct smb3_file *base, struct smb3_open *o)
{
	ntstatus status = STATUS_DELETE_PENDING;

	smb3_file_lock(base);
	if (!base->delete_pending) {
		base->n_streams++;
		base->n_pinned += pins(o);
		o->base = base;
		status = STATUS_SUCCESS;
	}
	smb3_file_unlock(base);
	return status;
}

bool smb3_file_rekey(struct smb3_file *f, uint64_t stream)
{
	struct files_shard *shard = shard_of(f->server->files, &f->key);
	struct smb3_file_key key;
	struct smb3_file *other;

	pthread_mutex_lock(&shard->lock);
	key = f->key;
	key.stream = stream;
	other = shard_find(shard, &key, key_hash(&key));
	if (!other) {
		smb3_hash_remove(&shard->table, &f->node);
		f->key = key;
		smb3_hash_add(&shard->table, &f->node, key_hash(&key));
	}
	pthread_mutex_unlock(&shard->lock);
	smb3_file_unref(other);
	return !other || other == f;
}

/* ---- bytes ---- */

ntstatus smb3_io_ask(struct smb3_req *req, struct smb3_open *o, const struct smb3_io *io)
{
	struct smb3_event event = { .point = SMB3_HOOK_IO,
				    .server = req->server,
				    .tree = o->tree,
				    .share = o->tree->share,
				    .open = o,
				    .file = o->file,
				    .req = req,
				    .io = io,
				    .who = o->identity };

	if (smb3_hook_run(&event) != SMB3_DENY)
		return STATUS_SUCCESS;
	return smb3_req_deny(req, event.status, "%s", event.reason);
}

/* ---- deletion ---- */

void smb3_delete_free(struct smb3_delete *d)
{
	if (!d)
		return;
	smb3_share_unref(d->share);
	smb3_identity_unref(d->who);
	free(d->path);
	free(d);
}

static void doomed_hook(struct smb3_file *f, struct smb3_open *o)
{
	struct smb3_event event = { .point = SMB3_HOOK_DOOMED,
				    .server = f->server,
				    .tree = o->tree,
				    .share = o->tree->share,
				    .open = o,
				    .file = f,
				    .who = o->identity,
				    .path = o->path };

	if (smb3_hooked(event.server, event.point))
		smb3_hook_run(&event);
}

void smb3_file_set_delete(struct smb3_file *f, struct smb3_open *o, bool on)
{
	f->delete_pending = on;
	smb3_delete_free(f->deleting);
	f->deleting = NULL;
	if (!on)
		return;
	f->deleting = smb3_alloc(sizeof(*f->deleting));
	f->deleting->path = smb3_strdup(o->path);
	if (f == o->base) /* the file, not the stream */
		*strrchr(f->deleting->path, ':') = '\0';
	f->deleting->share = smb3_share_ref(o->tree->share);
	f->deleting->who = smb3_identity_ref(o->identity);
	f->deleting->directory = o->directory;
	doomed_hook(f, o);
}

/* now: the name goes though others have the file. */
static struct smb3_delete *file_left(struct smb3_file *f, bool now)
{
	struct smb3_delete *due = NULL;

	if (f->delete_pending && (now || (f->n_opens == 0 && f->n_streams == 0))) {
		due = f->deleting;
		f->deleting = NULL;
	}
	smb3_file_wake(f);
	return due;
}

struct smb3_delete *smb3_file_leave(struct smb3_file *f, struct smb3_open *o)
{
	smb3_file_disturb(f->server, &f->key);
	if (f == o->base) {
		f->n_streams--;
		f->n_pinned -= pins(o);
		return file_left(f, false);
	}
	smb3_list_remove(&o->file_link);
	f->n_opens--;
	if (o->delete_on_close && !f->delete_pending)
		smb3_file_set_delete(f, o, true);
	return file_left(f, o->delete_posix);
}

/* ---- renames ---- */

static bool path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && (len == 0 ? *path != 0 : path[len] == '/');
}

struct below {
	const struct smb3_share *share;
	const char *dir;
	bool found;
};

static bool below_one(struct smb3_hash_node *node, void *arg)
{
	struct smb3_file *f = SMB3_CONTAINER(node, struct smb3_file, node);
	struct below *below = arg;

	smb3_file_lock(f);
	SMB3_LIST_EACH(&f->opens, link) {
		struct smb3_open *o = SMB3_CONTAINER(link, struct smb3_open, file_link);

		if (o->tree->share == below->share && path_below(o->path, below->dir))
			below->found = true;
	}
	smb3_file_unlock(f);
	return !below->found;
}

bool smb3_file_open_below(struct smb3_server *server, const struct smb3_share *share,
			  const char *path)
{
	struct below below = { share, path, false };

	for (size_t i = 0; i < SHARDS && !below.found; i++) {
		struct files_shard *shard = &server->files->shards[i];

		pthread_mutex_lock(&shard->lock);
		smb3_hash_each(&shard->table, below_one, &below);
		pthread_mutex_unlock(&shard->lock);
	}
	return below.found;
}

void smb3_file_renamed(struct smb3_file *f, const struct smb3_mount *mount, const char *old,
		       const char *new_path)
{
	smb3_file_lock(f);
	SMB3_LIST_EACH(&f->opens, node) {
		struct smb3_open *o = SMB3_CONTAINER(node, struct smb3_open, file_link);

		if (o->tree->mount != mount || strcmp(o->path, old) != 0)
			continue;
		free(o->path);
		o->path = smb3_strdup(new_path);
	}
	if (f->deleting && !strcmp(f->deleting->path, old)) {
		free(f->deleting->path);
		f->deleting->path = smb3_strdup(new_path);
	}
	smb3_file_unlock(f);
}
