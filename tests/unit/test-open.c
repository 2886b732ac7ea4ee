/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/disk/open.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* Raw disks, which need no program of QEMU's; the functional tests have the
 * rest.
 */
static char path[] = "/tmp/test-open-XXXXXX";
#define SIZE 1500

static void
make_disk (void)
{
  char bytes[SIZE];
  AUTO_CLOSE int fd = mkstemp (path);

  memset (bytes, 'x', sizeof bytes);
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, bytes, sizeof bytes), SIZE);
}

static void
remove_disk (void)
{
  unlink (path);
}

struct heard {
  unsigned warnings;
  char text[256];
};

static void
hear (void *self, enum dc_level level, const char *text)
{
  struct heard *heard = self;

  heard->warnings += level == DC_WARNING;
  (void) snprintf (heard->text, sizeof heard->text, "%s", text);
}

START_TEST (test_raw)
{
  struct dc_error err;
  struct heard heard = { 0 };
  const struct dc_report report = { .message = hear,
                                    .self = &heard,
                                    .cancel_fd = -1 };
  const struct dc_disk_options options = { 0 };
  DC_AUTO (dc_disk_source) *source = NULL;
  DC_AUTO (dc_disk) *disk = NULL;
  struct dc_disk_export out;
  int fds[DC_DISK_FD_MAX];
  size_t count = 0;
  char bytes[1024] = "";

  ck_assert_ok (dc_disk_source_open (path, &options, &report, &source, &err));
  ck_assert_uint_eq (heard.warnings, 1);
  ck_assert (unit_contains (heard.text, "leaving out its last 476 bytes"));
  ck_assert_str_eq (dc_disk_source_path (source), path);
  ck_assert_str_eq (dc_disk_source_format (source), "raw");
  ck_assert_ok (dc_disk_source_fds (source, &report, fds, &count, &err));
  ck_assert_uint_eq (count, 1);
  ck_assert_int_ge (fcntl (fds[0], F_GETFD), 0);
  ck_assert_ok (dc_disk_source_attach (source, &disk, &err));
  ck_assert_uint_eq (disk->size, 1024);
  ck_assert_ok (dc_disk_read (disk, 0, bytes, 1024, &err));
  ck_assert_int_eq (bytes[1023], 'x');
  ck_assert_ok (dc_disk_source_export (source, &report, &out, &err));
  ck_assert_int_eq (out.kind, DC_DISK_EXPORT_RAW);
  ck_assert_str_eq (out.path, path);
}
END_TEST

START_TEST (test_errors)
{
  struct dc_error err;
  const struct dc_disk_options qcow2 = { .format = "qcow2" };
  const struct dc_disk_options unknown = { .format = "iso" };
  const struct dc_disk_options options = { 0 };
  struct dc_disk_source *source = NULL;

  ck_assert_fails (
      dc_disk_source_open (path, &qcow2, &dc_report_silent, &source, &err),
      DC_ERR_INVALID, "is not a qcow2 file: it has no known header");
  ck_assert_fails (
      dc_disk_source_open (path, &unknown, &dc_report_silent, &source, &err),
      DC_ERR_UNSUPPORTED, "disk format 'iso' is none of");
  ck_assert_fails (dc_disk_source_open ("/no/disk", &options, &dc_report_silent,
                                        &source, &err),
                   DC_ERR_NOTFOUND, "cannot open '/no/disk'");
  ck_assert_ptr_null (source);
}
END_TEST

static int
open_and_attach (struct dc_error *err)
{
  const struct dc_disk_options options = { .format = "raw" };
  DC_AUTO (dc_disk_source) *source = NULL;
  DC_AUTO (dc_disk) *disk = NULL;

  if (dc_disk_source_open (path, &options, &dc_report_silent, &source, err) < 0)
    return -1;
  return dc_disk_source_attach (source, &disk, err);
}

START_TEST (test_without_memory)
{
  struct dc_error err;

  OOM_LOOP (status, open_and_attach (&err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_unchecked_fixture (tcase, make_disk, remove_disk);
  tcase_add_test (tcase, test_raw);
  tcase_add_test (tcase, test_errors);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("open", add);
}
