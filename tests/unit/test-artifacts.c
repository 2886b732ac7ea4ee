/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/text.h"
#include "runtime/artifacts.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "sha256:" HEX
#define IMAGE(more)                                                            \
  "{\"version\": 1, \"images\": [{\"name\": \"latest\", \"digest\": \"" DIGEST \
  "\"" more "}]}"

static const char good[] = IMAGE (
    ", \"init\": \"decant-init\","
    "\"volumes\": [{\"name\": \"db\", \"path\": \"/var/lib/db\", \"digest\": "
    "\"" DIGEST "\", \"size\": 10240}],"
    "\"secrets\": [{\"name\": \"k\", \"path\": \"/etc/k\\u00e9\", \"kind\": "
    "\"key\", \"uid\": 33, \"gid\": 0, \"mode\": 416}],"
    "\"ports\": [{\"port\": 80, \"protocol\": \"tcp\"}],"
    "\"hosts\": [\"10.0.0.1 db db.example\"],"
    "\"sysctls\": [\"net.core.somaxconn=1024\"],"
    "\"capabilities\": [\"CAP_NET_ADMIN\"], \"devices\": [\"/dev/fuse\"],"
    "\"resources\": {\"memory_bytes\": 1000000, \"pids\": 100},"
    "\"stop_timeout_s\": 120");

START_TEST (test_good)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_artifacts) *artifacts = NULL;

  ck_assert_ok (
      dc_artifacts_parse (good, strlen (good), "x.json", &artifacts, &err));
  const struct dc_artifact_image *image =
      dc_artifacts_image (artifacts, DIGEST);
  ck_assert_ptr_nonnull (image);
  ck_assert_ptr_null (dc_artifacts_image (artifacts, "sha256:1"));
  const struct dc_artifact_volume *volume = image->volumes.items;
  ck_assert_str_eq (volume->path, "/var/lib/db");
  ck_assert_int_eq (volume->size, 10240);
  const struct dc_artifact_secret *secret = image->secrets.items;
  ck_assert_str_eq (secret->path, "/etc/k\xc3\xa9");
  ck_assert_int_eq (secret->mode, 0640);
  ck_assert_int_eq (secret->uid, 33);
  ck_assert_int_eq (image->resources.memory_bytes, 1000000);
  ck_assert_int_eq (image->stop_timeout_s, 120);
}
END_TEST

static const struct {
  const char *text, *words;
} bad[] = {
  { "", "x.json" },
  { "{\"version\": 2, \"images\": []}", "x.json:1:" },
  { "{\"version\": 1}", "images" },
  { "{\"version\": 1, \"images\": [], \"more\": 1}", "more" },
  { "{\"version\": 1, \"images\": [{\"name\": \"a\", \"digest\": \"x\"}]}",
    "digest" },
  { "{\"version\": 1, \"images\": [{\"name\": \"a b\", \"digest\": \"" DIGEST
    "\"}]}",
    "tag" },
  { IMAGE (", \"volumes\": [{\"name\": \"../x\", \"path\": \"/x\"}]"), "name" },
  { IMAGE (", \"volumes\": [{\"name\": \"x\", \"path\": \"/\"}]"), "mounted" },
  { IMAGE (", \"volumes\": [{\"name\": \"x\", \"path\": \"x\"}]"), "mounted" },
  { IMAGE (", \"volumes\": [{\"name\": \"x\", \"path\": \"/a/../b\"}]"),
    "mounted" },
  { IMAGE (", \"volumes\": [{\"name\": \"x\", \"path\": \"/a//b\"}]"),
    "mounted" },
  { IMAGE (", \"volumes\": [{\"name\": \"x\", \"path\": \"/a/\"}]"),
    "mounted" },
  { IMAGE (", \"volumes\": [{\"name\": \"x\", \"path\": \"/a/.\"}]"),
    "mounted" },
  { IMAGE (", \"volumes\": [{\"name\": \"x\", \"path\": \"/a:/b\"}]"),
    "mounted" },
  { IMAGE (", \"volumes\": [{\"name\": \"x\", \"path\": \"/a,ro\"}]"),
    "mounted" },
  { IMAGE (", \"volumes\": [{\"name\": \"x\", \"path\": \"/a\\nb\"}]"),
    "mounted" },
  { IMAGE (", \"volumes\": [{\"name\": \"x\", \"path\": \"/a\", \"digest\": "
           "\"sha1:1\"}]"),
    "digest" },
  { IMAGE (", \"secrets\": [{\"name\": \"x\", \"path\": \"/x\", \"uid\": "
           "4294967295, \"gid\": 0, \"mode\": 0}]"),
    "4294967295" },
  { IMAGE (", \"secrets\": [{\"name\": \"x\", \"path\": \"/x\", \"uid\": 0, "
           "\"gid\": 0, \"mode\": 4096}]"),
    "4096" },
  { IMAGE (", \"secrets\": [{\"name\": \"x\", \"path\": \"/x\"}]"), "uid" },
  { IMAGE (", \"ports\": [{\"port\": 0, \"protocol\": \"tcp\"}]"), "0" },
  { IMAGE (", \"ports\": [{\"port\": 1, \"protocol\": \"sctp\"}]"), "sctp" },
  { IMAGE (", \"sysctls\": [\"kernel.core_pattern=|/x\"]"), "sysctls" },
  { IMAGE (", \"sysctls\": [\"net.core.somaxconn\"]"), "sysctls" },
  { IMAGE (", \"capabilities\": [\"ALL\"]"), "capabilities" },
  { IMAGE (", \"devices\": [\"/dev/../etc\"]"), "devices" },
  { IMAGE (", \"devices\": [\"/etc/x\"]"), "devices" },
  { IMAGE (", \"hosts\": [\"10.0.0.1\"]"), "hosts" },
  { IMAGE (", \"hosts\": [\"10.0.0.1 a\\nb\"]"), "hosts" },
  { IMAGE (", \"stop_timeout_s\": 1000000"), "1000000" },
};

START_TEST (test_bad)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_artifacts) *artifacts = NULL;

  ck_assert_int_eq (dc_artifacts_parse (bad[_i].text, strlen (bad[_i].text),
                                        "x.json", &artifacts, &err),
                    -1);
  ck_assert_ptr_null (artifacts);
  ck_assert_msg (strstr (err.text, bad[_i].words) != NULL, "%s", err.text);
}
END_TEST

static int
parse (struct dc_error *err)
{
  DC_AUTO (dc_artifacts) *artifacts = NULL;

  return dc_artifacts_parse (good, strlen (good), "x.json", &artifacts, err);
}

START_TEST (test_no_memory)
{
  struct dc_error err;
  int failures = 0;

  OOM_LOOP (status, parse (&err))
  failures += status < 0;
  ck_assert_int_gt (failures, 20);
}
END_TEST

static void
write_file (const char *folder, const char *name, const char *text)
{
  struct dc_error err;
  AUTO_FREE char *path = NULL;

  ck_assert_ok (dc_text_print (&path, &err, "%s/%s", folder, name));
  FILE *file = fopen (path, "we");
  ck_assert_ptr_nonnull (file);
  ck_assert_int_ge (fputs (text, file), 0);
  ck_assert_int_eq (fclose (file), 0);
}

/* Beside a layout lie the artifacts of its tags; those of another image do
 * not count, and a file that is a link leads nowhere else.
 */
START_TEST (test_beside)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *scratch = unit_scratch ();
  AUTO_FREE char *layout = NULL, *path = NULL, *secrets = NULL, *outside = NULL;
  DC_AUTO (dc_artifacts) *artifacts = NULL;

  ck_assert_ok (dc_text_print (&layout, &err, "%s/web//", scratch));
  ck_assert_int_eq (
      dc_artifacts_beside (layout, "latest", DIGEST, &artifacts, &err), 0);
  ck_assert_ok (dc_artifacts_path (layout, "latest", &path, &err));
  ck_assert_msg (strcmp (path + strlen (scratch), "/web.artifacts") == 0, "%s",
                 path);
  ck_assert_int_eq (mkdir (path, 0755), 0);
  write_file (path, DC_ARTIFACTS_FILE, good);
  ck_assert_int_eq (
      dc_artifacts_beside (layout, "other", "sha256:1", &artifacts, &err), 0);
  ck_assert_int_eq (
      dc_artifacts_beside (layout, "a/b", DIGEST, &artifacts, &err), 1);

  ck_assert_ok (dc_text_print (&secrets, &err, "%s/secrets", path));
  ck_assert_ok (dc_text_print (&outside, &err, "%s/outside", scratch));
  ck_assert_int_eq (mkdir (secrets, 0755), 0);
  write_file (scratch, "outside", "x");
  const struct dc_artifact_image *image = artifacts->images.items;
  const struct dc_artifact_secret *secret = image->secrets.items;
  ck_assert_fails (dc_artifacts_secret (artifacts, secret, &err),
                   DC_ERR_NOTFOUND, "secrets/k");
  AUTO_FREE char *link = NULL;
  ck_assert_ok (dc_text_print (&link, &err, "%s/k", secrets));
  ck_assert_int_eq (symlink (outside, link), 0);
  ck_assert_fails (dc_artifacts_secret (artifacts, secret, &err),
                   DC_ERR_NOTFOUND, "secrets/k");
  ck_assert_int_eq (unlink (link), 0);
  ck_assert_int_eq (mkfifo (link, 0600), 0);
  ck_assert_fails (dc_artifacts_secret (artifacts, secret, &err),
                   DC_ERR_INVALID, "no file");
  ck_assert_int_eq (unlink (link), 0);
  write_file (secrets, "k", "secret");
  AUTO_CLOSE int fd = dc_artifacts_secret (artifacts, secret, &err);
  ck_assert_int_ge (fd, 0);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_good);
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_no_memory);
  tcase_add_test (tcase, test_beside);
}

int
main (void)
{
  return unit_run ("artifacts", add);
}
