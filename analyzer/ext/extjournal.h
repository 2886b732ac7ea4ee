/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTJOURNAL_H
#define DC_ANALYZER_EXT_EXTJOURNAL_H

/* extjournal: which blocks of a file system have a newer copy in its log.
 *
 * Nothing is written: the result says for each such block where its newest
 * committed copy lies, and the reader of blocks looks there instead.
 *
 *   descriptor block   tags: numbers of blocks; a copy of each follows
 *   ...
 *   revoke block       numbers of blocks whose older copies are void
 *   commit block       without it none of this transaction has happened
 *
 * The log (analyzer/ext/extlog.h) is a ring of such transactions.  Each control
 * block begins with magic, type and the number of its transaction, which
 * counts up by one; the first that does not ends the log.
 *
 * Source: Linux Documentation/filesystems/ext4/journal.rst; the order in
 * which fs/jbd2/recovery.c looks at things.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/ext/extlog.h"
#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_EXTJOURNAL_REVOKE_MAX ((size_t) 4 * 1024 * 1024)

struct dc_extjournal_copy {
  uint64_t block;  /* of the file system */
  uint64_t place;  /* the block that holds its newest committed copy */
  bool is_escaped; /* its first 4 bytes stand for DC_EXTLOG_MAGIC */
};

struct dc_extjournal {
  struct dc_extjournal_copy *copies; /* by BLOCK, each once */
  size_t count;
  size_t damaged;       /* copies left out: wrong checksum, no such block */
  bool is_cut;          /* a transaction with a wrong checksum ended the log */
  uint32_t transaction; /* that one */
};

/* Read LOG.  0 and *OUT for the caller (with no copies when the log is
 * empty), or -1: DC_ERR_INVALID (not a log), DC_ERR_LIMIT, DC_ERR_APPLIANCE
 * (features that we do not know; fast commits that are not applied),
 * DC_ERR_SYSTEM, or what LOG->read said.
 */
int dc_extjournal_read (const struct dc_extlog *log, struct dc_extjournal **out,
                        struct dc_error *err);
/* The index of the first copy whose block is not below BLOCK. */
size_t dc_extjournal_find (const struct dc_extjournal *journal, uint64_t block);
void dc_extjournal_free (struct dc_extjournal *journal);
DC_DEFINE_AUTO (dc_extjournal)

#endif
