// SPDX-License-Identifier: Apache-2.0
/*
 * test_log.c: lines of the log: their form, what they may not contain, and which are written.
 */
#include "core.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const none[] = { NULL };
static char file[256];
static struct smb3_log_conf conf = { .file = file, .level = SMB3_LOG_INFO, .debug = none };

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(file, sizeof(file), "%s/log.XXXXXX", tmp ? tmp : "/tmp");
	close(mkstemp(file));
	unlink(file);
	smb3_log_echo(false);
	smb3_now_set(133000000001230000ull); /* 2022-06-18T04:26:40.123Z */
	cr_assert_eq(smb3_log_setup(&conf), 0);
}

static void teardown(void)
{
	smb3_log_close();
	smb3_now_set(0);
	unlink(file);
}

static const char *written(void)
{
	static char text[8192];
	FILE *in = fopen(file, "r");
	size_t n = in ? fread(text, 1, sizeof(text) - 1, in) : 0;

	text[n] = '\0';
	if (in)
		fclose(in);
	return text;
}

TestSuite(log, .init = setup, .fini = teardown);

Test(log, form_of_a_line)
{
	struct stat st;

	smb3_log(SMB3_LOG_NOTICE, "listening on port %d", 445);
	cr_expect_str_eq(written(), "2022-06-18T04:26:40.123Z notice listening on port 445\n");
	cr_expect_eq(stat(file, &st), 0);
	cr_expect_eq(st.st_mode & 077, 040 & ~(umask(0)), "not for everybody");
}

Test(log, objects_are_named)
{
	struct smb3_conn conn = { .id = 12, .peer_name = "192.0.2.7" };
	struct smb3_session session = { .id = 0x41 };
	struct smb3_req req = { .conn = &conn, .session = &session };

	smb3_log_conn(&conn, SMB3_LOG_INFO, "a");
	smb3_log_req(&req, SMB3_LOG_INFO, "b");
	smb3_log_conn(NULL, SMB3_LOG_INFO, "c");
	cr_expect_str_eq(written(),
			 "2022-06-18T04:26:40.123Z info conn 12 [192.0.2.7]: a\n"
			 "2022-06-18T04:26:40.123Z info conn 12 [192.0.2.7] session 0x41: b\n"
			 "2022-06-18T04:26:40.123Z info c\n");
}

Test(log, nothing_from_a_peer_acts)
{
	smb3_log(SMB3_LOG_ERROR, "%s", "a\nb\r\x1b[2J\x7f \xc3\xa4 \xff\xfe \xc2\x9b \xef\xbf\xbd");
	cr_expect_str_eq(written(), "2022-06-18T04:26:40.123Z error "
				    "a\\x0ab\\x0d\\x1b[2J\\x7f \xc3\xa4 \\xff\\xfe \\xc2\\x9b "
				    "\xef\xbf\xbd\n");
}

Test(log, long_lines_are_cut)
{
	char text[5000];
	const char *line;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	smb3_log(SMB3_LOG_ERROR, "%s", text);
	line = written();
	cr_expect_leq(strlen(line), 2048);
	cr_expect_eq(line[strlen(line) - 1], '\n');
	cr_expect_eq(strchr(line, '\n'), line + strlen(line) - 1);
}

Test(log, level)
{
	conf.level = SMB3_LOG_WARNING;
	smb3_log_setup(&conf);
	smb3_log(SMB3_LOG_NOTICE, "no");
	smb3_log(SMB3_LOG_WARNING, "yes");
	cr_expect_str_eq(written(), "2022-06-18T04:26:40.123Z warning yes\n");
}

Test(log, debug_components)
{
	static const char *const smb[] = { "smb", NULL };

	SMB3_DEBUG(SMB3_DBG_SMB, NULL, "silent");
	conf.debug = smb;
	conf.level = SMB3_LOG_ERROR;
	smb3_log_setup(&conf);
	SMB3_DEBUG(SMB3_DBG_SMB, NULL, "heard");
	SMB3_DEBUG(SMB3_DBG_VFS, NULL, "silent");
	cr_expect_str_eq(written(), "2022-06-18T04:26:40.123Z debug smb: heard\n");
}

/* What an administrator switched survives a reload that says nothing new about it. */
Test(log, debug_survives_a_reload)
{
	static const char *const vfs[] = { "vfs", NULL };

	atomic_store(&smb3_debug_mask, 1u << SMB3_DBG_AUTH);
	smb3_log_setup(&conf);
	cr_expect(smb3_debugging(SMB3_DBG_AUTH));
	conf.debug = vfs;
	smb3_log_setup(&conf);
	cr_expect_not(smb3_debugging(SMB3_DBG_AUTH));
	cr_expect(smb3_debugging(SMB3_DBG_VFS));
}

Test(log, opened_again_after_a_rotation)
{
	char moved[300];

	snprintf(moved, sizeof(moved), "%s.1", file);
	smb3_log(SMB3_LOG_ERROR, "old");
	cr_assert_eq(rename(file, moved), 0);
	smb3_log_setup(&conf);
	smb3_log(SMB3_LOG_ERROR, "new");
	cr_expect_str_eq(written(), "2022-06-18T04:26:40.123Z error new\n");
	unlink(moved);
}

Test(log, a_file_that_cannot_be_opened)
{
	struct smb3_log_conf bad = { .file = "/nonexistent/log", .debug = none };

	cr_expect_eq(smb3_log_setup(&bad), -ENOENT);
	cr_expect(strstr(written(), "cannot write the log /nonexistent/log"),
		  "the old one goes on");
}

/* Lines of the kind "flood N" in the file, and how many the others say were left out. */
static unsigned long flood_lines(unsigned long *ret_left_out)
{
	char line[512];
	FILE *in = fopen(file, "r");
	unsigned long n = 0;

	cr_assert_not_null(in);
	*ret_left_out = 0;
	while (fgets(line, sizeof(line), in)) {
		const char *note = strchr(line, '(');

		n += strstr(line, "flood") != NULL;
		*ret_left_out += note ? strtoul(note + 1, NULL, 10) : 0;
	}
	fclose(in);
	return n;
}

Test(log, floods_of_peers_are_thinned_out)
{
	struct smb3_conn conn = { .id = 12, .peer_name = "192.0.2.7" };
	uint64_t began = smb3_clock();
	unsigned long n, left_out;

	conf.rate = 1;
	smb3_log_setup(&conf);
	for (int i = 0; i < 1000; i++)
		smb3_log_conn(&conn, SMB3_LOG_INFO, "flood %d", i);
	/* Another kind, unless the two happen to share a place. */
	smb3_log_conn(&conn, SMB3_LOG_INFO, "another flood");
	smb3_log(SMB3_LOG_INFO, "%s", "of no peer");
	n = flood_lines(&left_out);
	cr_expect_geq(n, 200);
	cr_expect_leq(n, 203 + (smb3_clock() - began) / 1000000000, "%lu", n);
	cr_expect_not_null(strstr(written(), "flood 0"));
	conf.rate = 0;
	smb3_log_setup(&conf);
	smb3_log_conn(&conn, SMB3_LOG_INFO, "flood %d", 1000);
	n = flood_lines(&left_out);
	cr_expect_eq(n + left_out, 1002, "%lu written, %lu left out", n, left_out);
}
