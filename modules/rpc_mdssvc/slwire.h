// SPDX-License-Identifier: Apache-2.0
/*
 * slwire.h: numbers of Spotlight's packets that reader and writer share.
 */
#ifndef RPC_MDSSVC_SLWIRE_H
#define RPC_MDSSVC_SLWIRE_H

#define SL_MAGIC_LITTLE "432130dm"
#define SL_MAGIC_BIG    "md031234"
#define SL_MAGIC_SIZE   8
#define SL_WORD         8

/* Types of tags */
#define TAG_NIL     0x0000u /* more: how many */
#define TAG_BOOL    0x0100u /* more: the value */
#define TAG_COMPLEX 0x0200u /* more: entry of the table, from 1 */
#define TAG_DATA    0x0700u /* more: bytes of the last word that count */
#define TAG_UUID    0x0e00u /* more: how many */
#define TAG_INT     0x8400u
#define TAG_FLOAT   0x8500u
#define TAG_DATE    0x8600u
#define TAG_IDS     0x8700u /* more: always 8 */
#define TAG_TABLE   0x8800u

/* Types of entries of the table; their size is an offset in words, more is how many */
#define CPX_ARRAY 0x0a00u
#define CPX_TEXT  0x0c00u
#define CPX_DICT  0x0d00u
#define CPX_IDS   0x1a00u
#define CPX_META  0x1b00u
#define CPX_WIDE  0x1c00u

#endif
