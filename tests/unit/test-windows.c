/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/system/hive.h"
#include "analyzer/system/windows.h"
#include "lib/file.h"
#include "lib/text.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define HIVE_SIZE_MAX ((size_t) 64 * 1024)

static struct dc_error err;

struct guest {
  uint8_t hives[2][HIVE_SIZE_MAX];
  size_t sizes[2];
};

static void
load (struct guest *guest)
{
  static const char *const names[] = { "SOFTWARE", "SYSTEM" };
  const char *top = getenv ("top_srcdir");

  for (size_t i = 0; i < DC_COUNT (names); i++) {
    AUTO_FREE char *path = NULL;
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (HIVE_SIZE_MAX);
    ck_assert_ok (dc_text_print (&path, &err, "%s/tests/data/hive/%s",
                                 top != NULL ? top : ".", names[i]));
    AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, path, &err);
    ck_assert_msg (fd >= 0, "%s", err.text);
    ck_assert_ok (dc_file_read_all (fd, &b, &err));
    memcpy (guest->hives[i], b.data, b.size);
    guest->sizes[i] = b.size;
  }
}

/* One tree at a time: it borrows the rows. */
static void
make_tree (const struct guest *guest, struct dc_tree **tree)
{
  static struct dc_memory_file files[] = {
    DIR (""),
    DIR ("WINDOWS"),
    DIR ("WINDOWS/system32"),
    DIR ("WINDOWS/system32/config"),
    { .path = "WINDOWS/system32/config/software", .mode = 0100644 },
    { .path = "WINDOWS/system32/config/system", .mode = 0100644 },
  };

  for (size_t i = 0; i < 2; i++) {
    files[4 + i].data = (const char *) guest->hives[i];
    files[4 + i].size = guest->sizes[i];
  }
  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), tree, &err));
}

START_TEST (test_facts)
{
  static struct guest guest;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_windows windows = { .product = NULL };

  load (&guest);
  make_tree (&guest, &tree);
  ck_assert_ok (dc_windows_load (tree, &windows, &err));
  ck_assert_str_eq (windows.software, "/WINDOWS/system32/config/software");
  ck_assert_str_eq (windows.product, "Windows Server 2012");
  ck_assert_str_eq (windows.version, "6.2");
  ck_assert_str_eq (windows.build, "9200");
  ck_assert_ptr_null (windows.edition);
  ck_assert_uint_eq (windows.program_count, 1);
  ck_assert_str_eq (windows.programs[0].name, "Tool");
  ck_assert_uint_eq (windows.service_count, 1);
  ck_assert_str_eq (windows.services[0].name, "W3SVC");
  ck_assert_str_eq (windows.services[0].start, "manual");
  ck_assert_str_eq (windows.services[0].program, "x");
  ck_assert (!windows.is_unclean);
  dc_windows_release (&windows);
}
END_TEST

START_TEST (test_no_memory)
{
  static struct guest guest;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_windows windows = { .product = NULL };

  load (&guest);
  make_tree (&guest, &tree);
  OOM_LOOP (status, dc_windows_load (tree, &windows, &err))
  {
    ck_assert_int_eq (status < 0, oom_has_failed ());
    dc_windows_release (&windows);
  }
}
END_TEST

/* Every byte of a hive in turn as no tool writes it, and every length: it ends,
 * reads nothing beyond the file and says what it could.
 */
START_TEST (test_damage)
{
  static const uint8_t bytes[] = { 0x00, 0xff, 0x20 };
  static struct guest guest;
  struct dc_windows windows = { .product = NULL };

  load (&guest);
  for (size_t at = 0x1000; at < 0x1000 + 1600; at++) {
    DC_AUTO (dc_tree) *tree = NULL;
    const uint8_t old = guest.hives[_i][at];
    guest.hives[_i][at] = bytes[at % 3];
    make_tree (&guest, &tree);
    const int status = dc_windows_load (tree, &windows, &err);
    ck_assert (status == 0 || err.code == DC_ERR_INVALID ||
               err.code == DC_ERR_LIMIT);
    dc_windows_release (&windows);
    guest.hives[_i][at] = old;
  }
  for (; guest.sizes[_i] > 37; guest.sizes[_i] -= 37) {
    DC_AUTO (dc_tree) *tree = NULL;
    make_tree (&guest, &tree);
    (void) dc_windows_load (tree, &windows, &err); /* either is right */
    dc_windows_release (&windows);
  }
}
END_TEST

/* A list of lists that is its own first list. */
START_TEST (test_endless)
{
  static struct guest guest;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_windows windows = { .product = NULL };
  uint8_t *root = guest.hives[1] + 0x1000 + 0x20 + 4;

  load (&guest);
  uint8_t *list = guest.hives[1] + 0x1000 + 4;
  uint32_t offset = 0;
  memcpy (&offset, root + 0x1c, sizeof offset);
  memcpy (list + offset, "ri\1\0", 4);
  memcpy (list + offset + 4, &offset, sizeof offset);
  make_tree (&guest, &tree);
  ck_assert_fails (dc_windows_load (tree, &windows, &err), DC_ERR_LIMIT,
                   "SYSTEM: more than 50000 keys");
  ck_assert_str_eq (windows.product, "Windows Server 2012");
  dc_windows_release (&windows);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_facts);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_loop_test (tcase, test_damage, 0, 2);
  tcase_add_test (tcase, test_endless);
}

int
main (void)
{
  return unit_run ("windows", add);
}
