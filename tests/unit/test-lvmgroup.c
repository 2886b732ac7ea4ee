/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/disk/lvmgroup.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define ID(last) "000000-0000-0000-0000-0000-0000-00000" #last
#define HEAD                                                                   \
  "vg-one {\nid = \"" ID (                                                     \
      1) "\"\nseqno = 5\nformat = \"lvm2\" # informational\n"                  \
         "status = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\nflags = []\n"        \
         "extent_size = 8192\t\t# 4 Megabytes\nmax_lv = 0\n"                   \
         "physical_volumes {\npv0 {\nid = \"" ID (                             \
             2) "\"\ndevice = \"/dev/s\\\"d\\\\a\"\n"                          \
                "pe_start = 2048\npe_count = 31\n}\n"                          \
                "pv1 {\nid = \"" ID (                                          \
                    3) "\"\npe_start = 4096\npe_count = 10\n}\n}\n"            \
                       "logical_volumes {\n"
#define LV(name, segments)                                                     \
  name " {\nid = \"" ID (4) "\"\nstatus = [\"READ\", \"VISIBLE\"]\n" segments  \
                            "}\n"
#define LINEAR(n, start, count, pv, at)                                        \
  "segment" #n " {\nstart_extent = " #start "\nextent_count = " #count         \
  "\ntype = \"striped\"\nstripe_count = 1\nstripes = [\n\"" pv "\", " #at      \
  "\n]\n}\n"
#define TYPE(type)                                                             \
  "segment1 {\nstart_extent = 0\nextent_count = 2\ntype = \"" type "\"\n"
#define STRIPED(stripes)                                                       \
  "segment1 {\nstart_extent = 0\nextent_count = 6\ntype = \"striped\"\n"       \
  "stripe_count = 2\nstripe_size = 128\nstripes = [" stripes "]\n}\n"
#define TAIL "}\n}\ncontents = \"Text Format Volume Group\"\nversion = 1\n"

#define SNAPSHOT                                                               \
  LV ("snapshot0",                                                             \
      TYPE ("snapshot") "origin = \"root\"\ncow_store = \"store\"\n}\n")
#define HIDDEN "hidden {\nid = \"" ID (9) "\"\nstatus = [\"READ\"]\n}\n"
#define ROOT LINEAR (1, 0, 4, "pv1", 0) LINEAR (2, 4, 3, "pv0", 28)
#define THIN TYPE ("thin") "device_id = 1\n}\n"

/* clang-format off */
static const char good[] =
  HEAD
  LV ("root", ROOT)
  LV ("striped", STRIPED ("\"pv0\", 2, \"pv1\", 5"))
  LV ("thin", THIN)
  LV ("stacked", LINEAR (1, 0, 1, "root", 0))
  LV ("store", LINEAR (1, 0, 1, "pv0", 0))
  SNAPSHOT
  HIDDEN
  TAIL;
/* clang-format on */

static int
parse (const char *text, struct dc_lvmgroup **out, struct dc_error *err)
{
  return dc_lvmgroup_parse (text, strlen (text), out, err);
}

START_TEST (test_group)
{
  struct dc_error err;
  DC_AUTO (dc_lvmgroup) *group = NULL;

  ck_assert_ok (parse (good, &group, &err));
  ck_assert_str_eq (group->name, "vg-one");
  ck_assert_str_eq (group->id, "00000000000000000000000000000001");
  ck_assert_uint_eq (group->seqno, 5);
  ck_assert_uint_eq (group->extent_size, 4 * 1024 * 1024);
  ck_assert_uint_eq (group->member_count, 2);
  ck_assert_uint_eq (group->members[1].start, 4096 * 512);
  ck_assert_uint_eq (group->members[1].extents, 10);
  ck_assert_uint_eq (group->logical_count, 7);
  const struct dc_lvmlogical *root = &group->logicals[0];
  ck_assert_str_eq (root->name, "root");
  ck_assert_int_eq (root->is_visible, 1);
  ck_assert_ptr_null (root->problem);
  ck_assert_uint_eq (root->extents, 7);
  ck_assert_uint_eq (root->segment_count, 2);
  ck_assert_uint_eq (group->stripes[0].member, 1);
  ck_assert_uint_eq (group->stripes[1].extent, 28);
  const struct dc_lvmsegment *segment = &group->segments[2];
  ck_assert_uint_eq (segment->stripe_count, 2);
  ck_assert_uint_eq (segment->chunk, 64 * 1024);
  ck_assert_str_eq (group->logicals[2].kind, "thin");
  ck_assert_str_eq (group->logicals[3].problem,
                    "which lies on other logical volumes");
  ck_assert_str_eq (group->logicals[4].problem, "which is a snapshot");
  ck_assert_int_eq (group->logicals[4].is_visible, 1);
  ck_assert_int_eq (group->logicals[5].is_visible, 0);
  ck_assert_int_eq (group->logicals[6].is_visible, 0);
}
END_TEST

static const struct {
  const char *text, *words;
  enum dc_code code;
} bad[] = {
  { "", "no group", DC_ERR_INVALID },
  { "a = 1\n", "no group", DC_ERR_INVALID },
  { "vg {\n", "'}' is missing", DC_ERR_INVALID },
  { "vg {\n}\n}\n", "line 3: a '}' too many", DC_ERR_INVALID },
  { "vg {\nid = \"x\nextent_size = 1\n}\n", "line 2: a text has no end",
    DC_ERR_INVALID },
  { "vg {\nid = \n}\n", "there is no value", DC_ERR_INVALID },
  { "vg {\nid\n}\n", "'id' is followed by no value", DC_ERR_INVALID },
  { "vg {\na = [ \"x\" \"y\" ]\n}\n", "a list has no end", DC_ERR_INVALID },
  { "vg {\na = [ [\n", "there is no value", DC_ERR_INVALID },
  { "vg {\n!\n}\n", "there is no name", DC_ERR_INVALID },
  { "a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{", "levels", DC_ERR_LIMIT },
  { "vg {\nid = \"short\"\n}\n", "an id is too short", DC_ERR_INVALID },
  { ".. {\n}\n", "'..' is no name", DC_ERR_INVALID },
  { "vg {\nid = \"" ID (1) "\"\n}\n", "extents of 0 sectors", DC_ERR_INVALID },
  { "vg {\nid = \"" ID (1) "\"\nextent_size = 18446744073709551615\n}\n",
    "sectors", DC_ERR_INVALID },
  { "vg {\nid = \"" ID (1) "\"\nextent_size = -8\n}\n", "0 sectors",
    DC_ERR_INVALID },
  { HEAD LV ("a", LINEAR (1, 1, 4, "pv1", 0)) TAIL, "gaps", DC_ERR_INVALID },
  { HEAD LV ("a", LINEAR (1, 0, 11, "pv1", 0)) TAIL,
    "'a': segment1: it reaches behind the end", DC_ERR_INVALID },
  { HEAD LV ("a", LINEAR (1, 0, 2, "pv1", 18446744073709551615)) TAIL,
    "behind the end", DC_ERR_INVALID },
  { HEAD LV ("a", LINEAR (1, 0, 0, "pv1", 0)) TAIL, "0 extents",
    DC_ERR_INVALID },
  { HEAD LV ("a", STRIPED ("\"pv0\", 0")) TAIL, "do not make 1 stripes",
    DC_ERR_INVALID },
  { HEAD LV ("a", STRIPED ("\"pv0\", 0, \"pv1\"")) TAIL, "has no extent",
    DC_ERR_INVALID },
  { HEAD LV ("a", TYPE ("striped") "stripe_count = 2\nstripe_size = 3\n"
                                   "stripes = [\"pv0\", 0, \"pv1\", 0]\n}\n")
        TAIL,
    "stripes of 1536 bytes", DC_ERR_INVALID },
  { HEAD LV ("a", TYPE ("striped") "stripe_count = 0\n}\n") TAIL,
    "do not make 0 stripes", DC_ERR_INVALID },
};

START_TEST (test_bad)
{
  struct dc_error err;
  struct dc_lvmgroup *group = NULL;

  ck_assert_fails (parse (bad[_i].text, &group, &err), bad[_i].code,
                   bad[_i].words);
  ck_assert_ptr_null (group);
}
END_TEST

/* However the text is cut off or damaged, nothing worse happens. */
START_TEST (test_damage)
{
  struct dc_error err;
  char text[sizeof good];

  for (size_t i = 0; i < sizeof good; i++) {
    struct dc_lvmgroup *group = NULL;
    if (dc_lvmgroup_parse (good, i, &group, &err) == 0)
      dc_lvmgroup_free (group);
    memcpy (text, good, sizeof good);
    text[i] = "{}[]\"0=\n"[i % 8];
    group = NULL;
    if (dc_lvmgroup_parse (text, sizeof good - 1, &group, &err) == 0)
      dc_lvmgroup_free (group);
  }
}
END_TEST

START_TEST (test_memory)
{
  struct dc_error err;
  struct dc_lvmgroup *group = NULL;

  OOM_LOOP (status, parse (good, &group, &err))
  {
    if (status < 0)
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
    else
      dc_lvmgroup_free (group);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_group);
  tcase_add_loop_test (tcase, test_bad, 0, sizeof bad / sizeof bad[0]);
  tcase_add_test (tcase, test_damage);
  tcase_add_test (tcase, test_memory);
}

int
main (void)
{
  return unit_run ("lvmgroup", add);
}
