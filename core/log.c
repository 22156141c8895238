// SPDX-License-Identifier: Apache-2.0
/*
 * log.c: one line, one write, from any thread. The log is the process's, like standard error:
 * the one place with file-scope variables.
 */
#include "core.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048
#define OBJECT_MAX     200
#define BURST          200 /* lines of one kind that are written at once */

const char *const smb3_debug_names[SMB3_DBG_COMPONENTS + 1] = {
	"conn", "smb", "auth", "vfs", "oplock", "ipc", "rdma", "module", "conf", NULL,
};
_Atomic uint32_t smb3_debug_mask;

static const char *const level_names[] = { "error", "warning", "notice", "info", "debug" };
#define LEVEL_DEBUG (SMB3_LOG_INFO + 1)

static struct {
	pthread_mutex_t lock;
	int fd;    /* of log.file, or -1 */
	bool set;  /* smb3_log_setup() was called */
	bool echo; /* errors and warnings also to standard error */
	_Atomic int level;
	uint32_t debug; /* as the configuration last said */
	int64_t rate;
	struct log_kind {
		uint64_t due; /* smb3_clock() by when the lines so far would be at rate */
		uint64_t left_out;
	} kinds[64]; /* two kinds may share one */
} sink = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1, .echo = true, .level = SMB3_LOG_WARNING };

/* A line being put together; always leaves room for the newline. */
struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
};

static void line_add(struct line *l, const char *bytes, size_t len)
{
	size_t room = sizeof(l->text) - 1 - l->len;

	if (len > room)
		len = room;
	memcpy(l->text + l->len, bytes, len);
	l->len += len;
}

static void line_string(struct line *l, const char *s)
{
	line_add(l, s, strlen(s));
}

/* Names come from peers: nothing of them may reach a terminal as a command or begin a line. */
static void line_escaped(struct line *l, const char *s)
{
	while (*s) {
		const char *start = s;
		uint32_t c = smb3_utf8_next(&s);
		bool bad = c == 0xfffd && strncmp(start, "\xef\xbf\xbd", 3) != 0;

		if (c >= 0x20 && !(c >= 0x7f && c < 0xa0) && !bad) {
			line_add(l, start, (size_t)(s - start));
			continue;
		}
		for (; start < s; start++) {
			char hex[5];

			snprintf(hex, sizeof(hex), "\\x%02x", (unsigned char)*start);
			line_add(l, hex, 4);
		}
	}
}

static void line_time(struct line *l)
{
	struct timespec now = smb3_nttime_to_timespec(smb3_now());
	struct tm tm;
	char text[40];
	size_t len;

	gmtime_r(&now.tv_sec, &tm);
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	len += (size_t)snprintf(text + len, sizeof(text) - len, ".%03ldZ ", now.tv_nsec / 1000000);
	line_add(l, text, len);
}

/* A log that cannot be written has nowhere to complain to. */
static void line_write(int fd, struct line *l)
{
	ssize_t n;

	l->text[l->len] = '\n';
	n = write(fd, l->text, l->len + 1);
	(void)n;
}

static void line_build(struct line *l, bool stamp, int level, const char *object, const char *text)
{
	l->len = 0;
	if (stamp) {
		line_time(l);
		line_string(l, level_names[level]);
		line_string(l, " ");
	} else {
		line_string(l, "smb3d: ");
	}
	line_string(l, object);
	line_escaped(l, text);
}

static void log_line(int level, const char *object, const char *text)
{
	struct line l;

	pthread_mutex_lock(&sink.lock);
	line_build(&l, sink.set, level, object, text);
	line_write(sink.fd >= 0 ? sink.fd : STDERR_FILENO, &l);
	if (sink.set && sink.fd >= 0 && sink.echo && level <= SMB3_LOG_WARNING) {
		line_build(&l, false, level, object, text);
		line_write(STDERR_FILENO, &l);
	}
	pthread_mutex_unlock(&sink.lock);
}

static bool log_wanted(int level)
{
	return level <= atomic_load_explicit(&sink.level, memory_order_relaxed);
}

/* Whether this line of a kind is one too many; else how many were left out since the last. */
static bool log_left_out(const void *kind, uint64_t *ret_left_out)
{
	struct log_kind *k =
		&sink.kinds[smb3_hash_bytes(&kind, sizeof(kind)) % SMB3_ARRAY_SIZE(sink.kinds)];
	uint64_t now = smb3_clock(), every;
	bool too_many;

	pthread_mutex_lock(&sink.lock);
	every = sink.rate ? 1000000000u / (uint64_t)sink.rate : 0;
	if (k->due < now)
		k->due = now;
	too_many = every && k->due - now >= BURST * every;
	k->due += too_many ? 0 : every;
	*ret_left_out = k->left_out;
	k->left_out = too_many ? k->left_out + 1 : 0;
	pthread_mutex_unlock(&sink.lock);
	return too_many;
}

static void log_text(int level, const char *object, const char *fmt, va_list ap) SMB3_PRINTF(3, 0);

static void log_text(int level, const char *object, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES];
	int saved = errno;

	vsnprintf(text, sizeof(text), fmt, ap);
	log_line(level, object, text);
	errno = saved;
}

void smb3_vlog(enum smb3_log_level level, const char *object, const char *fmt, va_list ap)
{
	if (log_wanted((int)level))
		log_text((int)level, object ? object : "", fmt, ap);
}

void smb3_log(enum smb3_log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	smb3_vlog(level, "", fmt, ap);
	va_end(ap);
}

int smb3_fail(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	smb3_vlog(SMB3_LOG_ERROR, "", fmt, ap);
	va_end(ap);
	return err;
}

/* "conn 12 [192.0.2.7] session 0x41: " */
static void object_name(const struct smb3_conn *conn, const struct smb3_session *session,
			char name[OBJECT_MAX])
{
	int len = 0;

	name[0] = '\0';
	if (!conn)
		return;
	len = snprintf(name, OBJECT_MAX, "conn %llu [%s]", (unsigned long long)conn->id,
		       conn->peer_name);
	if (session)
		len += snprintf(name + len, OBJECT_MAX - (size_t)len, " session 0x%llx",
				(unsigned long long)session->id);
	snprintf(name + len, OBJECT_MAX - (size_t)len, ": ");
}

SMB3_PRINTF(5, 0)
static void log_kind(const void *kind, const struct smb3_conn *conn,
		     const struct smb3_session *session, enum smb3_log_level level, const char *fmt,
		     va_list ap)
{
	char object[OBJECT_MAX];
	uint64_t left_out;
	size_t len;

	if (!log_wanted((int)level) || (conn && log_left_out(kind, &left_out)))
		return;
	object_name(conn, session, object);
	len = strlen(object);
	if (conn && left_out)
		snprintf(object + len, sizeof(object) - len, "(%llu like this were left out) ",
			 (unsigned long long)left_out);
	smb3_vlog(level, object, fmt, ap);
}

void smb3_log_kind(const void *kind, const struct smb3_conn *conn,
		   const struct smb3_session *session, enum smb3_log_level level, const char *fmt,
		   ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_kind(kind, conn, session, level, fmt, ap);
	va_end(ap);
}

void smb3_log_conn(const struct smb3_conn *conn, enum smb3_log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_kind(fmt, conn, NULL, level, fmt, ap);
	va_end(ap);
}

void smb3_log_req(const struct smb3_req *req, enum smb3_log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_kind(fmt, req ? req->conn : NULL, req ? req->session : NULL, level, fmt, ap);
	va_end(ap);
}

void smb3_debug_line(enum smb3_component c, const struct smb3_conn *conn, const char *fmt, ...)
{
	char object[OBJECT_MAX], name[OBJECT_MAX + 40];
	va_list ap;

	object_name(conn, NULL, object);
	snprintf(name, sizeof(name), "%s: %s", smb3_debug_names[c], object);
	va_start(ap, fmt);
	log_text(LEVEL_DEBUG, name, fmt, ap);
	va_end(ap);
}

static uint32_t debug_bits(const char *const *names)
{
	uint32_t bits = 0;

	for (; *names; names++)
		for (unsigned int c = 0; c < SMB3_DBG_COMPONENTS; c++)
			if (!strcmp(*names, smb3_debug_names[c]))
				bits |= 1u << c;
	return bits;
}

static int log_open(const char *file)
{
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	int err = errno;

	if (fd >= 0)
		return fd;
	return smb3_fail(-err,
			 "cannot write the log %s: %s; change log.file or the rights of its "
			 "folder",
			 file, strerror(err));
}

int smb3_log_setup(const struct smb3_log_conf *conf)
{
	int fd = conf->file[0] ? log_open(conf->file) : -1, old;
	uint32_t debug = debug_bits(conf->debug);

	if (conf->file[0] && fd < 0)
		return fd;
	pthread_mutex_lock(&sink.lock);
	old = sink.fd;
	sink.fd = fd;
	sink.set = true;
	sink.rate = conf->rate;
	atomic_store(&sink.level, conf->level);
	/* What smb3ctl switched stays as it is unless the configuration says something new. */
	if (debug != sink.debug)
		atomic_store(&smb3_debug_mask, debug);
	sink.debug = debug;
	pthread_mutex_unlock(&sink.lock);
	if (old >= 0)
		close(old);
	return 0;
}

void smb3_log_echo(bool on)
{
	pthread_mutex_lock(&sink.lock);
	sink.echo = on;
	pthread_mutex_unlock(&sink.lock);
}

void smb3_log_close(void)
{
	pthread_mutex_lock(&sink.lock);
	if (sink.fd >= 0)
		close(sink.fd);
	sink.fd = -1;
	sink.set = false;
	sink.echo = true;
	sink.debug = 0;
	sink.rate = 0;
	memset(sink.kinds, 0, sizeof(sink.kinds));
	atomic_store(&sink.level, SMB3_LOG_WARNING);
	atomic_store(&smb3_debug_mask, 0);
	pthread_mutex_unlock(&sink.lock);
}
