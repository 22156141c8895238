// SPDX-License-Identifier: Apache-2.0
/*
 * test_disk.c: files that are read whole and replaced whole.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <smb3/disk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static char folder[64];

static void folder_make(void)
{
	snprintf(folder, sizeof(folder), "%s/disk-XXXXXX",
		 getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 40 ? getenv("TMPDIR") : "/tmp");
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
	umask(0);
}

static void folder_remove(void)
{
	static const char *const names[] = { "file", "file.new", "other" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(names); i++)
		remove(names[i]);
	cr_expect_eq(rmdir(folder), 0, "something is left in %s", folder);
}

TestSuite(disk, .init = folder_make, .fini = folder_remove);

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	cr_assert_not_null(f);
	fputs(text, f);
	cr_assert_eq(fclose(f), 0);
}

static void expect_text(const char *name, const char *text)
{
	char got[64] = "";
	int fd = open(name, O_RDONLY | O_NOFOLLOW);

	cr_assert_geq(fd, 0, "%s: %s", name, strerror(errno));
	cr_assert_geq(read(fd, got, sizeof(got) - 1), 0);
	close(fd);
	cr_expect_str_eq(got, text);
}

static void expect_nothing_new(void)
{
	struct stat st;

	cr_expect_eq(lstat("file.new", &st), -1);
}

static void expect_mode(mode_t mode)
{
	struct stat st;

	cr_assert_eq(lstat("file", &st), 0);
	cr_expect(S_ISREG(st.st_mode));
	cr_expect_eq(st.st_mode & 07777, mode);
}

static int replace(const char *text)
{
	return smb3_disk_replace("file", 0600, text, strlen(text));
}

/* ---- replacing ---- */

Test(disk, file_is_made)
{
	cr_assert_eq(smb3_disk_replace("file", 0644, "one", 3), 0);
	expect_text("file", "one");
	expect_mode(0644);
	expect_nothing_new();
}

/* Not written over: whoever has the old one open goes on with it. */
Test(disk, another_file_takes_its_place)
{
	put("file", "the old one");
	cr_assert_eq(chmod("file", 0666), 0);
	cr_assert_eq(link("file", "other"), 0);
	cr_assert_eq(replace("new"), 0);
	expect_text("file", "new");
	expect_text("other", "the old one");
	expect_mode(0600);
	expect_nothing_new();
	cr_assert_eq(replace(""), 0);
	expect_text("file", "");
}

Test(disk, large_content_is_whole)
{
	const size_t len = 5u << 20;
	uint8_t *data = smb3_alloc(len), *got = smb3_alloc(len);
	int fd;

	smb3_random(data, len);
	cr_assert_eq(smb3_disk_replace("file", 0600, data, len), 0);
	fd = open("file", O_RDONLY);
	cr_assert_eq(smb3_disk_read(fd, got, len), 0);
	cr_expect_eq(read(fd, got, 1), 0, "nothing follows");
	close(fd);
	cr_expect_eq(memcmp(data, got, len), 0);
	free(data);
	free(got);
}

/* The first 4096 bytes are written, and no more. */
Test(disk, full_one_leaves_the_old_file)
{
	const struct rlimit little = { .rlim_cur = 4096, .rlim_max = RLIM_INFINITY };
	const struct rlimit all = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
	char data[10000] = "new";

	put("file", "old");
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	cr_expect_eq(smb3_disk_replace("file", 0600, data, sizeof(data)), -EFBIG);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
	expect_text("file", "old");
	expect_nothing_new();
}

static int half(int fd, void *arg)
{
	cr_expect_eq(write(fd, "half", 4), 4);
	return *(int *)arg;
}

Test(disk, writer_that_gives_up_leaves_the_old_file)
{
	int err = -EDOM;

	put("file", "old");
	cr_expect_eq(smb3_disk_replace_by("file", 0600, half, &err), -EDOM);
	expect_text("file", "old");
	expect_nothing_new();
	err = 0;
	cr_expect_eq(smb3_disk_replace_by("file", 0600, half, &err), 0);
	expect_text("file", "half");
}

Test(disk, folder_in_the_place_of_the_new_file)
{
	struct stat st;

	put("file", "old");
	cr_assert_eq(mkdir("file.new", 0700), 0);
	cr_expect_eq(replace("new"), -EEXIST);
	expect_text("file", "old");
	cr_assert_eq(lstat("file.new", &st), 0);
	cr_expect(S_ISDIR(st.st_mode), "it is not ours to remove");
}

Test(disk, folder_in_the_place_of_the_file)
{
	cr_assert_eq(mkdir("file", 0700), 0);
	cr_expect_eq(replace("new"), -EISDIR);
	expect_nothing_new();
}

Test(disk, no_folder)
{
	cr_expect_eq(smb3_disk_replace("none/file", 0600, "new", 3), -ENOENT);
}

Test(disk, what_a_killed_writer_left_is_replaced)
{
	put("file", "old");
	put("file.new", "more than what comes now");
	cr_assert_eq(chmod("file.new", 0666), 0);
	cr_assert_eq(replace("new"), 0);
	expect_text("file", "new");
	expect_mode(0600);
	expect_nothing_new();
}

Test(disk, link_in_the_place_of_the_new_file_is_not_followed)
{
	put("other", "somebody's");
	cr_assert_eq(symlink("other", "file.new"), 0);
	cr_assert_eq(replace("new"), 0);
	expect_text("file", "new");
	expect_mode(0600);
	expect_text("other", "somebody's");
	expect_nothing_new();
}

/* ---- folders ---- */

Test(disk, folders_are_synced)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/file", folder);
	cr_expect_eq(smb3_disk_sync_folder(path), 0);
	cr_expect_eq(smb3_disk_sync_folder("file"), 0, "the folder that we are in");
	cr_expect_eq(smb3_disk_sync_folder("/file"), 0);
	cr_expect_eq(smb3_disk_sync_folder("none/file"), -ENOENT);
	put("file", "");
	cr_expect_eq(smb3_disk_sync_folder("file/file"), -ENOTDIR);
}

/* ---- reading ---- */

Test(disk, end_of_a_file_comes_too_soon)
{
	char got[8];
	int fd;

	put("file", "short");
	fd = open("file", O_RDONLY);
	cr_expect_eq(smb3_disk_read(fd, got, 0), 0);
	cr_expect_eq(smb3_disk_read(fd, got, 5), 0);
	cr_expect_eq(memcmp(got, "short", 5), 0);
	cr_expect_eq(lseek(fd, 0, SEEK_SET), 0);
	cr_expect_eq(smb3_disk_read(fd, got, 6), -EIO);
	close(fd);
	cr_expect_eq(smb3_disk_read(fd, got, 1), -EBADF);
}

static int ends[2];

/* Each signal interrupts the reader; the data comes with the third and the fifth one. */
static void on_alarm(int signal)
{
	static volatile sig_atomic_t n;

	n = n + 1;
	if ((n == 3 || n == 5) && write(ends[1], "half", 4) != 4)
		_exit(1);
}

Test(disk, reader_is_interrupted_and_goes_on)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { { 0, 0 }, { 0, 0 } };
	char got[8];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
	cr_assert_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
	cr_expect_eq(smb3_disk_read(ends[0], got, sizeof(got)), 0);
	cr_assert_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
	cr_expect_eq(memcmp(got, "halfhalf", 8), 0);
	close(ends[0]);
	close(ends[1]);
}
