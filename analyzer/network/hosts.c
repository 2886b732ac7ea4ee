/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/network/hosts.h"
#include "lib/array.h"

static bool
is_of_every_machine (struct dc_span address)
{
  static const char *const starts[] = { "127.", "fe00::", "ff00::", "ff02::",
                                        "255.255.255.255" };

  for (size_t i = 0; i < DC_COUNT (starts); i++)
    if (dc_span_starts (address, starts[i]))
      return true;
  return dc_span_is (address, "::1");
}

static struct dc_span
without_comment (struct dc_span line)
{
  const char *hash = line.size > 0 ? memchr (line.text, '#', line.size) : NULL;

  if (hash != NULL)
    line.size = (size_t) (hash - line.text);
  return dc_span_trim (line);
}

static int
add_host (struct dc_network *network, struct dc_span address,
          struct dc_span names, unsigned line, struct dc_error *err)
{
  AUTO_FREE char *copy = NULL;

  if (DC_ARRAY_GROW (network->hosts, network->host_count, DC_NETHOST_MAX,
                     "lines of hosts", err) < 0 ||
      dc_span_copy (address, &copy, err) < 0)
    return -1;
  struct dc_nethost *host = &network->hosts[network->host_count++];
  *host = (struct dc_nethost){ .address = DC_TAKE (copy), .line = line };
  return dc_network_words (&host->names, names, "", err);
}

int
dc_hosts_parse (void *arg, const struct dc_configfile *file,
                struct dc_error *err)
{
  struct dc_span rest = { file->text, file->size }, line, address;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    line = without_comment (line);
    if (dc_span_has (line, '\0') || !dc_span_word (&line, &address) ||
        dc_span_trim (line).size == 0)
      continue;
    struct dc_network *network = arg;
    const bool is_self =
        dc_span_starts (address, "127.") || dc_span_is (address, "::1");
    if (is_self && dc_network_words (&network->own_names, line, "", err) < 0)
      return -1;
    if (!is_of_every_machine (address) &&
        add_host (network, address, line, number, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_hosts_parse_resolv (void *arg, const struct dc_configfile *file,
                       struct dc_error *err)
{
  struct dc_network *network = arg;
  const struct {
    const char *key;
    struct dc_words *words;
  } rows[] = {
    { "nameserver", &network->resolver.nameservers },
    { "search", &network->resolver.search },
    { "domain", &network->resolver.search },
  };
  struct dc_span rest = { file->text, file->size }, line, key;

  while (dc_span_line (&rest, &line)) {
    line = without_comment (line);
    if (!dc_span_word (&line, &key) || *key.text == ';')
      continue;
    for (size_t i = 0; i < DC_COUNT (rows); i++)
      if (dc_span_is (key, rows[i].key) &&
          dc_network_words (rows[i].words, line, "", err) < 0)
        return -1;
  }
  return 0;
}

int
dc_hosts_parse_nsswitch (void *arg, const struct dc_configfile *file,
                         struct dc_error *err)
{
  struct dc_network *network = arg;
  struct dc_span rest = { file->text, file->size }, line, key;

  while (dc_span_line (&rest, &line)) {
    line = without_comment (line);
    if (!dc_span_field (&line, ':', &key) || line.text == NULL ||
        !dc_span_is (dc_span_trim (key), "hosts"))
      continue;
    dc_words_release (&network->resolver.lookup); /* the last line counts */
    if (dc_network_words (&network->resolver.lookup, line, "", err) < 0)
      return -1;
  }
  return 0;
}
