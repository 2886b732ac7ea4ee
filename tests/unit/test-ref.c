/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/oci/ref.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text;
  enum dc_ref_kind kind;
  const char *path, *tag;
} good[] = {
  { "oci:out", DC_REF_OCI, "out", "latest" },
  { "oci:/a/b:web-1.0", DC_REF_OCI, "/a/b", "web-1.0" },
  { "oci:out:host/name:tag", DC_REF_OCI, "out", "host/name:tag" },
  { "oci-archive:x.tar", DC_REF_OCI_ARCHIVE, "x.tar", "latest" },
  { "docker://localhost:5000/a:b", DC_REF_DOCKER, "localhost:5000/a:b", NULL },
};

START_TEST (test_good)
{
  struct dc_error err;
  DC_AUTO (dc_ref) *ref = NULL;

  ck_assert_ok (dc_ref_parse (good[_i].text, &ref, &err));
  ck_assert_int_eq (ref->kind, good[_i].kind);
  ck_assert_str_eq (ref->path, good[_i].path);
  ck_assert_pstr_eq (ref->tag, good[_i].tag);
}
END_TEST

static const struct {
  const char *text, *message;
} bad[] = {
  { "out", "an OCI layout in a folder is 'oci:out'" },
  { "", "no image reference" },
  { "oci:", "nothing behind 'oci:'" },
  { "oci::tag", "nothing behind 'oci:'" },
  { "oci:out:", "cannot be a tag" },
  { "oci:out:a b", "'a b' cannot be a tag" },
  { "oci:out:-a", "'-a' cannot be a tag" },
  { "oci:out:\x1b[1m", "\\x1B[1m" },
};

START_TEST (test_bad)
{
  struct dc_error err;
  struct dc_ref *ref = NULL;

  ck_assert_fails (dc_ref_parse (bad[_i].text, &ref, &err), DC_ERR_INVALID,
                   bad[_i].message);
  ck_assert_ptr_null (ref);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_ref *ref = NULL;

  OOM_LOOP (status, dc_ref_parse ("oci:a:b", &ref, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_ref_free (DC_TAKE (ref));
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_good, 0, (int) DC_COUNT (good));
  tcase_add_loop_test (tcase, test_bad, 0, (int) DC_COUNT (bad));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("ref", add);
}
