/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/init/client.h"
#include "runtime/init/service.h"

#define STEP 65536
#define UNIT_WORDS 11 /* before the aliases; see runtime/init/control.h */

static int
connect_to (struct di_error *err)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const char *other = getenv (DI_CONTROL_VARIABLE);
  const char *path = other != NULL ? other : DI_CONTROL_PATH;

  if (strlen (path) >= sizeof address.sun_path)
    return di_fail (err, "'", path, "' is too long", NULL);
  memcpy (address.sun_path, path, strlen (path));
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return di_fail_errno (err, "cannot make a socket", NULL);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) < 0) {
    di_fail_errno (err, "decant-init does not answer at '", path, "'", NULL);
    close (fd);
    return -1;
  }
  return fd;
}

static int
send_request (int fd, const char *verb, const char *const *words, size_t count,
              struct di_error *err)
{
  char line[DI_REQUEST_SIZE];
  char *to = di_escape (verb, line, sizeof line - 1);

  for (size_t i = 0; i < count && to != NULL; i++) {
    *to++ = ' ';
    to = di_escape (words[i], to, (size_t) (line + sizeof line - 1 - to));
  }
  if (to == NULL)
    return di_fail (err, "the request is too long", NULL);
  *to++ = '\n';
  for (const char *s = line; s < to;) {
    const ssize_t n = send (fd, s, (size_t) (to - s), MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR)
      return di_fail_errno (err, "cannot ask decant-init", NULL);
    s += n < 0 ? 0 : n;
  }
  return 0;
}

/* All up to the end, and a NUL, for the caller. */
static char *
read_answer (int fd, struct di_error *err)
{
  char *text = NULL;
  size_t size = 0;
  ssize_t n = 1;

  while (n != 0 && size < DI_ANSWER_SIZE_MAX) {
    char *more = realloc (text, size + STEP + 1);
    if (more == NULL)
      break;
    text = more;
    n = recv (fd, text + size, STEP, 0);
    if (n < 0 && errno != EINTR)
      break;
    size += n < 0 ? 0 : (size_t) n;
  }
  if (n != 0 || size == 0) {
    di_fail (err, "decant-init's answer breaks off", NULL);
    free (text);
    return NULL;
  }
  text[size] = '\0';
  return text;
}

int
di_ask (const char *verb, const char *const *words, size_t count, char **lines,
        struct di_error *err)
{
  const int fd = connect_to (err);

  if (fd < 0)
    return -1;
  char *text = send_request (fd, verb, words, count, err) < 0
                   ? NULL
                   : read_answer (fd, err);
  close (fd);
  if (text == NULL)
    return -1;
  char *rest = strchr (text, '\n');
  rest = rest == NULL ? text + strlen (text) : rest;
  if (*rest == '\n')
    *rest++ = '\0';
  const bool is_done = text[0] == '0';
  if (!is_done) {
    struct di_error ignored;
    char *reason = text + 1 + (text[1] == ' ');
    (void) di_unescape (reason, &ignored); /* then it is told as it came */
    di_fail (err, reason, NULL);
  } else if (lines != NULL) {
    *lines = strdup (rest);
  }
  free (text);
  return is_done ? 0 : 1;
}

static int64_t
number (const char *word)
{
  int64_t n = -1;

  (void) di_number_parse (word, 10, 0, INT64_MAX, &n); /* else it is -1 */
  return n;
}

static void
take_unit (struct di_view *view, char **words, size_t count)
{
  if (count < UNIT_WORDS || view->count == DI_SERVICE_MAX)
    return;
  view->units[view->count++] = (struct di_unit){
    .name = words[1],
    .standing = (enum di_standing) number (words[2]),
    .state = (int) number (words[3]),
    .main_pid = number (words[4]),
    .since_ms = number (words[5]),
    .restarts = number (words[6]),
    .result = words[7],
    .main_status = (int) number (words[8]),
    .is_on_demand = strchr (words[9], 'o') != NULL,
    .can_reload = strchr (words[9], 'r') != NULL,
    .has_keeper = strchr (words[9], 'k') != NULL,
    .text = words[10],
    .aliases = words + UNIT_WORDS,
    .alias_count = count - UNIT_WORDS,
  };
}

int
di_view_load (struct di_view *view, struct di_error *err)
{
  size_t used = 0;
  const size_t room = (UNIT_WORDS + DI_ALIAS_MAX) * (DI_SERVICE_MAX + 1);

  *view = (struct di_view){ .system = "unknown" };
  if (di_ask ("status", NULL, 0, &view->text, err) != 0)
    return -1;
  view->words = calloc (room, sizeof *view->words);
  if (view->text == NULL || view->words == NULL)
    return di_fail_errno (err, "cannot keep the answer", NULL);
  for (char *line = view->text; *line != '\0';) {
    char *end = line + strcspn (line, "\n");
    char *next = end + (*end == '\n');
    char **words = view->words + used;
    *end = '\0';
    const int count = di_split (line, words, room - used, err);
    if (count < 0)
      return -1;
    used += (size_t) count;
    if (count > 1 && strcmp (words[0], "system") == 0)
      view->system = words[1];
    else if (count > 0 && strcmp (words[0], "service") == 0)
      take_unit (view, words, (size_t) count);
    line = next;
  }
  return 0;
}

void
di_view_release (struct di_view *view)
{
  free (view->text);
  free (view->words);
}

/* Are A and B, which is SIZE bytes, one name? */
static bool
is_same (const char *a, const char *b, size_t size)
{
  return strncmp (a, b, size) == 0 && a[size] == '\0';
}

const struct di_unit *
di_view_find (const struct di_view *view, const char *name)
{
  static const char suffix[] = ".service";
  size_t size = strlen (name);

  if (size > sizeof suffix - 1 &&
      strcmp (name + size - (sizeof suffix - 1), suffix) == 0)
    size -= sizeof suffix - 1;
  for (size_t i = 0; i < view->count; i++) {
    const struct di_unit *unit = &view->units[i];
    if (is_same (unit->name, name, size))
      return unit;
    for (size_t k = 0; k < unit->alias_count; k++) {
      if (is_same (unit->aliases[k], name, size))
        return unit;
    }
  }
  return NULL;
}

/* A keeper's states in systemd's words. */
static const struct {
  const char *active, *sub;
} states[] = {
  [DI_CHECK] = { "activating", "condition" },
  [DI_PRE] = { "activating", "start-pre" },
  [DI_START] = { "activating", "start" },
  [DI_POST] = { "activating", "start-post" },
  [DI_RUNNING] = { "active", "running" },
  [DI_EXITED] = { "active", "exited" },
  [DI_RELOAD] = { "reloading", "reload" },
  [DI_STOP] = { "deactivating", "stop" },
  [DI_ABORT] = { "deactivating", "stop-watchdog" },
  [DI_TERM] = { "deactivating", "stop-sigterm" },
  [DI_KILL] = { "deactivating", "stop-sigkill" },
  [DI_STOP_POST] = { "deactivating", "stop-post" },
  [DI_FINAL] = { "deactivating", "final-sigterm" },
  [DI_DEAD] = { NULL, NULL },
  [DI_WAIT] = { "activating", "auto-restart" },
  [DI_DONE] = { NULL, NULL },
};

static bool
is_alive (const struct di_unit *unit)
{
  return unit->has_keeper && unit->state >= 0 &&
         (size_t) unit->state < DI_COUNT (states) &&
         states[unit->state].active != NULL;
}

/* As systemd has it, one that was never tried, because of an assertion or of
 * another that it needs, did not fail itself.
 */
static bool
has_failed (const struct di_unit *unit)
{
  return unit->standing == DI_FAILED && strcmp (unit->result, "success") != 0;
}

const char *
di_unit_active (const struct di_unit *unit)
{
  if (is_alive (unit))
    return states[unit->state].active;
  return has_failed (unit) ? "failed" : "inactive";
}

const char *
di_unit_sub (const struct di_unit *unit)
{
  if (is_alive (unit))
    return states[unit->state].sub;
  return has_failed (unit) ? "failed" : "dead";
}

const struct di_unit *
di_view_unready (const struct di_view *view)
{
  for (size_t i = 0; i < view->count; i++) {
    const struct di_unit *unit = &view->units[i];
    const char *active = di_unit_active (unit);
    if (!unit->is_on_demand && unit->standing != DI_ENDED &&
        strcmp (active, "active") != 0 && strcmp (active, "reloading") != 0)
      return unit;
  }
  return NULL;
}
