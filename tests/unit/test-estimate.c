/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/tree/backends.h"
#include "tests/unit/unit.h"
#include "transform/estimate.h"

#define MANY ((size_t) 100 * 1000)

static char bytes[MANY];

/* A root, four files of 100 kB and another name of one; one is left out. */
static const struct dc_memory_file files[] = {
  { .path = "a.txt", .mode = 0100644, .data = bytes, .size = MANY },
  { .path = "b.gz", .mode = 0100644, .data = bytes, .size = MANY },
  { .path = "c.so.1",
    .mode = 0100644,
    .data = bytes,
    .size = MANY,
    .link_group = 1 },
  { .path = "d.so.1",
    .mode = 0100644,
    .data = bytes,
    .size = MANY,
    .link_group = 1 },
  { .path = "e", .mode = 0100755, .data = bytes, .size = MANY },
  { .path = "left", .mode = 0100644, .data = bytes, .size = MANY },
};

START_TEST (test_sums)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_plan_volume volumes[] = {
    { .data = DC_PLAN_DATA_EXPORT, .bytes = 7 },
    { .data = DC_PLAN_DATA_EMPTY, .bytes = 100 },
    { .data = DC_PLAN_DATA_IMAGE, .bytes = 100 },
  };
  const struct dc_plan_image image = { .volumes = { volumes, 3 } };
  uint8_t layers[8] = { 0 };
  struct dc_estimate all, small;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  layers[dc_tree_find (tree, "left")] = DC_LAYER_NONE;
  dc_estimate_image (tree, layers, &image, DC_COMPRESSION_NONE, &all);
  ck_assert_uint_eq (all.entries, 6);
  ck_assert_uint_eq (all.files_bytes, 4 * MANY);
  /* 100,000 bytes are padded to 196 blocks. */
  ck_assert_uint_eq (all.archive_bytes, 6 * 512 + 4 * 196 * 512);
  ck_assert_uint_eq (all.volume_bytes, 7);
  dc_estimate_image (tree, layers, &image, DC_COMPRESSION_ZSTD, &small);
  ck_assert_uint_lt (small.image_bytes, all.image_bytes / 2);
  ck_assert_uint_gt (small.image_bytes, all.image_bytes / 3);
}
END_TEST

START_TEST (test_room)
{
  struct dc_error err;

  ck_assert_ok (dc_estimate_check (100 * 1000, 1000 * 1000, &err));
  ck_assert_ok (dc_estimate_check (1000 * 1000, 850 * 1000, &err));
  ck_assert_ok (dc_estimate_check (UINT64_MAX / 2, UINT64_MAX, &err));
  ck_assert_fails (dc_estimate_check (1000 * 1000, 849 * 1000, &err),
                   DC_ERR_LIMIT,
                   "about 1.0 MB will be written, and only 849.0 kB are free");
  ck_assert_fails (dc_estimate_check (1000 * 1000, 0, &err), DC_ERR_LIMIT,
                   "only 0 bytes are free");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_sums);
  tcase_add_test (tcase, test_room);
}

int
main (void)
{
  return unit_run ("estimate", add);
}
