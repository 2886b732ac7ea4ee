/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/network/nftables.h"

#define KIND "nftables"
#define UNIT "nftables.service"
#define CHAIN_MAX 1000 /* chains that a way in leads through */

/* Files are read line by line, as nft(8) itself lists them; sets may go over
 * several lines, which are joined while a brace inside a rule is open.
 */
struct reading {
  struct dc_network *network;
  const struct dc_configfile *file;
  struct dc_words *inputs; /* names of chains that see what comes in */
  struct dc_span chain;    /* that the line is in; text NULL: none */
};

static bool
is_input (const struct reading *r, struct dc_span chain)
{
  for (size_t i = 0; i < r->inputs->count; i++)
    if (dc_span_is (chain, r->inputs->items[i]))
      return true;
  return false;
}

static int
add_input (struct reading *r, struct dc_span chain, struct dc_error *err)
{
  if (chain.size == 0 || is_input (r, chain) || r->inputs->count >= CHAIN_MAX)
    return 0;
  return dc_words_add_bytes (r->inputs, chain.text, chain.size, err);
}

/* Less a comment, and what ends a statement. */
static struct dc_span
clean (struct dc_span line)
{
  const char *hash = line.size > 0 ? memchr (line.text, '#', line.size) : NULL;

  if (hash != NULL)
    line.size = (size_t) (hash - line.text);
  return dc_span_trim (line);
}

/* The word behind WORD in TEXT; size 0 when there is none. */
static struct dc_span
word_after (struct dc_span text, const char *word)
{
  struct dc_span item, none = { "", 0 };

  while (dc_span_word (&text, &item))
    if (dc_span_is (item, word))
      return dc_span_word (&text, &item) ? item : none;
  return none;
}

static bool
has_word (struct dc_span text, const char *word)
{
  struct dc_span item;

  while (dc_span_word (&text, &item)) {
    while (item.size > 0 && item.text[item.size - 1] == ';')
      item.size--;
    if (dc_span_is (item, word))
      return true;
  }
  return false;
}

static struct dc_span
less_semicolon (struct dc_span word)
{
  while (word.size > 0 && word.text[word.size - 1] == ';')
    word.size--;
  return word;
}

/* "chain NAME {" opens a chain, another "... {" none, "}" closes. */
static void
follow_blocks (struct reading *r, struct dc_span line)
{
  struct dc_span rest = line, word;

  if (dc_span_word (&rest, &word) && dc_span_is (word, "chain") &&
      dc_span_word (&rest, &word))
    r->chain = word;
  else if (*line.text == '}')
    r->chain = (struct dc_span){ NULL, 0 };
}

/* Pass 1: which chains see what comes in, and what becomes of the rest. */
static int
find_input (struct reading *r, struct dc_span line,
            struct dc_firewall *firewall, struct dc_error *err)
{
  if (r->chain.text == NULL)
    return 0;
  if (dc_span_is (less_semicolon (word_after (line, "hook")), "input")) {
    const struct dc_span policy = less_semicolon (word_after (line, "policy"));
    return add_input (r, r->chain, err) < 0 ||
                   dc_network_set (&firewall->policy, policy, err) < 0
               ? -1
               : 0;
  }
  if (!is_input (r, r->chain))
    return 0;
  const struct dc_span jump = less_semicolon (word_after (line, "jump"));
  return add_input (
      r, jump.size > 0 ? jump : less_semicolon (word_after (line, "goto")),
      err);
}

/* One port of a rule, or what stands for ports. */
static int
add_port (struct reading *r, struct dc_span rule, struct dc_span protocol,
          struct dc_span port, unsigned line, struct dc_error *err)
{
  const struct dc_span from = word_after (rule, "saddr");
  const struct dc_netrule item = {
    .firewall = KIND,
    .protocol = protocol,
    .port = port,
    .source = dc_span_starts (from, "{") ? dc_span_of ("a set") : from,
    .proof = { r->file->path, line },
  };

  return dc_network_port (r->network, &item, err);
}

/* "tcp dport 22 accept", "udp dport { 53, 67-68 } counter accept" */
static int
read_rule (struct reading *r, struct dc_span rule, unsigned line,
           struct dc_error *err)
{
  struct dc_span rest = rule, word, protocol = { "", 0 };

  if (!has_word (rule, "accept"))
    return 0;
  while (dc_span_word (&rest, &word) && !dc_span_is (word, "dport"))
    protocol = word;
  if (dc_span_is (protocol, "th"))
    protocol = dc_span_of (""); /* any transport */
  rest = dc_span_trim (rest);
  if (rest.size == 0)
    return 0;
  if (*rest.text != '{')
    return dc_span_word (&rest, &word)
               ? add_port (r, rule, protocol, word, line, err)
               : 0;
  const char *close = memchr (rest.text, '}', rest.size);
  rest = dc_span_skip (rest, 1);
  if (close != NULL)
    rest.size = (size_t) (close - rest.text);
  while (dc_span_field (&rest, ',', &word)) {
    word = dc_span_trim (word);
    if (word.size > 0 && add_port (r, rule, protocol, word, line, err) < 0)
      return -1;
  }
  return 0;
}

/* Is a brace open in RULE that does not open a block? */
static bool
goes_on (struct dc_span rule)
{
  size_t depth = 0;

  for (size_t i = 0; i < rule.size; i++) {
    depth += rule.text[i] == '{';
    depth -= rule.text[i] == '}' && depth > 0;
  }
  return depth > 0;
}

static int
read_rules (struct reading *r, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer rule = DC_BUFFER_INIT (DC_CONFIGFILE_SIZE_MAX);
  struct dc_span rest = { r->file->text, r->file->size }, line;
  unsigned start = 1;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    line = clean (line);
    if (line.size == 0 || dc_span_has (line, '\0'))
      continue;
    if (rule.size == 0) {
      follow_blocks (r, line);
      start = number;
    }
    if (r->chain.text == NULL || !is_input (r, r->chain) ||
        dc_span_starts (line, "chain "))
      continue;
    if (dc_buffer_append (&rule, line.text, line.size, err) < 0 ||
        dc_buffer_append (&rule, " ", 1, err) < 0)
      return -1;
    const struct dc_span whole = { dc_buffer_text (&rule), rule.size };
    if (goes_on (whole))
      continue;
    if (read_rule (r, whole, start, err) < 0)
      return -1;
    dc_buffer_clear (&rule);
  }
  return 0;
}

int
dc_nftables_parse (void *arg, const struct dc_configfile *file,
                   struct dc_error *err)
{
  AUTO_WORDS struct dc_words inputs = { NULL, 0 };
  struct reading r = { arg, file, &inputs, { NULL, 0 } };
  struct dc_span rest = { file->text, file->size }, line;
  struct dc_firewall *firewall = NULL;

  if (dc_network_firewall (arg, KIND, UNIT, file->path, &firewall, err) < 0)
    return -1;
  while (dc_span_line (&rest, &line)) {
    line = clean (line);
    if (line.size == 0 || dc_span_has (line, '\0'))
      continue;
    follow_blocks (&r, line);
    if (find_input (&r, line, firewall, err) < 0)
      return -1;
  }
  r.chain = (struct dc_span){ NULL, 0 };
  return read_rules (&r, err);
}
