/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/pgconninfo.h"
#include "lib/buffer.h"
#include "lib/number.h"
#include "lib/span.h"
#include "lib/text.h"

#define BLANKS " \t\r\n\f\v"

/* The value at *S, in '' or up to a blank, with backslashes taken away. */
static int
read_value (const char **s, struct dc_buffer *b, struct dc_error *err)
{
  const bool is_quoted = **s == '\'';

  for (*s += is_quoted; **s != '\0'; (*s)++) {
    if (is_quoted ? **s == '\'' : strchr (BLANKS, **s) != NULL)
      break;
    if (**s == '\\' && (*s)[1] != '\0')
      (*s)++;
    if (dc_buffer_append (b, *s, 1, err) < 0)
      return -1;
  }
  if (is_quoted && **s == '\0')
    return dc_fail (err, DC_ERR_INVALID, "a quote stays open");
  *s += is_quoted;
  return 0;
}

/* Split "a,b," in three. */
static int
split (const char *list, struct dc_words *words, struct dc_error *err)
{
  struct dc_span rest = dc_span_of (list), field;

  while (dc_span_field (&rest, ',', &field))
    if (dc_words_add_bytes (words, field.text, field.size, err) < 0)
      return -1;
  return 0;
}

/* A single port is that of all hosts. */
static int
pair (const char *hosts, const char *ports, struct dc_words *host_words,
      struct dc_words *port_words, struct dc_error *err)
{
  AUTO_WORDS struct dc_words list = { NULL, 0 };
  const size_t before = host_words->count;

  if (split (hosts, host_words, err) < 0 || split (ports, &list, err) < 0)
    return -1;
  const size_t count = host_words->count - before;
  if (list.count > 1 && list.count != count)
    return dc_fail (err, DC_ERR_INVALID, "%zu ports for %zu hosts", list.count,
                    count);
  for (size_t i = 0; i < count; i++) {
    const char *port = list.count == 0   ? ""
                       : list.count == 1 ? list.items[0]
                                         : list.items[i];
    if (dc_words_add (port_words, port, err) < 0)
      return -1;
  }
  return 0;
}

/* "key = value key=value" */
static int
read_pairs (const char *text, struct dc_words *hosts, struct dc_words *ports,
            struct dc_error *err)
{
  const size_t max = strlen (text) + 1;
  AUTO_BUFFER struct dc_buffer host = DC_BUFFER_INIT (max);
  AUTO_BUFFER struct dc_buffer address = DC_BUFFER_INIT (max);
  AUTO_BUFFER struct dc_buffer port = DC_BUFFER_INIT (max);
  AUTO_BUFFER struct dc_buffer other = DC_BUFFER_INIT (max);
  const struct {
    const char *key;
    struct dc_buffer *value;
  } keys[] = { { "host", &host }, { "hostaddr", &address }, { "port", &port } };

  for (const char *s = text + strspn (text, BLANKS); *s != '\0';
       s += strspn (s, BLANKS)) {
    const struct dc_span key = { s, strcspn (s, "=" BLANKS) };
    struct dc_buffer *value = &other;
    s += key.size;
    s += strspn (s, BLANKS);
    if (*s != '=')
      return dc_fail (err, DC_ERR_INVALID, "a word without a value");
    s += 1 + strspn (s + 1, BLANKS);
    for (size_t i = 0; i < DC_COUNT (keys); i++)
      if (dc_span_is (key, keys[i].key))
        value = keys[i].value;
    dc_buffer_clear (value);
    if (read_value (&s, value, err) < 0)
      return -1;
  }
  const struct dc_buffer *where = address.size > 0 ? &address : &host;
  return where->size == 0 ? 0
                          : pair (dc_buffer_text (where),
                                  dc_buffer_text (&port), hosts, ports, err);
}

/* "db1:5432,[::1],db2", behind the user */
static int
read_uri (const char *rest, struct dc_words *hosts, struct dc_words *ports,
          struct dc_error *err)
{
  const size_t size = strcspn (rest, "/?");
  const char *at = memrchr (rest, '@', size);
  const char *start = at != NULL ? at + 1 : rest;
  struct dc_span list = { start, (size_t) (rest + size - start) }, entry;

  while (dc_span_field (&list, ',', &entry)) {
    AUTO_FREE char *text = NULL, *port = NULL;
    struct dc_address address;
    if (entry.size == 0)
      continue;
    if (dc_span_copy (entry, &text, err) < 0)
      return -1;
    if (dc_address_parse (text, &address, err) < 0)
      return -1;
    if (dc_text_print (&port, err, address.port != 0 ? "%u" : "%.0u",
                       (unsigned) address.port) < 0 ||
        dc_words_add (hosts, address.host, err) < 0 ||
        dc_words_add (ports, port, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_pgconninfo_hosts (const char *text, struct dc_words *hosts,
                     struct dc_words *ports, struct dc_error *err)
{
  static const char *const schemes[] = { "postgresql://", "postgres://" };

  for (size_t i = 0; i < DC_COUNT (schemes); i++)
    if (strncmp (text, schemes[i], strlen (schemes[i])) == 0)
      return read_uri (text + strlen (schemes[i]), hosts, ports, err);
  return read_pairs (text, hosts, ports, err);
}
