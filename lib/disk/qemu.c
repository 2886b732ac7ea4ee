/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/disk/qemu.h"
#include "lib/json.h"
#include "lib/quote.h"

/* What a hostile image may cost.  QEMU's largest tables take some 100 MB; the
 * stacks and arenas of its threads take addresses, not memory.
 */
#define MEMORY_MAX ((uint64_t) 8 * 1024 * 1024 * 1024)
#define SECTOR ((uint64_t) 512)
#define MAP_TIMEOUT_MS (20 * 1000)

/* How QEMU finds FILE of LINK. */
static int
name_file (const struct dc_chain_link *link, const struct dc_policy_file *file,
           char **out, struct dc_error *err)
{
  char *name = NULL;

  /* Its extents are looked for beside it. */
  if (link->header->extent_count > 0 && file == &link->file)
    name = strdup (file->path);
  else if (asprintf (&name, "/proc/self/fd/%d", file->fd) < 0)
    name = NULL;
  if (name == NULL)
    return dc_fail_errno (err, "cannot name a file");
  *out = name;
  return 0;
}

/* The part of what TAKE_NODE reads that is FILE: whole sectors, the last of
 * which an archive has filled up.
 */
static int
window_node (const struct dc_policy_file *file, json_t *take_node, json_t **out,
             struct dc_error *err)
{
  const uint64_t size = (file->size + SECTOR - 1) / SECTOR * SECTOR;

  *out = json_pack ("{s:s, s:I, s:I, s:o}", "driver", "raw", "offset",
                    (json_int_t) file->offset, "size", (json_int_t) size,
                    "file", take_node);
  return *out != NULL ? 0 : dc_json_no_memory (err);
}

/* The node that reads the bytes of FILE. */
static int
file_node (const struct dc_chain_link *link, const struct dc_policy_file *file,
           json_t **out, struct dc_error *err)
{
  AUTO_FREE char *name = NULL;

  if (name_file (link, file, &name, err) < 0)
    return -1;
  json_t *text = json_string (name);
  if (text == NULL)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "'%s' has extents and its path is not UTF-8, which QEMU "
                    "needs",
                    dc_quote (file->name).text);
  json_t *node =
      json_pack ("{s:s, s:o}", "driver",
                 file->is_device ? "host_device" : "file", "filename", text);
  if (node == NULL)
    return dc_json_no_memory (err);
  if (file->is_member)
    return window_node (file, node, out, err);
  *out = node;
  return 0;
}

/* The node of LINK; BACKING, or NULL, becomes part of it. */
static int
link_node (const struct dc_chain_link *link, json_t *take_backing, json_t **out,
           struct dc_error *err)
{
  json_auto_t *backing = take_backing;
  json_auto_t *file = NULL;
  json_auto_t *data = NULL;
  const struct dc_header *header = link->header;

  if (file_node (link, &link->file, &file, err) < 0)
    return -1;
  if (header->data_file != NULL &&
      file_node (link, &link->others[0], &data, err) < 0)
    return -1;
  json_auto_t *node =
      json_pack ("{s:s, s:b, s:O}", "driver", dc_format_name (header->format),
                 "read-only", 1, "file", file);
  if (node == NULL)
    return dc_json_no_memory (err);
  /* "backing": null forbids what the header names; raw has no such key. */
  if (header->format != DC_FORMAT_RAW &&
      json_object_set (node, "backing",
                       backing != NULL ? backing : json_null ()) < 0)
    return dc_json_no_memory (err);
  if (data != NULL && json_object_set (node, "data-file", data) < 0)
    return dc_json_no_memory (err);
  *out = DC_TAKE (node);
  return 0;
}

static int
describe (const struct dc_chain *chain, struct dc_qemu *qemu,
          struct dc_error *err)
{
  json_auto_t *node = NULL;
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  for (size_t i = chain->count; i-- > 0;)
    if (link_node (&chain->links[i], DC_TAKE (node), &node, err) < 0)
      return -1;
  if (dc_json_canonical (node, &text, &size, err) < 0)
    return -1;
  if (asprintf (&qemu->image, "json:%s", text) < 0) {
    qemu->image = NULL; /* undefined after a failure */
    return dc_fail_errno (err, "cannot describe a disk");
  }
  return 0;
}

static int
add_file (struct dc_qemu *qemu, const struct dc_policy_file *file,
          struct dc_error *err)
{
  char **path = &qemu->read_paths[qemu->file_count];

  if (asprintf (path, "/proc/self/fd/%d", file->fd) < 0) {
    *path = NULL; /* undefined after a failure */
    return dc_fail_errno (err, "cannot name a file");
  }
  qemu->keep_fds[qemu->file_count++] = file->fd;
  return 0;
}

static int
list_files (const struct dc_chain *chain, struct dc_qemu *qemu,
            struct dc_error *err)
{
  size_t count = 0;

  for (size_t i = 0; i < chain->count; i++)
    count += 1 + chain->links[i].other_count;
  qemu->read_paths = calloc (count + 1, sizeof *qemu->read_paths);
  qemu->keep_fds = calloc (count, sizeof *qemu->keep_fds);
  if (qemu->read_paths == NULL || qemu->keep_fds == NULL)
    return dc_fail_errno (err, "cannot list the files of a disk");
  for (size_t i = 0; i < chain->count; i++) {
    const struct dc_chain_link *link = &chain->links[i];
    if (add_file (qemu, &link->file, err) < 0)
      return -1;
    for (size_t j = 0; j < link->other_count; j++)
      if (add_file (qemu, &link->others[j], err) < 0)
        return -1;
  }
  return 0;
}

int
dc_qemu_describe (const struct dc_chain *chain, struct dc_qemu **out,
                  struct dc_error *err)
{
  DC_AUTO (dc_qemu) *qemu = calloc (1, sizeof *qemu);

  if (qemu == NULL)
    return dc_fail_errno (err, "cannot describe a disk");
  if (describe (chain, qemu, err) < 0 || list_files (chain, qemu, err) < 0)
    return -1;
  *out = DC_TAKE (qemu);
  return 0;
}

void
dc_qemu_free (struct dc_qemu *qemu)
{
  if (qemu == NULL)
    return;
  for (size_t i = 0; i < qemu->file_count; i++)
    free (qemu->read_paths[i]);
  free (qemu->read_paths);
  free (qemu->keep_fds);
  free (qemu->image);
  free (qemu);
}

void
dc_qemu_confine (const struct dc_qemu *qemu, struct dc_run *run,
                 struct dc_jail *jail)
{
  jail->read_paths = (const char *const *) qemu->read_paths;
  jail->memory_max = MEMORY_MAX;
  run->keep_fds = qemu->keep_fds;
  run->keep_fd_count = qemu->file_count;
  run->jail = jail;
}

/* "qemu-img exited with status 1: ...\"json:{...}}': reason" */
int
dc_qemu_fail (const char *program, struct dc_error *err)
{
  static const char end[] = "}': ";
  const struct dc_error whole = *err;
  const char *reason = NULL;

  for (const char *p = strstr (whole.text, end); p != NULL;
       p = strstr (p + 1, end))
    reason = p + strlen (end);
  if (whole.code == DC_ERR_NOTFOUND)
    err->code = DC_ERR_TOOL; /* the program, not what the user named */
  if (whole.code != DC_ERR_TOOL || reason == NULL)
    return -1;
  return dc_fail (err, DC_ERR_TOOL, "%s cannot open it: %s", program, reason);
}

int
dc_qemu_map (const struct dc_qemu *qemu, const struct dc_report *report,
             struct dc_buffer *text, struct dc_error *err)
{
  struct dc_jail jail = { .cpu_max_s = MAP_TIMEOUT_MS / 1000 };
  struct dc_run run = {
    .argv = (const char *const[]){ "qemu-img", "map", "--output=json",
                                   qemu->image, NULL },
    .out = text,
    .timeout_ms = MAP_TIMEOUT_MS,
  };

  dc_qemu_confine (qemu, &run, &jail);
  if (dc_run (&run, report, err) < 0)
    return dc_qemu_fail ("qemu-img", err);
  return 0;
}
