/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/init/connection.h"
#include "runtime/init/keeper.h"

#define NAME_SIZE (DI_NAME_MAX + 2 * (INET6_ADDRSTRLEN + 8) + DI_NUMBER_SIZE)

struct di_connection {
  struct di_connection *next;
  size_t trigger;
  pid_t keeper;
  int report_fd; /* nobody reads it: nothing follows from its end */
  struct di_service service;
  struct di_peer peer;
  char name[NAME_SIZE];
};

/* "finger@7-10.0.0.1:79-10.0.0.2:4711", as systemd has it; of a unix socket
 * "@7-PID-UID".
 */
static void
make_name (struct di_connection *connection, const struct di_service *template,
           int64_t number, int fd)
{
  struct di_peer local;
  struct ucred who = { 0 };
  socklen_t size = sizeof who;

  di_peer_read (fd, &connection->peer, &local);
  const bool is_internet = connection->peer.host[0] != '\0';
  if (!is_internet)
    (void) getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &who, &size);
  const char *const parts[] = {
    template->name,
    DI_NUMBER (number),
    "-",
    is_internet ? local.host : DI_NUMBER (who.pid),
    is_internet ? ":" : "",
    is_internet ? DI_NUMBER (local.port) : "",
    "-",
    is_internet ? connection->peer.host : DI_NUMBER (who.uid),
    is_internet ? ":" : "",
    is_internet ? DI_NUMBER (connection->peer.port) : "",
  };
  char *end = connection->name;
  for (size_t i = 0; i < DI_COUNT (parts); i++)
    end = mempcpy (end, parts[i], strlen (parts[i]));
}

/* Are there too many, of this socket or from this source? */
static bool
is_refused (const struct di_triggers *triggers, const struct di_armed *armed,
            const struct di_peer *peer)
{
  int64_t count = 0, same = 0;

  for (const struct di_connection *c = triggers->connections; c != NULL;
       c = c->next) {
    if (c->trigger != armed->index)
      continue;
    count++;
    same += strcmp (c->peer.host, peer->host) == 0;
  }
  const int64_t limit = armed->trigger->max_per_source;
  if (count < armed->trigger->max_connections &&
      triggers->connection_count < DI_CONNECTION_MAX &&
      (limit == 0 || same < limit))
    return false;
  di_say (armed->trigger->name, "a connection",
          peer->host[0] != '\0' ? " from " : "", peer->host,
          " is refused: there are ", DI_NUMBER (count), " already", NULL);
  return true;
}

/* Start an instance for the connection FD, which stays the caller's. */
static void
start (struct di_triggers *triggers, struct di_armed *armed, int fd)
{
  const struct di_service *template =
      &triggers->fleet->plan->services[armed->trigger->service];
  struct di_connection *connection = calloc (1, sizeof *connection);
  const struct di_passing passing = {
    .fds = { fd },
    .names = { "connection" },
    .count = 1,
    .remote = connection == NULL ? NULL : &connection->peer,
  };

  if (connection == NULL) {
    di_say (template->name, "no memory for a connection", NULL);
    return;
  }
  make_name (connection, template, armed->accepted, fd);
  connection->service = *template;
  connection->service.name = connection->name;
  connection->trigger = armed->index;
  const struct di_keeping keeping = { .service = &connection->service,
                                      .manager = triggers->fleet->manager,
                                      .passing = &passing };
  if (!is_refused (triggers, armed, &connection->peer))
    connection->keeper = di_keeper_start (&keeping, &connection->report_fd);
  if (connection->keeper <= 0) {
    free (connection);
    return;
  }
  connection->next = triggers->connections;
  triggers->connections = connection;
  triggers->connection_count++;
  armed->accepted++;
}

void
di_connections_accept (struct di_triggers *triggers, struct di_armed *armed,
                       int fd)
{
  for (;;) {
    const int connection =
        accept4 (fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0)
      return;
    if (di_trigger_is_too_often (armed)) {
      close (connection);
      di_trigger_give_up (triggers, armed);
      return;
    }
    start (triggers, armed, connection);
    close (connection);
  }
}

bool
di_connections_child_ended (struct di_triggers *triggers, pid_t pid)
{
  for (struct di_connection **at = &triggers->connections; *at != NULL;
       at = &(*at)->next) {
    struct di_connection *connection = *at;
    if (connection->keeper != pid)
      continue;
    *at = connection->next;
    triggers->connection_count--;
    close (connection->report_fd);
    free (connection);
    return true;
  }
  return false;
}

void
di_connections_stop (struct di_triggers *triggers)
{
  for (const struct di_connection *c = triggers->connections; c != NULL;
       c = c->next)
    kill (c->keeper, SIGTERM);
}

static void
arm (struct di_triggers *triggers, struct di_armed *armed)
{
  if (triggers->sockets->counts[armed->index] == 0)
    armed->is_over = true; /* they could not be opened */
  else if (armed->trigger->is_flushed && armed->down_ms >= 0)
    di_sockets_flush (triggers->sockets, armed->index);
}

/* Traffic is of interest while nobody takes it. */
static bool
is_listening (const struct di_armed *armed)
{
  return armed->trigger->accepts || (!armed->has_fired && armed->was_down);
}

static void
watch (const struct di_triggers *triggers, const struct di_armed *armed,
       struct di_watch *all)
{
  const struct di_sockets *sockets = triggers->sockets;

  for (size_t i = 0; is_listening (armed) && i < sockets->counts[armed->index];
       i++)
    di_watch_add (all, sockets->fds[sockets->firsts[armed->index] + i], POLLIN);
}

static void
act (struct di_triggers *triggers, struct di_armed *armed,
     const struct di_watch *all)
{
  const struct di_sockets *sockets = triggers->sockets;

  for (size_t i = 0; is_listening (armed) && i < sockets->counts[armed->index];
       i++) {
    const int fd = sockets->fds[sockets->firsts[armed->index] + i];
    if (!di_watch_is_ready (all, fd))
      continue;
    if (armed->trigger->accepts)
      di_connections_accept (triggers, armed, fd);
    else if (di_trigger_is_too_often (armed))
      di_trigger_give_up (triggers, armed);
    else
      di_trigger_fire (triggers, armed);
  }
}

static void
end (struct di_triggers *triggers, struct di_armed *armed)
{
  di_sockets_close (triggers->sockets, armed->index);
}

const struct di_trigger_kind di_socket_kind = { arm, watch, act, end };
