/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/network/proxy.h"
#include "lib/array.h"
#include "lib/text.h"

/* Less the quotes around, and a semicolon behind. */
static struct dc_span
unquote (struct dc_span text)
{
  text = dc_span_trim (text);
  while (text.size > 0 && text.text[text.size - 1] == ';')
    text.size--;
  if (text.size >= 2 && (*text.text == '"' || *text.text == '\'') &&
      text.text[text.size - 1] == *text.text)
    return (struct dc_span){ text.text + 1, text.size - 2 };
  return text;
}

/* "http://user:secret@proxy:3128/" less "user:secret@". */
static int
copy_url (struct dc_span url, char **out, struct dc_error *err)
{
  size_t start = 0, at = 0;

  for (size_t i = 0; i + 2 < url.size && start == 0; i++)
    if (memcmp (url.text + i, "://", 3) == 0)
      start = i + 3;
  for (size_t i = start; i < url.size && url.text[i] != '/'; i++)
    if (url.text[i] == '@')
      at = i + 1;
  if (at == 0)
    return dc_span_copy (url, out, err);
  return dc_text_print (out, err, "%.*s%.*s", (int) start, url.text,
                        (int) (url.size - at), url.text + at);
}

static int
add (struct dc_network *network, const char *scope, struct dc_span value,
     const struct dc_proof *proof, struct dc_error *err)
{
  AUTO_FREE char *url = NULL, *file = strdup (proof->file);

  value = unquote (value);
  if (value.size == 0 || dc_span_has (value, '\0'))
    return 0;
  if (file == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  if (DC_ARRAY_GROW (network->proxies, network->proxy_count, DC_NETPROXY_MAX,
                     "proxies", err) < 0 ||
      copy_url (value, &url, err) < 0)
    return -1;
  network->proxies[network->proxy_count++] = (struct dc_netproxy){
    scope, DC_TAKE (url), { DC_TAKE (file), proof->line }
  };
  return 0;
}

static bool
is_variable (struct dc_span key)
{
  static const char *const names[] = { "http_proxy", "https_proxy", "ftp_proxy",
                                       "all_proxy" };

  for (size_t i = 0; i < DC_COUNT (names); i++)
    if (key.size == strlen (names[i]) &&
        strncasecmp (key.text, names[i], key.size) == 0)
      return true;
  return false;
}

int
dc_proxy_parse_environment (void *arg, const struct dc_configfile *file,
                            struct dc_error *err)
{
  struct dc_configlines lines = { .rest = { file->text, file->size } };
  struct dc_configline line;

  while (dc_configline_next (&lines, &line)) {
    const struct dc_proof proof = { file->path, line.line };
    struct dc_span key = line.key;
    if (dc_span_starts (key, "export "))
      key = dc_span_trim (dc_span_skip (key, strlen ("export ")));
    if (is_variable (key) &&
        add (arg, "environment", line.value, &proof, err) < 0)
      return -1;
  }
  return 0;
}

/* Acquire::http::Proxy "http://proxy:3128/"; */
int
dc_proxy_parse_apt (void *arg, const struct dc_configfile *file,
                    struct dc_error *err)
{
  static const char *const keys[] = { "Acquire::http::Proxy",
                                      "Acquire::https::Proxy",
                                      "Acquire::ftp::Proxy" };
  struct dc_span rest = { file->text, file->size }, line, key;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    const struct dc_proof proof = { file->path, number };
    if (!dc_span_word (&line, &key))
      continue;
    for (size_t i = 0; i < DC_COUNT (keys); i++)
      if (key.size == strlen (keys[i]) &&
          strncasecmp (key.text, keys[i], key.size) == 0 &&
          add (arg, "apt", line, &proof, err) < 0)
        return -1;
  }
  return 0;
}

int
dc_proxy_parse_dnf (void *arg, const struct dc_configfile *file,
                    struct dc_error *err)
{
  struct dc_configlines lines = { .rest = { file->text, file->size } };
  struct dc_configline line;

  while (dc_configline_next (&lines, &line)) {
    const struct dc_proof proof = { file->path, line.line };
    if (dc_span_is (line.key, "proxy") && !dc_span_is (line.value, "_none_") &&
        add (arg, "dnf", line.value, &proof, err) < 0)
      return -1;
  }
  return 0;
}
