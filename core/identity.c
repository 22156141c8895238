// SPDX-License-Identifier: Apache-2.0
/*
 * identity.c: who somebody is on this machine, and threads that act as somebody.
 * setfsuid, setfsgid and setgroups are raw system calls: they are per thread in the kernel, but
 * the C library's setgroups() changes all threads of the process.
 */
#include "core.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <smb3/lookup.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUPS_MAX 65536 /* NGROUPS_MAX of Linux */

#ifdef SYS_setgroups32 /* 32-bit machines: the plain names take 16-bit ids */
#define CALL_SETGROUPS SYS_setgroups32
#define CALL_SETFSUID  SYS_setfsuid32
#define CALL_SETFSGID  SYS_setfsgid32
#else
#define CALL_SETGROUPS SYS_setgroups
#define CALL_SETFSUID  SYS_setfsuid
#define CALL_SETFSGID  SYS_setfsgid
#endif

/* ---- looking up ---- */

/* Fills the Unix side of id from an entry of the user database. */
static int identity_fill(struct smb3_identity *id, const struct passwd *pw)
{
	int room = 32, n = room;

	id->unix_name = smb3_strdup(pw->pw_name);
	id->uid = pw->pw_uid;
	id->gid = pw->pw_gid;
	id->groups = smb3_alloc((size_t)room * sizeof(gid_t));
	while (getgrouplist(pw->pw_name, pw->pw_gid, id->groups, &n) < 0) {
		if (room >= GROUPS_MAX)
			return -E2BIG;
		/* n is what it needs; never less than twice, so that the loop ends. */
		room = n > 2 * room ? n : 2 * room;
		if (room > GROUPS_MAX)
			room = GROUPS_MAX;
		n = room;
		id->groups = smb3_realloc(id->groups, (size_t)room * sizeof(gid_t));
	}
	id->n_groups = (size_t)n;
	return 0;
}

/* By name, or by uid when name is NULL. */
static int identity_lookup(struct smb3_identity *id, const char *name, uid_t uid)
{
	struct passwd pw = { 0 };
	char *buf = NULL;
	int err = smb3_lookup_user(name, uid, &pw, &buf);

	if (err)
		return err;
	err = identity_fill(id, &pw);
	free(buf);
	return err;
}

static int identity_recall(struct smb3_server *server, struct smb3_identity *id, const char *name)
{
	uint64_t now = smb3_clock();
	int err = smb3_people_find(server->people, name, id);

	if (err != -EAGAIN)
		return err;
	err = identity_lookup(id, name, 0);
	smb3_people_keep(server->people, name, now, err, id);
	return err;
}

/* A server that cannot change users acts as its own. That user may have no name. */
static void identity_own(struct smb3_server *server, struct smb3_identity *id)
{
	char number[24];

	if (identity_lookup(id, NULL, server->own_uid) == 0)
		return;
	free((char *)(uintptr_t)id->unix_name);
	free(id->groups);
	id->groups = NULL;
	id->n_groups = 0;
	snprintf(number, sizeof(number), "%lu", (unsigned long)server->own_uid);
	id->unix_name = smb3_strdup(number);
	id->uid = server->own_uid;
	id->gid = getegid();
}

static void identity_free(struct smb3_identity *id)
{
	free((char *)(uintptr_t)id->name);
	free((char *)(uintptr_t)id->domain);
	free((char *)(uintptr_t)id->unix_name);
	free(id->groups);
	free(id->sids);
	free(id->groups_of_store);
	id->magic = 0;
	free(id);
}

int smb3_identity_new(struct smb3_server *server, const char *name, const char *domain,
		      const char *unix_name, struct smb3_identity **ret_identity)
{
	struct smb3_identity *id = smb3_object_alloc(server, SMB3_SLOT_IDENTITY);
	int err;

	id->magic = SMB3_IDENTITY_MAGIC;
	id->server = server;
	atomic_init(&id->refs, 1);
	id->name = smb3_strdup(name);
	id->domain = smb3_strdup(domain);
	if (server->can_switch) {
		err = identity_recall(server, id, unix_name && *unix_name ? unix_name : name);
		if (err < 0) {
			identity_free(id);
			return err;
		}
	} else {
		identity_own(server, id);
	}
	smb3_slots_init(server, SMB3_SLOT_IDENTITY, id);
	*ret_identity = id;
	return 0;
}

struct smb3_identity *smb3_identity_ref(struct smb3_identity *id)
{
	SMB3_CHECK(id, SMB3_IDENTITY_MAGIC);
	atomic_fetch_add_explicit(&id->refs, 1, memory_order_relaxed);
	return id;
}

void smb3_identity_unref(struct smb3_identity *id)
{
	if (!id)
		return;
	SMB3_CHECK(id, SMB3_IDENTITY_MAGIC);
	if (atomic_fetch_sub_explicit(&id->refs, 1, memory_order_acq_rel) > 1)
		return;
	smb3_slots_fini(id->server, SMB3_SLOT_IDENTITY, id);
	identity_free(id);
}

bool smb3_identity_same(const struct smb3_identity *a, const struct smb3_identity *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->guest || b->guest || a->anonymous || b->anonymous)
		return false;
	return a->uid == b->uid && smb3_name_equal(a->name, b->name) &&
	       smb3_name_equal(a->domain, b->domain);
}

/* ---- acting as somebody ---- */

/* What a thread wears. */
struct dress {
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t n_groups;
};

static struct dress dress_of(const struct smb3_server *server, const struct smb3_identity *id)
{
	if (!id)
		return (struct dress){ server->own_uid, server->own_gid, server->own_groups,
				       server->n_own_groups };
	return (struct dress){ id->uid, id->gid, id->groups, id->n_groups };
}

/* These two calls report no errors: asked for an impossible id they answer the present one. */
static bool set_id(long call, uint32_t id)
{
	syscall(call, id);
	return (uint32_t)syscall(call, (uint32_t)-1) == id;
}

static bool set_groups(const struct dress *d)
{
	return syscall(CALL_SETGROUPS, d->n_groups, d->groups) == 0;
}

/* Groups last: of the three calls it alone may fail for want of memory, and what came before can
 * then be taken back by calls that worked before. */
static bool dress_change(const struct dress *from, const struct dress *to)
{
	if (set_id(CALL_SETFSUID, to->uid) && set_id(CALL_SETFSGID, to->gid) && set_groups(to))
		return true;
	if (set_id(CALL_SETFSGID, from->gid) && set_id(CALL_SETFSUID, from->uid))
		return false;
	smb3_log(SMB3_LOG_ERROR, "a thread could not take back the user that it acts as; "
				 "ending here rather than serve files as the wrong user");
	abort();
}

static bool dress_equal(const struct dress *a, const struct dress *b)
{
	return a->uid == b->uid && a->gid == b->gid && a->n_groups == b->n_groups &&
	       (!a->n_groups || !memcmp(a->groups, b->groups, a->n_groups * sizeof(gid_t)));
}

int smb3_become(struct smb3_server *server, struct smb3_identity **worn,
		struct smb3_identity *identity)
{
	struct smb3_identity *old = *worn;
	struct dress from, to;

	if (old == identity)
		return 0;
	if (server->can_switch) {
		from = dress_of(server, old);
		to = dress_of(server, identity);
		if (!dress_equal(&from, &to) && !dress_change(&from, &to))
			return smb3_fail(-EPERM, "cannot act as user %s (uid %lu)",
					 identity ? identity->unix_name : "of the server",
					 (unsigned long)to.uid);
	}
	*worn = identity ? smb3_identity_ref(identity) : NULL;
	smb3_identity_unref(old);
	return 0;
}

/* In a container root may lack what root has elsewhere. */
static bool own_can_switch(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };
	const uint32_t wanted = 1u << CAP_SETUID | 1u << CAP_SETGID;

	return geteuid() == 0 && syscall(SYS_capget, &header, data) == 0 &&
	       (data[0].effective & wanted) == wanted;
}

/* Changes the effective set; the capabilities that it gained or lost. */
static uint64_t caps_change(uint64_t caps, bool on)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };
	uint64_t changed = 0;

	if (!caps || syscall(SYS_capget, &header, data) < 0)
		return 0;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		uint32_t old = data[i].effective, want = (uint32_t)(caps >> (32 * i));

		data[i].effective = on ? old | (want & data[i].permitted) : old & ~want;
		changed |= (uint64_t)(old ^ data[i].effective) << (32 * i);
	}
	return changed && syscall(SYS_capset, &header, data) == 0 ? changed : 0;
}

uint64_t smb3_caps_raise(uint64_t caps)
{
	return caps_change(caps, true);
}

void smb3_caps_lower(uint64_t raised)
{
	if (!raised || caps_change(raised, false) == raised)
		return;
	smb3_log(SMB3_LOG_ERROR, "a thread could not lay down a capability; ending here rather "
				 "than serve users with it");
	abort();
}

/* setfsuid takes away only what is about files, and gives it back. With the others users would be
 * bound neither by their quotas nor by the blocks that are reserved for root, and could touch what
 * is the system's. Threads inherit what is left here. */
static void own_limits_hold(void)
{
	const uint64_t files = SMB3_CAP(CAP_CHOWN) | SMB3_CAP(CAP_DAC_OVERRIDE) |
			       SMB3_CAP(CAP_DAC_READ_SEARCH) | SMB3_CAP(CAP_FOWNER) |
			       SMB3_CAP(CAP_FSETID) | SMB3_CAP(CAP_LINUX_IMMUTABLE) |
			       SMB3_CAP(CAP_MKNOD) | SMB3_CAP(CAP_MAC_OVERRIDE);
	const uint64_t own = SMB3_CAP(CAP_SETUID) | SMB3_CAP(CAP_SETGID) |
			     SMB3_CAP(CAP_NET_BIND_SERVICE);

	errno = 0;
	if (caps_change(~(files | own), false) == 0 && errno)
		smb3_log(SMB3_LOG_WARNING, "users keep the server's capabilities: %s",
			 strerror(errno));
}

void smb3_own_init(struct smb3_server *server)
{
	int n = getgroups(0, NULL);

	server->own_uid = geteuid();
	server->own_gid = getegid();
	server->can_switch = own_can_switch();
	if (server->can_switch)
		own_limits_hold();
	if (n <= 0)
		return;
	server->own_groups = smb3_alloc((size_t)n * sizeof(gid_t));
	n = getgroups(n, server->own_groups);
	server->n_own_groups = n > 0 ? (size_t)n : 0;
}

void smb3_own_done(struct smb3_server *server)
{
	free(server->own_groups);
	server->own_groups = NULL;
	server->n_own_groups = 0;
}
