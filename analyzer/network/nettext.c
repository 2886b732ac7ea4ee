/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* What a planner wants to see of the network: addresses that something else
 * may rely on, who is let in, what does not come along by itself.
 */

#include <string.h>

#include "analyzer/network/netsection.h"
#include "lib/quote.h"

/* "a, b" of a list of texts. */
static int
add_list (struct dc_buffer *b, const json_t *list, struct dc_error *err)
{
  for (size_t i = 0; i < json_array_size (list) && i < DC_PAGE_LIST_MAX; i++) {
    const char *text = json_string_value (json_array_get (list, i));
    if (text != NULL &&
        dc_buffer_print (b, err, "%s%s", b->size > 0 ? ", " : "",
                         dc_quote (text).text) < 0)
      return -1;
  }
  return 0;
}

static int
add_word (struct dc_buffer *b, const char *before, const char *text,
          struct dc_error *err)
{
  return text == NULL
             ? 0
             : dc_buffer_print (b, err, "%s%s%s", b->size > 0 ? ", " : "",
                                before, dc_quote (text).text);
}

static int
add_interface (struct dc_columns *columns, const json_t *item,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer how = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);

  if ((dc_page_is (item, "dhcp4") && add_word (&how, "", "DHCP", err) < 0) ||
      (dc_page_is (item, "dhcp6") && add_word (&how, "", "DHCPv6", err) < 0) ||
      add_list (&how, json_object_get (item, "addresses"), err) < 0 ||
      add_word (&how, "gateway ", dc_page_text (item, "gateway"), err) < 0 ||
      add_word (&how, "on ", dc_page_text (item, "link"), err) < 0 ||
      add_word (&how, "mtu ", dc_page_text (item, "mtu"), err) < 0)
    return -1;
  if (json_array_size (json_object_get (item, "members")) > 0 &&
      (dc_buffer_print (&how, err, "%smembers ", how.size > 0 ? ", " : "") <
           0 ||
       add_list (&how, json_object_get (item, "members"), err) < 0))
    return -1;
  const char *match = dc_page_text (item, "match");
  const char *const cells[] = { dc_page_text (item, "name"),
                                dc_page_text (item, "kind"),
                                dc_page_text (item, "renderer"),
                                how.size > 0 ? dc_buffer_text (&how) : match };
  return dc_columns_add (columns, cells, err);
}

static int
print_interfaces (struct dc_page *page, const json_t *network,
                  struct dc_error *err)
{
  const json_t *items = json_object_get (network, "interfaces");
  AUTO_COLUMNS struct dc_columns columns = { .count = 4 };

  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++)
    if (add_interface (&columns, json_array_get (items, i), err) < 0)
      return -1;
  return dc_page_table (page, "Network interfaces", &columns,
                        json_array_size (items), err);
}

/* "tcp 22, tcp 80 from 10.0.0.0/8" */
static int
add_allowed (struct dc_buffer *b, const json_t *list, struct dc_error *err)
{
  for (size_t i = 0; i < json_array_size (list) && i < DC_PAGE_LIST_MAX; i++) {
    const json_t *item = json_array_get (list, i);
    const char *protocol = dc_page_text (item, "protocol");
    const char *port = dc_page_text (item, "port");
    const char *source = dc_page_text (item, "source");
    const char *service = dc_page_text (item, "service");
    const char *what = port != NULL ? port : service != NULL ? service : "all";
    if (dc_buffer_print (b, err, "%s%s%s%s%s%s", b->size > 0 ? ", " : "",
                         protocol != NULL ? dc_quote (protocol).text : "",
                         protocol != NULL ? " " : "", dc_quote (what).text,
                         source != NULL ? " from " : "",
                         source != NULL ? dc_quote (source).text : "") < 0)
      return -1;
  }
  return 0;
}

static int
print_firewalls (struct dc_page *page, const json_t *network,
                 struct dc_error *err)
{
  const json_t *items = json_object_get (network, "firewalls");
  AUTO_COLUMNS struct dc_columns columns = { .count = 4 };

  for (size_t i = 0; i < json_array_size (items); i++) {
    const json_t *item = json_array_get (items, i);
    const json_t *active = json_object_get (item, "active");
    AUTO_BUFFER struct dc_buffer allowed = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
    AUTO_BUFFER struct dc_buffer policy = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
    if (add_allowed (&allowed, json_object_get (item, "allowed"), err) < 0 ||
        add_word (&policy, "else ", dc_page_text (item, "policy"), err) < 0)
      return -1;
    const char *const cells[] = { dc_page_text (item, "kind"),
                                  json_is_true (active)    ? "active"
                                  : json_is_false (active) ? "not active"
                                                           : "",
                                  dc_buffer_text (&policy),
                                  dc_buffer_text (&allowed) };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Firewalls, and what they let in", &columns,
                        json_array_size (items), err);
}

/* Names that are only known inside this guest, and ways out of it. */
static int
print_hosts (struct dc_page *page, const json_t *network, struct dc_error *err)
{
  const json_t *items = json_object_get (network, "hosts");
  AUTO_COLUMNS struct dc_columns columns = { .count = 2 };

  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++) {
    const json_t *item = json_array_get (items, i);
    AUTO_BUFFER struct dc_buffer names = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
    if (add_list (&names, json_object_get (item, "names"), err) < 0)
      return -1;
    const char *const cells[] = { dc_page_text (item, "address"),
                                  dc_buffer_text (&names) };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Hosts that the guest knows by itself", &columns,
                        json_array_size (items), err);
}

static int
print_others (struct dc_page *page, const json_t *network, struct dc_error *err)
{
  const struct {
    const char *key, *name, *value;
  } lists[] = {
    { "software", "kind", "role" },
    { "proxies", "scope", "url" },
  };
  AUTO_COLUMNS struct dc_columns columns = { .count = 2 };
  size_t count = 0;

  for (size_t i = 0; i < DC_COUNT (lists); i++) {
    const json_t *items = json_object_get (network, lists[i].key);
    for (size_t k = 0; k < json_array_size (items); k++) {
      const json_t *item = json_array_get (items, k);
      const char *const cells[] = { dc_page_text (item, lists[i].name),
                                    dc_page_text (item, lists[i].value) };
      if (count++ < DC_PAGE_LIST_MAX &&
          dc_columns_add (&columns, cells, err) < 0)
        return -1;
    }
  }
  return dc_page_table (page, "Private networks, fail-over, proxies", &columns,
                        count, err);
}

int
dc_network_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *network = json_object_get (page->json, "network");

  if (print_interfaces (page, network, err) < 0 ||
      print_firewalls (page, network, err) < 0 ||
      print_hosts (page, network, err) < 0)
    return -1;
  return print_others (page, network, err);
}
