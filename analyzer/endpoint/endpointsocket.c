/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/endpointsocket.h"
#include "lib/quote.h"
#include "lib/text.h"

/* Settings with addresses; one that is empty takes back all before it. */
static const struct {
  const char *key;
  enum dc_protocol protocol; /* of what is no path */
  bool is_ours;              /* else the kernel's or the file system's */
} keys[] = {
  { "ListenDatagram", DC_UDP, true },
  { "ListenFIFO", DC_UNIX, false },
  { "ListenMessageQueue", DC_UNIX, false },
  { "ListenNetlink", DC_UNIX, false },
  { "ListenSequentialPacket", DC_UNIX, true },
  { "ListenSpecial", DC_UNIX, false },
  { "ListenStream", DC_TCP, true },
  { "ListenUSBFunction", DC_UNIX, false },
};

/* The row of SETTING or DC_COUNT (keys). */
static size_t
find_key (const struct dc_setting *setting)
{
  size_t i = 0;
  while (i < DC_COUNT (keys) && (strcmp (setting->section, "Socket") != 0 ||
                                 strcmp (setting->key, keys[i].key) != 0))
    i++;
  return i;
}

static bool
accepts (const struct dc_unit *unit)
{
  return dc_unit_is (unit, "Socket", "Accept", false);
}

/* The name of the service that UNIT triggers: Service=, or its own; with
 * Accept= a template, of which each connection gets an instance.
 */
static int
find_service (const struct dc_unit *unit, const char *hostname, char **service,
              struct dc_error *err)
{
  const char *set = dc_unit_value (unit, "Socket", "Service", NULL);
  const int stem = (int) (dc_unit_type (unit->name) - unit->name - 1);

  if (set != NULL && dc_unit_expand (unit, set, hostname, service, err) == 0)
    return 0;
  if (set != NULL && err->code == DC_ERR_SYSTEM)
    return -1;
  return dc_text_print (service, err, "%.*s%s.service", stem, unit->name,
                        accepts (unit) ? "@" : "");
}

/* Does UNIT get only what is IPv6? */
static bool
is_ipv6_only (const struct dc_unit *unit)
{
  const char *value = dc_unit_value (unit, "Socket", "BindIPv6Only", NULL);
  return value != NULL && strcmp (value, "ipv6-only") == 0;
}

/* Fill LISTEN from an internet address; HOST has room for its text.  Any
 * address of IPv6 is any of IPv4 too, unless the unit wants it otherwise.
 */
static int
read_internet (const struct dc_unit *unit, char *text,
               struct dc_address *address, struct dc_listen *listen,
               struct dc_error *err)
{
  char *scope = strchr (text, '%');
  if (scope != NULL)
    *scope = '\0'; /* an interface */
  if (dc_address_parse (text, address, err) < 0)
    return -1;
  if (address->port == 0)
    return dc_fail (err, DC_ERR_INVALID, "there is no port in '%s'",
                    dc_quote (text).text);
  const bool is_any =
      address->host[0] == '\0' || strcmp (address->host, "::") == 0;
  listen->port = address->port;
  listen->address = address->host;
  if (is_any)
    listen->address = is_ipv6_only (unit) ? "::" : "";
  return 0;
}

/* One address of UNIT for SERVICE.  A virtual machine's socket is none that a
 * container could have.
 */
static int
add_address (struct dc_profile *profile, const struct dc_unit *unit,
             const char *service, const struct dc_setting *setting,
             struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  struct dc_address address;
  struct dc_listen listen = {
    .protocol = keys[find_key (setting)].protocol,
    .proof = { setting->file, setting->line },
    .confidence = DC_DECLARED,
  };

  if (dc_unit_expand (unit, setting->value, profile->hostname, &text, err) < 0)
    return -1;
  if (text[0] == '/' || text[0] == '@') {
    listen.protocol = DC_UNIX;
    listen.path = text;
  } else if (strncmp (text, "vsock:", 6) == 0) {
    return 0;
  } else if (listen.protocol == DC_UNIX) {
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no path",
                    dc_quote (text).text);
  } else if (dc_unit_value (unit, "Socket", "SocketProtocol", NULL) != NULL) {
    return dc_fail (err, DC_ERR_UNSUPPORTED, "neither TCP nor UDP");
  } else if (read_internet (unit, text, &address, &listen, err) < 0) {
    return -1;
  }
  return dc_endpoint_add (&profile->endpoints, service, &listen, err);
}

/* Where the addresses of UNIT begin: behind the last that is empty. */
static size_t
first_setting (const struct dc_unit *unit)
{
  size_t first = 0;
  for (size_t i = 0; i < unit->setting_count; i++)
    if (find_key (&unit->settings[i]) < DC_COUNT (keys) &&
        unit->settings[i].value[0] == '\0')
      first = i + 1;
  return first;
}

/* A unit that can start and that UNIT triggers: systemd refuses to start a
 * socket without one.  1, 0, -1.
 */
static int
find_triggered (const struct dc_units *units, const struct dc_unit *unit,
                const char *hostname, const struct dc_unit **service,
                struct dc_error *err)
{
  AUTO_FREE char *name = NULL;
  if (find_service (unit, hostname, &name, err) < 0)
    return -1;
  *service = dc_units_find (units, name);
  return *service != NULL && (*service)->state != DC_UNIT_MASKED &&
         (*service)->state != DC_UNIT_BAD;
}

int
dc_socket_endpoints (struct dc_profile *profile, const struct dc_unit *unit,
                     struct dc_error *err)
{
  const struct dc_unit *service;
  const int found =
      find_triggered (profile->units, unit, profile->hostname, &service, err);
  if (found <= 0)
    return found;

  for (size_t i = first_setting (unit); i < unit->setting_count; i++) {
    const struct dc_setting *setting = &unit->settings[i];
    const size_t key = find_key (setting);
    if (key == DC_COUNT (keys) || !keys[key].is_ours ||
        add_address (profile, unit, service->name, setting, err) == 0)
      continue;
    const struct dc_error why = *err;
    if (why.code == DC_ERR_SYSTEM ||
        profile->endpoints.count == DC_ENDPOINT_COUNT_MAX ||
        dc_profile_note (profile, "endpoint.unknown", setting->file,
                         setting->line, err, "%s: %s", unit->name,
                         why.text) < 0)
      return -1;
  }
  return 0;
}

int
dc_socket_starts_for (const struct dc_units *units,
                      const struct dc_unit *service, const char *hostname,
                      struct dc_error *err)
{
  for (size_t i = 0; i < units->count; i++) {
    const struct dc_unit *unit = &units->items[i];
    const struct dc_unit *triggered;
    if (!unit->is_started || !dc_unit_has_type (unit->name, "socket") ||
        accepts (unit))
      continue;
    const int found = find_triggered (units, unit, hostname, &triggered, err);
    if (found < 0)
      return -1;
    if (found == 1 && triggered == service)
      return 1;
  }
  return 0;
}
