/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

#include "analyzer/machine/manifest.h"
#include "analyzer/source/definition.h"
#include "analyzer/source/definitionwork.h"
#include "lib/disk/policy.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "lib/text.h"

struct dc_definition {
  char *path;
  enum dc_definition_kind kind;
  bool is_archive;
  const char *const *allow_backing;
  struct dc_policy *policy; /* of its folder; NULL: of a text in memory */
  struct dc_policy_file file;
  struct dc_policy_file manifest; /* beside it; its fd is -1 without one */
  json_t *answer;
  struct dc_disk_member *members; /* of each disk with a file */
  struct dc_definition_check *checks;
  struct dc_policy_file *checked; /* the files of CHECKS, beside it */
  size_t check_count;
};

static bool
has_suffix (const char *name, const char *suffix)
{
  const size_t size = strlen (name), n = strlen (suffix);

  return size > n && strcasecmp (name + size - n, suffix) == 0;
}

/* "web.mf" beside "web.ovf", if it is there. */
static int
open_manifest (struct dc_definition *definition, struct dc_error *err)
{
  const char *slash = strrchr (definition->path, '/');
  const char *name = slash != NULL ? slash + 1 : definition->path;
  AUTO_FREE char *own = NULL;

  if (dc_text_print (&own, err, "%.*s.mf",
                     (int) (strlen (name) - strlen (".ovf")), name) < 0)
    return -1;
  if (dc_policy_follow (definition->policy, &definition->file, "manifest", own,
                        &definition->manifest, err) == 0)
    return 0;
  return err->code == DC_ERR_NOTFOUND ? 0 : -1;
}

static int
run_worker (struct dc_definition *definition, const struct dc_report *report,
            struct dc_error *err)
{
  struct dc_definition_task task = {
    .kind = definition->kind,
    .is_archive = definition->is_archive,
    .path = definition->path,
    .file = dc_policy_window (&definition->file),
    .manifest = dc_policy_window (&definition->manifest),
  };
  const int fds[] = { definition->file.fd, definition->manifest.fd };
  const struct dc_confine confine = {
    .name = "reading the definition",
    .keep_fds = fds,
    .keep_fd_count = definition->manifest.fd >= 0 ? 2 : 1,
  };

  if (dc_confined (&confine, dc_definition_work, &task, report,
                   &definition->answer, err) < 0)
    return -1;
  if (json_array_size (json_object_get (
          json_object_get (definition->answer, "machine"), "disks")) > 0)
    return 0;
  return dc_fail (err, DC_ERR_NOTFOUND, "the machine has no disk");
}

static int
new_definition (const char *path, enum dc_definition_kind kind,
                struct dc_definition **out, struct dc_error *err)
{
  DC_AUTO (dc_definition) *definition = calloc (1, sizeof *definition);

  if (definition == NULL)
    return dc_fail_errno (err, "cannot keep a definition");
  definition->file.fd = definition->manifest.fd = -1;
  definition->kind = kind;
  definition->is_archive =
      kind == DC_DEFINITION_OVA && !has_suffix (path, ".ovf");
  definition->path = strdup (path);
  if (definition->path == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  *out = DC_TAKE (definition);
  return 0;
}

int
dc_definition_open (const char *path, enum dc_definition_kind kind,
                    const char *const *allow_backing,
                    const struct dc_report *report, struct dc_definition **out,
                    struct dc_error *err)
{
  DC_AUTO (dc_definition) *definition = NULL;

  if (new_definition (path, kind, &definition, err) < 0 ||
      dc_policy_open (path, allow_backing, &definition->policy,
                      &definition->file, err) < 0)
    return -1;
  definition->allow_backing = allow_backing;
  if ((kind == DC_DEFINITION_OVA && !definition->is_archive &&
       open_manifest (definition, err) < 0) ||
      run_worker (definition, report, err) < 0)
    return dc_context (err, "'%s'", dc_quote (path).text);
  *out = DC_TAKE (definition);
  return 0;
}

int
dc_definition_parse (const char *name, enum dc_definition_kind kind,
                     const char *text, size_t size,
                     const struct dc_report *report, struct dc_definition **out,
                     struct dc_error *err)
{
  DC_AUTO (dc_definition) *definition = NULL;

  if (new_definition (name, kind, &definition, err) < 0)
    return -1;
  definition->file.fd = memfd_create ("definition", MFD_CLOEXEC);
  if (definition->file.fd < 0)
    return dc_fail_errno (err, "cannot keep a definition");
  if (dc_file_write (definition->file.fd, text, size, err) < 0)
    return -1;
  definition->file.size = size;
  if (run_worker (definition, report, err) < 0)
    return dc_context (err, "'%s'", dc_quote (name).text);
  *out = DC_TAKE (definition);
  return 0;
}

json_t *
dc_definition_machine (const struct dc_definition *definition)
{
  return json_object_get (definition->answer, "machine");
}

/* The row of disk INDEX, not counting those without a file. */
static json_t *
find_disk (const struct dc_definition *definition, size_t index)
{
  const json_t *disks =
      json_object_get (dc_definition_machine (definition), "disks");

  for (size_t i = 0; i < json_array_size (disks); i++) {
    json_t *disk = json_array_get (disks, i);
    if (json_is_string (json_object_get (disk, "file")) && index-- == 0)
      return disk;
  }
  return NULL;
}

/* Where disk INDEX lies in the archive. */
static int
find_member (struct dc_definition *definition, size_t index, const char *name,
             const struct dc_disk_member **out, struct dc_error *err)
{
  const json_t *places = json_object_get (definition->answer, "places");
  json_int_t offset = -1, size = -1;

  if (definition->members == NULL)
    definition->members =
        calloc (json_array_size (places) + 1, sizeof *definition->members);
  if (definition->members == NULL)
    return dc_fail_errno (err, "cannot keep the places of disks");
  if (dc_json_unpack (json_array_get (places, index), "the place of a disk",
                      err, "{s:I, s:I}", "offset", &offset, "size", &size) < 0)
    return -1;
  if (offset < 0 || size < 0)
    return dc_fail (err, DC_ERR_INVALID, "a disk has an impossible place");
  struct dc_disk_member *member = &definition->members[index];
  *member = (struct dc_disk_member){ name, (uint64_t) offset, (uint64_t) size };
  *out = member;
  return 0;
}

int
dc_definition_disk (struct dc_definition *definition, size_t index,
                    const char **path, const char **target,
                    struct dc_disk_options *options, struct dc_error *err)
{
  const json_t *disk = find_disk (definition, index);

  if (disk == NULL)
    return 0;
  const char *file = json_string_value (json_object_get (disk, "file"));
  const char *format = json_string_value (json_object_get (disk, "format"));
  if (json_is_string (json_object_get (disk, "compression")))
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "'%s': the disk '%s' is compressed with gzip; unpack it "
                    "and give the disk itself",
                    dc_quote (definition->path).text, dc_quote (file).text);
  if (options->format == NULL)
    options->format = format;
  *path = file;
  *target = json_string_value (json_object_get (disk, "target"));
  if (definition->is_archive) {
    *path = definition->path;
    return find_member (definition, index, file, &options->member, err) < 0 ? -1
                                                                            : 1;
  }
  if (definition->policy != NULL)
    options->named_by = definition->path;
  return 1;
}

/* The file beside the definition that CHECK is about, in CHECKED. */
static int
open_checked (struct dc_definition *definition,
              struct dc_definition_check *check, struct dc_policy_file *checked,
              struct dc_error *err)
{
  if (dc_policy_follow (definition->policy, &definition->file, "file",
                        check->file, checked, err) < 0) {
    checked->fd = -1;
    return -1;
  }
  check->window = dc_policy_window (checked);
  return 0;
}

static int
read_checks (struct dc_definition *definition, struct dc_error *err)
{
  json_t *digests = json_object_get (definition->answer, "digests");
  const size_t count = json_array_size (digests);

  definition->checks = calloc (count + 1, sizeof *definition->checks);
  definition->checked = calloc (count + 1, sizeof *definition->checked);
  if (definition->checks == NULL || definition->checked == NULL)
    return dc_fail_errno (err, "cannot keep digests");
  for (size_t i = 0; i < count; i++) {
    struct dc_definition_check *check = &definition->checks[i];
    struct dc_policy_file *checked = &definition->checked[i];
    json_int_t algorithm = 0, offset = -1, size = -1;
    checked->fd = -1;
    definition->check_count++;
    if (dc_json_unpack (json_array_get (digests, i), "a digest", err,
                        "{s:s, s:I, s:s, s?I, s?I}", "file", &check->file,
                        "algorithm", &algorithm, "hex", &check->hex, "offset",
                        &offset, "size", &size) < 0)
      return -1;
    if (algorithm < DC_MANIFEST_SHA1 || algorithm > DC_MANIFEST_SHA512 ||
        (definition->is_archive && (offset < 0 || size < 0)))
      return dc_fail (err, DC_ERR_INVALID, "a digest has an impossible value");
    check->algorithm = (enum dc_manifest_algorithm) algorithm;
    check->window = (struct dc_window){ definition->file.fd, (uint64_t) offset,
                                        (uint64_t) size };
    if (!definition->is_archive &&
        open_checked (definition, check, checked, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_definition_check (struct dc_definition *definition,
                     const struct dc_report *report, struct dc_worker **out,
                     struct dc_error *err)
{
  *out = NULL;
  if (read_checks (definition, err) < 0)
    return dc_context (err, "'%s'", dc_quote (definition->path).text);
  if (definition->check_count == 0)
    return 0;
  AUTO_FREE int *fds = calloc (definition->check_count, sizeof *fds);
  if (fds == NULL)
    return dc_fail_errno (err, "cannot keep descriptors");
  for (size_t i = 0; i < definition->check_count; i++)
    fds[i] = definition->checks[i].window.fd;
  dc_debug (report, "computing %zu digests of the manifest",
            definition->check_count);
  struct dc_definition_checks checks = { definition->path, definition->checks,
                                         definition->check_count };
  const struct dc_confine confine = {
    .name = "computing digests",
    .keep_fds = fds,
    .keep_fd_count = definition->is_archive ? 1 : definition->check_count,
  };
  return dc_worker_start (&confine, dc_definition_digests, &checks, out, err);
}

void
dc_definition_free (struct dc_definition *definition)
{
  if (definition == NULL)
    return;
  for (size_t i = 0; i < definition->check_count; i++)
    dc_policy_file_release (&definition->checked[i]);
  free (definition->checks);
  free (definition->checked);
  free (definition->members);
  json_decref (definition->answer);
  dc_policy_file_release (&definition->manifest);
  dc_policy_file_release (&definition->file);
  dc_policy_free (definition->policy);
  free (definition->path);
  free (definition);
}
