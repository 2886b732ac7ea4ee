/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/init/pattern.h"
#include "runtime/init/trigger.h"
#include "runtime/init/walk.h"

/* Each watch line has an inotify descriptor of its own while it is armed: on
 * the path, and on the folders above it, for a path that is yet to come.
 */
#define GONE (IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB)
#define ABOVE (GONE | IN_CREATE | IN_MOVED_TO)
#define CHANGED                                                                \
  (GONE | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)

static const uint32_t masks[] = {
  [DI_EVENT_EXISTS] = GONE,     [DI_EVENT_GLOB] = ABOVE,
  [DI_EVENT_CHANGED] = CHANGED, [DI_EVENT_MODIFIED] = CHANGED | IN_MODIFY,
  [DI_EVENT_FILLED] = ABOVE,
};

static bool
is_filled (const char *path)
{
  DIR *dir = opendir (path);
  const struct dirent *entry = NULL;

  if (dir == NULL)
    return false;
  do
    entry = readdir (dir);
  while (entry != NULL && (strcmp (entry->d_name, ".") == 0 ||
                           strcmp (entry->d_name, "..") == 0));
  const bool has_any = entry != NULL;
  closedir (dir);
  return has_any;
}

/* The first match into MATCH. */
static bool
has_match (const char *pattern, char *match, size_t size)
{
  struct di_found found;

  if (di_pattern_find (pattern, &found) < 0)
    return false;
  const bool has_any = found.count > 0;
  *match = '\0';
  if (has_any)
    strncat (match, found.paths[0], size - 1);
  di_found_release (&found);
  return has_any;
}

/* Is what WATCH waits for there?  A changed file is one that came or went since
 * we last looked; other changes are events.
 */
static bool
is_true (struct di_path_watch *watch)
{
  const char *path = watch->line->words[1];
  const bool exists = access (path, F_OK) == 0;
  const bool had = watch->has_existed;

  watch->has_existed = exists;
  switch ((enum di_event) watch->line->choice) {
  case DI_EVENT_EXISTS:
    return exists;
  case DI_EVENT_GLOB:
    return has_match (path, watch->match, sizeof watch->match);
  case DI_EVENT_FILLED:
    return is_filled (path);
  case DI_EVENT_CHANGED:
  case DI_EVENT_MODIFIED:
    break;
  }
  return exists != had;
}

/* Watch the path, as far as it is there, and every folder above it.  Returns
 * the number of the watch of the path itself, -1 when it is not there.
 */
static int
watch_all (int fd, const struct di_line *line)
{
  char path[4096];
  const size_t size = strlen (line->words[1]);
  const bool is_glob = line->choice == DI_EVENT_GLOB;
  int main_watch = -1;

  if (size >= sizeof path)
    return -1;
  memcpy (path, line->words[1], size + 1);
  if (is_glob)
    path[strcspn (path, "*?[")] = '\0';
  else
    main_watch = inotify_add_watch (fd, path, masks[line->choice]);
  for (char *slash = strrchr (path, '/'); slash != NULL;
       slash = strrchr (path, '/')) {
    slash[slash == path] = '\0'; /* the root keeps its slash */
    (void) inotify_add_watch (fd, path, ABOVE | IN_MASK_ADD);
    if (slash == path)
      break;
  }
  return main_watch;
}

/* Take what happened; was it to the path itself? */
static bool
drain (int fd, int main_watch)
{
  union {
    struct inotify_event event;
    char bytes[4096];
  } buffer;
  bool is_main = false;
  ssize_t size;

  while ((size = read (fd, &buffer, sizeof buffer)) > 0) {
    for (ssize_t at = 0; at < size;) {
      const struct inotify_event *event =
          (const struct inotify_event *) (const void *) (buffer.bytes + at);
      if (event->wd == main_watch && (event->mask & IN_IGNORED) == 0)
        is_main = true;
      at += (ssize_t) sizeof *event + event->len;
    }
  }
  return is_main;
}

static void
end (struct di_triggers *triggers, struct di_armed *armed)
{
  (void) triggers;
  for (size_t i = 0; i < armed->watch_count; i++) {
    if (armed->watches[i].fd >= 0)
      close (armed->watches[i].fd);
    armed->watches[i].fd = -1;
  }
}

static void
make_folders (const struct di_trigger *trigger)
{
  size_t position = 0;
  const struct di_line *line;

  while (trigger->makes_folder &&
         (line = di_trigger_next (trigger, DI_WATCH, &position)) != NULL) {
    const mode_t mode = (mode_t) trigger->folder_mode;
    if (line->choice != DI_EVENT_EXISTS && line->choice != DI_EVENT_GLOB &&
        (di_make_parents_mode (line->words[1], mode) < 0 ||
         (mkdir (line->words[1], mode) < 0 && errno != EEXIST)))
      di_say (trigger->name, "cannot make folder '", line->words[1],
              "': ", strerror (errno), NULL);
  }
}

/* At the beginning: make what is to be made, remember what is there. */
static int
begin (struct di_armed *armed)
{
  const struct di_trigger *trigger = armed->trigger;
  size_t position = 0;
  const struct di_line *line;

  make_folders (trigger);
  while (di_trigger_next (trigger, DI_WATCH, &position) != NULL)
    armed->watch_count++;
  armed->watches = calloc (armed->watch_count + 1, sizeof *armed->watches);
  if (armed->watches == NULL) {
    armed->watch_count = 0;
    return -1;
  }
  position = 0;
  for (size_t i = 0; i < armed->watch_count; i++) {
    line = di_trigger_next (trigger, DI_WATCH, &position);
    armed->watches[i].line = line;
    armed->watches[i].fd = -1;
    armed->watches[i].has_existed = access (line->words[1], F_OK) == 0;
  }
  return 0;
}

static void
fire (struct di_triggers *triggers, struct di_armed *armed)
{
  if (di_trigger_is_too_often (armed)) {
    di_trigger_give_up (triggers, armed);
    return;
  }
  end (triggers, armed);
  di_trigger_fire (triggers, armed);
}

/* Is it true at once? */
static bool
look (struct di_armed *armed)
{
  bool is_good = false;

  for (size_t i = 0; i < armed->watch_count; i++) {
    struct di_path_watch *watch = &armed->watches[i];
    if (!is_true (watch))
      continue;
    armed->good_path = watch->line->choice == DI_EVENT_GLOB
                           ? watch->match
                           : watch->line->words[1];
    is_good = true;
  }
  return is_good;
}

/* Watch before looking, so that nothing is missed between. */
static void
arm (struct di_triggers *triggers, struct di_armed *armed)
{
  if (armed->watches == NULL && begin (armed) < 0) {
    di_trigger_give_up (triggers, armed);
    return;
  }
  end (triggers, armed);
  for (size_t i = 0; i < armed->watch_count; i++) {
    struct di_path_watch *watch = &armed->watches[i];
    watch->fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
    if (watch->fd < 0)
      di_say (armed->trigger->name, "cannot watch '", watch->line->words[1],
              "': ", strerror (errno), NULL);
    else
      watch->main_watch = watch_all (watch->fd, watch->line);
    /* What changed while the service ran is seen by the next change. */
    if (watch->line->choice == DI_EVENT_CHANGED ||
        watch->line->choice == DI_EVENT_MODIFIED)
      watch->has_existed = access (watch->line->words[1], F_OK) == 0;
  }
  if (look (armed))
    fire (triggers, armed);
}

static void
watch (const struct di_triggers *triggers, const struct di_armed *armed,
       struct di_watch *all)
{
  (void) triggers;
  for (size_t i = 0; i < armed->watch_count; i++)
    di_watch_add (all, armed->watches[i].fd, POLLIN);
}

static void
act (struct di_triggers *triggers, struct di_armed *armed,
     const struct di_watch *all)
{
  bool is_good = false, is_any = false;

  for (size_t i = 0; i < armed->watch_count && !armed->has_fired; i++) {
    struct di_path_watch *one = &armed->watches[i];
    if (one->fd < 0 || !di_watch_is_ready (all, one->fd))
      continue;
    is_any = true;
    const bool is_main = drain (one->fd, one->main_watch);
    if (is_main && (one->line->choice == DI_EVENT_CHANGED ||
                    one->line->choice == DI_EVENT_MODIFIED)) {
      is_good = true;
      armed->good_path = one->line->words[1];
    }
    one->main_watch = watch_all (one->fd, one->line);
  }
  if (is_any && (look (armed) || is_good))
    fire (triggers, armed);
}

const struct di_trigger_kind di_path_kind = { arm, watch, act, end };
