/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/address.h"
#include "lib/number.h"
#include "lib/quote.h"

int
dc_port_parse (const char *text, uint16_t *out, struct dc_error *err)
{
  uint64_t port;

  if (dc_number_parse (text, 1, UINT16_MAX, &port, err) < 0)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no port",
                    dc_quote (text).text);
  *out = (uint16_t) port;
  return 0;
}

int
dc_address_parse (const char *text, struct dc_address *out,
                  struct dc_error *err)
{
  struct dc_address address = { .port = 0 };
  const char *host = text, *port = NULL;
  const char *colon = strchr (text, ':');
  size_t size = strlen (text);

  if (size > 0 && strspn (text, "0123456789") == size) {
    port = text;
    size = 0;
  } else if (text[0] == '[') {
    const char *end = strchr (text, ']');
    if (end == NULL || (end[1] != '\0' && end[1] != ':'))
      return dc_fail (err, DC_ERR_INVALID, "address '%s' has an open bracket",
                      dc_quote (text).text);
    host = text + 1;
    size = (size_t) (end - host);
    port = end[1] == ':' ? end + 2 : NULL;
  } else if (colon != NULL && strchr (colon + 1, ':') == NULL) {
    size = (size_t) (colon - text);
    port = colon + 1;
  }
  if (size > DC_ADDRESS_HOST_MAX)
    return dc_fail (err, DC_ERR_INVALID, "address '%s' is too long",
                    dc_quote (text).text);
  memcpy (address.host, host, size);
  address.host[size] = '\0';
  if (port != NULL && dc_port_parse (port, &address.port, err) < 0)
    return dc_context (err, "address '%s'", dc_quote (text).text);
  *out = address;
  return 0;
}
