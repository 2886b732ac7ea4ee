/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/json.h"
#include "lib/output.h"
#include "lib/quote.h"
#include "lib/statedir.h"
#include "runtime/record.h"

#define FOLDER "running"
#define LOCK_TRIES 100

struct dc_recordlock {
  int dir_fd;
  int lock_fd;
  char json[DC_RUN_NAME_MAX + sizeof ".json"];
  char lock[DC_RUN_NAME_MAX + sizeof ".lock"];
};

static int
check_name (const char *name, struct dc_error *err)
{
  static const char bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";

  if (name[0] == '\0' || strchr ("_.-", name[0]) != NULL ||
      name[strspn (name, bytes)] != '\0' || strlen (name) > DC_RUN_NAME_MAX)
    return dc_fail (err, DC_ERR_INVALID,
                    "'%s' cannot name a container: use at most %d of a-z, 0-9, "
                    "'_', '.', '-'",
                    dc_quote (name).text, DC_RUN_NAME_MAX);
  return 0;
}

/* Whoever had the lock before may have removed its file meanwhile: then it
 * protects nothing.  1: ours, 0: try again.
 */
static int
try_lock (struct dc_recordlock *lock, struct dc_error *err)
{
  struct stat st;
  AUTO_CLOSE int fd = openat (lock->dir_fd, lock->lock,
                              O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    return dc_fail_errno (err, "cannot open its lock");
  if (flock (fd, LOCK_EX | LOCK_NB) < 0)
    return errno == EWOULDBLOCK
               ? dc_fail (err, DC_ERR_BUSY,
                          "another decant starts or stops it at this moment")
               : dc_fail_errno (err, "cannot lock it");
  if (fstat (fd, &st) < 0)
    return dc_fail_errno (err, "cannot look at its lock");
  if (st.st_nlink == 0)
    return 0;
  lock->lock_fd = DC_TAKE_FD (fd);
  return 1;
}

int
dc_record_lock (const char *name, struct dc_recordlock **out,
                struct dc_error *err)
{
  if (check_name (name, err) < 0)
    return -1;
  DC_AUTO (dc_recordlock) *lock = calloc (1, sizeof *lock);
  if (lock == NULL)
    return dc_fail_errno (err, "cannot keep a lock");
  lock->lock_fd = -1;
  (void) snprintf (lock->json, sizeof lock->json, "%s.json", name);
  (void) snprintf (lock->lock, sizeof lock->lock, "%s.lock", name);
  lock->dir_fd = dc_statedir_open_folder (FOLDER, err);
  if (lock->dir_fd < 0)
    return -1;
  for (int i = 0; i < LOCK_TRIES; i++) {
    const int is_locked = try_lock (lock, err);
    if (is_locked < 0)
      return dc_context (err, "container '%s'", name);
    if (is_locked == 1) {
      dc_output_sweep (lock->dir_fd); /* records that were never complete */
      *out = DC_TAKE (lock);
      return 0;
    }
  }
  return dc_fail (err, DC_ERR_BUSY, "container '%s': its lock changes for ever",
                  name);
}

void
dc_recordlock_free (struct dc_recordlock *lock)
{
  if (lock == NULL)
    return;
  if (lock->lock_fd >= 0)
    (void) unlinkat (lock->dir_fd, lock->lock, 0); /* one left does no harm */
  dc_close_auto (&lock->lock_fd);
  dc_close_auto (&lock->dir_fd);
  free (lock);
}

static int
keep_text (char *target, size_t size, const char *text, struct dc_error *err)
{
  const int length = snprintf (target, size, "%s", text);

  return length > 0 && (size_t) length < size
             ? 0
             : dc_fail (err, DC_ERR_INVALID, "'%s' is not of our making",
                        dc_quote (text).text);
}

static int
parse (const struct dc_buffer *text, struct dc_record *out,
       struct dc_error *err)
{
  const char *name = NULL, *id = NULL, *runner = NULL, *state = NULL;
  const char *image = NULL;
  int stop_s = 0;
  json_auto_t *json = NULL;

  if (dc_json_parse (dc_buffer_text (text), text->size, "record", &json, err) <
          0 ||
      dc_json_unpack (json, "record", err, "{s:s, s:s, s:s, s:s, s:s, s?i}",
                      "name", &name, "id", &id, "runner", &runner, "state",
                      &state, "image", &image, "stop_s", &stop_s) < 0)
    return -1;
  struct dc_record record = { .is_running = strcmp (state, "running") == 0 };
  record.started.stop_s = stop_s > 0 ? stop_s : 0;
  if (keep_text (record.started.image, sizeof record.started.image, image,
                 err) < 0 ||
      keep_text (record.started.name, sizeof record.started.name, name, err) <
          0 ||
      keep_text (record.started.id, sizeof record.started.id, id, err) < 0 ||
      keep_text (record.runner, sizeof record.runner, runner, err) < 0)
    return -1;
  *out = record;
  return 0;
}

int
dc_record_read (const struct dc_recordlock *lock, struct dc_record *out,
                struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_RECORD_SIZE_MAX);
  struct dc_record record;
  AUTO_CLOSE int fd = dc_file_open (lock->dir_fd, lock->json, err);

  if (fd < 0)
    return err->code == DC_ERR_NOTFOUND ? 0 : -1;
  if (dc_file_read_all (fd, &text, err) < 0 || parse (&text, &record, err) < 0)
    return dc_context (err, "the state folder's '%s/%s'", FOLDER, lock->json);
  if (strncmp (record.started.name, lock->json,
               strlen (lock->json) - strlen (".json")) != 0 ||
      strlen (record.started.name) + strlen (".json") != strlen (lock->json))
    return dc_fail (err, DC_ERR_INVALID,
                    "the state folder's '%s/%s' is the record of '%s'", FOLDER,
                    lock->json, dc_quote (record.started.name).text);
  *out = record;
  return 1;
}

int
dc_record_write (const struct dc_recordlock *lock,
                 const struct dc_record *record, const struct dc_start *start,
                 int pid, struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  size_t size = 0;
  json_auto_t *json = json_object ();

  dc_json_put_text (&json, "name", record->started.name);
  dc_json_put_text (&json, "id", record->started.id);
  dc_json_put_text (&json, "runner", record->runner);
  dc_json_put_text (&json, "state",
                    record->is_running ? "running" : "starting");
  dc_json_put_text (&json, "image", record->started.image);
  dc_json_put_text (&json, "layout", start->layout_path);
  dc_json_put_text (&json, "tag", start->tag);
  dc_json_put_text (&json, "digest", start->image->target.digest);
  dc_json_put (&json, "pid", json_integer (pid));
  dc_json_put (&json, "stop_s", json_integer (record->started.stop_s));
  if (json == NULL)
    return dc_json_no_memory (err);
  if (dc_json_pretty (json, &text, &size, err) < 0)
    return -1;
  return dc_output_replace (lock->dir_fd, lock->json, text, size, err);
}

int
dc_record_remove (const struct dc_recordlock *lock, struct dc_error *err)
{
  if (unlinkat (lock->dir_fd, lock->json, 0) < 0 && errno != ENOENT)
    return dc_fail_errno (err, "cannot remove the record '%s'", lock->json);
  return 0;
}

int
dc_record_new_id (char id[DC_RUN_ID_SIZE], struct dc_error *err)
{
  unsigned char bytes[(DC_RUN_ID_SIZE - 1) / 2];

  if (getrandom (bytes, sizeof bytes, 0) != (ssize_t) sizeof bytes)
    return dc_fail_errno (err, "cannot make an id");
  for (size_t i = 0; i < sizeof bytes; i++)
    (void) snprintf (id + 2 * i, 3, "%02x", bytes[i]);
  return 0;
}
