/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unitexec.h"
#include "analyzer/unit/unittrigger.h"
#include "runtime/probe/protocol.h"
#include "transform/promise.h"

static int
set_text (char **field, const char *text, struct dc_error *err)
{
  if (text == NULL)
    return 0;
  *field = strdup (text);
  return *field != NULL ? 0 : dc_fail_errno (err, "cannot keep a promise");
}

static const struct dc_application *
find_application (const struct dc_profile *profile, const char *unit)
{
  for (size_t i = 0; i < profile->applications.count; i++)
    if (dc_words_has (&profile->applications.items[i].services, unit))
      return &profile->applications.items[i];
  return NULL;
}

/* Who runs the main process, where the unit says so.  Without that it begins
 * as root, and many daemons do not stay it (measured: PostgreSQL, BIND); one
 * that systemd makes (DynamicUser=) has a number of its own each time.
 */
static int
set_user (const struct dc_unit *unit, const struct dc_users *users,
          struct dc_promise_service *service, struct dc_error *err)
{
  const char *name = dc_unit_value (unit, "Service", "User", NULL);

  if (name == NULL || dc_unit_is (unit, "Service", "DynamicUser", false))
    return 0;
  const struct dc_user *user = dc_users_find (users, name);
  if (user == NULL)
    return 0;
  service->uid = user->uid;
  return set_text (&service->user, user->name, err);
}

/* The program that stays: an init script starts another one.  One with
 * privileges of its own ("+", "!") is not the unit's user.
 */
static int
set_program (const struct dc_unit *unit, const struct dc_profile *profile,
             struct dc_promise_service *service, struct dc_error *err)
{
  const unsigned privileged = DC_EXEC_FULL_PRIVILEGES | DC_EXEC_NO_SETUID;
  DC_AUTO (dc_execs) *execs = NULL;
  struct dc_error ignored; /* a unit that does not say it right */

  if (dc_unit_is_script (unit) ||
      dc_execs_read (unit, "Service", "ExecStart", profile->hostname, &execs,
                     &ignored) < 0 ||
      execs->count == 0)
    return 0;
  if ((execs->items[0].flags & privileged) == 0 &&
      set_user (unit, profile->users, service, err) < 0)
    return -1;
  return set_text (&service->program, execs->items[0].program, err);
}

static int
add_service (struct dc_promise *promise, const struct dc_profile *profile,
             const char *name, struct dc_error *err)
{
  const struct dc_unit *unit = dc_units_find (profile->units, name);

  if (unit == NULL || promise->services.count == DC_PROMISE_SERVICE_MAX)
    return 0;
  struct dc_promise_service *service =
      dc_yaml_list_add (&promise->services, sizeof *service, err);
  if (service == NULL)
    return -1;
  const struct dc_application *application = find_application (profile, name);
  const char *type = dc_unit_value (unit, "Service", "Type", NULL);
  service->state = !unit->is_started ? DC_PROMISE_ON_DEMAND
                   : type != NULL && strcmp (type, "oneshot") == 0
                       ? DC_PROMISE_DONE
                       : DC_PROMISE_UP;
  if (set_text (&service->unit, unit->name, err) < 0 ||
      (application != NULL &&
       set_text (&service->application, application->app->name, err) < 0))
    return -1;
  return set_program (unit, profile, service, err);
}

/* An application that says what it speaks does so at all its ports; one that
 * only has a page for its health, at that port.  Where it says nothing the
 * port or the path is a hint, and a guess where nobody knows the program.
 */
static int
set_protocol (const struct dc_app *app, struct dc_promise_endpoint *endpoint,
              struct dc_error *err)
{
  const uint16_t port = (uint16_t) endpoint->port;
  const enum dc_transport transport = (enum dc_transport) endpoint->transport;

  if (app != NULL && app->health.http != NULL && transport == DC_OVER_TCP &&
      (port == app->health.tcp || app->kind == DC_APP_WEB)) {
    const char *usual = dc_protocol_of_port (transport, port, NULL);
    endpoint->is_guess =
        port != app->health.tcp && (usual == NULL || usual[0] != 'h');
    return set_text (&endpoint->protocol, "http", err) < 0
               ? -1
               : set_text (&endpoint->http_path, app->health.http, err);
  }
  const char *protocol = transport == DC_OVER_UNIX
                             ? dc_protocol_of_path (endpoint->path)
                             : dc_protocol_of_port (transport, port, NULL);
  if (protocol == NULL && app != NULL && app->health.tcp != 0 &&
      transport == DC_OVER_TCP)
    protocol =
        dc_protocol_of_port (DC_OVER_TCP, (uint16_t) app->health.tcp, NULL);
  endpoint->is_guess = app == NULL || port != app->health.tcp;
  return set_text (&endpoint->protocol, protocol, err);
}

static int
add_endpoint (struct dc_promise *promise, const struct dc_profile *profile,
              const struct dc_endpoint *from, struct dc_error *err)
{
  static const int transports[] = {
    [DC_TCP] = DC_OVER_TCP, [DC_UDP] = DC_OVER_UDP, [DC_UNIX] = DC_OVER_UNIX
  };
  const struct dc_application *application =
      find_application (profile, from->service);

  if (promise->endpoints.count == DC_PROMISE_ENDPOINT_MAX ||
      (from->protocol == DC_UNIX ? from->path == NULL : from->port == 0))
    return 0;
  struct dc_promise_endpoint *endpoint =
      dc_yaml_list_add (&promise->endpoints, sizeof *endpoint, err);
  if (endpoint == NULL)
    return -1;
  endpoint->transport = transports[from->protocol];
  endpoint->port = from->port;
  endpoint->is_certain = from->confidence <= DC_DECLARED;
  if (set_text (&endpoint->service, from->service, err) < 0 ||
      set_text (&endpoint->address, from->address, err) < 0 ||
      set_text (&endpoint->path, from->path, err) < 0)
    return -1;
  return set_protocol (application != NULL ? application->app : NULL, endpoint,
                       err);
}

/* Does UNIT listen from the start: a service that is started, or a socket that
 * starts one?  1, 0 or -1.
 */
static int
listens (const struct dc_profile *profile, const struct dc_words *units,
         const char *name, struct dc_error *err)
{
  const struct dc_unit *unit = dc_units_find (profile->units, name);
  AUTO_FREE char *triggered = NULL;

  if (unit == NULL || !unit->is_started)
    return 0;
  if (dc_words_has (units, name))
    return 1;
  if (dc_unit_triggered (unit, &triggered, err) < 0)
    return -1;
  return triggered != NULL && dc_words_has (units, triggered);
}

int
dc_promise_make (const struct dc_profile *profile, const struct dc_words *units,
                 const char *init, struct dc_promise **out,
                 struct dc_error *err)
{
  DC_AUTO (dc_promise) *promise = calloc (1, sizeof *promise);

  if (promise == NULL)
    return dc_fail_errno (err, "cannot keep a promise");
  promise->version = DC_PROMISE_VERSION;
  if (set_text (&promise->init, init, err) < 0)
    return -1;
  for (size_t i = 0; i < units->count; i++)
    if (add_service (promise, profile, units->items[i], err) < 0)
      return -1;
  for (size_t i = 0; i < profile->endpoints.count; i++) {
    const struct dc_endpoint *endpoint = &profile->endpoints.items[i];
    const int is_there = listens (profile, units, endpoint->service, err);
    if (is_there < 0 ||
        (is_there > 0 && add_endpoint (promise, profile, endpoint, err) < 0))
      return -1;
  }
  *out = DC_TAKE (promise);
  return 0;
}
