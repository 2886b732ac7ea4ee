/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_LVMTEXT_H
#define DC_LIB_DISK_LVMTEXT_H

/* lvmtext: the text in which LVM2 keeps what a volume group consists of.
 *
 *   debian {
 *     seqno = 5                       # a number
 *     status = ["READ", "WRITE"]      # a list
 *     physical_volumes {
 *       pv0 {
 *         id = "..."                  # a text, with \" and \\ in it
 *
 * Source: libvslvm, "Logical Volume Manager (LVM) format", section 4;
 * lvm.conf(5), which is written the same way; measured on LVM 2.03.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

/* Bytes.  The usual room is 1 MiB, of which a text takes half at most. */
#define DC_LVMTEXT_SIZE_MAX ((size_t) 8 * 1024 * 1024)
#define DC_LVMTEXT_NODE_MAX ((size_t) 512 * 1024)
#define DC_LVMTEXT_DEPTH_MAX 16

enum dc_lvmtext_kind {
  DC_LVMTEXT_SECTION,
  DC_LVMTEXT_LIST,
  DC_LVMTEXT_STRING,
  DC_LVMTEXT_NUMBER, /* of 64 bits, not negative; others are strings, "" */
};

/* Its texts live as long as the whole does. */
struct dc_lvmtext_node {
  enum dc_lvmtext_kind kind;
  const char *key;      /* "" in a list */
  const char *string;   /* "" for other kinds; foreign bytes */
  uint64_t number;      /* 0 for other kinds */
  uint32_t first, next; /* index of the first child, of the next sibling; 0:
                           none */
};

struct dc_lvmtext {
  char *bytes;
  struct dc_lvmtext_node *nodes; /* the first is the text as a section */
  size_t count;
};

/* 0 and *OUT for the caller, or -1: DC_ERR_INVALID (the text names the line),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_lvmtext_parse (const char *text, size_t size, struct dc_lvmtext **out,
                      struct dc_error *err);
void dc_lvmtext_free (struct dc_lvmtext *text);
DC_DEFINE_AUTO (dc_lvmtext)

/* The children of NODE one after another; NULL at the end.
 *   for (n = dc_lvmtext_first (t, node); n != NULL; n = dc_lvmtext_next (t, n))
 */
const struct dc_lvmtext_node *
dc_lvmtext_first (const struct dc_lvmtext *text,
                  const struct dc_lvmtext_node *node);
const struct dc_lvmtext_node *
dc_lvmtext_next (const struct dc_lvmtext *text,
                 const struct dc_lvmtext_node *node);
/* The first child of NODE that is called KEY and of that KIND, or NULL; also
 * for a NODE that is NULL.
 */
const struct dc_lvmtext_node *
dc_lvmtext_find (const struct dc_lvmtext *text,
                 const struct dc_lvmtext_node *node, const char *key,
                 enum dc_lvmtext_kind kind);
/* The text called KEY, or "". */
const char *dc_lvmtext_string (const struct dc_lvmtext *text,
                               const struct dc_lvmtext_node *node,
                               const char *key);
/* The number called KEY, or OTHERWISE. */
uint64_t dc_lvmtext_number (const struct dc_lvmtext *text,
                            const struct dc_lvmtext_node *node, const char *key,
                            uint64_t otherwise);
/* Does the list called KEY hold the text WORD?  1 or 0. */
int dc_lvmtext_lists (const struct dc_lvmtext *text,
                      const struct dc_lvmtext_node *node, const char *key,
                      const char *word);

#endif
