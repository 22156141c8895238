// SPDX-License-Identifier: Apache-2.0
/*
 * test_play.h: a server with scripts, a client of it, and its admin commands; apart from the tests
 * because its constants are its own. Everything that goes wrong besides the status of a reply ends
 * the test.
 */
#ifndef LUA_TEST_PLAY_H
#define LUA_TEST_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct play;
struct player;
struct smbc_req;

struct play_conf {
	const char *script;  /* the text of the script "play.lua"; NULL: none */
	const char *scripts; /* of the folder that the server ships: "\"worm\", \"homes\"" */
	const char *lua;     /* more of the group lua; may be NULL */
	const char *shares;  /* as in struct test_server_conf */
	const char *share;   /* of the share "files": more options; may be NULL */
};

struct play_file {
	uint64_t persistent_id, volatile_id;
	uint32_t action;
};

/* A server with a share "files" on the folder play_dir(). */
struct play *play_start(const struct play_conf *conf);
void play_stop(struct play *p);
const char *play_dir(const struct play *p);
struct smb3_server *play_server(const struct play *p);
/* Another text for the script "play.lua"; without a reload. */
void play_write(struct play *p, const char *script);
void play_unlink(struct play *p);
/* The end of a test: both may be NULL, and are then. */
void play_over(struct play **play, struct player **client);
/* The whole answer to an admin command, to be freed: play_ctl(p, "kill", "0x41", NULL). */
char *play_ctl(struct play *p, ...);
/* Such an answer, which is freed, has the text; it is shown when not. */
bool play_answers(char *answer, const char *text);
/* Reads the configuration again; true when it was accepted. */
bool play_reload(struct play *p);
/* The reason of the last denial, until the next call. */
const char *play_why(struct play *p);
bool play_says(struct play *p, const char *reason);
/* True when the answer to that one command has text, within 20 seconds. */
bool play_until(struct play *p, const char *command, const char *text);
/* A file in the folder, as text, with a time of its last change; content NULL: it is removed. */
void play_file(struct play *p, const char *name, const char *content, long age);

/* Logged on as alice, with no share yet. status: of the log-on; may be NULL. */
struct player *player_new(struct play *p, uint32_t *ret_status);
void player_free(struct player *c); /* NULL is allowed */
uint32_t player_connect(struct player *c, const char *share);
uint32_t player_create(struct player *c, const char *name, uint32_t access, uint32_t disposition,
		       struct play_file *ret_file);
uint32_t player_mkdir(struct player *c, const char *name);
uint32_t player_write(struct player *c, const struct play_file *f, const char *text);
uint32_t player_write_raw(struct player *c, const struct play_file *f, const void *data,
			  uint32_t len);
uint32_t player_read(struct player *c, const struct play_file *f, uint32_t len);
uint32_t player_rename(struct player *c, const struct play_file *f, const char *to);
uint32_t player_delete(struct player *c, const struct play_file *f);
uint32_t player_close(struct player *c, const struct play_file *f);
uint32_t player_echo(struct player *c);
uint32_t player_logoff(struct player *c);
/* Opens for writing what is there, or makes it, writes and closes; the first failure. */
uint32_t player_put(struct player *c, const char *name, const char *text);
uint32_t player_get(struct player *c, const char *name);
/* A WRITE is sent, and its end awaited later. */
struct smbc_req *player_write_send(struct player *c, const struct play_file *f, const char *text);
uint32_t player_wait(struct smbc_req *req);
void player_cancel(struct smbc_req *req);
/* The connection is closed; the other functions must not be used any more. */
void player_hang_up(struct player *c);
bool player_encrypts(const struct player *c);

#define PLAY_READ   0x00120089u
#define PLAY_WRITE  0x00120116u
#define PLAY_BOTH   (PLAY_READ | PLAY_WRITE)
#define PLAY_DELETE 0x00010000u
#define PLAY_MAX    0x02000000u

#define PLAY_OPEN      1
#define PLAY_CREATE    2
#define PLAY_OPEN_IF   3
#define PLAY_OVERWRITE 5

#endif
