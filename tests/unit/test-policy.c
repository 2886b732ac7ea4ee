/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/disk/policy.h"
#include "lib/file.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* top/
 *   secret                   outside, "S"
 *   images/disk              the disk, "D"
 *   images/base              inside, "B"
 *   images/sub/deep          inside, "E"
 *   images/sub/up -> ../base
 *   images/out -> ../secret
 *   images/fifo
 *   spelled -> images
 */
static char top[] = "/tmp/test-policy-XXXXXX";

static void
make_file (const char *path, const char *text)
{
  const int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, text, strlen (text)), (ssize_t) strlen (text));
  close (fd);
}

static void
enter_top (void)
{
  ck_assert_int_eq (chdir (top), 0);
}

static void
make_tree (void)
{
  ck_assert_ptr_nonnull (mkdtemp (top));
  enter_top ();
  ck_assert_int_eq (mkdir ("images", 0700), 0);
  ck_assert_int_eq (mkdir ("images/sub", 0700), 0);
  make_file ("secret", "S");
  make_file ("images/disk", "D");
  make_file ("images/base", "B");
  make_file ("images/sub/deep", "E");
  ck_assert_int_eq (symlink ("../base", "images/sub/up"), 0);
  ck_assert_int_eq (symlink ("../secret", "images/out"), 0);
  ck_assert_int_eq (mkfifo ("images/fifo", 0600), 0);
  ck_assert_int_eq (symlink ("images", "spelled"), 0);
}

static void
remove_tree (void)
{
  struct dc_error err;

  ck_assert_ok (dc_file_remove_tree (AT_FDCWD, top, &err));
}

/* TOP in NAME stands for the folder. */
static const char *
expand (const char *name, char *room, size_t size)
{
  if (strncmp (name, "TOP", 3) != 0)
    return name;
  (void) snprintf (room, size, "%s%s", top, name + 3);
  return room;
}

static const struct {
  const char *disk, *name;
  const char *allow;   /* or NULL */
  const char *content; /* of what is opened; NULL: refused with WORDS */
  enum dc_code code;
  const char *words;
} cases[] = {
  { "images/disk", "base", NULL, "B", DC_OK, NULL },
  { "images/disk", "./base", NULL, "B", DC_OK, NULL },
  { "images/disk", "sub/deep", NULL, "E", DC_OK, NULL },
  { "images/disk", "sub/up", NULL, "B", DC_OK, NULL },
  { "images/disk", "sub/../base", NULL, "B", DC_OK, NULL },
  { "images/disk", "TOP/images/base", NULL, "B", DC_OK, NULL },
  { "images/disk", "TOP//images/base", NULL, NULL, DC_ERR_UNSUPPORTED,
    "outside" },
  { "images/disk", "TOP/images//base", NULL, "B", DC_OK, NULL },
  { "TOP/spelled/disk", "TOP/spelled/base", NULL, "B", DC_OK, NULL },
  { "TOP/spelled/disk", "TOP/images/base", NULL, "B", DC_OK, NULL },
  { "TOP/spelled/disk", "base", NULL, "B", DC_OK, NULL },
  { "./images/../images/disk", "base", NULL, "B", DC_OK, NULL },

  { "images/disk", "none", NULL, NULL, DC_ERR_NOTFOUND,
    "the backing file of 'images/disk': cannot open 'images/none': No such" },
  { "images/disk", "base/x", NULL, NULL, DC_ERR_NOTFOUND, "Not a directory" },
  { "images/disk", "sub", NULL, NULL, DC_ERR_INVALID,
    "'images/sub' is a folder" },
  { "images/disk", "fifo", NULL, NULL, DC_ERR_INVALID,
    "neither a regular file nor a block device" },

  { "images/disk", "../secret", NULL, NULL, DC_ERR_UNSUPPORTED,
    "'images/disk' names the backing file '../secret' outside its folder; say "
    "--allow-backing FILE" },
  { "images/disk", "out", NULL, NULL, DC_ERR_UNSUPPORTED, "outside" },
  { "images/disk", "sub/../../secret", NULL, NULL, DC_ERR_UNSUPPORTED,
    "outside" },
  { "images/disk", "TOP/secret", NULL, NULL, DC_ERR_UNSUPPORTED, "outside" },
  { "images/disk", "TOP/images/../secret", NULL, NULL, DC_ERR_UNSUPPORTED,
    "outside" },
  { "images/disk", "TOP/images2/base", NULL, NULL, DC_ERR_UNSUPPORTED,
    "outside" },
  { "images/disk", "/no/such/file", NULL, NULL, DC_ERR_UNSUPPORTED, "outside" },
  { "images/disk", "/proc/self/fd/0", NULL, NULL, DC_ERR_UNSUPPORTED,
    "outside" },

  { "images/disk", "../secret", "secret", "S", DC_OK, NULL },
  { "images/disk", "out", "images/../secret", "S", DC_OK, NULL },
  { "images/disk", "TOP/secret", "images/out", "S", DC_OK, NULL },
  { "images/disk", "/etc/passwd", "secret", NULL, DC_ERR_UNSUPPORTED,
    "outside" },
  { "images/disk", "../secret", "no-such-file", NULL, DC_ERR_UNSUPPORTED,
    "outside" },

  { "images/disk", "nbd://localhost", NULL, NULL, DC_ERR_UNSUPPORTED,
    "which is no file" },
  { "images/disk", "json:{}", NULL, NULL, DC_ERR_UNSUPPORTED,
    "which is no file" },
  { "images/disk", "C:\\base", NULL, NULL, DC_ERR_UNSUPPORTED,
    "'C:\\\\base', which is no file" },
  { "images/disk", "sub/a:b", NULL, NULL, DC_ERR_NOTFOUND, "No such file" },
};

START_TEST (test_follow)
{
  struct dc_error err;
  char disk_room[256], name_room[256];
  const char *disk = expand (cases[_i].disk, disk_room, sizeof disk_room);
  const char *name = expand (cases[_i].name, name_room, sizeof name_room);
  const char *const allow[] = { cases[_i].allow, NULL };
  DC_AUTO (dc_policy) *policy = NULL;
  AUTO_POLICY_FILE struct dc_policy_file file = { .fd = -1 };
  AUTO_POLICY_FILE struct dc_policy_file next = { .fd = -1 };

  ck_assert_ok (dc_policy_open (disk, allow, &policy, &file, &err));
  ck_assert_str_eq (file.name, disk);
  ck_assert_int_eq (file.path[0], '/');
  ck_assert_uint_eq (file.size, 1);
  ck_assert_int_gt (file.fd, 3);
  const int status =
      dc_policy_follow (policy, &file, "backing file", name, &next, &err);
  if (cases[_i].content == NULL) {
    ck_assert_fails (status, cases[_i].code, cases[_i].words);
    ck_assert_int_eq (next.fd, -1);
    return;
  }
  char byte = 0;
  ck_assert_ok (status);
  ck_assert_int_gt (next.fd, 3);
  ck_assert_int_eq (read (next.fd, &byte, 1), 1);
  ck_assert_int_eq (byte, cases[_i].content[0]);
}
END_TEST

/* A name in a file below starts there, and still ends in the disk's folder. */
START_TEST (test_from_below)
{
  struct dc_error err;
  DC_AUTO (dc_policy) *policy = NULL;
  AUTO_POLICY_FILE struct dc_policy_file disk = { .fd = -1 };
  AUTO_POLICY_FILE struct dc_policy_file deep = { .fd = -1 };
  AUTO_POLICY_FILE struct dc_policy_file base = { .fd = -1 };
  AUTO_POLICY_FILE struct dc_policy_file none = { .fd = -1 };

  ck_assert_int_eq (chdir ("images"), 0);
  ck_assert_ok (dc_policy_open ("disk", NULL, &policy, &disk, &err));
  ck_assert_ok (
      dc_policy_follow (policy, &disk, "extent", "sub/deep", &deep, &err));
  ck_assert_str_eq (deep.name, "sub/deep");
  ck_assert_ok (
      dc_policy_follow (policy, &deep, "extent", "../base", &base, &err));
  ck_assert_str_eq (base.name, "sub/../base");
  ck_assert_fails (
      dc_policy_follow (policy, &deep, "extent", "../../secret", &none, &err),
      DC_ERR_UNSUPPORTED, "'sub/deep' names the extent '../../secret' outside");
}
END_TEST

START_TEST (test_bad_disks)
{
  struct dc_error err;
  struct dc_policy *policy = NULL;
  struct dc_policy_file file = { .fd = -1 };

  ck_assert_fails (dc_policy_open ("none", NULL, &policy, &file, &err),
                   DC_ERR_NOTFOUND, "cannot open 'none': No such file");
  ck_assert_fails (dc_policy_open ("images", NULL, &policy, &file, &err),
                   DC_ERR_INVALID, "'images' is a folder");
  ck_assert_fails (dc_policy_open ("images/fifo", NULL, &policy, &file, &err),
                   DC_ERR_INVALID, "neither a regular file");
  ck_assert_fails (dc_policy_open ("/dev/null", NULL, &policy, &file, &err),
                   DC_ERR_INVALID, "neither a regular file");
  ck_assert_int_eq (file.fd, -1);
}
END_TEST

static int
open_and_follow (struct dc_error *err)
{
  DC_AUTO (dc_policy) *policy = NULL;
  AUTO_POLICY_FILE struct dc_policy_file disk = { .fd = -1 };
  AUTO_POLICY_FILE struct dc_policy_file next = { .fd = -1 };

  if (dc_policy_open ("images/disk", NULL, &policy, &disk, err) < 0)
    return -1;
  return dc_policy_follow (policy, &disk, "backing file", "base", &next, err);
}

START_TEST (test_without_memory)
{
  struct dc_error err;

  OOM_LOOP (status, open_and_follow (&err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_unchecked_fixture (tcase, make_tree, remove_tree);
  tcase_add_checked_fixture (tcase, enter_top, NULL);
  tcase_add_loop_test (tcase, test_follow, 0, sizeof cases / sizeof cases[0]);
  tcase_add_test (tcase, test_from_below);
  tcase_add_test (tcase, test_bad_disks);
  tcase_add_test (tcase, test_without_memory);
}

int
main (void)
{
  return unit_run ("policy", add);
}
