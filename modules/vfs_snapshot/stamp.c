// SPDX-License-Identifier: Apache-2.0
/*
 * stamp.c: what time a snapshot is of, as its name tells, or the description that snapper keeps of it.
 */
#include "snap.h"

#include <string.h>

#define GROUPS_MAX 16

smb3_nttime snap_stamp(const char *text, const char *format, bool local)
{
	struct timespec ts = { 0 };
	struct tm tm = { .tm_mday = 1, .tm_year = 70 };
	const char *end = strptime(text, format, &tm);
	long offset = tm.tm_gmtoff; /* of %z, which says more than any zone that is assumed */

	if (!end || *end)
		return 0;
	if (!strstr(format, "%s")) { /* strptime() makes local time of that one */
		if (local && !strstr(format, "%z")) {
			tm.tm_isdst = -1;
			ts.tv_sec = mktime(&tm);
		} else {
			ts.tv_sec = timegm(&tm) - offset;
		}
	} else {
		tm.tm_isdst = -1;
		ts.tv_sec = mktime(&tm);
	}
	return ts.tv_sec > 0 ? smb3_nttime_from_timespec(&ts) : 0;
}

smb3_nttime snap_stamp_name(const char *name, const regex_t *pattern, const char *format,
			    bool local)
{
	regmatch_t groups[GROUPS_MAX];
	regmatch_t part = { .rm_so = 0, .rm_eo = (regoff_t)strlen(name) };
	char text[SNAP_STAMP_MAX];
	size_t len;

	if (pattern && regexec(pattern, name, GROUPS_MAX, groups, 0) != 0)
		return 0;
	for (size_t i = 1; pattern && i < GROUPS_MAX; i++)
		if (groups[i].rm_so >= 0)
			part = groups[i];
	len = (size_t)(part.rm_eo - part.rm_so);
	if (len >= sizeof(text))
		return 0;
	memcpy(text, name + part.rm_so, len);
	text[len] = '\0';
	return snap_stamp(text, format, local);
}

smb3_nttime snap_stamp_info(const char *xml)
{
	const char *date = strstr(xml, "<date>"), *end = date ? strstr(date, "</date>") : NULL;
	char text[SNAP_STAMP_MAX];
	size_t len;

	if (!end)
		return 0;
	date += strlen("<date>");
	len = (size_t)(end - date);
	if (len >= sizeof(text))
		return 0;
	memcpy(text, date, len);
	text[len] = '\0';
	return snap_stamp(text, "%Y-%m-%d %H:%M:%S", false);
}
