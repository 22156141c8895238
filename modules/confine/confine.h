// SPDX-License-Identifier: Apache-2.0
/*
 * confine.h: what the files of module confine share.
 *
 *   place   a file or folder that the process may touch, with all that is below it
 *   call    a system call
 */
#ifndef CONFINE_H
#define CONFINE_H

#include <errno.h>
#include <smb3/smb3.h>
#include <stdio.h>
#include <sys/types.h>

/* A sanitizer's own threads and reports want more than a server does. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONFINE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CONFINE_SANITIZED 1
#endif
#endif
#ifndef CONFINE_SANITIZED
#define CONFINE_SANITIZED 0
#endif

enum confine_files { CONFINE_FILES_OFF, CONFINE_FILES_TRY, CONFINE_FILES_REQUIRE };
enum confine_etc { CONFINE_ETC_FOLDER, CONFINE_ETC_FILES };
enum confine_calls { CONFINE_CALLS_OFF, CONFINE_CALLS_DENY, CONFINE_CALLS_KILL };

struct confine_conf {
	int files; /* enum confine_files */
	int calls; /* enum confine_calls */
	int etc;   /* enum confine_etc */
	bool capabilities, core_dumps, network;
	const char *const *paths, *const *read_paths, *const *homes, *const *allow_calls;
};

/* ---- places.c: what the configuration and the modules make the server touch ---- */

#define PLACE_READ   0x1u
#define PLACE_WRITE  0x2u /* all but programs and devices, and reading */
#define PLACE_APPEND 0x4u /* files are made and written, and none taken away */
#define PLACE_EXEC   0x8u

struct confine_place {
	char *path;
	unsigned int may; /* PLACE_... */
	char what[64];    /* for whom: "share music", "module users" */
	bool there;       /* it was, when the rules were made */
	dev_t dev;        /* if it was */
	ino_t ino;
};

struct confine_places {
	struct confine_place *list;
	size_t n;
};

void confine_places_find(struct smb3_server *server, const struct confine_conf *conf,
			 struct confine_places *ret_places);
void confine_places_free(struct confine_places *places);
/* The folder of a share, or what of its path goes before the first % and is the same for all. NULL:
 * it is not on this machine, or says nothing (a path that begins with a user's home). malloc'd. */
char *confine_share_folder(const struct smb3_share *share);
/* Whether a share may change anything. */
unsigned int confine_share_may(const struct smb3_share *share);

enum confine_reach { REACH_NO, REACH_YES, REACH_UNKNOWN };
/* Whether all of `may` is allowed at path, which need not be there. Unknown: this thread's user may
 * not look. */
enum confine_reach confine_reaches(const struct confine_places *places, const char *path,
				   unsigned int may);

/* ---- landlock.c ---- */

/* The version of the kernel's Landlock, 0: none that a file server can use; *ret_why says why. */
int confine_landlock_abi(const char **ret_why);
/* Confines this thread and what it starts to the places. 0 or -errno. */
int confine_landlock(struct confine_places *places, int abi, bool network);

/* ---- caps.c ---- */

struct confine_caps {
	uint64_t effective, permitted;
};

/* Gives up all capabilities but these, for this thread and what it starts; the bounding set, too. */
int confine_caps_keep(const struct confine_caps *keep);
/* What this thread holds. */
int confine_caps_held(struct confine_caps *ret_caps);
/* "chown setuid": names of the capabilities, for people. */
void confine_caps_text(uint64_t caps, char *text, size_t size);

/* ---- calls.c: system calls ---- */

/* Whether there is a system call of that name on some machine. */
bool confine_call_known(const char *name);
/* No other call from now on, in any thread. 0 or -errno. */
int confine_calls(struct smb3_server *server, const struct confine_conf *conf,
		  unsigned int *ret_count);

/* calls_list.c: lists that end with NULL. */
extern const char *const confine_calls_always[];
extern const char *const confine_calls_programs[];  /* when programs are run */
extern const char *const confine_calls_sanitized[]; /* in a build with a sanitizer */
/* Calls that are newer than the library's names of them; their numbers are the same everywhere. */
int confine_call_number(const char *name);

/* ---- show.c: smb3ctl confine ---- */

struct confine {
	struct confine_places places; /* none: files are not confined */
	int abi;                      /* of Landlock, 0: not in force */
	const char *why_not;          /* files are not confined */
	unsigned int n_calls;         /* allowed ones, 0: calls are not confined */
	bool caps;                    /* were given up */
};

extern const struct smb3_ctl_command confine_command;

#endif
