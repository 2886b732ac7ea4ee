/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "analyzer/appliance/appliance.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* What the launcher sends, and what a hostile one could. */

static struct dc_error err;

#define FS(more)                                                               \
  "{\"device\": \"/dev/sda1\", \"type\": \"ext4\", \"uuid\": \"\","            \
  " \"label\": \"\", \"size\": 4096" more "}"
#define ROOT FS (", \"state\": \"read\", \"mountpoint\": \"/\"")
#define OTHER FS (", \"state\": \"not read\"")
#define GOOD "{\"filesystems\": [" ROOT ", " OTHER "]}"

static void
write_archive (int fd)
{
  struct archive *archive = archive_write_new ();
  struct archive_entry *entry = archive_entry_new ();

  ck_assert_int_eq (archive_write_set_format_pax (archive), ARCHIVE_OK);
  ck_assert_int_eq (archive_write_open_fd (archive, fd), ARCHIVE_OK);
  archive_entry_set_pathname (entry, "./file");
  archive_entry_set_mode (entry, S_IFREG | 0644);
  archive_entry_set_size (entry, 5);
  ck_assert_int_eq (archive_write_header (archive, entry), ARCHIVE_OK);
  ck_assert_int_eq (archive_write_data (archive, "hello", 5), 5);
  archive_entry_free (entry);
  ck_assert_int_eq (archive_write_free (archive), ARCHIVE_OK);
}

/* SIZE and TEXT, and an archive behind it if ALL. */
static int
make_stream (uint32_t size, const char *text, int has_archive)
{
  const int fd = memfd_create ("stream", MFD_CLOEXEC);

  ck_assert_int_eq (write (fd, &size, sizeof size), sizeof size);
  ck_assert_int_eq (write (fd, text, strlen (text)), (ssize_t) strlen (text));
  if (has_archive)
    write_archive (fd);
  ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  return fd;
}

START_TEST (test_description_and_files)
{
  const int fd = make_stream (strlen (GOOD), GOOD, 1);
  const int spool_fd = memfd_create ("spool", MFD_CLOEXEC);
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100);

  ck_assert_ok (dc_appliance_tree (fd, spool_fd, &tree, &guest, &err));
  ck_assert_str_eq (guest->backend, "appliance");
  ck_assert_uint_eq (guest->count, 2);
  ck_assert_str_eq (guest->items[0].device, "/dev/sda1");
  ck_assert_str_eq (guest->items[0].mountpoint, "/");
  ck_assert_str_eq (guest->items[0].state, "read");
  ck_assert_uint_eq (guest->items[0].size, 4096);
  ck_assert_ptr_null (guest->items[1].mountpoint);
  ck_assert_int_eq (dc_tree_read_file (tree, "file", &b, &err), 1);
  ck_assert_str_eq (dc_buffer_text (&b), "hello");
  ck_assert_int_eq (close (spool_fd), 0);
  ck_assert_int_eq (close (fd), 0);
}
END_TEST

static const struct {
  uint32_t size; /* 0: of the text */
  const char *text;
  int has_archive;
  enum dc_code code;
  const char *words;
} bad[] = {
  { 4, "", 0, DC_ERR_INVALID, "the appliance ended early" },
  { 100, "{}", 0, DC_ERR_INVALID, "the appliance ended early" },
  { UINT32_MAX, "{}", 0, DC_ERR_LIMIT, "a description of 4294967295 bytes" },
  { 0, "[", 0, DC_ERR_INVALID, "what the appliance says about the guest" },
  { 0, "{\"filesystems\": [7]}", 1, DC_ERR_INVALID, "is not described" },
  { 0, "{\"filesystems\": [" FS ("") "]}", 1, DC_ERR_INVALID,
    "a file system is not described" },
  { 0, "{\"filesystems\": [" FS (", \"state\": 1") "]}", 1, DC_ERR_INVALID,
    "a file system is not described" },
  { 0, GOOD, 0, DC_ERR_INVALID, "what the appliance sends of the guest" },
};

START_TEST (test_bad)
{
  const uint32_t size =
      bad[_i].size > 0 ? bad[_i].size : (uint32_t) strlen (bad[_i].text);
  const int fd = make_stream (size, bad[_i].text, bad[_i].has_archive);
  const int spool_fd = memfd_create ("spool", MFD_CLOEXEC);
  struct dc_tree *tree = NULL;
  struct dc_guest *guest = NULL;

  ck_assert_fails (dc_appliance_tree (fd, spool_fd, &tree, &guest, &err),
                   bad[_i].code, bad[_i].words);
  ck_assert_ptr_null (tree);
  ck_assert_ptr_null (guest);
  ck_assert_int_eq (close (spool_fd), 0);
  ck_assert_int_eq (close (fd), 0);
}
END_TEST

START_TEST (test_no_memory)
{
  const int fd = make_stream (strlen (GOOD), GOOD, 1);
  const int spool_fd = memfd_create ("spool", MFD_CLOEXEC);
  struct dc_tree *tree = NULL;
  struct dc_guest *guest = NULL;
  int failures = 0;

  OOM_LOOP (status, dc_appliance_tree (fd, spool_fd, &tree, &guest, &err))
  {
    failures += status < 0;
    dc_tree_free (DC_TAKE (tree));
    dc_guest_free (DC_TAKE (guest));
    ck_assert_int_eq (lseek (fd, 0, SEEK_SET), 0);
  }
  ck_assert_int_gt (failures, 10);
  ck_assert_int_eq (close (spool_fd), 0);
  ck_assert_int_eq (close (fd), 0);
}
END_TEST

/* More than the names of labels, or the SCSI bus, can tell apart. */
static const struct {
  size_t guest_count, disk_count;
  const char *text;
} too_many[] = {
  { DC_APPLIANCE_GUEST_MAX + 1, 1, "27 guests with 27 disks" },
  { 10, 26, "10 guests with 260 disks" },
};

START_TEST (test_too_many)
{
  struct dc_appliance_guest guests[DC_APPLIANCE_GUEST_MAX + 1] = { { 0 } };
  struct dc_appliance *appliance = NULL;

  for (size_t i = 0; i < too_many[_i].guest_count; i++)
    guests[i].disk_count = too_many[_i].disk_count;
  const struct dc_appliance_options options = { guests,
                                                too_many[_i].guest_count };
  ck_assert_fails (
      dc_appliance_start (&options, &dc_report_silent, &appliance, &err),
      DC_ERR_LIMIT, too_many[_i].text);
  ck_assert_ptr_null (appliance);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_description_and_files);
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_no_memory);
  tcase_add_loop_test (tcase, test_too_many, 0, DC_COUNT (too_many));
}

int
main (void)
{
  return unit_run ("appliance", add);
}
