/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/file.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static struct dc_error err;

/* A member; MODE 0 is a hard link to LINK. */
struct member {
  const char *path;
  uint16_t mode;
  const char *link; /* or the target of a symbolic link */
  const char *data;
  int64_t uid;
};

static struct archive *
new_archive (int fd)
{
  struct archive *archive = archive_write_new ();

  ck_assert_int_eq (archive_write_set_format_pax (archive), ARCHIVE_OK);
  ck_assert_int_eq (archive_write_open_fd (archive, fd), ARCHIVE_OK);
  return archive;
}

static void
write_member (struct archive *archive, const struct member *member,
              struct archive_entry *entry)
{
  const char *data = member->data != NULL ? member->data : "";

  archive_entry_set_pathname (entry, member->path);
  archive_entry_set_uid (entry, member->uid);
  if (member->mode == 0)
    archive_entry_set_hardlink (entry, member->link);
  else if (archive_entry_acl_types (entry) == 0) /* which is in the mode, too */
    archive_entry_set_mode (entry, member->mode);
  if (S_ISLNK (member->mode))
    archive_entry_set_symlink (entry, member->link);
  archive_entry_set_size (entry, (int64_t) strlen (data));
  ck_assert_int_ge (archive_write_header (archive, entry), ARCHIVE_WARN);
  if (data[0] != '\0')
    ck_assert_int_eq (archive_write_data (archive, data, strlen (data)),
                      (ssize_t) strlen (data));
}

/* A file in memory with an archive of COUNT members, read from its start. */
static int
make_archive (const struct member *members, size_t count)
{
  const int fd = memfd_create ("archive", MFD_CLOEXEC);
  struct archive *archive = new_archive (fd);

  for (size_t i = 0; i < count; i++) {
    struct archive_entry *entry = archive_entry_new ();
    write_member (archive, &members[i], entry);
    archive_entry_free (entry);
  }
  ck_assert_int_eq (archive_write_free (archive), ARCHIVE_OK);
  ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  return fd;
}

/* Read the archive in FD, which is closed. */
static int
read_fd (int fd, int *spool_fd, struct dc_tree **tree)
{
  *spool_fd = memfd_create ("spool", MFD_CLOEXEC);
  const int status = dc_tree_tar (fd, *spool_fd, tree, &err);
  ck_assert_int_eq (close (fd), 0);
  return status;
}

/* The tree as text: "path", "path -> target", "path = content", "path == path"
 * (hard link), "path/", and the notes.
 */
static char *
show (struct dc_tree *tree)
{
  AUTO_BUFFER struct dc_buffer all = DC_BUFFER_INIT (1024 * 1024);
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  char data[64];

  for (uint32_t i = 1; i < tree->count; i++) {
    const struct dc_entry *entry = &tree->entries[i];
    ck_assert_ok (dc_tree_path (tree, i, &path, &err));
    ck_assert_ok (dc_buffer_print (&all, &err, "%s", path.data));
    if (entry->hardlink != i) {
      ck_assert_ok (dc_tree_path (tree, entry->hardlink, &path, &err));
      ck_assert_ok (dc_buffer_print (&all, &err, " == %s", path.data));
    } else if (S_ISREG (entry->mode)) {
      ck_assert_uint_lt (entry->size, sizeof data);
      ck_assert_ok (
          dc_tree_read (tree, i, 0, data, (size_t) entry->size, &err));
      ck_assert_ok (
          dc_buffer_print (&all, &err, " = %.*s", (int) entry->size, data));
    } else if (S_ISLNK (entry->mode))
      ck_assert_ok (dc_buffer_print (&all, &err, " -> %s", entry->target));
    else if (S_ISDIR (entry->mode))
      ck_assert_ok (dc_buffer_append (&all, "/", 1, &err));
    if (entry->uid != 0)
      ck_assert_ok (dc_buffer_print (&all, &err, " by %u", entry->uid));
    ck_assert_ok (dc_buffer_append (&all, "\n", 1, &err));
  }
  for (size_t i = 0; i < tree->note_count; i++)
    ck_assert_ok (dc_buffer_print (&all, &err, "! %s: %s\n",
                                   tree->notes[i].path, tree->notes[i].text));
  return dc_buffer_take (&all);
}

#define D (S_IFDIR | 0700)
#define F (S_IFREG | 0644)
#define L (S_IFLNK | 0777)

static const struct {
  struct member members[6];
  const char *text;
} cases[] = {
  { { { "a/b/c", F, .data = "1" } }, "a/\na/b/\na/b/c = 1\n" },
  { { { "f", F, .data = "1" }, { "f", F, .data = "22" } }, "f = 22\n" },
  { { { "f", F }, { "f", D, .uid = 7 }, { "f/x", F } }, "f/ by 7\nf/x = \n" },
  { { { "d", D }, { "d/x", F }, { "d/e/y", F }, { "d", F, .data = "1" } },
    "d = 1\n" },
  { { { "d", D }, { "d/x", F }, { "d", D, .uid = 7 } }, "d/ by 7\nd/x = \n" },
  { { { "d/x", F }, { "d/", D, .uid = 7 }, { "./", D, .uid = 8 } },
    "d/ by 7\nd/x = \n" },
  { { { "d/x", F }, { "d", F }, { "d", D }, { "d/y", F } }, "d/\nd/y = \n" },
  { { { "l", L, "d" }, { "d", D }, { "l", D }, { "l/x", F } },
    "d/\nl/\nl/x = \n" },
  /* through links, inside the root */
  { { { "usr/bin", D }, { "bin", L, "usr/bin" }, { "bin/sh", F } },
    "bin -> usr/bin\nusr/\nusr/bin/\nusr/bin/sh = \n" },
  { { { "l", L, "/../../d" }, { "d", D }, { "l/x", F } },
    "d/\nd/x = \nl -> /../../d\n" },
  { { { "l", L, "/tmp" }, { "l/x", F } },
    "l -> /tmp\n! l/x: is below a symbolic link that leads nowhere, left "
    "out\n" },
  { { { "l", L, "l" }, { "l/x", F }, { "l/", D }, { "l/y", F } },
    "l/\nl/y = \n! l/x: is below a symbolic link that leads nowhere, left "
    "out\n" },
  { { { "f", F }, { "f/x/y", F } },
    "f = \n! f/x/y: is below something that is no folder, left out\n" },
  /* names */
  { { { "./a/.//b", F }, { "c/.", D } }, "a/\na/b = \nc/\n" },
  { { { "/etc/x", F }, { "//y", F } },
    "etc/\netc/x = \ny = \n"
    "! : 2 names begin with '/', taken as inside the root\n" },
  { { { "a/../../b", F }, { "..", D } },
    "b = \n! : 2 names hold '..', taken as inside the root\n" },
  { { { ".", F } }, "! : a member for the root that is no folder, left out\n" },
  /* hard links */
  { { { "b", F, .data = "1", .uid = 7 }, { "a", 0, "b" }, { "d/c", 0, "./b" } },
    "a = 1 by 7\nb == a by 7\nd/\nd/c == a by 7\n" },
  { { { "b", F, .data = "1" }, { "a", 0, "b" }, { "b", F, .data = "2" } },
    "a = 1\nb = 2\n" },
  { { { "a", F, .data = "1" }, { "b", F, .data = "2" }, { "b", 0, "a" } },
    "a = 1\nb == a\n" },
  { { { "a", F, .data = "1" }, { "a", 0, "a" } }, "a = 1\n" },
  { { { "d/a", F, .data = "1" }, { "d", 0, "d/a" } }, "d = 1\n" },
  { { { "l", L, "x" }, { "m", 0, "l" } }, "l -> x\nm == l\n" },
  { { { "d", D }, { "e", 0, "d" } },
    "d/\n! e: is a hard link to a folder, left out\n" },
  { { { "e", 0, "/" } },
    "! : 1 names begin with '/', taken as inside the root\n"
    "! e: is a hard link to a folder, left out\n" },
  { { { "e", 0, "/etc/passwd" } },
    "! : 1 names begin with '/', taken as inside the root\n"
    "! e: is a hard link to what is not there, left out\n" },
  { { { "s", L, "d" }, { "d/a", F, .data = "1" }, { "b", 0, "s/a" } },
    "b = 1\nd/\nd/a == b\ns -> d\n" },
  /* what the normal form leaves out takes what was there with it */
  { { { "n", F }, { "n", S_IFCHR | 0600 } },
    "! n: is a device node, left out\n" },
  { { { "a", F, .uid = 1ll << 40 }, { "b", F, .uid = 4294967294 } },
    "b =  by 4294967294\n! a: has an impossible owner, left out\n" },
};

START_TEST (test_cases)
{
  size_t count = 0;
  int spool_fd = -1;
  DC_AUTO (dc_tree) *tree = NULL;

  while (count < 6 && cases[_i].members[count].path != NULL)
    count++;
  ck_assert_ok (
      read_fd (make_archive (cases[_i].members, count), &spool_fd, &tree));
  AUTO_FREE char *text = show (tree);
  ck_assert_str_eq (text, cases[_i].text);
  ck_assert_int_eq (close (spool_fd), 0);
}
END_TEST

START_TEST (test_root)
{
  const struct member members[] = { { "./", S_IFDIR | 01777, .uid = 9 } };
  int spool_fd = -1;
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (read_fd (make_archive (members, 1), &spool_fd, &tree));
  ck_assert_uint_eq (tree->count, 1);
  ck_assert_uint_eq (tree->entries[0].mode, S_IFDIR | 01777);
  ck_assert_uint_eq (tree->entries[0].uid, 9);
  ck_assert_int_eq (close (spool_fd), 0);
}
END_TEST

/* NFD, Latin-1, and a name that needs a pax record: bytes stay bytes. */
START_TEST (test_names_are_bytes)
{
  char longest[256] = "";
  memset (longest, '\xe9', 255);
  const struct member members[] = { { "e\xcc\x81", F },
                                    { "\xe9", F },
                                    { longest, F },
                                    { "l", L, "\xff/e\xcc\x81" } };
  int spool_fd = -1;
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (read_fd (make_archive (members, 4), &spool_fd, &tree));
  ck_assert_uint_eq (tree->note_count, 0);
  ck_assert_uint_ne (dc_tree_find (tree, "e\xcc\x81"), DC_TREE_NONE);
  ck_assert_uint_ne (dc_tree_find (tree, "\xe9"), DC_TREE_NONE);
  ck_assert_uint_ne (dc_tree_find (tree, longest), DC_TREE_NONE);
  ck_assert_str_eq (tree->entries[dc_tree_find (tree, "l")].target,
                    "\xff/e\xcc\x81");
  ck_assert_int_eq (close (spool_fd), 0);
}
END_TEST

/* An ACL in text has numbers, and its mask is what stat() shows. */
START_TEST (test_acl)
{
  static const char value[] = "\x02\0\0\0"
                              "\x01\0\x06\0\xff\xff\xff\xff"
                              "\x02\0\x07\0\xe8\x03\0\0"
                              "\x04\0\x04\0\xff\xff\xff\xff"
                              "\x10\0\x07\0\xff\xff\xff\xff"
                              "\x20\0\x04\0\xff\xff\xff\xff";
  const struct member member = { "f", S_IFREG | 0674 };
  const int type = ARCHIVE_ENTRY_ACL_TYPE_ACCESS;
  int spool_fd = -1;
  DC_AUTO (dc_tree) *tree = NULL;

  const int fd = memfd_create ("archive", MFD_CLOEXEC);
  struct archive *archive = new_archive (fd);
  struct archive_entry *entry = archive_entry_new ();
  archive_entry_set_mode (entry, member.mode);
  archive_entry_acl_add_entry (entry, type, 6, ARCHIVE_ENTRY_ACL_USER_OBJ, -1,
                               NULL);
  archive_entry_acl_add_entry (entry, type, 7, ARCHIVE_ENTRY_ACL_USER, 1000,
                               "somebody");
  archive_entry_acl_add_entry (entry, type, 4, ARCHIVE_ENTRY_ACL_GROUP_OBJ, -1,
                               NULL);
  archive_entry_acl_add_entry (entry, type, 7, ARCHIVE_ENTRY_ACL_MASK, -1,
                               NULL);
  archive_entry_acl_add_entry (entry, type, 4, ARCHIVE_ENTRY_ACL_OTHER, -1,
                               NULL);
  archive_entry_xattr_add_entry (entry, "user.x", "1", 1);
  archive_entry_xattr_add_entry (entry, "security.selinux", "s", 1);
  write_member (archive, &member, entry);
  archive_entry_free (entry);
  ck_assert_int_eq (archive_write_free (archive), ARCHIVE_OK);
  ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);

  ck_assert_ok (read_fd (fd, &spool_fd, &tree));
  const struct dc_entry *f = &tree->entries[dc_tree_find (tree, "f")];
  ck_assert_uint_eq (f->mode, S_IFREG | 0674);
  ck_assert_ptr_nonnull (f->xattrs);
  ck_assert_uint_eq (f->xattrs->count, 2);
  ck_assert_str_eq (f->xattrs->items[0].name, "system.posix_acl_access");
  ck_assert_uint_eq (f->xattrs->items[0].size, sizeof value - 1);
  ck_assert_mem_eq (f->xattrs->items[0].value, value, sizeof value - 1);
  ck_assert_str_eq (f->xattrs->items[1].name, "user.x");
  ck_assert_uint_eq (tree->note_count, 0);
  ck_assert_int_eq (close (spool_fd), 0);
}
END_TEST

static const struct member some[] = {
  { "d/", D },
  { "d/f", F, .data = "hello hello hello" },
  { "d/l", L, "f" },
  { "g", 0, "d/f" },
};

/* Cut anywhere it is an error, or says that something may be missing. */
START_TEST (test_truncated)
{
  const int whole = make_archive (some, DC_COUNT (some));
  char bytes[16 * 1024];
  const ssize_t size = read (whole, bytes, sizeof bytes);
  int errors = 0, notes = 0;

  ck_assert_int_eq (close (whole), 0);
  ck_assert_int_eq (size % 512, 0);
  /* The end mark is 1024 zeros, of which half will do. */
  for (ssize_t cut = 0; cut <= size - 1024; cut += 64) {
    DC_AUTO (dc_tree) *tree = NULL;
    int spool_fd = -1;
    const int fd = memfd_create ("archive", MFD_CLOEXEC);
    ck_assert_int_eq (write (fd, bytes, (size_t) cut), cut);
    ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
    if (read_fd (fd, &spool_fd, &tree) < 0) {
      ck_assert_int_eq (err.code, DC_ERR_INVALID);
      errors++;
    } else if (tree->note_count > 0)
      notes++;
    ck_assert_int_eq (close (spool_fd), 0);
  }
  ck_assert_int_gt (errors, 20);
  ck_assert_int_gt (notes, 2);
}
END_TEST

START_TEST (test_pipe_is_read_to_its_end)
{
  int ends[2], spool_fd = -1;
  DC_AUTO (dc_tree) *tree = NULL;
  char bytes[16 * 1024];
  static const char zeros[200 * 1024]; /* more than is read at a time */

  const int whole = make_archive (some, DC_COUNT (some));
  const ssize_t size = read (whole, bytes, sizeof bytes);
  ck_assert_int_eq (close (whole), 0);
  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
  ck_assert_int_ge (fcntl (ends[1], F_SETPIPE_SZ, 1024 * 1024), 0);
  ck_assert_int_eq (write (ends[1], bytes, (size_t) size), size);
  ck_assert_int_eq (write (ends[1], zeros, sizeof zeros), sizeof zeros);
  ck_assert_int_eq (close (ends[1]), 0);
  const int again = dup (ends[0]);
  ck_assert_ok (read_fd (ends[0], &spool_fd, &tree));
  ck_assert_int_eq (read (again, bytes, 1), 0);
  ck_assert_int_eq (close (again), 0);
  AUTO_FREE char *text = show (tree);
  ck_assert_str_eq (text, "d/\nd/f = hello hello hello\nd/l -> f\ng == d/f\n");
  ck_assert_int_eq (close (spool_fd), 0);
}
END_TEST

/* Zeros that were spelled out take no room in the spool. */
START_TEST (test_zeros_become_a_hole)
{
  static const char zeros[1024 * 1024];
  const struct member member = { "f", F };
  struct stat st;
  int spool_fd = -1;
  char byte = 'x';
  DC_AUTO (dc_tree) *tree = NULL;

  const int fd = memfd_create ("archive", MFD_CLOEXEC);
  struct archive *archive = new_archive (fd);
  struct archive_entry *entry = archive_entry_new ();
  archive_entry_set_pathname (entry, member.path);
  archive_entry_set_mode (entry, member.mode);
  archive_entry_set_size (entry, sizeof zeros);
  ck_assert_int_eq (archive_write_header (archive, entry), ARCHIVE_OK);
  ck_assert_int_eq (archive_write_data (archive, zeros, sizeof zeros),
                    (ssize_t) sizeof zeros);
  archive_entry_free (entry);
  ck_assert_int_eq (archive_write_free (archive), ARCHIVE_OK);
  ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);

  ck_assert_ok (read_fd (fd, &spool_fd, &tree));
  ck_assert_int_eq (fstat (spool_fd, &st), 0);
  ck_assert_int_eq (st.st_blocks, 0);
  ck_assert_uint_eq (tree->entries[1].size, sizeof zeros);
  ck_assert_ok (dc_tree_read (tree, 1, sizeof zeros - 1, &byte, 1, &err));
  ck_assert_int_eq (byte, 0);
  ck_assert_int_eq (close (spool_fd), 0);
}
END_TEST

START_TEST (test_full_spool)
{
  struct dc_tree *tree = NULL;
  const int fd = make_archive (some, DC_COUNT (some));
  const int full = open ("/dev/full", O_RDWR | O_CLOEXEC);

  ck_assert_fails (dc_tree_tar (fd, full, &tree, &err), DC_ERR_SYSTEM,
                   "'d/f': cannot keep its content: No space left on device");
  ck_assert_int_eq (close (full), 0);
  ck_assert_int_eq (close (fd), 0);
}
END_TEST

START_TEST (test_not_an_archive)
{
  static const char zeros[8192];
  static const struct {
    const char *bytes;
    size_t size;
    const char *words;
  } rows[] = {
    { "", 0, "is no tar archive" },
    { "PK\x03\x04 and so on", 14, "is no tar archive" },
    { zeros, 8192, "is an archive without files" },
    { "\x1f\x8b\x08\0\0\0\0\0\0\0garbage", 17, "" },
  };

  for (size_t i = 0; i < DC_COUNT (rows); i++) {
    struct dc_tree *tree = NULL;
    int spool_fd = -1;
    const int fd = memfd_create ("archive", MFD_CLOEXEC);
    ck_assert_int_eq (write (fd, rows[i].bytes, rows[i].size),
                      (ssize_t) rows[i].size);
    ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
    ck_assert_fails (read_fd (fd, &spool_fd, &tree), DC_ERR_INVALID,
                     rows[i].words);
    ck_assert_int_eq (close (spool_fd), 0);
  }
}
END_TEST

START_TEST (test_no_memory)
{
  int failures = 0, spool_fd = -1;
  struct dc_tree *tree = NULL;
  const int fd = make_archive (some, DC_COUNT (some));

  spool_fd = memfd_create ("spool", MFD_CLOEXEC);
  OOM_LOOP (status, dc_tree_tar (fd, spool_fd, &tree, &err))
  {
    failures += status < 0;
    if (status < 0)
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
    dc_tree_free (DC_TAKE (tree));
    ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  }
  ck_assert_int_eq (close (spool_fd), 0);
  ck_assert_int_gt (failures, 10);
  ck_assert_int_eq (close (fd), 0);
}
END_TEST

/* Archives of other people: how many entries the tree has, or what is wrong.
 */
static const struct {
  const char *path;
  uint32_t count; /* 0: refused */
  const char *words;
} verdicts[] = {
#define LIBARCHIVE "malicious-tars/libarchive-3.7.4/test_"
#define DIFF "malicious-tars/GoogleContainerTools+container-diff/util/testTars/"
  { DIFF "la-croix-dir-update.tar", 3, NULL },
  { DIFF "la-croix-wh.tar", 3, "deleted file in an image" },
  { DIFF "la-croix3.tar", 7, NULL },
  { "malicious-tars/containers+storage/pkg/archive/testdata/broken.tar", 11,
    NULL },
  { LIBARCHIVE "compat_gtar_2.tar", 2, NULL },
  { LIBARCHIVE "compat_gzip_2.tgz", 8, NULL },
  { LIBARCHIVE "compat_lz4_1.tar.lz4", 8, NULL },
  { LIBARCHIVE "compat_lz4_B5BD.tar.lz4", 4, NULL },
  { LIBARCHIVE "compat_lzip_1.tlz", 8, NULL },
  { LIBARCHIVE "compat_lzip_3.lz", 0, "without files" },
  { LIBARCHIVE "compat_lzip_4.tlz", 0, "Truncated tar archive" },
  { LIBARCHIVE "compat_lzop_1.tar.lzo", 0, "is no tar archive" },
  { LIBARCHIVE "compat_mac-1.tar.Z", 16, NULL },
  { LIBARCHIVE "compat_mac-2.tar.Z", 5, NULL },
  { LIBARCHIVE "compat_plexus_archiver_tar.tar", 3, NULL },
  { LIBARCHIVE "compat_star_acl_nfs4.tar", 4, "its NFSv4 ACL, left out" },
  { LIBARCHIVE "compat_tar_directory_1.tar", 3, NULL },
  { LIBARCHIVE "compat_tar_hardlink_1.tar", 5, "has no end mark" },
  { LIBARCHIVE "compat_uudecode_large.tar.Z", 4, NULL },
  { LIBARCHIVE "compat_zip_1.zip", 0, "is no tar archive" },
  { LIBARCHIVE "extract.tar.bz2", 3, NULL },
  { LIBARCHIVE "option_s.tar.Z", 9, NULL },
  { LIBARCHIVE "pax_xattr_header_libarchive.tar", 2, NULL },
  { LIBARCHIVE "pax_xattr_header_schily.tar", 2, NULL },
  { LIBARCHIVE "read_filter_uudecode_base64_raw", 0, "is no tar archive" },
  { LIBARCHIVE "read_format_cpio_filename_eucjp.cpio", 0, "is no tar" },
  { LIBARCHIVE "read_format_gtar_sparse_1_13.tar", 4, NULL },
  { LIBARCHIVE "read_format_gtar_sparse_1_17.tar", 4, NULL },
  { LIBARCHIVE "read_format_gtar_sparse_1_17_posix01.tar", 4, NULL },
  { LIBARCHIVE "read_format_iso.iso.Z", 0, "without files" },
  { LIBARCHIVE "read_format_tar_empty_pax.tar.Z", 0, "without files" },
  { LIBARCHIVE "read_format_tar_filename_koi8r.tar.Z", 3, NULL },
  { LIBARCHIVE "read_format_ustar_filename_cp866.tar.Z", 3, NULL },
  { LIBARCHIVE "read_format_zip_sfx", 0, "is no tar archive" },
#define ALPINE "rootfs/alpinelinux+docker-alpine@v3."
#define BUSYBOX "rootfs/docker-library+busybox@dist-amd64/latest/"
  { ALPINE "10/x86_64/alpine-minirootfs-3.10.9-x86_64.tar.gz", 483, NULL },
  { ALPINE "18/x86_64/alpine-minirootfs-3.18.9-x86_64.tar.gz", 527, NULL },
  { ALPINE "20/aarch64/alpine-minirootfs-3.20.3-aarch64.tar.gz", 518, NULL },
  { ALPINE "20/x86_64/alpine-minirootfs-3.20.3-x86_64.tar.gz", 518, NULL },
  { BUSYBOX "glibc/amd64/rootfs.tar.gz", 448, NULL },
  { BUSYBOX "musl/amd64/rootfs.tar.gz", 430, NULL },
};

static void
check_verdict (size_t i, const char *path)
{
  int spool_fd = -1;
  DC_AUTO (dc_tree) *tree = NULL;

  const int fd = dc_file_open (AT_FDCWD, path, &err);
  ck_assert_int_ge (fd, 0);
  const int status = read_fd (fd, &spool_fd, &tree);
  const char *said = err.text;
  if (verdicts[i].count > 0) {
    ck_assert_msg (status == 0, "%s: %s", path, err.text);
    ck_assert_uint_eq (tree->count, verdicts[i].count);
    ck_assert_msg (tree->note_count == 0 || verdicts[i].words != NULL, "%s: %s",
                   path, tree->note_count > 0 ? tree->notes[0].text : "");
    said = tree->note_count > 0 ? tree->notes[0].text : "";
  } else
    ck_assert_int_eq (status, -1);
  if (verdicts[i].words != NULL)
    ck_assert_msg (unit_contains (said, verdicts[i].words), "%s: %s", path,
                   said);
  ck_assert_int_eq (close (spool_fd), 0);
}

START_TEST (test_verdicts)
{
  AUTO_FREE char *path = unit_data (verdicts[_i].path);

  if (path != NULL)
    check_verdict ((size_t) _i, path);
}
END_TEST

/* GNU's three ways to write holes give the same content. */
START_TEST (test_sparse)
{
  static const char *const names[] = {
    LIBARCHIVE "read_format_gtar_sparse_1_13.tar",
    LIBARCHIVE "read_format_gtar_sparse_1_17.tar",
    LIBARCHIVE "read_format_gtar_sparse_1_17_posix01.tar",
  };
  AUTO_BUFFER struct dc_buffer first = DC_BUFFER_INIT (4 * 1024 * 1024);

  for (size_t i = 0; i < DC_COUNT (names); i++) {
    AUTO_FREE char *path = unit_data (names[i]);
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (4 * 1024 * 1024);
    int spool_fd = -1;
    DC_AUTO (dc_tree) *tree = NULL;
    if (path == NULL)
      return;
    ck_assert_ok (
        read_fd (dc_file_open (AT_FDCWD, path, &err), &spool_fd, &tree));
    ck_assert_int_eq (dc_tree_read_file (tree, "sparse", &b, &err), 1);
    ck_assert_uint_gt (b.size, 1000000);
    if (i == 0)
      ck_assert_ok (dc_buffer_append (&first, b.data, b.size, &err));
    ck_assert_uint_eq (b.size, first.size);
    ck_assert_mem_eq (b.data, first.data, b.size);
    ck_assert_int_eq (close (spool_fd), 0);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_root);
  tcase_add_test (tcase, test_names_are_bytes);
  tcase_add_test (tcase, test_acl);
  tcase_add_test (tcase, test_truncated);
  tcase_add_test (tcase, test_pipe_is_read_to_its_end);
  tcase_add_test (tcase, test_zeros_become_a_hole);
  tcase_add_test (tcase, test_full_spool);
  tcase_add_test (tcase, test_not_an_archive);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_loop_test (tcase, test_verdicts, 0, DC_COUNT (verdicts));
  tcase_add_test (tcase, test_sparse);
}

int
main (void)
{
  return unit_run ("tar", add);
}
