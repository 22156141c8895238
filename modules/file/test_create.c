// SPDX-License-Identifier: Apache-2.0
/*
 * test_create.c: CREATE in a whole server, with hooks that interfere: what is denied leaves nothing
 * behind, and what must wait goes on where it was, or ends.
 */
#include "core.h"
#include "test_client.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct test_server *server;
static struct test_client *client;

/* What the hook under test does, and what it saw. Changed by the workers under the lock. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum smb3_verdict verdict;
	uint32_t takes; /* access that is taken away */
	int waits;      /* so many opens wait */
	bool meets;     /* what is made is somebody else's open, too, at once */
	struct smb3_file *file;
} play = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

/* Under no lock: that of a file comes before play's. */
static void meet(struct smb3_event *event)
{
	const struct smb3_file_key key = { .dev = event->stat->dev, .ino = event->stat->ino };
	struct smb3_file *file = smb3_file_get(event->server, &key);

	smb3_file_lock(file);
	file->n_opens++;
	smb3_file_unlock(file);
	pthread_mutex_lock(&play.lock);
	play.file = file;
	pthread_mutex_unlock(&play.lock);
}

static enum smb3_verdict act(struct smb3_mod *mod, struct smb3_event *event)
{
	enum smb3_verdict verdict;
	bool made = event->point == SMB3_HOOK_MADE, meets;

	pthread_mutex_lock(&play.lock);
	verdict = play.verdict;
	event->access &= ~play.takes;
	meets = made && play.meets;
	if (!made && play.waits) {
		play.waits--;
		if (!play.file)
			play.file = smb3_file_ref(event->file);
		verdict = SMB3_WAIT;
		pthread_cond_signal(&play.changed);
	}
	pthread_mutex_unlock(&play.lock);
	if (meets)
		meet(event);
	return verdict;
}

static const struct smb3_hook actor = { .order = 300, .name = "test", .run = act };

static void stage(enum smb3_hook_point point)
{
	test_server_hook(server, point, &actor);
}

static void setup(void)
{
	server = test_server_start(NULL);
	client = test_client_new(server, "mem");
}

static void teardown(void)
{
	smb3_file_unref(play.file);
	test_client_free(client);
	test_server_stop(server);
}

TestSuite(create, .init = setup, .fini = teardown, .timeout = 60);

/* ---- what is denied leaves nothing behind ---- */

Test(create, a_denied_creation_leaves_no_file)
{
	stage(SMB3_HOOK_ACCESS);
	play.verdict = SMB3_DENY;
	EXPECT_STATUS(test_create(client, "new", GENERIC_ALL, FILE_CREATE, NULL),
		      STATUS_ACCESS_DENIED);
	EXPECT_STATUS(test_create(client, "new", GENERIC_ALL, FILE_OVERWRITE_IF, NULL),
		      STATUS_ACCESS_DENIED);
	play.verdict = SMB3_PASS;
	EXPECT_STATUS(test_create(client, "new", GENERIC_READ, FILE_OPEN, NULL),
		      STATUS_OBJECT_NAME_NOT_FOUND);
}

/* The other open of what is made comes to its end. */
static void other_leaves(void)
{
	smb3_file_lock(play.file);
	play.file->n_opens--;
	smb3_file_wake(play.file);
	smb3_file_unlock(play.file);
}

/* It is the other one's file by now. */
Test(create, a_denied_creation_takes_nothing_from_others)
{
	stage(SMB3_HOOK_MADE);
	play.meets = true;
	play.verdict = SMB3_DENY;
	EXPECT_STATUS(test_create(client, "new", GENERIC_ALL, FILE_CREATE, NULL),
		      STATUS_ACCESS_DENIED);
	play.verdict = SMB3_PASS;
	play.meets = false;
	other_leaves();
	EXPECT_STATUS(test_create(client, "new", GENERIC_READ, FILE_OPEN, NULL), STATUS_SUCCESS);
}

/* Nobody has it: it goes, and can be made again. */
Test(create, a_denied_new_file_goes)
{
	stage(SMB3_HOOK_MADE);
	play.verdict = SMB3_DENY;
	EXPECT_STATUS(test_create(client, "new", GENERIC_ALL, FILE_CREATE, NULL),
		      STATUS_ACCESS_DENIED);
	play.verdict = SMB3_PASS;
	EXPECT_STATUS(test_create(client, "new", GENERIC_READ, FILE_OPEN, NULL),
		      STATUS_OBJECT_NAME_NOT_FOUND);
	EXPECT_STATUS(test_create(client, "new", GENERIC_READ, FILE_CREATE, NULL), STATUS_SUCCESS);
}

/* While it waited, the name may have been given to something else. */
Test(create, what_was_made_before_it_waited_is_not_new)
{
	struct test_open made;
	struct smbc_req *req;

	stage(SMB3_HOOK_MADE);
	stage(SMB3_HOOK_OPEN_CONFLICT);
	play.meets = true;
	play.waits = 1;
	req = test_create_send(client, "new", GENERIC_READ, FILE_OPEN_IF);
	pthread_mutex_lock(&play.lock);
	while (play.waits)
		pthread_cond_wait(&play.changed, &play.lock);
	play.meets = false;
	pthread_mutex_unlock(&play.lock);
	other_leaves(); /* the hook ran under the file's mutex, which was kept until it lay down */
	cr_assert_eq(test_create_wait(req, &made), 0u);
	cr_expect_eq(made.action, (uint32_t)FILE_OPENED);
}

Test(create, a_denied_overwrite_does_not_truncate)
{
	struct test_open o;

	cr_assert_eq(test_create(client, "f", GENERIC_ALL, FILE_CREATE, &o), 0u);
	cr_assert_eq(test_write(client, &o, "content"), 0u);
	cr_assert_eq(test_close(client, &o), 0u);
	stage(SMB3_HOOK_ACCESS);
	play.takes = FILE_WRITE_DATA;
	EXPECT_STATUS(test_create(client, "f", GENERIC_READ, FILE_OVERWRITE, NULL),
		      STATUS_ACCESS_DENIED);
	EXPECT_STATUS(test_create(client, "f", MAXIMUM_ALLOWED, FILE_OVERWRITE_IF, NULL),
		      STATUS_ACCESS_DENIED);
	play.takes = SMB3_DELETE;
	EXPECT_STATUS(test_create(client, "f", GENERIC_READ, FILE_SUPERSEDE, NULL),
		      STATUS_ACCESS_DENIED);
	play.takes = 0;
	cr_assert_eq(test_create(client, "f", GENERIC_READ, FILE_OPEN, &o), 0u);
	cr_expect_eq(o.size, 7u);
}

Test(create, hooks_take_rights_away)
{
	struct test_open made;

	stage(SMB3_HOOK_ACCESS);
	play.takes = FILE_WRITE_DATA | WRITE_DAC;
	cr_assert_eq(test_create(client, "f", MAXIMUM_ALLOWED, FILE_OPEN_IF, &made), 0u);
	cr_expect_eq(test_access(client, &made), FILE_ALL_ACCESS & ~play.takes);
	EXPECT_STATUS(test_create(client, "f", WRITE_DAC, FILE_OPEN, NULL), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(test_create(client, "f", WRITE_OWNER, FILE_OPEN, NULL), STATUS_SUCCESS);
}

/* ---- what must wait ---- */

/* The open meets another one and is told to wait; returns when it has lain down. */
static struct smbc_req *waiting(uint32_t access, uint32_t disposition)
{
	struct test_open made;
	struct smbc_req *req;

	cr_assert_eq(test_create(client, "f", GENERIC_READ, FILE_CREATE, &made), 0u);
	stage(SMB3_HOOK_OPEN_CONFLICT);
	play.waits = 1;
	req = test_create_send(client, "f", access, disposition);
	pthread_mutex_lock(&play.lock);
	while (!play.file)
		pthread_cond_wait(&play.changed, &play.lock);
	pthread_mutex_unlock(&play.lock);
	/* The hook runs under the file's mutex, which is kept until the request is parked. */
	smb3_file_lock(play.file);
	cr_assert_not(smb3_list_empty(&play.file->waiters));
	return req;
}

Test(create, goes_on_when_woken)
{
	struct smbc_req *req = waiting(MAXIMUM_ALLOWED, FILE_OPEN);
	struct test_open made;

	smb3_file_wake(play.file);
	smb3_file_unlock(play.file);
	cr_assert_eq(test_create_wait(req, &made), 0u);
	cr_expect_eq(made.action, (uint32_t)FILE_OPENED);
	cr_expect_eq(test_access(client, &made), FILE_ALL_ACCESS);
}

Test(create, is_given_no_more_for_having_waited)
{
	struct smbc_req *req = waiting(GENERIC_READ, FILE_OVERWRITE);
	struct test_open made;

	smb3_file_wake(play.file);
	smb3_file_unlock(play.file);
	cr_assert_eq(test_create_wait(req, &made), 0u);
	cr_expect_eq(made.action, (uint32_t)FILE_OVERWRITTEN);
	cr_expect_eq(test_access(client, &made), FILE_GENERIC_READ, "%#x",
		     test_access(client, &made));
}

Test(create, waits_again_if_told_so)
{
	struct smbc_req *req = waiting(GENERIC_READ, FILE_OPEN);
	struct smb3_file *file = play.file;

	play.file = NULL;
	play.waits = 1;
	smb3_file_wake(file);
	smb3_file_unlock(file);
	pthread_mutex_lock(&play.lock);
	while (!play.file)
		pthread_cond_wait(&play.changed, &play.lock);
	pthread_mutex_unlock(&play.lock);
	smb3_file_lock(file);
	cr_expect_not(smb3_list_empty(&file->waiters));
	smb3_file_wake(file);
	smb3_file_unlock(file);
	smb3_file_unref(file);
	EXPECT_STATUS(test_create_wait(req, NULL), STATUS_SUCCESS);
}

Test(create, is_cancelled_while_it_waits)
{
	struct smbc_req *req = waiting(GENERIC_READ, FILE_OPEN);

	smb3_file_unlock(play.file);
	test_cancel(req);
	EXPECT_STATUS(test_create_wait(req, NULL), STATUS_CANCELLED);
	smb3_file_lock(play.file);
	cr_expect(smb3_list_empty(&play.file->waiters));
	cr_expect_eq(play.file->n_opens, 1u);
	smb3_file_unlock(play.file);
}

Test(create, ends_with_its_connection)
{
	struct smbc_req *req = waiting(GENERIC_READ, FILE_OPEN);

	smb3_file_unlock(play.file);
	test_drop(req);
	test_client_free(client);
	client = test_client_new(server, "mem"); /* the server still answers */
}
