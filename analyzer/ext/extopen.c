/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "analyzer/ext/extfs.h"
#include "analyzer/ext/extmanager.h"
#include "analyzer/ext/extnode.h"
#include "analyzer/ext/extreplay.h"

#define SUPERBLOCK_OFFSET_MAIN 1024
/* Bytes of group descriptors, which libext2fs keeps: for 128 TiB. */
#define DESCRIPTORS_MAX ((uint64_t) 64 * 1024 * 1024)
#define BLOCK_LOG_MAX 6U /* 64 KiB */
#define JOURNAL_TEXT_MAX 160
#define SUPERBLOCK_TEXT_MAX 120

/* Where a superblock may be.  The main one is believed when all its checksums
 * are right; then the copies that mke2fs makes in the groups 1, 3, 5, 7 and 9
 * (or two of them); at last the main one as it is.
 */
struct place {
  uint32_t block; /* 0: the main one */
  uint32_t block_size;
  bool is_lenient;
};
static const uint32_t copy_groups[] = { 1, 3, 5, 7, 9 };
static const uint32_t copy_block_sizes[] = { 4096, 1024, 2048 };
#define PLACES (2 + DC_COUNT (copy_groups) * DC_COUNT (copy_block_sizes))

static struct place
get_place (size_t i)
{
  if (i == 0 || i == PLACES - 1)
    return (struct place){ .is_lenient = i != 0 };
  const uint32_t size = copy_block_sizes[(i - 1) % DC_COUNT (copy_block_sizes)];
  const uint32_t group = copy_groups[(i - 1) / DC_COUNT (copy_block_sizes)];
  return (struct place){
    .block = group * size * 8 + (size == 1024),
    .block_size = size,
  };
}

static bool
is_power_of_2 (unsigned n)
{
  return n != 0 && (n & (n - 1)) == 0;
}

/* The group descriptors that SUPER speaks of: libext2fs keeps them all, and
 * believes how large one is and which of them lie together.
 */
static int
check_descriptors (const struct dc_ext *ext, struct ext2_super_block *super,
                   struct dc_error *err)
{
  if (ext2fs_has_feature_64bit (super) &&
      (super->s_desc_size < EXT2_MIN_DESC_SIZE_64BIT ||
       super->s_desc_size > EXT2_MAX_DESC_SIZE ||
       !is_power_of_2 (super->s_desc_size)))
    return dc_fail (err, DC_ERR_INVALID,
                    "superblock has group descriptors of %u bytes",
                    super->s_desc_size);
  const uint64_t groups =
      ext2fs_blocks_count (super) / super->s_blocks_per_group + 1;
  const uint64_t each = EXT2_DESC_SIZE (super);
  if (groups > DESCRIPTORS_MAX / each ||
      groups * each > dc_extio_size (ext->io))
    return dc_fail (err, DC_ERR_INVALID, "superblock claims %" PRIu64 " groups",
                    groups);
  const uint64_t blocks =
      groups * each / (unsigned) EXT2_BLOCK_SIZE (super) + 1;
  if (ext2fs_has_feature_meta_bg (super) && super->s_first_meta_bg > blocks)
    return dc_fail (err, DC_ERR_INVALID,
                    "superblock has meta groups from %u on",
                    super->s_first_meta_bg);
  return 0;
}

/* libext2fs believes some numbers; these are the ones that cost memory. */
static int
check_superblock (struct dc_ext *ext, const struct place *place,
                  struct dc_error *err)
{
  struct ext2_super_block super;
  const uint64_t offset = place->block == 0
                              ? SUPERBLOCK_OFFSET_MAIN
                              : (uint64_t) place->block * place->block_size;

  if (dc_extio_read (ext->io, offset, &super, sizeof super, err) < 0)
    return dc_context (err, "superblock");
  if (super.s_magic != EXT2_SUPER_MAGIC)
    return dc_fail (err, DC_ERR_INVALID, "no ext2, ext3 or ext4 superblock");
  if (super.s_log_block_size > BLOCK_LOG_MAX || super.s_blocks_per_group < 8)
    return dc_fail (err, DC_ERR_INVALID,
                    "superblock has impossible sizes of blocks or groups");
  const unsigned inode_size = EXT2_INODE_SIZE (&super);
  if (inode_size < EXT2_GOOD_OLD_INODE_SIZE ||
      inode_size > (unsigned) EXT2_BLOCK_SIZE (&super) ||
      !is_power_of_2 (inode_size))
    return dc_fail (err, DC_ERR_INVALID, "superblock has inodes of %u bytes",
                    inode_size);
  return check_descriptors (ext, &super, err);
}

/* ext2fs_close() would write back what opening a copy has changed. */
static void
close_fs (struct dc_ext *ext)
{
  if (ext->fs != NULL)
    ext2fs_free (ext->fs);
  ext->fs = NULL;
}

static int
open_fs (struct dc_ext *ext, const struct place *place, struct dc_error *err)
{
  char name[DC_EXTMANAGER_NAME_SIZE];
  int flags = EXT2_FLAG_64BITS | EXT2_FLAG_SKIP_MMP;

  close_fs (ext);
  if (check_superblock (ext, place, err) < 0)
    return -1;
  if (place->is_lenient)
    flags |= EXT2_FLAG_IGNORE_CSUM_ERRORS | EXT2_FLAG_IGNORE_SB_ERRORS;
  dc_extmanager_name (ext->io, name);
  const errcode_t code =
      ext2fs_open2 (name, NULL, flags, (int) place->block, place->block_size,
                    dc_extmanager (), &ext->fs);
  if (code == 0) {
    free (ext->inode);
    ext->inode = malloc (EXT2_INODE_SIZE (ext->fs->super));
    return ext->inode != NULL ? 0 : dc_fail_errno (err, "cannot keep an inode");
  }
  ext->fs = NULL;
  if (code == EXT2_ET_UNSUPP_FEATURE || code == EXT2_ET_REV_TOO_HIGH)
    return dc_fail (err, DC_ERR_APPLIANCE,
                    "it has features that we do not know");
  return dc_ext_failed (ext, code, err);
}

/* Only the main superblock says that the journal must be looked at; its
 * copies were made when all was well.
 */
static bool
needs_journal (const struct dc_ext *ext, const struct place *place)
{
  struct ext2_super_block *super = ext->fs->super;

  return ext2fs_has_feature_journal (super) &&
         (ext2fs_has_feature_journal_needs_recovery (super) ||
          place->block != 0);
}

static void
describe_journal (const struct dc_extjournal *journal, char *text, size_t size)
{
  int n = snprintf (text, size, "journal replayed in memory (%zu block%s)",
                    journal->count, journal->count == 1 ? "" : "s");
  if (journal->damaged > 0)
    n += snprintf (text + n, size - (size_t) n, ", %zu damaged left out",
                   journal->damaged);
  if (journal->is_cut)
    (void) snprintf (text + n, size - (size_t) n,
                     ", transaction %u is damaged and left out",
                     journal->transaction);
}

static void
describe_superblock (const struct dc_ext *ext, const struct place *place,
                     char *text, size_t size)
{
  struct ext2_super_block *super = ext->fs->super;
  int n = 0;

  *text = '\0';
  if (place->block != 0)
    n = snprintf (text, size, ", superblock taken from its copy in block %u",
                  place->block);
  else if (place->is_lenient)
    n = snprintf (text, size, ", superblock has a wrong checksum");
  if ((super->s_state & EXT2_ERROR_FS) != 0)
    (void) snprintf (text + n, size - (size_t) n,
                     ", marked as damaged by its kernel");
}

/* Read the journal, if it must be, and open again with what it says. */
static int
replay_journal (struct dc_ext *ext, const struct place *place, char *text,
                size_t size, struct dc_error *err)
{
  const bool is_journalled = ext2fs_has_feature_journal (ext->fs->super);

  (void) snprintf (text, size, "%s",
                   is_journalled ||
                           (ext->fs->super->s_state & EXT2_VALID_FS) != 0
                       ? "clean"
                       : "not unmounted cleanly");
  if (!needs_journal (ext, place))
    return 0;
  DC_AUTO (dc_extjournal) *journal = NULL;
  if (dc_extreplay (ext, &journal, err) < 0)
    return dc_context (err, "its journal");
  if (place->block == 0 || journal->count > 0)
    describe_journal (journal, text, size);
  dc_extio_take_journal (ext->io, DC_TAKE (journal), dc_ext_block_size (ext));
  return open_fs (ext, place, err);
}

static int
check_root (struct dc_ext *ext, struct dc_error *err)
{
  struct dc_extnode node;

  if (dc_extnode_read (ext, EXT2_ROOT_INO, &node, err) < 0)
    return dc_context (err, "root folder");
  if (!S_ISDIR (node.inode.i_mode))
    return dc_fail (err, DC_ERR_INVALID, "its root is not a folder");
  return 0;
}

static int
try_place (struct dc_ext *ext, const struct place *place, struct dc_error *err)
{
  char journal[JOURNAL_TEXT_MAX], superblock[SUPERBLOCK_TEXT_MAX];
  char *state = NULL;

  dc_extio_take_journal (ext->io, NULL, 0);
  if (open_fs (ext, place, err) < 0 ||
      replay_journal (ext, place, journal, sizeof journal, err) < 0 ||
      check_root (ext, err) < 0)
    return -1;
  describe_superblock (ext, place, superblock, sizeof superblock);
  if (asprintf (&state, "%s%s", journal, superblock) < 0)
    return dc_fail_errno (err, "cannot keep a state");
  free (ext->state);
  ext->state = state;
  return 0;
}

int
dc_ext_open (struct dc_disk *disk, uint64_t offset, uint64_t size,
             struct dc_ext **out, struct dc_error *err)
{
  struct dc_error later;

  initialize_ext2_error_table (); /* does nothing the second time */
  DC_AUTO (dc_ext) *ext = calloc (1, sizeof *ext);
  if (ext == NULL)
    return dc_fail_errno (err, "cannot keep a file system");
  if (dc_extio_new (disk, offset, size, &ext->io, err) < 0)
    return -1;
  for (size_t i = 0; i < PLACES; i++) {
    const struct place place = get_place (i);
    if (try_place (ext, &place, i == 0 ? err : &later) == 0) {
      *out = DC_TAKE (ext);
      return 0;
    }
    /* What the first place says is what the user understands. */
    if (i == 0 && !dc_extio_is_local (err))
      break;
  }
  return dc_context (err, "file system");
}

void
dc_ext_take_disk (struct dc_ext *ext, struct dc_disk *disk)
{
  ext->own = disk;
}

void
dc_ext_free (struct dc_ext *ext)
{
  if (ext == NULL)
    return;
  close_fs (ext);
  dc_extio_free (ext->io);
  dc_disk_free (ext->own);
  free (ext->state);
  free (ext->inode);
  free (ext);
}
