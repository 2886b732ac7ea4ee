/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"
#include "transform/state/unclean.h"

/* The begin of what initdb(1) of PostgreSQL 15 makes; the version is 1300, the
 * state the last number.
 */
#define LITTLE(state) "IDENTITY\x14\x05\0\0\xe9\x9a\x0c\x0c" state "\0\0\0more"
#define BIG(state) "IDENTITY\0\0\x05\x14\x0c\x0c\x9a\xe9\0\0\0" state "more"
#define DATA "var/lib/postgresql"
#define CONTROL(folder, bytes)                                                 \
  DIR (DATA "/" folder), DIR (DATA "/" folder "/global"),                      \
  {                                                                            \
    .path = DATA "/" folder "/global/pg_control", .mode = 0100600,             \
    .data = (bytes), .size = sizeof (bytes) - 1                                \
  }

static const struct dc_memory_file files[] = {
  DIR ("srv"),
  DIR ("srv/global"),
  { .path = "srv/global/pg_control",
    .mode = 0100600,
    .data = LITTLE ("\6"),
    .size = 24 },
  DIR ("var"),
  DIR ("var/lib"),
  DIR (DATA),
  CONTROL ("big", BIG ("\6")),
  CONTROL ("clean", LITTLE ("\1")),
  CONTROL ("killed", LITTLE ("\6")),
  CONTROL ("locked", LITTLE ("\1")),
  FILE (DATA "/locked/postmaster.pid", "12\n"),
  CONTROL ("short", "IDENTITY\x14\x05\0\0"),
  CONTROL ("standby", LITTLE ("\2")),
  CONTROL ("strange", LITTLE ("\x7f")),
  CONTROL ("version", "IDENTITY\xff\xff\0\0\xe9\x9a\x0c\x0c\6\0\0\0"),
};

static int
find (int data, struct dc_buffer *b, struct dc_error *err)
{
  char path[] = "/" DATA;
  struct dc_plan_volume volume = { .path = path, .data = data };
  const struct dc_plan_image image = { .volumes = { &volume, 1 } };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_WORDS struct dc_words findings = { NULL, 0 };

  dc_buffer_clear (b);
  if (dc_tree_memory (files, DC_COUNT (files), &tree, err) < 0 ||
      dc_unclean_find (tree, &image, &findings, err) < 0)
    return -1;
  for (size_t i = 0; i < findings.count; i++)
    if (dc_buffer_print (b, err, "%.*s\n",
                         (int) strcspn (findings.items[i], ":"),
                         findings.items[i]) < 0)
      return -1;
  return 0;
}

static const char expected[] =
    "PostgreSQL's data in '/" DATA "/big' were not shut down (in production)\n"
    "PostgreSQL's data in '/" DATA
    "/killed' were not shut down (in production)\n"
    "PostgreSQL's data in '/" DATA
    "/locked' were not shut down (postmaster.pid is there)\n";

START_TEST (test_found)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  int failures = 0;

  ck_assert_ok (find (DC_PLAN_DATA_EMPTY, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), "");
  OOM_LOOP (status, find (DC_PLAN_DATA_EXPORT, &b, &err))
  failures += status < 0;
  ck_assert_int_gt (failures, 10);
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_found);
}

int
main (void)
{
  return unit_run ("unclean", add);
}
