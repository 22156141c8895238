// SPDX-License-Identifier: Apache-2.0
/*
 * utf16.h: names. UTF-16LE on the wire, UTF-8 inside, converted once at the edge.
 */
#ifndef SMB3_UTF16_H
#define SMB3_UTF16_H

#include <smb3/base.h>

/* UTF-16LE bytes to a NUL-terminated UTF-8 string in the arena. NULL when len is odd, a
 * surrogate stands alone, or a NUL is inside. */
char *smb3_utf16_to_utf8(struct smb3_arena *a, const uint8_t *utf16, size_t len);

/* Appends s as UTF-16LE, without terminator. Bytes that are not UTF-8 (local names in another
 * encoding) become U+FFFD. Returns the number of bytes appended. */
size_t smb3_put_utf16(struct smb3_builder *b, const char *s);

/* Bytes that smb3_put_utf16 would append. */
size_t smb3_utf16_size(const char *s);

bool smb3_utf8_valid(const char *s);

/* Simple case folding (upper case, as NTFS does) of one code point and of whole names.
 * Names that are equal have equal hashes. Never depends on the process's locale. */
uint32_t smb3_fold(uint32_t code_point);
bool smb3_name_equal(const char *a, const char *b);
uint64_t smb3_name_hash(const char *name);

/* Decodes one code point and advances; U+FFFD for what is not UTF-8, 0 at the end. */
uint32_t smb3_utf8_next(const char **s);

#endif
