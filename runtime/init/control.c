/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/init/control.h"
#include "runtime/init/keeper.h"
#include "runtime/init/service.h"
#include "runtime/init/words.h"

#define CLIENT_TIMEOUT_MS 10000 /* to ask, and to take the answer */
#define WORD_MAX 300            /* of a request */
#define LINE_ROOM 4096          /* for one line of a list */
#define BACKLOG 8

const char *const di_control_verbs[] = {
  "start",
  "stop",
  "restart",
  "try-restart",
  "reload",
  "reload-or-restart",
  "try-reload-or-restart",
  "kill",
  "reset-failed",
  "status",
  "set-environment",
  "unset-environment",
  "show-environment",
  "end",
  NULL,
};
const char *const di_control_targets[] = { "main", "control", "all", NULL };

int
di_control_open (struct di_control *control, struct di_fleet *fleet,
                 struct di_error *err)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const char *other = getenv (DI_CONTROL_VARIABLE);
  const char *path = other != NULL ? other : DI_CONTROL_PATH;

  control->fleet = fleet;
  control->fd = -1;
  for (size_t i = 0; i < DI_CLIENT_MAX; i++)
    control->clients[i].fd = -1;
  if (other == NULL && getpid () != 1)
    return 0; /* it is not ours */
  if (strlen (path) >= sizeof address.sun_path)
    return di_fail (err, "the path of the control socket is too long", NULL);
  memcpy (address.sun_path, path, strlen (path));
  (void) unlink (path);
  const int fd =
      socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const mode_t mask = umask (0177);
  const bool is_bound =
      fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0 &&
      listen (fd, BACKLOG) == 0;
  (void) umask (mask);
  if (!is_bound) {
    di_fail_errno (err, "cannot make the control socket '", path, "'", NULL);
    if (fd >= 0)
      close (fd);
    return -1;
  }
  control->fd = fd;
  return 0;
}

void
di_control_watch (const struct di_control *control, struct di_watch *watch)
{
  bool has_room = false;

  for (size_t i = 0; i < DI_CLIENT_MAX; i++) {
    const struct di_client *client = &control->clients[i];
    has_room |= client->fd < 0;
    if (client->fd < 0)
      continue;
    di_watch_add (watch, client->fd,
                  client->phase >= DI_CLIENT_LISTS ? POLLOUT : POLLIN);
    di_watch_until (watch, client->deadline_ms);
  }
  if (has_room)
    di_watch_add (watch, control->fd, POLLIN);
}

static void
leave (struct di_client *client)
{
  close (client->fd);
  client->fd = -1;
}

/* Add a line that consists of the texts up to NULL, each escaped; the last is
 * what does not fit.
 */
static void
put_words (struct di_client *client, const char *const *words)
{
  char *const end = client->text + sizeof client->text - 1;
  char *to = client->text + client->size;

  for (; *words != NULL; words++) {
    char *after = di_escape (*words, to, (size_t) (end - to));
    if (after == NULL)
      break;
    to = after;
    *to++ = words[1] == NULL ? '\n' : ' ';
  }
  to[-1] = '\n';
  client->size = (size_t) (to - client->text);
}

/* The first line of the answer; LISTS: more follow. */
static void
answer (struct di_client *client, const char *reason)
{
  const char *const words[] = { reason == NULL ? "0" : "1", reason, NULL };

  client->size = 0;
  client->next = 0;
  client->phase = DI_CLIENT_LEAVES;
  client->deadline_ms = di_in_ms (CLIENT_TIMEOUT_MS);
  put_words (client, words);
}

static const char *
system_state (const struct di_fleet *fleet)
{
  if (fleet->is_ending)
    return "stopping";
  for (size_t i = 0; i < fleet->plan->service_count; i++) {
    if (fleet->standings[i] == DI_WAITING || fleet->standings[i] == DI_STARTING)
      return "starting";
  }
  return "running";
}

static void
put_service (struct di_client *client, const struct di_fleet *fleet,
             size_t index)
{
  const struct di_service *service = &fleet->plan->services[index];
  const struct di_record *record = &fleet->records[index];
  const char *words[16 + DI_ALIAS_MAX] = { "service", service->name };
  char flags[4] = "";
  char status[DI_STATUS_SIZE];
  size_t position = 0, count = 11, k = 0;
  const struct di_line *line;

  if (service->is_on_demand)
    flags[k++] = 'o';
  if (di_fleet_can_reload (fleet, index))
    flags[k++] = 'r';
  if (fleet->keepers[index] != 0)
    flags[k++] = 'k';
  if (k == 0)
    flags[k++] = '-';
  memcpy (status, record->status, sizeof status);
  status[sizeof status - 1] = '\0';
  words[2] = DI_NUMBER ((int64_t) fleet->standings[index]);
  words[3] = DI_NUMBER (record->state);
  words[4] = DI_NUMBER (record->main_pid);
  words[5] = DI_NUMBER (record->since_ms);
  words[6] = DI_NUMBER (record->restarts);
  words[7] = di_result_name ((enum di_result) record->result);
  words[8] = DI_NUMBER (record->main_status);
  words[9] = flags;
  words[10] = status;
  while ((line = di_next (service, DI_ALIAS, &position)) != NULL) {
    for (size_t i = 0; i < line->count && count < DI_COUNT (words) - 1; i++)
      words[count++] = line->words[i];
  }
  put_words (client, words);
}

/* Add lines of a list while there is room. */
static void
fill (struct di_client *client, const struct di_fleet *fleet)
{
  while (client->phase == DI_CLIENT_LISTS &&
         sizeof client->text - client->size >= LINE_ROOM) {
    if (client->verb == DI_VERB_STATUS &&
        client->next < fleet->plan->service_count) {
      put_service (client, fleet, client->next++);
      continue;
    }
    client->phase = DI_CLIENT_LEAVES;
  }
}

static void
list_variables (struct di_client *client, const struct di_manager *manager)
{
  const char *item = NULL;

  /* One write: they fit, but for the escapes, and then the last are lost. */
  while ((item = di_manager_next (manager, item)) != NULL) {
    const char *const words[] = { item, NULL };
    if (strlen (item) * 3 + 2 <= sizeof client->text - client->size)
      put_words (client, words);
  }
}

/* Write what there is, as far as it goes. */
static void
write_answer (struct di_client *client, const struct di_fleet *fleet)
{
  while (client->fd >= 0) {
    fill (client, fleet);
    if (client->size == 0) {
      leave (client);
      return;
    }
    const ssize_t n =
        send (client->fd, client->text, client->size, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (n < 0) {
      leave (client);
      return;
    }
    client->size -= (size_t) n;
    memmove (client->text, client->text + n, client->size);
  }
}

static void
wait_for (struct di_client *client, size_t service)
{
  client->waited[service / 64] |= UINT64_C (1) << (service % 64);
}

static bool
is_waited_for (const struct di_client *client, size_t service)
{
  return (client->waited[service / 64] >> (service % 64) & 1) != 0;
}

/* How the order to SERVICE went: 1 well, 0 it is not through, -1 badly. */
static int
outcome (const struct di_fleet *fleet, int verb, size_t service)
{
  const enum di_standing standing = fleet->standings[service];

  if (fleet->reloads[service] == DI_RELOAD_RUNS)
    return 0;
  if (standing == DI_WAITING || standing == DI_STARTING ||
      standing == DI_LEAVING || standing == DI_STOPPING)
    return 0;
  if (verb == DI_ORDER_STOP)
    return 1;
  if (fleet->reloads[service] == DI_RELOAD_FAILED && verb >= DI_ORDER_RELOAD)
    return -1;
  if (verb == DI_ORDER_TRY_RESTART || verb == DI_ORDER_TRY_RELOAD_OR_RESTART)
    return standing == DI_FAILED || standing == DI_TRIED ? -1 : 1;
  return standing == DI_UP || standing == DI_IDLE || standing == DI_ENDED ? 1
                                                                          : -1;
}

void
di_control_answer (struct di_control *control)
{
  const struct di_fleet *fleet = control->fleet;

  for (size_t i = 0; i < DI_CLIENT_MAX; i++) {
    struct di_client *client = &control->clients[i];
    const char *failed = NULL;
    bool waits = false;
    if (client->fd < 0 || client->phase != DI_CLIENT_WAITS)
      continue;
    for (size_t k = 0; k < fleet->plan->service_count; k++) {
      const int result =
          is_waited_for (client, k) ? outcome (fleet, client->verb, k) : 1;
      waits |= result == 0;
      if (result < 0)
        failed = fleet->plan->services[k].name;
    }
    if (waits)
      continue;
    struct di_error err;
    if (failed != NULL)
      di_fail (&err, "service '", failed, "' failed to ",
               di_control_verbs[client->verb], NULL);
    answer (client, failed == NULL ? NULL : err.text);
    write_answer (client, fleet);
  }
}

/* The services that WORDS name: their indexes; false with ERR. */
static bool
find_services (const struct di_fleet *fleet, char *const *words, size_t count,
               size_t *services, struct di_error *err)
{
  for (size_t i = 0; i < count; i++) {
    const int index = di_plan_find (fleet->plan, words[i]);
    if (index < 0) {
      di_fail (err, "there is no service '", words[i], "'", NULL);
      return false;
    }
    services[i] = (size_t) index;
  }
  return true;
}

static void
give_orders (struct di_control *control, struct di_client *client,
             char *const *words, size_t count)
{
  const bool blocks = count == 0 || strcmp (words[0], "--no-block") != 0;
  size_t services[WORD_MAX];
  struct di_error err;

  words += !blocks;
  count -= !blocks;
  if (!find_services (control->fleet, words, count, services, &err)) {
    answer (client, err.text);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    if (!di_fleet_order (control->fleet, services[i],
                         (enum di_order) client->verb)) {
      di_fail (&err, "cannot ", di_control_verbs[client->verb], " service '",
               words[i], "' ",
               control->fleet->is_ending ? "while the system stops"
                                         : "as it is now",
               NULL);
      answer (client, err.text);
      return;
    }
    if (blocks)
      wait_for (client, services[i]);
  }
  if (!blocks)
    answer (client, NULL);
  else
    client->phase = DI_CLIENT_WAITS;
}

static void
send_signals (struct di_control *control, struct di_client *client,
              char *const *words, size_t count)
{
  const struct di_fleet *fleet = control->fleet;
  const int signal = count > 0 ? di_signal_find (words[0]) : -1;
  const int who = count > 1 ? di_choice (di_control_targets, words[1]) : -1;
  size_t services[WORD_MAX];
  struct di_error err;

  if (signal < 0 || who < 0) {
    answer (client, "the signal is unknown");
    return;
  }
  if (!find_services (fleet, words + 2, count - 2, services, &err)) {
    answer (client, err.text);
    return;
  }
  for (size_t i = 0; i < count - 2; i++) {
    if (!di_keeper_order (fleet->keepers[services[i]], DI_KEEPER_KILL,
                          who << 8 | signal)) {
      di_fail (&err, "service '", words[i + 2], "' does not run", NULL);
      answer (client, err.text);
      return;
    }
  }
  answer (client, NULL);
}

static void
reset (struct di_control *control, struct di_client *client, char *const *words,
       size_t count)
{
  struct di_fleet *fleet = control->fleet;
  size_t services[WORD_MAX];
  struct di_error err;

  if (!find_services (fleet, words, count, services, &err)) {
    answer (client, err.text);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    fleet->records[services[i]].starts = 0;
    if (fleet->standings[services[i]] == DI_FAILED)
      fleet->standings[services[i]] = DI_ENDED;
  }
  answer (client, NULL);
}

static void
change_variables (struct di_control *control, struct di_client *client,
                  char *const *words, size_t count)
{
  struct di_manager *manager = control->fleet->manager;
  struct di_error err;

  for (size_t i = 0; i < count; i++) {
    if (client->verb == DI_VERB_UNSET)
      di_manager_unset (manager, words[i]);
    else if (di_manager_set (manager, words[i], &err) < 0) {
      answer (client, err.text);
      return;
    }
  }
  answer (client, NULL);
}

static void
serve (struct di_control *control, struct di_client *client, char *const *words,
       size_t count)
{
  switch (client->verb) {
  case DI_VERB_KILL:
    send_signals (control, client, words, count);
    break;
  case DI_VERB_RESET:
    reset (control, client, words, count);
    break;
  case DI_VERB_STATUS: {
    const char *const system[] = { "system", system_state (control->fleet),
                                   NULL };
    answer (client, NULL);
    put_words (client, system);
    client->phase = DI_CLIENT_LISTS;
    break;
  }
  case DI_VERB_SET:
  case DI_VERB_UNSET:
    change_variables (control, client, words, count);
    break;
  case DI_VERB_SHOW:
    answer (client, NULL);
    list_variables (client, control->fleet->manager);
    break;
  case DI_VERB_END:
    di_say (NULL, "asked to stop all services", NULL);
    di_fleet_stop (control->fleet, 0);
    answer (client, NULL);
    break;
  default:
    give_orders (control, client, words, count);
    break;
  }
}

/* The line at TEXT, a copy that its words may lie in. */
static void
take_request (struct di_control *control, struct di_client *client, char *text)
{
  char *words[WORD_MAX];
  struct di_error err;
  const int found = di_split (text, words, WORD_MAX, &err);
  const size_t count = found < 0 ? 0 : (size_t) found;

  if (found < 0) {
    answer (client, err.text);
    return;
  }
  client->verb = count == 0 ? -1 : di_choice (di_control_verbs, words[0]);
  if (client->verb < 0) {
    answer (client, "unknown request");
    return;
  }
  serve (control, client, words + 1, count - 1);
}

static void
read_request (struct di_control *control, struct di_client *client)
{
  static char request[DI_REQUEST_SIZE];
  const ssize_t n = recv (client->fd, client->text + client->size,
                          sizeof client->text - client->size, 0);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0 || client->phase == DI_CLIENT_WAITS) {
    leave (client); /* also who has more to say than one request */
    return;
  }
  client->size += (size_t) n;
  char *end = memchr (client->text, '\n', client->size);
  if (end == NULL && client->size < sizeof client->text)
    return;
  if (end == NULL) {
    answer (client, "the request is too long");
  } else {
    *end = '\0';
    memcpy (request, client->text, (size_t) (end - client->text) + 1);
    take_request (control, client, request);
  }
  if (client->phase >= DI_CLIENT_LISTS)
    write_answer (client, control->fleet);
}

static void
admit (struct di_control *control)
{
  struct ucred peer;
  socklen_t size = sizeof peer;
  size_t i = 0;

  while (i < DI_CLIENT_MAX && control->clients[i].fd >= 0)
    i++;
  const int fd =
      accept4 (control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0)
    return;
  if (i == DI_CLIENT_MAX ||
      getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
      peer.uid != getuid ()) {
    close (fd);
    return;
  }
  control->clients[i] =
      (struct di_client){ .fd = fd,
                          .deadline_ms = di_in_ms (CLIENT_TIMEOUT_MS) };
}

void
di_control_listen (struct di_control *control, const struct di_watch *watch)
{
  const int64_t now_ms = di_now_ms ();

  for (size_t i = 0; i < DI_CLIENT_MAX; i++) {
    struct di_client *client = &control->clients[i];
    if (di_watch_is_ready (watch, client->fd)) {
      if (client->phase >= DI_CLIENT_LISTS)
        write_answer (client, control->fleet);
      else
        read_request (control, client);
    }
    if (client->fd >= 0 && client->phase == DI_CLIENT_WAITS)
      client->deadline_ms = DI_NEVER;
    if (client->fd >= 0 && client->deadline_ms <= now_ms)
      leave (client);
  }
  if (di_watch_is_ready (watch, control->fd))
    admit (control);
}
