/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/appliance/appliance.h"
#include "analyzer/source/sourceappliance.h"
#include "lib/confine.h"
#include "lib/file.h"
#include "lib/quote.h"

#define FD_MAX 256                        /* descriptors of one worker */
#define KEY_SIZE_MAX ((size_t) 64 * 1024) /* bytes of a key file */

/* The passphrase is the file's first line. */
static int
read_key (const char *path, struct dc_buffer *key, struct dc_error *err)
{
  const bool is_stdin = strcmp (path, "-") == 0;
  AUTO_CLOSE int fd = is_stdin ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                               : dc_file_open (AT_FDCWD, path, err);

  if (fd < 0)
    return is_stdin ? dc_fail_errno (err, "cannot read standard input") : -1;
  if (dc_file_read_all (fd, key, err) < 0)
    return dc_context (err, "key file '%s'", dc_quote (path).text);
  key->data[strcspn (key->data, "\n")] = '\0';
  return 0;
}

/* A worker that reads what the appliance sends. */
struct reading {
  const struct dc_sourceappliance *guest;
  const struct dc_source_work *work;
  int fd;
  int spool;
};

static int
work_on_appliance (void *arg, const struct dc_report *report, json_t **result,
                   struct dc_error *err)
{
  const struct reading *reading = arg;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_guest *guest = NULL;

  if (dc_appliance_tree (reading->fd, reading->spool, &tree, &guest, err) < 0)
    return -1;
  guest->machine = json_incref (reading->guest->machine);
  return reading->work->run (reading->work->arg, tree, guest, report, result,
                             err);
}

/* Its disks at EXPORTS, which has room for them. */
static int
export_disks (const struct dc_sourceappliance *guest,
              const struct dc_report *report, struct dc_disk_export *exports,
              struct dc_error *err)
{
  for (size_t i = 0; i < guest->disk_count; i++)
    if (dc_disk_source_export (guest->disks[i], report, &exports[i], err) < 0)
      return -1;
  return 0;
}

static int
start_for_one (const struct dc_sourceappliance *guest,
               const struct dc_report *report, struct dc_appliance **out,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer key = DC_BUFFER_INIT (KEY_SIZE_MAX);
  struct dc_disk_export exports[DC_GUEST_DISK_MAX];
  const char *keys[2] = { NULL, NULL };

  if (export_disks (guest, report, exports, err) < 0)
    return -1;
  if (guest->key_file != NULL) {
    if (read_key (guest->key_file, &key, err) < 0)
      return -1;
    keys[0] = key.data;
  }
  const struct dc_appliance_guest only = { .disks = exports,
                                           .disk_count = guest->disk_count,
                                           .root = guest->root,
                                           .keys = keys };
  const struct dc_appliance_options options = { &only, 1 };
  const int status = dc_appliance_start (&options, report, out, err);
  if (key.data != NULL)
    explicit_bzero (key.data, key.capacity);
  return status;
}

static int
start_for_all (const struct dc_sourceappliance *guests, size_t count,
               const struct dc_report *report, struct dc_appliance **out,
               struct dc_error *err)
{
  struct dc_disk_export exports[DC_APPLIANCE_GUEST_MAX][DC_GUEST_DISK_MAX];
  struct dc_appliance_guest all[DC_APPLIANCE_GUEST_MAX];

  if (count > DC_APPLIANCE_GUEST_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%zu guests at once, limit %d", count,
                    DC_APPLIANCE_GUEST_MAX);
  for (size_t i = 0; i < count; i++) {
    if (export_disks (&guests[i], report, exports[i], err) < 0)
      return -1;
    all[i] = (struct dc_appliance_guest){ .disks = exports[i],
                                          .disk_count = guests[i].disk_count,
                                          .root = guests[i].root };
  }
  const struct dc_appliance_options options = { all, count };
  return dc_appliance_start (&options, report, out, err);
}

/* Do WORK on what APPLIANCE sends of GUEST, its number INDEX. */
static int
read_guest (struct dc_appliance *appliance, size_t index,
            const struct dc_sourceappliance *guest,
            const struct dc_source_work *work, const struct dc_report *report,
            json_t **result, struct dc_error *err)
{
  DC_AUTO (dc_worker) *reader = NULL;
  AUTO_CLOSE int spool = dc_file_spool (err);
  int fds[FD_MAX];
  size_t count = 0;

  if (spool < 0)
    return -1;
  if (work->keep_fd_count + 2 > FD_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "too many descriptors for one worker");
  for (; count < work->keep_fd_count; count++)
    fds[count] = work->keep_fds[count];
  struct reading reading = { guest, work, dc_appliance_fd (appliance, index),
                             spool };
  fds[count++] = reading.fd;
  fds[count++] = reading.spool;
  const struct dc_confine confine = { .name = work->name,
                                      .keep_fds = fds,
                                      .keep_fd_count = count };
  if (dc_worker_start (&confine, work_on_appliance, &reading, &reader, err) < 0)
    return -1;
  dc_appliance_pair (appliance, reader);
  return dc_worker_wait (reader, report, result, err);
}

int
dc_sourceappliance_run (const struct dc_sourceappliance *guest,
                        const struct dc_source_work *work,
                        const struct dc_report *report, json_t **result,
                        struct dc_error *err)
{
  DC_AUTO (dc_appliance) *appliance = NULL;
  json_auto_t *made = NULL;

  if (start_for_one (guest, report, &appliance, err) < 0)
    return -1;
  const int status = read_guest (appliance, 0, guest, work, report, &made, err);
  if (dc_appliance_end (appliance, status, report, err) < 0)
    return -1;
  *result = DC_TAKE (made);
  return 0;
}

int
dc_sourceappliance_run_all (const struct dc_sourceappliance *guests,
                            size_t count, const struct dc_source_work *work,
                            const struct dc_source_sink *sink,
                            const struct dc_report *report,
                            struct dc_error *err)
{
  DC_AUTO (dc_appliance) *appliance = NULL;

  if (start_for_all (guests, count, report, &appliance, err) < 0)
    return -1;
  for (size_t i = 0; i < count; i++) {
    json_auto_t *result = NULL;
    struct dc_error why = { .code = DC_OK };
    int status =
        read_guest (appliance, i, &guests[i], work, report, &result, &why);
    status = dc_appliance_next (appliance, i, status, report, &why);
    if (status < 0 && why.code == DC_ERR_CANCELLED) {
      *err = why;
      return -1;
    }
    if (sink->take (sink->self, i, status == 0 ? result : NULL, &why, err) < 0)
      return -1;
  }
  return 0;
}
