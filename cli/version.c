/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <archive.h>
#include <blkid.h>
#include <ext2fs/ext2fs.h>
#include <jansson.h>
#include <libdeflate.h>
#include <libnbd.h>
#include <openssl/crypto.h>
#include <seccomp.h>
#include <stdio.h>
#include <yaml.h>
#include <zstd.h>

#include "cli/command.h"
#include "lib/cleanup.h"
#include "lib/json.h"

struct version_options {
  bool is_json;
};

static const struct dc_option options[] = {
  { .name = "json",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct version_options, is_json),
    .help = "one JSON object" },
  DC_OPTION_END,
};

/* The libraries that we run with, which may be newer than those we were
 * built with.
 */
static json_t *
libraries (void)
{
  const char *blkid = NULL, *ext2fs = NULL;
  char seccomp[32];
  const struct scmp_version *version = seccomp_version ();

  (void) blkid_get_library_version (&blkid, NULL); /* returns the number */
  (void) ext2fs_get_library_version (&ext2fs, NULL);
  (void) snprintf (seccomp, sizeof seccomp, "%u.%u.%u", version->major,
                   version->minor, version->micro);
  struct nbd_handle *nbd = nbd_create ();
  json_t *json = json_pack (
      "{s:s, s:s, s:s, s:s, s:s, s:s*, s:s, s:s, s:s, s:s}", "blkid", blkid,
      "ext2fs", ext2fs, "jansson", jansson_version_str (), "libarchive",
      archive_version_string (), "libdeflate", LIBDEFLATE_VERSION_STRING,
      "libnbd", nbd != NULL ? nbd_get_version (nbd) : NULL, "libseccomp",
      seccomp, "libyaml", yaml_get_version_string (), "libzstd",
      ZSTD_versionString (), "openssl",
      OpenSSL_version (OPENSSL_VERSION_STRING));
  nbd_close (nbd);
  return json;
}

static int
print_text (json_t *json)
{
  const char *name = NULL;
  json_t *value = NULL;
  int status = printf ("decant %s\n", PACKAGE_VERSION);

  json_object_foreach (json, name, value)
  {
    status |= printf ("  %-12s %s\n", name, json_string_value (value));
  }
  return status;
}

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct version_options opts = { .is_json = false };
  int first = 0;

  (void) terminal; /* nothing to say */
  if (dc_command_options (&dc_command_version, argc, argv, &opts, &first,
                          status, err) < 0)
    return -1;
  if (first < argc)
    return dc_usage (status, err, "version takes no argument");
  json_auto_t *json = libraries ();
  if (json == NULL)
    return dc_json_no_memory (err);
  if (!opts.is_json)
    return print_text (json) < 0 ? dc_fail_errno (err, "cannot write") : 0;
  json_auto_t *all =
      json_pack ("{s:s, s:O}", "version", PACKAGE_VERSION, "libraries", json);
  return json_dumpf (all, stdout, JSON_INDENT (2)) < 0 || puts ("") < 0
             ? dc_fail_errno (err, "cannot write")
             : 0;
}

const struct dc_command dc_command_version = {
  .name = "version",
  .operands = "",
  .summary = "Print the version of decant and of the libraries it runs with",
  .options = options,
  .run = run,
};
