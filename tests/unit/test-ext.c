/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <ext2fs/ext2fs.h>

#include "analyzer/ext/ext.h"
#include "lib/disk/extents.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* A file system is made by libext2fs in a memfd, so that no tool is needed:
 * 1 KiB blocks, of which the first MiB is a group of its own.
 */
#define BLOCK 1024
#define BLOCKS 1024
#define DISK_SIZE ((size_t) BLOCKS * BLOCK)

static int disk_fd = -1;
static ext2_filsys fs;

#define ck_assert_no(code) ck_assert_int_eq ((int) (code), 0)

static ext2_ino_t
add_file (ext2_ino_t folder, const char *name, const void *bytes, unsigned size)
{
  struct ext2_inode inode = { .i_mode = S_IFREG | 0644,
                              .i_links_count = 1,
                              .i_mtime = 1000 };
  ext2_ino_t ino;
  ext2_file_t file;
  unsigned written;

  ck_assert_no (ext2fs_new_inode (fs, folder, S_IFREG, NULL, &ino));
  ext2fs_inode_alloc_stats2 (fs, ino, 1, 0);
  inode.i_flags = EXT4_EXTENTS_FL;
  ck_assert_no (ext2fs_write_new_inode (fs, ino, &inode));
  ck_assert_no (ext2fs_file_open (fs, ino, EXT2_FILE_WRITE, &file));
  ck_assert_no (ext2fs_file_write (file, bytes, size, &written));
  ck_assert_uint_eq (written, size);
  ck_assert_no (ext2fs_file_close (file));
  ck_assert_no (ext2fs_link (fs, folder, name, ino, EXT2_FT_REG_FILE));
  return ino;
}

static ext2_ino_t
add_folder (ext2_ino_t folder, const char *name)
{
  ext2_ino_t ino;

  ck_assert_no (ext2fs_mkdir (fs, folder, 0, name));
  ck_assert_no (
      ext2fs_lookup (fs, folder, name, (int) strlen (name), NULL, &ino));
  return ino;
}

/* More than is read at a time: what is not here is zeros. */
#define SPARSE_SIZE ((size_t) 10 * 1024 * 1024 + 1)
static const size_t sparse_places[] = { 0, 4194300, 5000000, SPARSE_SIZE - 8 };

static void
add_sparse_file (ext2_ino_t folder)
{
  const ext2_ino_t ino = add_file (folder, "sparse", "", 0);
  ext2_file_t file;
  unsigned written;

  ck_assert_no (ext2fs_file_open (fs, ino, EXT2_FILE_WRITE, &file));
  for (size_t i = 0; i < 4; i++) {
    ck_assert_no (
        ext2fs_file_llseek (file, sparse_places[i], EXT2_SEEK_SET, NULL));
    ck_assert_no (ext2fs_file_write (file, "the word", 8, &written));
  }
  ck_assert_no (ext2fs_file_close (file));
}

static void
check_sparse (const char *bytes)
{
  static char expected[SPARSE_SIZE];

  for (size_t i = 0; i < 4; i++)
    memcpy (expected + sparse_places[i], "the word", 8);
  ck_assert_int_eq (memcmp (bytes, expected, SPARSE_SIZE), 0);
}

/* What is not part of a folder's size, although it is of a file's. */
static void
set_old_field (ext2_ino_t folder)
{
  struct ext2_inode inode;

  ck_assert_no (ext2fs_read_inode (fs, folder, &inode));
  inode.i_size_high = 7;
  ck_assert_no (ext2fs_write_inode (fs, folder, &inode));
}

static void
add_files (void)
{
  char bytes[5000];

  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (char) (i / 7);
  const ext2_ino_t etc = add_folder (EXT2_ROOT_INO, "etc");
  const ext2_ino_t var = add_folder (EXT2_ROOT_INO, "var");
  const ext2_ino_t lib = add_folder (var, "lib");
  (void) add_folder (EXT2_ROOT_INO, "lost+found");
  set_old_field (var);
  (void) add_file (etc, "fstab", "/dev/sda1 / ext4\n", 17);
  (void) add_file (lib, "data", bytes, sizeof bytes);
  (void) add_file (lib, "empty", "", 0);
  add_sparse_file (lib);
  ck_assert_no (
      ext2fs_symlink (fs, EXT2_ROOT_INO, 0, "absolute", "/etc/fstab"));
  ck_assert_no (ext2fs_symlink (fs, lib, 0, "above", "../../etc"));
  ck_assert_no (ext2fs_symlink (fs, lib, 0, "loop", "loop"));
  memset (bytes, 'x', 99);
  bytes[99] = '\0';
  ck_assert_no (ext2fs_symlink (fs, EXT2_ROOT_INO, 0, "long", bytes));
}

/* Features that make more of the format appear. */
static void
make_disk (uint32_t compat, uint32_t incompat, uint32_t ro_compat)
{
  struct ext2_super_block super = { .s_feature_compat = compat,
                                    .s_feature_incompat = incompat,
                                    .s_feature_ro_compat = ro_compat,
                                    .s_rev_level = 1,
                                    .s_inodes_count = 64,
                                    .s_inode_size = 256,
                                    .s_desc_size = 64 };
  char path[64];

  disk_fd = memfd_create ("disk", MFD_CLOEXEC);
  ck_assert_int_ge (disk_fd, 0);
  ck_assert_int_eq (ftruncate (disk_fd, DISK_SIZE), 0);
  (void) snprintf (path, sizeof path, "/proc/self/fd/%d", disk_fd);
  ext2fs_blocks_count_set (&super, BLOCKS);
  ck_assert_no (
      ext2fs_initialize (path, EXT2_FLAG_64BITS, &super, unix_io_manager, &fs));
  memcpy (fs->super->s_uuid, "sixteen bytes of", 16);
  fs->super->s_checksum_type = EXT2_CRC32C_CHKSUM;
  ext2fs_init_csum_seed (fs);
  ck_assert_no (ext2fs_allocate_tables (fs));
  ck_assert_no (ext2fs_mkdir (fs, EXT2_ROOT_INO, EXT2_ROOT_INO, NULL));
  for (ext2_ino_t i = 1; i < EXT2_FIRST_INO (fs->super); i++)
    if (i != EXT2_ROOT_INO)
      ext2fs_inode_alloc_stats2 (fs, i, 1, 0);
  add_files ();
  ck_assert_no (ext2fs_close_free (&fs));
}

static void
make_plain_disk (void)
{
  make_disk (0, EXT3_FEATURE_INCOMPAT_EXTENTS | EXT2_FEATURE_INCOMPAT_FILETYPE,
             0);
}

static void
make_checked_disk (void)
{
  make_disk (0,
             EXT3_FEATURE_INCOMPAT_EXTENTS | EXT2_FEATURE_INCOMPAT_FILETYPE |
                 EXT4_FEATURE_INCOMPAT_64BIT,
             EXT4_FEATURE_RO_COMPAT_METADATA_CSUM);
}

static struct dc_disk *
open_disk (uint64_t size)
{
  struct dc_error err;
  struct dc_disk *disk = NULL;
  struct dc_extent *extent = calloc (1, sizeof *extent);

  ck_assert_ptr_nonnull (extent);
  extent->size = size;
  extent->fd = disk_fd;
  ck_assert_ok (dc_extents_disk (extent, 1, size, &disk, &err));
  return disk;
}

static struct dc_tree *
open_tree (struct dc_disk *disk)
{
  struct dc_error err;
  struct dc_ext_mount mount = { NULL, "/" };
  struct dc_tree *tree = NULL;

  ck_assert_ok (dc_ext_open (disk, 0, disk->size, &mount.ext, &err));
  ck_assert_str_eq (dc_ext_state (mount.ext), "clean");
  ck_assert_ok (dc_ext_tree (&mount, 1, &tree, &err));
  return tree;
}

static const char *const paths[] = {
  "",
  "absolute",
  "etc",
  "etc/fstab",
  "long",
  "var",
  "var/lib",
  "var/lib/above",
  "var/lib/data",
  "var/lib/empty",
  "var/lib/loop",
  "var/lib/sparse",
};

static void
check_tree (struct dc_tree *tree)
{
  struct dc_error err;
  struct dc_buffer b = DC_BUFFER_INIT (10000);

  ck_assert_uint_eq (tree->note_count, 0);
  ck_assert_uint_eq (tree->count, sizeof paths / sizeof paths[0]);
  for (uint32_t i = 0; i < tree->count; i++) {
    ck_assert_ok (dc_tree_path (tree, i, &b, &err));
    ck_assert_str_eq (dc_buffer_text (&b), paths[i]);
  }
  dc_buffer_clear (&b);
  ck_assert_int_eq (dc_tree_read_file (tree, "var/lib/data", &b, &err), 1);
  ck_assert_uint_eq (b.size, 5000);
  for (size_t i = 0; i < b.size; i++)
    ck_assert_int_eq (b.data[i], (char) (i / 7));
  ck_assert_uint_eq (strlen (tree->entries[4].target), 99);
  ck_assert_int_eq (tree->entries[3].mtime, 1000);
  ck_assert_uint_eq (tree->entries[11].size, SPARSE_SIZE);
  AUTO_FREE char *sparse = malloc (SPARSE_SIZE);
  ck_assert_ok (dc_tree_read (tree, 11, 0, sparse, SPARSE_SIZE, &err));
  check_sparse (sparse);
  dc_buffer_release (&b);
}

START_TEST (test_tree)
{
  if (_i == 0)
    make_plain_disk ();
  else
    make_checked_disk ();
  DC_AUTO (dc_disk) *disk = open_disk (DISK_SIZE);
  DC_AUTO (dc_tree) *tree = open_tree (disk);
  check_tree (tree);
}
END_TEST

static const struct {
  const char *path, *text; /* NULL: no such file */
} lookups[] = {
  { "/etc/fstab", "/dev/sda1 / ext4\n" },
  { "etc//./fstab", "/dev/sda1 / ext4\n" },
  { "/absolute", "/dev/sda1 / ext4\n" },
  { "/var/lib/above/fstab", "/dev/sda1 / ext4\n" },
  { "/../../var/../etc/fstab", "/dev/sda1 / ext4\n" },
  { "/var/lib/empty", "" },
  { "/var/lib/loop", NULL },
  { "/var/lib", NULL },
  { "/long", NULL },
  { "/etc/fstab/x", NULL },
  { "/etc/fsta", NULL },
  { "/", NULL },
};

START_TEST (test_lookup)
{
  struct dc_error err;
  DC_AUTO (dc_ext) *ext = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  make_plain_disk ();
  DC_AUTO (dc_disk) *disk = open_disk (DISK_SIZE);
  ck_assert_ok (dc_ext_open (disk, 0, DISK_SIZE, &ext, &err));
  for (size_t i = 0; i < sizeof lookups / sizeof lookups[0]; i++) {
    dc_buffer_clear (&b);
    ck_assert_int_eq (dc_ext_read_file (ext, lookups[i].path, &b, &err),
                      lookups[i].text != NULL);
    ck_assert_str_eq (dc_buffer_text (&b),
                      lookups[i].text != NULL ? lookups[i].text : "");
  }
  ck_assert_int_eq (dc_ext_has (ext, "/var/lib/loop", &err), 1);
  ck_assert_int_eq (dc_ext_has (ext, "/var/lib", &err), 1);
  ck_assert_int_eq (dc_ext_has (ext, "/var/run", &err), 0);
  b.max = 5;
  dc_buffer_clear (&b);
  ck_assert_fails (dc_ext_read_file (ext, "/etc/fstab", &b, &err), DC_ERR_LIMIT,
                   "17 bytes, limit 5");
}
END_TEST

/* Collects what is streamed. */
struct collector {
  char bytes[3 * SPARSE_SIZE];
  size_t size;
  uint32_t begun[16];
  size_t starts[16];
  size_t files;
};

static int
begin_file (void *self, uint32_t index, struct dc_error *err)
{
  struct collector *c = self;

  (void) err;
  c->starts[c->files] = c->size;
  c->begun[c->files++] = index;
  return 0;
}

/* Little room at a time, so that pieces are cut. */
static int
find_room (void *self, void **bytes, size_t *room, struct dc_error *err)
{
  struct collector *c = self;

  (void) err;
  *bytes = c->bytes + c->size;
  *room = 3333;
  return 0;
}

static int
commit_bytes (void *self, size_t size, struct dc_error *err)
{
  struct collector *c = self;

  (void) err;
  c->size += size;
  return 0;
}

START_TEST (test_stream)
{
  struct dc_error err;
  static struct collector c;
  const struct dc_tree_sink sink = { begin_file, find_room, commit_bytes, &c };
  const uint32_t indexes[] = { 8, 9, 11, 3, 8, 11 };
  const size_t starts[] = {
    0, 5000, 5000, 5000 + SPARSE_SIZE, 5017 + SPARSE_SIZE, 10017 + SPARSE_SIZE
  };

  make_plain_disk ();
  DC_AUTO (dc_disk) *disk = open_disk (DISK_SIZE);
  DC_AUTO (dc_tree) *tree = open_tree (disk);
  ck_assert_ok (dc_tree_stream (tree, indexes, 6, &sink, &err));
  ck_assert_uint_eq (c.files, 6);
  ck_assert_mem_eq (c.begun, indexes, sizeof indexes);
  ck_assert_mem_eq (c.starts, starts, sizeof starts);
  ck_assert_uint_eq (c.size, starts[5] + SPARSE_SIZE);
  check_sparse (c.bytes + starts[2]);
  check_sparse (c.bytes + starts[5]);
  ck_assert_mem_eq (c.bytes + starts[3], "/dev/sda1 / ext4\n", 17);
  ck_assert_mem_eq (c.bytes + starts[0], c.bytes + starts[4], 5000);
}
END_TEST

/* One disk as two file systems: what lies below the mountpoint is hidden, and
 * the way to a mountpoint is made where it is missing.
 */
START_TEST (test_mounts)
{
  struct dc_error err;
  struct dc_ext_mount mounts[] = { { NULL, "/" },
                                   { NULL, "/srv/new/" },
                                   { NULL, "/var" },
                                   { NULL, "/var/lib/data/x" } };
  DC_AUTO (dc_tree) *tree = NULL;

  make_plain_disk ();
  DC_AUTO (dc_disk) *disk = open_disk (DISK_SIZE);
  for (size_t i = 0; i < 4; i++)
    ck_assert_ok (dc_ext_open (disk, 0, DISK_SIZE, &mounts[i].ext, &err));
  ck_assert_ok (dc_ext_tree (mounts, 4, &tree, &err));
  ck_assert_uint_ne (dc_tree_find (tree, "srv/new/var/lib/data"), DC_TREE_NONE);
  ck_assert_uint_ne (dc_tree_find (tree, "var/etc/fstab"), DC_TREE_NONE);
  ck_assert_uint_ne (dc_tree_find (tree, "var/var/lib/data"), DC_TREE_NONE);
  ck_assert_uint_ne (dc_tree_find (tree, "var/lib/data/x/etc"), DC_TREE_NONE);
  ck_assert_uint_eq (dc_tree_find (tree, "var/lib/empty"), DC_TREE_NONE);
  ck_assert_uint_eq (dc_tree_find (tree, "lost+found"), DC_TREE_NONE);
  ck_assert_uint_eq (dc_tree_find (tree, "var/lost+found"), DC_TREE_NONE);
  ck_assert_uint_eq (tree->note_count, 0);
  const uint32_t srv = dc_tree_find (tree, "srv");
  ck_assert_uint_eq (tree->entries[srv].mode, S_IFDIR | 0755);
  ck_assert_int_eq (tree->entries[srv].mtime, 0);
}
END_TEST

/* A file where a folder on the way should be: the mount is left out. */
START_TEST (test_blocked_mount)
{
  struct dc_error err;
  struct dc_ext_mount mounts[] = { { NULL, "/" }, { NULL, "/etc/fstab/x" } };
  DC_AUTO (dc_tree) *tree = NULL;

  make_plain_disk ();
  DC_AUTO (dc_disk) *disk = open_disk (DISK_SIZE);
  for (size_t i = 0; i < 2; i++)
    ck_assert_ok (dc_ext_open (disk, 0, DISK_SIZE, &mounts[i].ext, &err));
  ck_assert_ok (dc_ext_tree (mounts, 2, &tree, &err));
  ck_assert_uint_eq (tree->count, sizeof paths / sizeof paths[0]);
  ck_assert_uint_eq (tree->note_count, 1);
  ck_assert_str_eq (tree->notes[0].path, "etc/fstab");
}
END_TEST

/* Bytes of the disk replaced by others; what a reader then sees. */
static const struct {
  const char *what;
  uint64_t offset;
  uint16_t value;
  enum dc_code code;
  const char *text;
} damages[] = {
  { "magic", 1024 + 0x38, 0, DC_ERR_INVALID, "superblock" },
  { "block size", 1024 + 0x18, 7, DC_ERR_INVALID, "impossible" },
  { "group size", 1024 + 0x20, 1, DC_ERR_INVALID, "impossible" },
  { "feature", 1024 + 0x60, 0x1042, DC_ERR_APPLIANCE, "features" },
  { "journal device", 1024 + 0x60, 0x4a, DC_ERR_APPLIANCE, "features" },
  { "inode size", 1024 + 0x58, 192, DC_ERR_INVALID, "192 bytes" },
};

START_TEST (test_superblock)
{
  struct dc_error err;
  struct dc_ext *ext = NULL;

  make_plain_disk ();
  ck_assert_int_eq (
      pwrite (disk_fd, &damages[_i].value, 2, (off_t) damages[_i].offset), 2);
  DC_AUTO (dc_disk) *disk = open_disk (DISK_SIZE);
  ck_assert_fails (dc_ext_open (disk, 0, DISK_SIZE, &ext, &err),
                   damages[_i].code, damages[_i].text);
}
END_TEST

/* Open, walk, read all: whatever happens, it ends. */
static void
use_disk (uint64_t size)
{
  struct dc_error err;
  struct dc_ext_mount mount = { NULL, "/" };
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_disk) *disk = open_disk (size);
  static char bytes[DISK_SIZE];

  if (dc_ext_open (disk, 0, size, &mount.ext, &err) < 0)
    return;
  if (dc_ext_tree (&mount, 1, &tree, &err) < 0) {
    dc_ext_free (mount.ext);
    return;
  }
  for (uint32_t i = 0; i < tree->count; i++)
    if (S_ISREG (tree->entries[i].mode) && tree->entries[i].size < DISK_SIZE)
      ck_assert_ok (dc_tree_read (tree, i, 0, bytes,
                                  (size_t) tree->entries[i].size, &err));
}

/* The disk ends after each of its first blocks. */
START_TEST (test_cut_off)
{
  make_plain_disk ();
  for (uint64_t size = 0; size < DISK_SIZE / 4; size += BLOCK)
    use_disk (size);
}
END_TEST

/* Every byte that is not zero, one after another, with another value. */
START_TEST (test_bytes)
{
  static unsigned char bytes[DISK_SIZE];

  if (_i == 0)
    make_plain_disk ();
  else
    make_checked_disk ();
  ck_assert_int_eq (pread (disk_fd, bytes, DISK_SIZE, 0), DISK_SIZE);
  for (size_t i = 0; i < DISK_SIZE; i++) {
    const unsigned char changed = (unsigned char) (bytes[i] ^ (1 << i % 8));
    if (bytes[i] == 0)
      continue;
    ck_assert_int_eq (pwrite (disk_fd, &changed, 1, (off_t) i), 1);
    use_disk (DISK_SIZE);
    ck_assert_int_eq (pwrite (disk_fd, &bytes[i], 1, (off_t) i), 1);
  }
}
END_TEST

static int
make_tree (struct dc_disk *disk, struct dc_tree **out, struct dc_error *err)
{
  struct dc_ext_mount mounts[] = { { NULL, "/" }, { NULL, "/var/new/" } };
  int status = 0;

  for (size_t i = 0; i < 2 && status == 0; i++)
    status = dc_ext_open (disk, 0, DISK_SIZE, &mounts[i].ext, err);
  if (status == 0)
    status = dc_ext_tree (mounts, 2, out, err);
  for (size_t i = 0; i < 2 && status < 0; i++)
    dc_ext_free (mounts[i].ext);
  return status;
}

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_tree *tree = NULL;

  make_checked_disk ();
  DC_AUTO (dc_disk) *disk = open_disk (DISK_SIZE);
  OOM_LOOP (status, make_tree (disk, &tree, &err))
  {
    if (status == 0)
      ck_assert_uint_gt (tree->count, sizeof paths / sizeof paths[0]);
    else
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
    dc_tree_free (tree);
    tree = NULL;
  }
}
END_TEST

static int
find_file (struct dc_ext *ext, struct dc_buffer *b, struct dc_error *err)
{
  dc_buffer_release (b);
  return dc_ext_read_file (ext, "/var/lib/above/fstab", b, err);
}

START_TEST (test_lookup_no_memory)
{
  struct dc_error err;
  DC_AUTO (dc_ext) *ext = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  make_plain_disk ();
  DC_AUTO (dc_disk) *disk = open_disk (DISK_SIZE);
  ck_assert_ok (dc_ext_open (disk, 0, DISK_SIZE, &ext, &err));
  OOM_LOOP (status, find_file (ext, &b, &err))
  {
    ck_assert_int_ne (status, 0);
    if (status < 0)
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_tree, 0, 2);
  tcase_add_test (tcase, test_lookup);
  tcase_add_test (tcase, test_stream);
  tcase_add_test (tcase, test_mounts);
  tcase_add_test (tcase, test_blocked_mount);
  tcase_add_loop_test (tcase, test_superblock, 0,
                       sizeof damages / sizeof damages[0]);
  tcase_add_test (tcase, test_cut_off);
  tcase_add_loop_test (tcase, test_bytes, 0, 2);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_test (tcase, test_lookup_no_memory);
}

int
main (void)
{
  return unit_run ("ext", add);
}
