/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/buffer.h"
#include "lib/disk/map.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* A file of 4096 bytes, all of them C. */
static int
make_file (int c)
{
  const int fd = memfd_create ("file", MFD_CLOEXEC);
  char bytes[4096];

  memset (bytes, c, sizeof bytes);
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, bytes, sizeof bytes), sizeof bytes);
  return fd;
}

static int
make_disk (const char *text, struct dc_disk **out, struct dc_error *err)
{
  AUTO_CLOSE int a = make_file ('a'), b = make_file ('b');
  const struct dc_window files[] = { { a, 0, 4096 }, { b, 0, 4096 } };

  return dc_map_disk (text, strlen (text), files, 2, out, err);
}

#define ROW(start, length, depth, zero, data, more)                            \
  "{ \"start\": " #start ", \"length\": " #length ", \"depth\": " #depth       \
  ", \"present\": true, \"zero\": " zero ", \"data\": " data more "}"
/* As qemu-img prints it: one row, the first of several, one between, the
 * last.
 */
#define ONLY(...) "[" ROW (__VA_ARGS__) "]\n"
#define FIRST(...) "[" ROW (__VA_ARGS__) ",\n"
#define NEXT(...) ROW (__VA_ARGS__) ",\n"
#define LAST(...) ROW (__VA_ARGS__) "]\n"

static const char good[] =
    FIRST (0, 512, 0, "false", "true", ", \"offset\": 1024")
        NEXT (512, 512, 0, "false", "true", ", \"offset\": 1536")
            NEXT (1024, 1024, 0, "true", "false", "")
                NEXT (2048, 512, 1, "false", "true", ", \"offset\": 0")
                    NEXT (2560, 512, 0, "true", "true", ", \"offset\": 0")
                        NEXT (3072, 512, 1, "false", "false", "")
                            LAST (3584, 1000, 1, "false", "true",
                                  ", \"offset\": 3500");

START_TEST (test_good)
{
  struct dc_error err;
  AUTO_CLOSE int a = make_file ('a'), b = make_file ('b');
  const struct dc_window files[] = { { a, 0, 4096 }, { b, 0, 4096 } };
  DC_AUTO (dc_disk) *disk = NULL;
  char bytes[4096];

  ck_assert (dc_map_is_direct (good, strlen (good), 2));
  ck_assert_ok (dc_map_disk (good, strlen (good), files, 2, &disk, &err));
  /* 4584 bytes: less the sector that is not whole. */
  ck_assert_uint_eq (disk->size, 4096);
  ck_assert_ok (dc_disk_read (disk, 0, bytes, 4096, &err));
  for (size_t i = 0; i < 4096; i++) {
    const char want = i < 1024                ? 'a'
                      : i >= 2048 && i < 2560 ? 'b'
                      : i >= 3584             ? 'b'
                                              : 0;
    ck_assert_int_eq (bytes[i], want);
  }
}
END_TEST

/* The last sector may end behind its file: the rest is zeros. */
START_TEST (test_last_sector)
{
  struct dc_error err;
  AUTO_CLOSE int a = make_file ('a');
  const struct dc_window file = { a, 0, 4096 };
  const char *text = ONLY (0, 1024, 0, "false", "true", ", \"offset\": 3584");
  DC_AUTO (dc_disk) *disk = NULL;
  struct dc_disk *none = NULL;

  ck_assert_fails (dc_map_disk (text, strlen (text), &file, 1, &none, &err),
                   DC_ERR_INVALID,
                   "is cut off: it should hold data up to byte 4608 and ends "
                   "at 4096");
  text = ONLY (0, 1024, 0, "false", "true", ", \"offset\": 3583");
  ck_assert_ok (dc_map_disk (text, strlen (text), &file, 1, &disk, &err));
  char bytes[1024];
  ck_assert_ok (dc_disk_read (disk, 0, bytes, 1024, &err));
  ck_assert_int_eq (bytes[512], 'a');
  ck_assert_int_eq (bytes[513], 0);
}
END_TEST

static const struct {
  const char *text;
  enum dc_code code;
  const char *words;
} bad[] = {
  { "", DC_OK, NULL }, /* no rows: an empty disk, never direct */
  { "[]\n", DC_ERR_INVALID, "row 1 of its map: row line 1" },
  { "x", DC_ERR_INVALID, "row 1 of its map: row line 1" },
  { "[" ROW (0, 512, 0, "true", "false", "") ",\n{]", DC_ERR_INVALID,
    "row 2 of its map: row line 1" },
  { "[{\"start\": 0}]", DC_ERR_INVALID, "length" },
  { ONLY (512, 512, 0, "true", "false", ""), DC_ERR_INVALID,
    "row 1 of its map does not follow" },
  { ONLY (-1, 512, 0, "true", "false", ""), DC_ERR_INVALID, "not follow" },
  { ONLY (0, 0, 0, "true", "false", ""), DC_ERR_INVALID, "not follow" },
  { ONLY (0, -5, 0, "true", "false", ""), DC_ERR_INVALID, "not follow" },
  { FIRST (0, 9223372036854775807, 0, "true", "false", "")
        LAST (9223372036854775807, 1, 0, "true", "false", ""),
    DC_ERR_INVALID, "row 2 of its map does not follow" },
  { ONLY (0, 512, 0, "false", "true", ""), DC_ERR_INVALID, "no file holds" },
  { ONLY (0, 512, 2, "false", "true", ", \"offset\": 0"), DC_ERR_INVALID,
    "no file holds" },
  { ONLY (0, 512, -1, "false", "true", ", \"offset\": 0"), DC_ERR_INVALID,
    "no file holds" },
  { ONLY (0, 512, 0, "false", "true", ", \"offset\": -1"), DC_ERR_INVALID,
    "no file holds" },
  { ONLY (0, 512, 0, "false", "true", ", \"offset\": 5000"), DC_ERR_INVALID,
    "cut off" },
  { ONLY (0, 512, 0, "false", "true", ", \"offset\": 9223372036854775807"),
    DC_ERR_INVALID, "cut off" },
};

START_TEST (test_bad)
{
  struct dc_error err;
  struct dc_disk *disk = NULL;
  const int status = make_disk (bad[_i].text, &disk, &err);

  if (bad[_i].words == NULL) {
    ck_assert_ok (status);
    ck_assert (!dc_map_is_direct (bad[_i].text, strlen (bad[_i].text), 2));
    ck_assert_uint_eq (disk->size, 0);
    dc_disk_free (disk);
    return;
  }
  ck_assert_fails (status, bad[_i].code, bad[_i].words);
  ck_assert_ptr_null (disk);
}
END_TEST

static const struct {
  const char *text;
  bool is_direct;
} texts[] = {
  { ONLY (0, 512, 0, "false", "true", ", \"offset\": 0"), true },
  { ONLY (0, 512, 1, "false", "true", ", \"offset\": 0"), true },
  { ONLY (0, 512, 7, "true", "false", ""), true },
  { ONLY (0, 512, 2, "false", "true", ", \"offset\": 0"), false },
  { ONLY (0, 512, 10, "false", "true", ", \"offset\": 0"), false },
  { ONLY (0, 512, -1, "false", "true", ", \"offset\": 0"), false },
  { ONLY (0, 512, 0, "false", "true", ""), false },
  { FIRST (0, 5, 0, "true", "false", "") LAST (5, 5, 0, "false", "true", ""),
    false },
  { "[]\n", false },
  { "\n", false },
  { "{\"depth\": ", false },
};

START_TEST (test_is_direct)
{
  ck_assert_int_eq (
      dc_map_is_direct (texts[_i].text, strlen (texts[_i].text), 2),
      texts[_i].is_direct);
}
END_TEST

START_TEST (test_row_limit)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_MAP_TEXT_MAX);
  const char row[] = "\"zero\": true\n";

  int status = 0; /* an assertion for every row would take seconds */
  for (size_t i = 0; i < DC_MAP_ROW_MAX; i++)
    status |= dc_buffer_append (&b, row, strlen (row), &err);
  ck_assert_ok (status);
  ck_assert (dc_map_is_direct (b.data, b.size, 1));
  ck_assert_ok (dc_buffer_append (&b, row, strlen (row), &err));
  ck_assert (!dc_map_is_direct (b.data, b.size, 1));
}
END_TEST

START_TEST (test_cut_off_anywhere)
{
  struct dc_error err;

  for (size_t size = 0; size < strlen (good); size++) {
    struct dc_disk *disk = NULL;
    char text[sizeof good];
    memcpy (text, good, size);
    text[size] = '\0';
    if (make_disk (text, &disk, &err) == 0)
      dc_disk_free (disk);
    else
      ck_assert_int_eq (err.code, DC_ERR_INVALID);
  }
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  const struct dc_window files[] = { { -1, 0, 4096 }, { -1, 0, 4096 } };
  struct dc_disk *disk = NULL;

  OOM_LOOP (status, dc_map_disk (good, strlen (good), files, 2, &disk, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    if (status == 0)
      dc_disk_free (disk);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_good);
  tcase_add_test (tcase, test_last_sector);
  tcase_add_loop_test (tcase, test_bad, 0, sizeof bad / sizeof bad[0]);
  tcase_add_loop_test (tcase, test_is_direct, 0,
                       sizeof texts / sizeof texts[0]);
  tcase_add_test (tcase, test_row_limit);
  tcase_add_test (tcase, test_cut_off_anywhere);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("map", add);
}
