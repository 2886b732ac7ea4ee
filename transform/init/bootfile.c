/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/dropdir.h"
#include "analyzer/unit/unit.h"
#include "analyzer/unit/unitenv.h"
#include "transform/init/bootfile.h"

#define RELEASE_SIZE_MAX ((size_t) 64 * 1024) /* bytes */

/* The first of equal names counts. */
static const char *const places[] = { "/etc", "/run", "/usr/local/lib",
                                      "/usr/lib", "/lib" };

static int
add_all (const struct dc_tree *tree, const char *folder,
         struct dc_dropdir *dropdir, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (places); i++) {
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
    if (dc_buffer_print (&b, err, "%s/%s", places[i], folder) < 0 ||
        dc_dropdir_add (dropdir, tree, dc_buffer_text (&b), ".conf", err) < 0)
      return -1;
  }
  return 0;
}

int
dc_bootfile_paths (const struct dc_tree *tree, const char *folder,
                   struct dc_words *paths, struct dc_error *err)
{
  struct dc_dropdir dropdir = { NULL, 0 };
  int status = add_all (tree, folder, &dropdir, err);

  if (status == 0)
    status = dc_dropdir_paths (&dropdir, paths, err);
  dc_dropdir_release (&dropdir);
  return status;
}

/* The first of the files that is there and can be read. */
static int
read_release (struct dc_bootfile *bootfile, struct dc_error *err)
{
  static const char *const paths[] = { "etc/os-release", "usr/lib/os-release" };

  for (size_t i = 0; i < DC_COUNT (paths); i++) {
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (RELEASE_SIZE_MAX);
    int status = dc_tree_read_file (bootfile->tree, paths[i], &b, err);
    if (status == 1)
      status = dc_environment_parse (dc_buffer_text (&b), b.size,
                                     &bootfile->release, err) < 0
                   ? -1
                   : 1;
    if (status == 1)
      return 0;
    if (status < 0 && err->code != DC_ERR_INVALID && err->code != DC_ERR_LIMIT)
      return -1;
  }
  return 0;
}

int
dc_bootfile_init (struct dc_bootfile *bootfile, struct dc_tree *tree,
                  const char *hostname, struct dc_error *err)
{
  *bootfile = (struct dc_bootfile){ .tree = tree, .hostname = hostname };
  if (read_release (bootfile, err) == 0)
    return 0;
  dc_bootfile_release (bootfile);
  return -1;
}

void
dc_bootfile_release (struct dc_bootfile *bootfile)
{
  dc_words_release (&bootfile->release);
}

/* What a specifier means; NULL: only a running system knows. */
static const char *
meaning (const struct dc_bootfile *bootfile, char letter)
{
  static const struct {
    char letter;
    const char *text;
  } fixed[] = {
    { '%', "%" },        { 'C', "/var/cache" }, { 'G', "0" },
    { 'L', "/var/log" }, { 'S', "/var/lib" },   { 'T', "/tmp" },
    { 'U', "0" },        { 'V', "/var/tmp" },   { 'g', "root" },
    { 'h', "/root" },    { 't', "/run" },       { 'u', "root" },
  };
  static const struct {
    char letter;
    const char *key;
  } release[] = {
    { 'A', "IMAGE_VERSION" }, { 'B', "BUILD_ID" }, { 'M', "IMAGE_ID" },
    { 'W', "VARIANT_ID" },    { 'o', "ID" },       { 'w', "VERSION_ID" },
  };

  for (size_t i = 0; i < DC_COUNT (fixed); i++)
    if (fixed[i].letter == letter)
      return fixed[i].text;
  for (size_t i = 0; i < DC_COUNT (release); i++) {
    if (release[i].letter != letter)
      continue;
    const char *value = dc_environment_get (&bootfile->release, release[i].key,
                                            strlen (release[i].key));
    return value != NULL ? value : "";
  }
  return letter == 'H' || letter == 'l' ? bootfile->hostname : NULL;
}

int
dc_bootfile_expand (const struct dc_bootfile *bootfile, const char *text,
                    char **out, char *unknown, struct dc_error *err)
{
  static const char all[] = "%ABCGHLMSTUVWabghlmotuvw";
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);

  for (const char *s = text; *s != '\0';) {
    const bool is_specifier =
        *s == '%' && s[1] != '\0' && strchr (all, s[1]) != NULL;
    const char *value = is_specifier ? meaning (bootfile, s[1]) : s;
    if (value == NULL) {
      *unknown = s[1];
      value = s;
    }
    const size_t taken = is_specifier ? 2 : 1;
    size_t size = value == s ? taken : strlen (value);
    if (is_specifier && s[1] == 'l' && value == bootfile->hostname)
      size = strcspn (value, ".");
    if (dc_buffer_append (&b, value, size, err) < 0)
      return -1;
    s += taken;
  }
  char *taken = dc_buffer_take (&b);
  if (taken == NULL)
    return dc_fail_errno (err, "cannot keep a text");
  *out = taken;
  return 0;
}
