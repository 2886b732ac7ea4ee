/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/disk/chain.h"
#include "lib/disk/lock.h"
#include "lib/quote.h"
#include "lib/text.h"

#define SECTOR 512

struct opener {
  const struct dc_policy *policy;
  const struct dc_report *report;
  struct dc_chain *chain;
};

static int
lock (const struct opener *opener, const struct dc_policy_file *file,
      struct dc_error *err)
{
  const int status = dc_lock_as_reader (file->fd, err);

  if (status < 0)
    return dc_context (err, "'%s'", dc_quote (file->name).text);
  if (status == 0)
    dc_warn (opener->report,
             "'%s' is on a file system without locks: nobody is kept from "
             "writing to it, reading it all the same",
             dc_quote (file->name).text);
  return 0;
}

/* What lies in an archive has nothing beside it. */
static int
refuse_companion (const struct dc_chain_link *link, const char *role,
                  const char *name, struct dc_error *err)
{
  if (!link->file.is_member)
    return 0;
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "'%s' names the %s '%s', which a disk in an archive cannot "
                  "have",
                  dc_quote (link->file.name).text, role, dc_quote (name).text);
}

/* A file with data of LINK, called NAME in its header. */
static int
open_other (const struct opener *opener, struct dc_chain_link *link,
            const char *role, const char *name, struct dc_error *err)
{
  if (DC_ARRAY_GROW (link->others, link->other_count, DC_HEADER_EXTENT_MAX,
                     role, err) < 0 ||
      refuse_companion (link, role, name, err) < 0)
    return -1;
  struct dc_policy_file *file = &link->others[link->other_count];
  file->fd = -1;
  if (dc_policy_follow (opener->policy, &link->file, role, name, file, err) < 0)
    return -1;
  link->other_count++;
  return lock (opener, file, err);
}

static int
open_others (const struct opener *opener, struct dc_chain_link *link,
             struct dc_error *err)
{
  const struct dc_header *header = link->header;

  if (header->data_file != NULL &&
      open_other (opener, link, "data file", header->data_file, err) < 0)
    return -1;
  for (size_t i = 0; i < header->extent_count; i++)
    if (open_other (opener, link, "extent", header->extents[i], err) < 0)
      return -1;
  return 0;
}

/* The file of LINK is open; now lock it and read what it says. */
static int
read_link (const struct opener *opener, struct dc_chain_link *link,
           enum dc_format format, struct dc_error *err)
{
  const struct dc_policy_file *file = &link->file;
  const struct dc_window window = dc_policy_window (file);

  if (lock (opener, file, err) < 0)
    return -1;
  if (dc_header_read (&window, format, &link->header, err) < 0)
    return dc_context (err, "'%s'", dc_quote (file->name).text);
  if (link->header->warning != NULL)
    dc_warn (opener->report, "'%s' %s, reading it as it is",
             dc_quote (file->name).text, link->header->warning);
  return open_others (opener, link, err);
}

static int
decide_backing (const struct dc_chain_link *link,
                const struct dc_policy_file *file, enum dc_format *out,
                struct dc_error *err)
{
  const char *stated = link->header->backing_format;
  const struct dc_window window = dc_policy_window (file);

  /* VMware's disks are deltas of their own kind only. */
  if (link->header->format == DC_FORMAT_VMDK)
    stated = dc_format_name (DC_FORMAT_VMDK);
  if (dc_format_decide (file->name, stated, &window, out, err) == 0)
    return 0;
  if (stated != NULL || err->code != DC_ERR_UNSUPPORTED)
    return dc_context (err, "the backing file of '%s'",
                       dc_quote (link->file.name).text);
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "'%s' does not say of which format its backing file '%s' "
                  "is; say it with qemu-img rebase -u -F FORMAT",
                  dc_quote (link->file.name).text, dc_quote (file->name).text);
}

/* The link behind LINK. */
static int
open_backing (const struct opener *opener, const struct dc_chain_link *link,
              struct dc_error *err)
{
  struct dc_chain *chain = opener->chain;
  enum dc_format format = DC_FORMAT_RAW;

  if (chain->count == DC_CHAIN_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d backing files",
                    DC_CHAIN_MAX - 1);
  struct dc_chain_link *next = &chain->links[chain->count];
  if (refuse_companion (link, "backing file", link->header->backing, err) < 0 ||
      dc_policy_follow (opener->policy, &link->file, "backing file",
                        link->header->backing, &next->file, err) < 0)
    return -1;
  chain->count++;
  if (decide_backing (link, &next->file, &format, err) < 0)
    return -1;
  dc_info (opener->report, "'%s' uses the backing file '%s' (%s)",
           dc_quote (link->file.name).text, dc_quote (next->file.name).text,
           dc_format_name (format));
  return read_link (opener, next, format, err);
}

static int
open_first (const struct opener *opener, const char *stated,
            struct dc_error *err)
{
  struct dc_chain_link *link = &opener->chain->links[0];
  const struct dc_policy_file *file = &link->file;
  const struct dc_window window = dc_policy_window (file);
  const char *path = file->name;
  enum dc_format format = DC_FORMAT_RAW;

  if (file->size == 0)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is empty", dc_quote (path).text);
  if (dc_format_decide (path, stated, &window, &format, err) < 0)
    return -1;
  if (format == DC_FORMAT_RAW && file->size < SECTOR)
    return dc_fail (err, DC_ERR_INVALID,
                    "'%s' is %llu bytes, less than a sector",
                    dc_quote (path).text, (unsigned long long) file->size);
  if (format == DC_FORMAT_RAW && file->size % SECTOR != 0)
    dc_warn (opener->report,
             "'%s' does not end at a sector of %d bytes, leaving out its last "
             "%u bytes",
             dc_quote (path).text, SECTOR, (unsigned) (file->size % SECTOR));
  return read_link (opener, link, format, err);
}

/* The part of FILE that is the disk. */
static int
enter_archive (const struct dc_disk_member *member, struct dc_policy_file *file,
               struct dc_error *err)
{
  char *name = NULL;

  if (member->offset > file->size || member->size > file->size - member->offset)
    return dc_fail (err, DC_ERR_INVALID, "'%s' ends before its member '%s'",
                    dc_quote (file->name).text, dc_quote (member->name).text);
  if (dc_text_print (&name, err, "%s/%s", file->name, member->name) < 0)
    return -1;
  free (file->name);
  file->name = name;
  file->offset = member->offset;
  file->size = member->size;
  file->is_member = true;
  return 0;
}

/* The file PATH that OPTIONS speak of. */
static int
open_named (const char *path, const struct dc_disk_options *options,
            struct dc_policy **policy, struct dc_policy_file *file,
            struct dc_error *err)
{
  AUTO_POLICY_FILE struct dc_policy_file definition = { .fd = -1 };

  if (options->named_by != NULL)
    return dc_policy_open (options->named_by, options->allow_backing, policy,
                           &definition, err) < 0
               ? -1
               : dc_policy_follow (*policy, &definition, "disk", path, file,
                                   err);
  if (dc_policy_open (path, options->allow_backing, policy, file, err) < 0)
    return -1;
  return options->member == NULL ? 0
                                 : enter_archive (options->member, file, err);
}

int
dc_chain_open (const char *path, const struct dc_disk_options *options,
               const struct dc_report *report, struct dc_chain **out,
               struct dc_error *err)
{
  DC_AUTO (dc_policy) *policy = NULL;
  DC_AUTO (dc_chain) *chain = calloc (1, sizeof *chain);

  if (chain == NULL)
    return dc_fail_errno (err, "cannot keep a disk");
  chain->links[0].file.fd = -1;
  chain->count = 1;
  if (open_named (path, options, &policy, &chain->links[0].file, err) < 0)
    return -1;
  const struct opener opener = { policy, report, chain };
  if (open_first (&opener, options->format, err) < 0)
    return -1;
  const struct dc_chain_link *last = &chain->links[0];
  while (last->header->backing != NULL) {
    if (open_backing (&opener, last, err) < 0)
      return -1;
    last = &chain->links[chain->count - 1];
  }
  *out = DC_TAKE (chain);
  return 0;
}

void
dc_chain_free (struct dc_chain *chain)
{
  if (chain == NULL)
    return;
  for (size_t i = 0; i < chain->count; i++) {
    struct dc_chain_link *link = &chain->links[i];
    dc_policy_file_release (&link->file);
    dc_header_free (link->header);
    for (size_t j = 0; j < link->other_count; j++)
      dc_policy_file_release (&link->others[j]);
    free (link->others);
  }
  free (chain);
}
