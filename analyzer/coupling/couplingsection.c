/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/coupling/coupling.h"
#include "analyzer/profilejson.h"
#include "analyzer/section.h"
#include "lib/json.h"
#include "lib/quote.h"

static const char *const kinds[] = {
  [DC_COUPLING_PORT] = "port",
  [DC_COUPLING_SOCKET] = "socket",
  [DC_COUPLING_REQUIRES] = "requires",
  [DC_COUPLING_OUTBOUND] = "outbound",
};

static json_t *
coupling_json (const struct dc_coupling *coupling)
{
  const bool is_target = coupling->kind != DC_COUPLING_REQUIRES;
  json_t *json = json_object ();

  dc_json_put_text (&json, "kind", kinds[coupling->kind]);
  dc_json_put_text (&json, "from", coupling->from);
  dc_json_put_text (&json, "to", coupling->to);
  dc_json_put_text (&json, "protocol",
                    is_target ? dc_protocol_name (coupling->protocol) : NULL);
  dc_json_put_text (&json, "host", coupling->host);
  dc_json_put (&json, "port",
               coupling->port > 0 ? json_integer (coupling->port)
                                  : json_null ());
  dc_json_put_text (&json, "path", coupling->path);
  dc_json_put_text (&json, "confidence",
                    dc_confidence_name (coupling->confidence));
  dc_json_put (&json, "evidence",
               dc_evidence_json (coupling->from_evidence.file,
                                 coupling->from_evidence.line));
  dc_json_put (&json, "to_evidence",
               dc_evidence_json (coupling->to_evidence.file,
                                 coupling->to_evidence.line));
  return json;
}

json_t *
dc_couplings_json (const struct dc_profile *profile)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < profile->couplings.count; i++)
    dc_json_push (&json, coupling_json (&profile->couplings.items[i]));
  return json;
}

/* "tcp 127.0.0.1:5432", "unix /run/x.sock", "requires it" */
static int
print_way (const json_t *item, struct dc_buffer *b, struct dc_error *err)
{
  const char *protocol = dc_page_text (item, "protocol");
  const char *host = dc_page_text (item, "host");
  const char *path = dc_page_text (item, "path");
  const json_t *port = json_object_get (item, "port");
  const bool is_v6 = host != NULL && strchr (host, ':') != NULL;

  if (protocol == NULL)
    return dc_buffer_print (b, err, "requires it");
  if (dc_buffer_print (b, err, "%s %s%s%s", protocol, is_v6 ? "[" : "",
                       host != NULL   ? host
                       : path != NULL ? path
                                      : "?",
                       is_v6 ? "]" : "") < 0)
    return -1;
  return !json_is_integer (port)
             ? 0
             : dc_buffer_print (b, err, ":%" JSON_INTEGER_FORMAT,
                                json_integer_value (port));
}

static const char *
name_of_target (const json_t *item)
{
  const char *to = dc_page_text (item, "to");
  const char *kind = dc_page_text (item, "kind");

  if (to != NULL)
    return to;
  return kind != NULL && strcmp (kind, "outbound") == 0 ? "another host"
                                                        : "not known";
}

int
dc_couplings_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "couplings");
  AUTO_COLUMNS struct dc_columns columns = { .count = 4 };

  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++) {
    const json_t *item = json_array_get (items, i);
    AUTO_BUFFER struct dc_buffer way = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
    if (print_way (item, &way, err) < 0)
      return -1;
    const char *confidence = dc_page_text (item, "confidence");
    const bool is_sure =
        confidence != NULL && strcmp (confidence, "inferred") != 0;
    const char *const cells[] = { dc_page_text (item, "from"),
                                  name_of_target (item), dc_buffer_text (&way),
                                  is_sure ? "" : "(inferred)" };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Services that need others", &columns,
                        json_array_size (items), err);
}
