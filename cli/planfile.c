/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/planfile.h"
#include "lib/file.h"
#include "lib/quote.h"
#include "lib/text.h"

#define PLAN_PREFIX "plan:"

/* The path in the name of a source, and in *KIND_SIZE how many bytes stand
 * before it; NULL: it has none.
 */
static const char *
path_in (const char *name, size_t *kind_size)
{
  static const char *const kinds[] = { "ova:", "vmx:", "dir:", "tar:" };

  *kind_size = 0;
  if (strncmp (name, "libvirt:", strlen ("libvirt:")) == 0)
    return NULL;
  for (size_t i = 0; i < DC_COUNT (kinds); i++)
    if (strncmp (name, kinds[i], strlen (kinds[i])) == 0)
      *kind_size = strlen (kinds[i]);
  return name + *kind_size;
}

/* NAME with FOLDER (SIZE bytes, with its slash) before a relative path. */
static int
put_below (const char *name, const char *folder, size_t size, char **out,
           struct dc_error *err)
{
  size_t kind = 0;
  const char *path = path_in (name, &kind);

  if (path == NULL || path[0] == '/' || size == 0)
    return dc_text_copy (name, out, err);
  return dc_text_print (out, err, "%.*s%.*s%s", (int) kind, name, (int) size,
                        folder, path);
}

bool
dc_plan_file_is (const char *operand)
{
  return strncmp (operand, PLAN_PREFIX, strlen (PLAN_PREFIX)) == 0 ||
         dc_text_ends_in (operand, ".yaml") ||
         dc_text_ends_in (operand, ".yml");
}

static int
read_plan (struct dc_plan_file *file, struct dc_error *err)
{
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, file->path, err);

  if (fd < 0)
    return -1;
  file->text = (struct dc_buffer) DC_BUFFER_INIT (DC_PLAN_SIZE_MAX);
  if (dc_file_read_all (fd, &file->text, err) < 0)
    return dc_context (err, "cannot read '%s'", dc_quote (file->path).text);
  return dc_plan_read (dc_buffer_text (&file->text), file->text.size,
                       file->path, &file->plan, err);
}

/* The options that the plan says, where the command line says nothing. */
static int
fill_flags (struct dc_plan_file *file, size_t folder_size, struct dc_error *err)
{
  const struct dc_plan_source *source = &file->plan->source;
  struct dc_source_flags *flags = &file->flags;
  const struct {
    const struct dc_yaml_texts *from;
    struct dc_option_texts *to;
  } lists[] = { { &source->add, &flags->add },
                { &source->allow_backing, &flags->allow_backing } };

  for (size_t i = 0; i < DC_COUNT (lists); i++) {
    if (lists[i].to->count > 0)
      continue;
    for (size_t j = 0; j < lists[i].from->count; j++) {
      AUTO_FREE char *path = NULL;
      if (lists[i].to->count >= DC_OPTION_TEXTS_MAX)
        return dc_fail (err, DC_ERR_LIMIT, "%s: more than %d disks", file->path,
                        DC_OPTION_TEXTS_MAX);
      if (put_below (lists[i].from->items[j], file->path, folder_size, &path,
                     err) < 0 ||
          dc_yaml_texts_add (&file->paths, path, err) < 0)
        return -1;
      lists[i].to->items[lists[i].to->count++] =
          file->paths.items[file->paths.count - 1];
    }
  }
  if (flags->format == NULL)
    flags->format = source->format;
  if (flags->root == NULL)
    flags->root = source->root;
  if (flags->connect == NULL)
    flags->connect = source->connect;
  return 0;
}

int
dc_plan_file_read (const char *operand, const struct dc_source_flags *given,
                   const char *source, struct dc_plan_file *file,
                   struct dc_error *err)
{
  const bool has_prefix =
      strncmp (operand, PLAN_PREFIX, strlen (PLAN_PREFIX)) == 0;

  *file = (struct dc_plan_file){ .flags = *given };
  if (dc_text_copy (operand + (has_prefix ? strlen (PLAN_PREFIX) : 0),
                    &file->path, err) < 0 ||
      read_plan (file, err) < 0)
    return -1;
  if (source != NULL)
    return dc_text_copy (source, &file->source, err);
  const char *slash = strrchr (file->path, '/');
  const size_t folder_size =
      slash != NULL ? (size_t) (slash - file->path) + 1 : 0;
  if (put_below (file->plan->source.name, file->path, folder_size,
                 &file->source, err) < 0)
    return -1;
  return fill_flags (file, folder_size, err);
}

void
dc_plan_file_release (struct dc_plan_file *file)
{
  dc_plan_free (file->plan);
  dc_buffer_release (&file->text);
  for (size_t i = 0; i < file->paths.count; i++)
    free (file->paths.items[i]);
  free (file->paths.items);
  free (file->source);
  free (file->path);
}

static int
add_below (const struct dc_option_texts *from, const char *folder,
           struct dc_yaml_texts *to, struct dc_error *err)
{
  for (size_t i = 0; i < from->count; i++) {
    AUTO_FREE char *path = NULL;
    if (put_below (from->items[i], folder, strlen (folder), &path, err) < 0 ||
        dc_yaml_texts_add (to, path, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_plan_file_source (const char *output, const char *name,
                     const struct dc_source_flags *flags,
                     struct dc_plan_source *out, struct dc_error *err)
{
  AUTO_FREE char *here = NULL, *folder = NULL;

  /* A plan in another folder needs to be told where we are. */
  if (output != NULL && strchr (output, '/') != NULL) {
    here = getcwd (NULL, 0);
    if (here == NULL)
      return dc_fail_errno (err, "cannot tell the current folder");
  }
  if (dc_text_print (&folder, err, "%s%s", here != NULL ? here : "",
                     here != NULL && strcmp (here, "/") != 0 ? "/" : "") < 0)
    return -1;
  return put_below (name, folder, strlen (folder), &out->name, err) < 0 ||
                 add_below (&flags->add, folder, &out->add, err) < 0 ||
                 add_below (&flags->allow_backing, folder, &out->allow_backing,
                            err) < 0 ||
                 dc_text_copy (flags->format, &out->format, err) < 0 ||
                 dc_text_copy (flags->root, &out->root, err) < 0 ||
                 dc_text_copy (flags->connect, &out->connect, err) < 0
             ? -1
             : 0;
}
