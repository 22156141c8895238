// SPDX-License-Identifier: Apache-2.0
/*
 * people.c: what the system's user database has said, for a moment: log-ons come in crowds, and each
 * answer may take a name service a hundred system calls, or a question over a network. That there is no
 * such user is kept as well. From any thread.
 */
#include "core.h"

#include <string.h>

#define PEOPLE     256
#define GROUPS_FEW 1024 /* of somebody with more nothing is kept */
#define ABSENT_NS \
	1000000000u /* for so long at most it is kept that there is no such user: one may be made */

struct smb3_people {
	pthread_mutex_t lock;
	uint64_t life;     /* ns */
	uint64_t reset_at; /* smb3_clock(): what was asked before is not kept */
	struct person {
		char *asked; /* NULL: nobody */
		uint64_t until;
		int err; /* 0 or -ENOENT */
		char *unix_name;
		uid_t uid;
		gid_t gid, *groups;
		size_t n_groups;
	} known[PEOPLE]; /* one place for each name; whoever comes later takes it */
};

static struct person *place_of(struct smb3_people *people, const char *name)
{
	return &people->known[smb3_hash_bytes(name, strlen(name)) % PEOPLE];
}

static void forget(struct person *p)
{
	free(p->asked);
	free(p->unix_name);
	free(p->groups);
	*p = (struct person){ .asked = NULL };
}

static gid_t *copy_groups(const gid_t *groups, size_t n)
{
	gid_t *copy = smb3_alloc(n * sizeof(*copy));

	if (n)
		memcpy(copy, groups, n * sizeof(*copy));
	return copy;
}

int smb3_people_find(struct smb3_people *people, const char *name, struct smb3_identity *id)
{
	const struct person *p;
	int err = -EAGAIN;

	if (!people)
		return -EAGAIN;
	pthread_mutex_lock(&people->lock);
	p = place_of(people, name);
	if (p->asked && !strcmp(p->asked, name) && smb3_clock() < p->until)
		err = p->err;
	if (!err) {
		id->unix_name = smb3_strdup(p->unix_name);
		id->uid = p->uid;
		id->gid = p->gid;
		id->groups = copy_groups(p->groups, p->n_groups);
		id->n_groups = p->n_groups;
	}
	pthread_mutex_unlock(&people->lock);
	return err;
}

void smb3_people_keep(struct smb3_people *people, const char *name, uint64_t asked, int err,
		      const struct smb3_identity *id)
{
	struct person *p;
	uint64_t life;

	if (!people || (err && err != -ENOENT) || id->n_groups > GROUPS_FEW)
		return;
	pthread_mutex_lock(&people->lock);
	p = place_of(people, name);
	forget(p);
	life = asked > people->reset_at ? people->life : 0;
	if (err && life > ABSENT_NS)
		life = ABSENT_NS;
	if (life) {
		p->asked = smb3_strdup(name);
		p->until = asked + life;
		p->err = err;
	}
	if (life && !err) {
		p->unix_name = smb3_strdup(id->unix_name);
		p->uid = id->uid;
		p->gid = id->gid;
		p->groups = copy_groups(id->groups, id->n_groups);
		p->n_groups = id->n_groups;
	}
	pthread_mutex_unlock(&people->lock);
}

struct smb3_people *smb3_people_new(void)
{
	struct smb3_people *people = smb3_alloc(sizeof(*people));

	pthread_mutex_init(&people->lock, NULL);
	return people;
}

void smb3_people_reset(struct smb3_people *people, uint64_t ms)
{
	if (!people)
		return;
	pthread_mutex_lock(&people->lock);
	people->life = ms * 1000000;
	people->reset_at = smb3_clock();
	for (size_t i = 0; i < PEOPLE; i++)
		forget(&people->known[i]);
	pthread_mutex_unlock(&people->lock);
}

void smb3_people_free(struct smb3_people *people)
{
	smb3_people_reset(people, 0);
	if (!people)
		return;
	pthread_mutex_destroy(&people->lock);
	free(people);
}
