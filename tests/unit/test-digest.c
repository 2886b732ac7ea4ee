/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/digest.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* FIPS 180-2, appendix B, and the digest of nothing that every OCI tool knows.
 */
static const struct {
  const char *bytes, *text;
} known[] = {
  { "", "sha256:"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  { "abc", "sha256:"
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
  { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "sha256:"
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

START_TEST (test_known_digests)
{
  struct dc_error err;
  char text[DC_DIGEST_TEXT_SIZE];

  for (size_t i = 0; i < DC_COUNT (known); i++) {
    ck_assert_ok (
        dc_digest_bytes (known[i].bytes, strlen (known[i].bytes), text, &err));
    ck_assert_str_eq (text, known[i].text);
    ck_assert (dc_digest_is_valid (text));
  }
}
END_TEST

START_TEST (test_pieces_make_the_whole)
{
  struct dc_error err;
  char text[DC_DIGEST_TEXT_SIZE];
  DC_AUTO (dc_digest) *digest = NULL;

  ck_assert_ok (dc_digest_new (&digest, &err));
  ck_assert_ok (dc_digest_add (digest, "a", 1, &err));
  ck_assert_ok (dc_digest_add (digest, "", 0, &err));
  ck_assert_ok (dc_digest_add (digest, "bc", 2, &err));
  ck_assert_ok (dc_digest_end (digest, text, &err));
  ck_assert_str_eq (text, known[1].text);
}
END_TEST

#define HEX63 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85"

START_TEST (test_only_the_one_form_is_valid)
{
  static const char *const bad[] = {
    "",
    "sha256",
    "sha256:",
    "sha256:" HEX63,         /* short */
    "sha256:" HEX63 "55",    /* long */
    "sha256:" HEX63 "E",     /* a capital */
    "sha256:" HEX63 "g",     /* no digit */
    "sha256:" HEX63 "/",     /* would leave a folder */
    "sha256:" HEX63 "5\n",   /* a line end */
    "SHA256:" HEX63 "5",     /* capitals */
    "sha512:" HEX63 "5",     /* another algorithm */
    " sha256:" HEX63 "5",    /* something before */
    HEX63 "5",               /* no algorithm */
    "sha256:../" HEX63 "55", /* a path */
  };

  ck_assert (dc_digest_is_valid ("sha256:" HEX63 "5"));
  for (size_t i = 0; i < DC_COUNT (bad); i++)
    ck_assert_msg (!dc_digest_is_valid (bad[i]), "'%s' is valid", bad[i]);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  char text[DC_DIGEST_TEXT_SIZE] = "untouched";
  int failures = 0;

  OOM_LOOP (status, dc_digest_bytes ("abc", 3, text, &err))
  {
    failures += status < 0;
    ck_assert_str_eq (text, status < 0 ? "untouched" : known[1].text);
  }
  ck_assert_int_eq (failures, 1);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_known_digests);
  tcase_add_test (tcase, test_pieces_make_the_whole);
  tcase_add_test (tcase, test_only_the_one_form_is_valid);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("digest", add);
}
