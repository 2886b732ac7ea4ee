/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/digest.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/output.h"
#include "lib/quote.h"
#include "lib/statedir.h"
#include "lib/text.h"
#include "lib/words.h"
#include "runtime/record.h"
#include "runtime/volumes.h"

#define FOLDER "volumes"
#define RECORD ".json"
#define DATA ".data"
#define RECORD_SIZE_MAX ((size_t) 64 * 1024)
#define PIECE ((size_t) 256 * 1024)

struct volume_record {
  struct dc_kept_volume kept;
  char runner[16];
  char digest[DC_DIGEST_TEXT_SIZE]; /* of what it was filled with; "" */
  bool is_ready;
};

void
dc_volume_name (const char *container, const char *volume,
                char name[DC_VOLUME_NAME_SIZE])
{
  (void) snprintf (name, DC_VOLUME_NAME_SIZE, "%s_%s", container, volume);
}

int
dc_volume_folder (const char *container, const char *volume,
                  struct dc_buffer *b, struct dc_error *err)
{
  return dc_statedir_path (b, err) < 0
             ? -1
             : dc_buffer_print (b, err, "/" FOLDER "/%s/%s" DATA, container,
                                volume);
}

/* The folder of a container's volumes, made if it is missing and IS_MADE. */
static int
open_folder (const char *container, bool is_made, struct dc_error *err)
{
  AUTO_CLOSE int all = dc_statedir_open_folder (FOLDER, err);

  if (all < 0)
    return -1;
  if (is_made && mkdirat (all, container, 0700) < 0 && errno != EEXIST)
    return dc_fail_errno (err, "cannot make the folder '%s' for volumes",
                          container);
  const int fd =
      openat (all, container, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0)
    return fd;
  return errno == ENOENT ? dc_fail (err, DC_ERR_NOTFOUND, "there are none")
                         : dc_fail_errno (err, "cannot open '%s'", container);
}

static int
write_record (int dir_fd, const struct volume_record *record,
              struct dc_error *err)
{
  AUTO_FREE char *text = NULL, *file = NULL;
  size_t size = 0;
  json_auto_t *json = json_object ();

  dc_json_put_text (&json, "container", record->kept.container);
  dc_json_put_text (&json, "volume", record->kept.volume);
  dc_json_put_text (&json, "id", record->kept.id);
  dc_json_put_text (&json, "runner", record->runner);
  dc_json_put_text (&json, "state", record->is_ready ? "ready" : "filling");
  dc_json_put_text (&json, "digest", record->digest);
  if (json == NULL)
    return dc_json_no_memory (err);
  if (dc_json_pretty (json, &text, &size, err) < 0 ||
      dc_text_print (&file, err, "%s" RECORD, record->kept.volume) < 0)
    return -1;
  return dc_output_replace (dir_fd, file, text, size, err);
}

static int
keep (char *target, size_t size, const char *text, struct dc_error *err)
{
  const int length = snprintf (target, size, "%s", text);

  return length >= 0 && (size_t) length < size
             ? 0
             : dc_fail (err, DC_ERR_INVALID, "'%s' is not of our making",
                        dc_quote (text).text);
}

static int
parse_record (const struct dc_buffer *text, struct volume_record *record,
              struct dc_error *err)
{
  const char *container = NULL, *volume = NULL, *id = NULL, *runner = NULL;
  const char *state = NULL, *digest = NULL;
  json_auto_t *json = NULL;

  if (dc_json_parse (dc_buffer_text (text), text->size, "volume", &json, err) <
          0 ||
      dc_json_unpack (json, "volume", err, "{s:s, s:s, s:s, s:s, s:s, s:s}",
                      "container", &container, "volume", &volume, "id", &id,
                      "runner", &runner, "state", &state, "digest",
                      &digest) < 0)
    return -1;
  record->is_ready = strcmp (state, "ready") == 0;
  struct dc_kept_volume *kept = &record->kept;
  return keep (kept->container, sizeof kept->container, container, err) < 0 ||
                 keep (kept->volume, sizeof kept->volume, volume, err) < 0 ||
                 keep (kept->id, sizeof kept->id, id, err) < 0 ||
                 keep (record->runner, sizeof record->runner, runner, err) < 0
             ? -1
             : keep (record->digest, sizeof record->digest, digest, err);
}

/* What is known of VOLUME: 1, 0 nothing, -1. */
static int
read_record (int dir_fd, const char *volume, struct volume_record *record,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (RECORD_SIZE_MAX);
  AUTO_FREE char *file = NULL;

  if (dc_text_print (&file, err, "%s" RECORD, volume) < 0)
    return -1;
  AUTO_CLOSE int fd = dc_file_open (dir_fd, file, err);
  if (fd < 0)
    return err->code == DC_ERR_NOTFOUND ? 0 : -1;
  if (dc_file_read_all (fd, &text, err) < 0 ||
      parse_record (&text, record, err) < 0)
    return dc_context (err, "the state folder's record of volume '%s'",
                       dc_quote (volume).text);
  if (strcmp (record->kept.volume, volume) != 0)
    return dc_fail (err, DC_ERR_INVALID,
                    "the state folder's record of volume '%s' is that of '%s'",
                    dc_quote (volume).text,
                    dc_quote (record->kept.volume).text);
  return 1;
}

/* The archive is as decant.json says, and read from its start. */
static int
check_archive (int fd, const char *expected, struct dc_error *err)
{
  DC_AUTO (dc_digest) *digest = NULL;
  AUTO_FREE char *bytes = malloc (PIECE);
  char text[DC_DIGEST_TEXT_SIZE];

  if (bytes == NULL)
    return dc_fail_errno (err, "cannot read it");
  if (dc_digest_new (&digest, err) < 0)
    return -1;
  for (;;) {
    const ssize_t size = read (fd, bytes, PIECE);
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0)
      return dc_fail_errno (err, "cannot read it");
    if (size == 0)
      break;
    if (dc_digest_add (digest, bytes, (size_t) size, err) < 0)
      return -1;
  }
  if (dc_digest_end (digest, text, err) < 0)
    return -1;
  if (strcmp (text, expected) != 0)
    return dc_fail (err, DC_ERR_INVALID, "it has digest %s, not %s", text,
                    expected);
  return lseek (fd, 0, SEEK_SET) == 0 ? 0
                                      : dc_fail_errno (err, "cannot read it");
}

static int
open_archive (const struct dc_start *start,
              const struct dc_artifact_volume *volume, struct dc_error *err)
{
  AUTO_CLOSE int fd = dc_artifacts_volume (start->artifacts, volume, err);

  if (fd < 0 || check_archive (fd, volume->digest, err) < 0)
    return -1;
  return DC_TAKE_FD (fd);
}

/* From nothing to ready. */
static int
make (const struct dc_runner *runner, int dir_fd, const struct dc_start *start,
      const struct dc_artifact_volume *volume, const struct dc_report *report,
      struct dc_error *err)
{
  struct volume_record record = { .is_ready = false };
  AUTO_CLOSE int fd = -1;

  if (volume->digest != NULL) {
    fd = open_archive (start, volume, err);
    if (fd < 0)
      return -1;
    (void) snprintf (record.digest, sizeof record.digest, "%s", volume->digest);
    dc_info (report, "filling volume '%s'", volume->name);
  }
  (void) snprintf (record.kept.container, sizeof record.kept.container, "%s",
                   start->name);
  (void) snprintf (record.kept.volume, sizeof record.kept.volume, "%s",
                   volume->name);
  (void) snprintf (record.runner, sizeof record.runner, "%s", runner->name);
  if (dc_record_new_id (record.kept.id, err) < 0 ||
      write_record (dir_fd, &record, err) < 0 ||
      runner->fill_volume (runner, &record.kept, fd, volume->digest, report,
                           err) < 0)
    return -1;
  record.is_ready = true;
  return write_record (dir_fd, &record, err);
}

static int
drop (int dir_fd, const struct volume_record *record,
      const struct dc_report *report, struct dc_error *err)
{
  const struct dc_runner *runner = NULL;
  AUTO_FREE char *file = NULL;

  if (dc_runner_find (record->runner, &runner, err) < 0 ||
      runner->drop_volume (runner, &record->kept, report, err) < 0 ||
      dc_text_print (&file, err, "%s" RECORD, record->kept.volume) < 0)
    return -1;
  return unlinkat (dir_fd, file, 0) == 0 || errno == ENOENT
             ? 0
             : dc_fail_errno (err, "cannot remove its record");
}

/* Is what the record says is ready still there, where RUNNER finds it? */
static int
is_usable (const struct dc_runner *runner, const struct volume_record *record,
           const struct dc_report *report, struct dc_error *err)
{
  const bool is_podman = strcmp (runner->name, "podman") == 0;
  const bool was_podman = strcmp (record->runner, "podman") == 0;

  if (is_podman != was_podman)
    return dc_fail (
        err, DC_ERR_EXISTS,
        "its content is with %s; start with --runner %s, or 'decant "
        "stop --volumes %s' removes it",
        record->runner, record->runner, record->kept.container);
  return runner->find_volume (runner, &record->kept, report, err);
}

static int
prepare (const struct dc_runner *runner, int dir_fd,
         const struct dc_start *start, const struct dc_artifact_volume *volume,
         const struct dc_report *report, struct dc_error *err)
{
  struct volume_record record = { .is_ready = false };
  const int is_known = read_record (dir_fd, volume->name, &record, err);

  if (is_known < 0)
    return -1;
  if (is_known == 1 && record.is_ready) {
    const int is_there = is_usable (runner, &record, report, err);
    if (is_there < 0)
      return -1;
    if (is_there == 1 && volume->digest != NULL &&
        strcmp (record.digest, volume->digest) != 0)
      dc_warn (report,
               "volume '%s' was filled from another export, keeping what is "
               "in it; 'decant stop --volumes %s' removes it",
               volume->name, start->name);
    if (is_there == 1)
      return 0;
  }
  if (is_known == 1 && drop (dir_fd, &record, report, err) < 0)
    return -1;
  return make (runner, dir_fd, start, volume, report, err);
}

int
dc_volumes_prepare (const struct dc_runner *runner,
                    const struct dc_start *start,
                    const struct dc_report *report, struct dc_error *err)
{
  if (start->wants == NULL || start->wants->volumes.count == 0)
    return 0;
  const struct dc_artifact_volume *volumes = start->wants->volumes.items;
  AUTO_CLOSE int dir_fd = open_folder (start->name, true, err);
  if (dir_fd < 0)
    return -1;
  for (size_t i = 0; i < start->wants->volumes.count; i++)
    if (prepare (runner, dir_fd, start, &volumes[i], report, err) < 0)
      return dc_context (err, "volume '%s'", volumes[i].name);
  return 0;
}

/* The names of the volumes with a record. */
static int
list_records (int dir_fd, struct dc_words *names, struct dc_error *err)
{
  const int copy = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = copy >= 0 ? fdopendir (copy) : NULL;
  const struct dirent *entry;
  int status = 0;

  if (dir == NULL)
    return dc_fail_errno (err, "cannot list volumes");
  while (status == 0 && (entry = readdir (dir)) != NULL) {
    const size_t size = strlen (entry->d_name);
    if (dc_text_ends_in (entry->d_name, RECORD))
      status = dc_words_add_bytes (names, entry->d_name, size - strlen (RECORD),
                                   err);
  }
  (void) closedir (dir); /* it was only read */
  dc_words_sort (names);
  return status;
}

int
dc_volumes_remove (const char *name, const struct dc_report *report,
                   struct dc_error *err)
{
  AUTO_WORDS struct dc_words names = { NULL, 0 };
  AUTO_CLOSE int dir_fd = open_folder (name, false, err);

  if (dir_fd < 0)
    return err->code == DC_ERR_NOTFOUND ? 0 : -1;
  if (list_records (dir_fd, &names, err) < 0)
    return -1;
  for (size_t i = 0; i < names.count; i++) {
    struct volume_record record = { .is_ready = false };
    if (read_record (dir_fd, names.items[i], &record, err) < 0 ||
        drop (dir_fd, &record, report, err) < 0)
      return dc_context (err, "volume '%s'", dc_quote (names.items[i]).text);
  }
  AUTO_CLOSE int all = dc_statedir_open_folder (FOLDER, err);
  if (all < 0 || dc_file_remove_tree (all, name, err) < 0)
    return -1;
  return (int) names.count;
}
