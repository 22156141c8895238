// SPDX-License-Identifier: Apache-2.0
/*
 * tcp.h: what the files of transport tcp share.
 */
#ifndef TCP_H
#define TCP_H

#include <ev.h>
#include <smb3/smb3.h>

#define STASH 8192 /* several small requests per read call */

/* Bytes that have moved by some moment. */
struct tcp_pace {
	uint64_t since, bytes;
};

struct tcp_conn {
	int fd;
	int room; /* epoll set of the waiting room while the connection is there; -1: in the loop */
	bool in_room;
	struct smb3_conn *conn;
	struct ev_loop *loop;
	ev_io in, out;
	ev_timer again; /* delivers what had been read before a pause, or the end of a turn */
	uint64_t turn_ends;
	bool attached, paused, delivering;
	uint8_t stash[STASH]; /* unread bytes: from stash_at, stash_len of them */
	size_t stash_at, stash_len;
	struct smb3_buf *message; /* arriving: message_len bytes wanted */
	size_t message_len;
	struct smb3_out *first, **last; /* to be sent */
	size_t unsent;                  /* bytes of them */
	uint64_t began;          /* when the first byte of what arrives came; 0: nothing does */
	uint64_t received, sent; /* bytes */
	struct tcp_pace in_pace, out_pace;
};

struct tcp_conf {
	bool nodelay;
	int64_t backlog;
	int64_t keepalive;
	int64_t pipes;
};

struct tcp_tubes;

/* The module's state: connections before NEGOTIATE, watched on worker 0. */
struct tcp_room {
	int fd;
	unsigned int listeners;
	struct tcp_tubes *tubes;
	ev_io watcher;
};

/* Begins on conn's worker, in the room. */
void tcp_conn_init(struct smb3_conn *conn, int fd, int room);
/* Reads and delivers. False: the connection is gone or moved, t must not be touched. */
bool tcp_input(struct tcp_conn *t);
void tcp_leave_room(struct tcp_conn *t);
void tcp_attach(struct smb3_conn *conn);
/* pace.c: hook TICK, ends connections that do not get on. */
enum smb3_verdict tcp_tick(struct smb3_mod *mod, struct smb3_event *event);
extern const struct smb3_transport tcp_transport;

/* tube.c */
struct tcp_tubes *tcp_tubes_new(void);
void tcp_tubes_free(struct tcp_tubes *tubes);
struct smb3_buf *tcp_tube(struct smb3_conn *conn, uint64_t offset, size_t len);
/* Of the last len bytes of buf, some to the socket of t: how many, or -errno. */
ssize_t tcp_tube_send(struct tcp_conn *t, struct smb3_buf *buf, size_t len, bool more);
extern struct smb3_metric tcp_uncopied;

int tcp_listen(struct smb3_listener *l, struct smb3_worker *w);
void tcp_unlisten(struct smb3_listener *l);
int tcp_init(struct smb3_mod *mod);
void tcp_fini(struct smb3_mod *mod);

#endif
