/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_HIVE_H
#define DC_ANALYZER_SYSTEM_HIVE_H

/* hive: a file of the Windows registry, read only.
 *
 *   0       "regf", two sequence numbers (differing: not written to the end),
 *           at 0x24 the root key's cell
 *   0x1000  bins of cells.  An offset is counted from here.
 *
 *   cell    int32 size (below 0: in use), then by its first two bytes
 *     nk    a key: 0x02 flags, 0x14 subkeys, 0x1c their list, 0x24 values,
 *           0x28 their list, 0x48 bytes of the name, 0x4c name
 *     lf lh a list of keys: u16 count, then offset and hash of each
 *     li    the same without hashes;  ri  a list of lists
 *     vk    a value: 0x02 bytes of the name, 0x04 of the data (its top bit:
 *           the data stands in the next field), 0x08 data, 0x0c type, 0x10
 *           flags, 0x14 name
 *
 * libhivex is not used: it opens files by name, which the confined worker may
 * not, and this needs no more than lookups.  A hive is read where it lies, a
 * few bytes at a time: real ones have 150 MB.
 *
 * Source: the format as hivex's documentation and Maxim Suhanov's "Windows
 * registry file format specification" describe it; checked with hivex 1.3.
 */

#include <stdbool.h>

#include "lib/tree/tree.h"

#define DC_HIVE_CHILD_MAX ((size_t) 50000) /* keys below a key */
#define DC_HIVE_VALUE_MAX ((size_t) 10000) /* values of a key */
#define DC_HIVE_NAME_MAX ((size_t) 1024)   /* bytes of a name */
/* A real one needs below 200 000; a hostile one lets everything be read again
 * for every key.
 */
#define DC_HIVE_READ_MAX 2000000
#define DC_HIVE_TEXT_MAX ((size_t) 16 * 1024) /* bytes of a text value */

struct dc_hive {
  struct dc_tree *tree;
  uint32_t index;  /* of the file */
  uint32_t root;   /* its first key */
  bool is_unclean; /* its log would have to be replayed */
  uint32_t reads;  /* done so far */
};

/* The hive in file INDEX of TREE (borrowed).  0, or -1: DC_ERR_INVALID (no
 * hive), DC_ERR_SYSTEM, the tree's medium.
 */
int dc_hive_open (struct dc_tree *tree, uint32_t index, struct dc_hive *out,
                  struct dc_error *err);
/* The key at PATH below KEY, its parts apart by '\\', any case.  1 and *OUT; 0
 * when there is none; -1: DC_ERR_INVALID (damaged), DC_ERR_LIMIT.
 */
int dc_hive_find (struct dc_hive *hive, uint32_t key, const char *path,
                  uint32_t *out, struct dc_error *err);
/* The keys below KEY: 0, *OUT for the caller to free, *COUNT; or -1. */
int dc_hive_children (struct dc_hive *hive, uint32_t key, uint32_t **out,
                      size_t *count, struct dc_error *err);
/* Its name in UTF-8, for the caller. */
int dc_hive_name (struct dc_hive *hive, uint32_t key, char **out,
                  struct dc_error *err);
/* The value NAME of KEY, if it is a text (REG_SZ, REG_EXPAND_SZ) or a number
 * (REG_DWORD).  1; 0 when there is none; -1.
 */
int dc_hive_text (struct dc_hive *hive, uint32_t key, const char *name,
                  char **out, struct dc_error *err);
int dc_hive_number (struct dc_hive *hive, uint32_t key, const char *name,
                    uint32_t *out, struct dc_error *err);

#endif
