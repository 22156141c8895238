// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_control.c: the control socket: what smb3ctl sends, and what it is answered. Input: the size of
 * the pieces in one byte, what is done about the length in the next (odd: made right), then the
 * request. Commands that end or reload the server are left out. Whatever is asked: the answer is
 * lines that smb3ctl takes, and the last has a status.
 */
#include "../../ctl/smb3ctl.h"
#include "core.h"
#include "fuzz.h"
#include <sys/socket.h>
#include <sys/un.h>

static struct smb3_server *server;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	server = fuzz_server_start(NULL);
	return 0;
}

static int client_socket(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s/control", smb3_server_conf(server)->run_dir);
	while (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EISCONN)
		CHECK(errno == EINTR || errno == EALREADY);
	return fd;
}

static bool ends_the_server(const uint8_t *data, size_t len)
{
	static const char *const words[] = { "reload", "shutdown" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(words); i++)
		if (memmem(data, len, words[i], strlen(words[i])))
			return true;
	return false;
}

/* ---- a conversation ---- */

struct answer {
	char text[1 << 20];
	size_t len;
	bool over;
};

static void turn(int fd, struct answer *a)
{
	ssize_t n;

	ev_run(server->workers[0]->loop, EVRUN_NOWAIT);
	n = recv(fd, a->text + a->len, sizeof(a->text) - a->len, MSG_DONTWAIT);
	CHECK(a->len < sizeof(a->text));
	if (n > 0)
		a->len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		a->over = true;
}

static void answer_check(const struct answer *a)
{
	const char *at = a->text, *end = a->text + a->len;
	struct row row = { .n_fields = 0 };

	CHECK(a->len && end[-1] == '\n');
	for (const char *line_end; at < end; at = line_end + 1) {
		row_free(&row);
		line_end = memchr(at, '\n', (size_t)(end - at));
		CHECK(row_parse(at, (size_t)(line_end - at), &row));
	}
	CHECK(row_get(&row, "status"));
	row_free(&row);
}

static void talk(uint8_t *data, size_t len, size_t piece)
{
	static struct answer answer;
	uint64_t since = smb3_clock();
	int fd = client_socket();

	answer.len = 0;
	answer.over = false;
	for (size_t at = 0; at < len && !answer.over; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		if (send(fd, data + at, n, MSG_NOSIGNAL) < 0)
			break;
		turn(fd, &answer);
	}
	shutdown(fd, SHUT_WR);
	while (!answer.over) {
		CHECK(smb3_clock() - since < 10000000000);
		turn(fd, &answer);
	}
	close(fd);
	if (answer.len)
		answer_check(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy;

	if (len < 6 || ends_the_server(data, len))
		return 0;
	copy = malloc(len - 2);
	memcpy(copy, data + 2, len - 2);
	if (data[1] & 1) {
		smb3_store_u32(copy, __builtin_bswap32((uint32_t)(len - 6)));
		copy[len - 3] = 0;
	}
	fuzz_reset();
	talk(copy, len - 2, 1 + data[0]);
	fuzz_accounts_forget();
	free(copy);
	return 0;
}
