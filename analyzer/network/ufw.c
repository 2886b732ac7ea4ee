/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/assign.h"
#include "analyzer/network/ufw.h"

#define KIND "ufw"
#define UNIT "ufw.service"

int
dc_ufw_parse_conf (void *arg, const struct dc_configfile *file,
                   struct dc_error *err)
{
  AUTO_FREE char *enabled = NULL;
  const struct dc_assign row = { "ENABLED", &enabled };
  struct dc_firewall *firewall = NULL;

  if (dc_assign_read (file->text, file->size, &row, 1, err) < 0 ||
      dc_network_firewall (arg, KIND, UNIT, file->path, &firewall, err) < 0)
    return -1;
  firewall->is_on = enabled != NULL && strcmp (enabled, "yes") == 0;
  return 0;
}

int
dc_ufw_parse_default (void *arg, const struct dc_configfile *file,
                      struct dc_error *err)
{
  AUTO_FREE char *policy = NULL;
  const struct dc_assign row = { "DEFAULT_INPUT_POLICY", &policy };
  struct dc_firewall *firewall = NULL;

  if (dc_assign_read (file->text, file->size, &row, 1, err) < 0 ||
      dc_network_firewall (arg, KIND, UNIT, file->path, &firewall, err) < 0)
    return -1;
  for (char *p = policy; p != NULL && *p != '\0'; p++)
    *p = (char) tolower ((unsigned char) *p);
  return policy == NULL
             ? 0
             : dc_network_set (&firewall->policy, dc_span_of (policy), err);
}

/* ACTION PROTOCOL PORT TO SPORT FROM [APPS] DIRECTION */
enum { ACTION, PROTOCOL, PORT, TO, SPORT, FROM, FIELD_COUNT };

static bool
is_anywhere (struct dc_span address)
{
  return dc_span_is (address, "0.0.0.0/0") || dc_span_is (address, "::/0");
}

static struct dc_span
less_any (struct dc_span word)
{
  return dc_span_is (word, "any") || is_anywhere (word) ? dc_span_of ("")
                                                        : word;
}

int
dc_ufw_parse_rules (void *arg, const struct dc_configfile *file,
                    struct dc_error *err)
{
  static const char mark[] = "### tuple ### ";
  struct dc_span rest = { file->text, file->size }, line, word;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    struct dc_span fields[FIELD_COUNT], last = { "", 0 };
    size_t count = 0;
    if (!dc_span_starts (line, mark))
      continue;
    line = dc_span_skip (line, sizeof mark - 1);
    while (dc_span_word (&line, &word)) {
      if (count < FIELD_COUNT)
        fields[count++] = word;
      if (!dc_span_starts (word, "comment="))
        last = word;
    }
    /* "allow", "limit", "allow_log"; "in", "in_eth0" or, forwarded, "out". */
    if (count < FIELD_COUNT || !dc_span_starts (last, "in") ||
        (!dc_span_starts (fields[ACTION], "allow") &&
         !dc_span_starts (fields[ACTION], "limit")))
      continue;
    const struct dc_netrule rule = { .firewall = KIND,
                                     .protocol = less_any (fields[PROTOCOL]),
                                     .port = less_any (fields[PORT]),
                                     .source = less_any (fields[FROM]),
                                     .proof = { file->path, number } };
    if (dc_network_port (arg, &rule, err) < 0)
      return -1;
  }
  return 0;
}
