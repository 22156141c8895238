// SPDX-License-Identifier: Apache-2.0
/*
 * audit.h: what happened, one JSON object a line. Private to the module.
 *
 * Whoever sees an event puts a line together on its own stack (json.c) and appends it to a queue
 * (queue.c); a thread of the module's own takes the lines from there to where they are kept
 * (sink.c). So a slow or full disk holds up nobody.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include <pthread.h>
#include <smb3/smb3.h>

#define AUDIT_SCHEMA   1
#define AUDIT_LINE_MAX 16384

/* ---- json.c ---- */

/* One event while it is written. Whatever the names in it are, it is one line and whole. */
struct audit_line {
	char text[AUDIT_LINE_MAX];
	size_t len;
	bool cut; /* a value was too long, which is said at the end */
};

void line_begin(struct audit_line *l, const char *event);
void line_text(struct audit_line *l, const char *key, const char *value); /* NULL, "": nothing */
void line_number(struct audit_line *l, const char *key, uint64_t value);
void line_hex(struct audit_line *l, const char *key, uint64_t value); /* as a string: "0x1f" */
void line_flag(struct audit_line *l, const char *key, bool value);    /* false: nothing */
void line_end(struct audit_line *l);

/* ---- sink.c ---- */

enum audit_to { AUDIT_FILE, AUDIT_JOURNAL, AUDIT_SYSLOG };

struct sink {
	enum audit_to to;
	char *path;
	int fd; /* -1: closed */
	dev_t dev;
	ino_t ino;
	bool torn; /* the file ends in the middle of a line */
};

/* Opens it. 0 or a negative errno. */
int sink_open(struct sink *s);
void sink_close(struct sink *s);
/* Opens the file again when its name has come to mean another one. */
int sink_follow(struct sink *s);
/* Writes whole lines. *ret_done: bytes of those that are written for good. */
int sink_write(struct sink *s, const char *lines, size_t len, size_t *ret_done);

/* ---- queue.c ---- */

struct audit_state {
	bool failing;
	int error; /* errno of the last failure */
	uint64_t written, lost;
	size_t waiting; /* bytes */
};

struct queue;

/* Opens the sink; takes path's copy. *ret_queue needs queue_start() before anybody reads it. */
int queue_new(enum audit_to to, const char *path, size_t size, struct queue **ret_queue);
int queue_start(struct queue *q);
bool queue_started(const struct queue *q);
/* Writes what is left, ends the thread. */
void queue_free(struct queue *q);
/* From any thread; never blocks for long. */
void queue_push(struct queue *q, const char *line, size_t len);
/* From now on there; on the thread, after what is in the queue. The file is opened again in any
 * case. */
void queue_move(struct queue *q, enum audit_to to, const char *path);
/* Events cannot be kept, or are about to be lost. From any thread, without a lock. */
bool queue_in_trouble(struct queue *q);
void queue_state(struct queue *q, struct audit_state *ret_state);

/* ---- audit.c ---- */

enum audit_opens { OPENS_OFF, OPENS_WRITES, OPENS_ALL };
enum audit_error { ERROR_CONTINUE, ERROR_DENY };

struct audit_conf {
	int to; /* enum audit_to */
	const char *file;
	const char *socket;
	uint64_t queue;
	int on_error;
	const char *const *events;
	int opens;
	const char *const *quiet_users;
};

extern const struct smb3_ctl_command audit_command;
const char *audit_place(const struct audit_conf *conf);

/* ---- events.c ---- */

extern const char *const audit_events[]; /* NULL at the end */
extern const struct smb3_provide audit_provides[];
/* "start" or "stop": events without anybody. */
void audit_say(struct smb3_mod *mod, const char *event);

#endif
