/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/bindmatch.h"
#include "lib/span.h"
#include "lib/text.h"

/* What a list goes on with. */
enum verdict { GO_ON, IS_DECIDED };

static bool
is_word (const char *token, const char *word)
{
  return strcmp (token, word) == 0;
}

static const struct dc_bind_clause *
find_acl (struct dc_bindconf *conf, const char *name)
{
  for (size_t i = 0; i < conf->count && conf->looked++ < DC_BIND_MATCH_MAX; i++)
    if (conf->clauses[i].kind == DC_BIND_ACL &&
        conf->clauses[i].words.count > 1 &&
        is_word (conf->clauses[i].words.items[1], name))
      return &conf->clauses[i];
  return NULL;
}

/* "10.0.0.1", "::1/128", "10/8", and no name of an acl. */
static bool
is_address (const char *token)
{
  const size_t size = strspn (token, "0123456789abcdefABCDEF.:");
  const struct dc_span address = { token, size };

  return (dc_span_has (address, '.') || dc_span_has (address, ':') ||
          token[size] == '/') &&
         (token[size] == '\0' || token[size] == '/');
}

/* An address or a network. */
static int
match_address (struct dc_bind_match *match, const char *token, bool is_not,
               enum verdict *verdict, struct dc_error *err)
{
  const char *slash = strchr (token, '/');
  const bool is_v6 = strchr (token, ':') != NULL;
  const bool is_single =
      slash == NULL || is_word (slash, is_v6 ? "/128" : "/32");
  const bool is_loopback = strncmp (token, "127", 3) == 0 && !is_single;
  const int size = slash != NULL ? (int) (slash - token) : (int) strlen (token);
  AUTO_FREE char *address = NULL;

  if (is_v6 != match->is_v6)
    return 0;
  if (slash != NULL && is_word (slash, "/0")) {
    match->is_any = match->is_any || !is_not;
    *verdict = IS_DECIDED;
    return 0;
  }
  if (is_not) {
    match->has_less = true;
    return 0;
  }
  if (!is_single && !is_loopback) {
    match->unknown = token;
    return 0;
  }
  if (dc_text_print (&address, err, "%.*s", is_loopback ? 9 : size,
                     is_loopback ? "127.0.0.1" : token) < 0)
    return -1;
  return dc_words_add (&match->addresses, address, err);
}

static int match_list (struct dc_bind_match *match, const struct dc_words *list,
                       size_t first, size_t last, enum verdict *verdict,
                       struct dc_error *err);

static int
match_acl (struct dc_bind_match *match, const char *name, bool is_not,
           enum verdict *verdict, struct dc_error *err)
{
  const struct dc_bind_clause *acl = find_acl (match->conf, name);

  if (acl == NULL || match->depth == DC_BIND_BLOCK_MAX) {
    match->unknown = name;
    return 0;
  }
  if (is_not) {
    match->has_less = true;
    return 0;
  }
  match->depth++;
  const int status =
      match_list (match, &acl->list, 0, acl->list.count, verdict, err);
  match->depth--;
  return status;
}

static int
match_element (struct dc_bind_match *match, const char *token, bool is_not,
               enum verdict *verdict, struct dc_error *err)
{
  static const char *const all[] = { "any", "localhost", "localnets" };

  if (is_word (token, "none")) {
    match->is_any = match->is_any || is_not;
    *verdict = is_not ? IS_DECIDED : *verdict;
    return 0;
  }
  /* localhost is each address of this machine, localnets all around them. */
  for (size_t i = 0; i < DC_COUNT (all); i++) {
    if (!is_word (token, all[i]))
      continue;
    match->is_any = match->is_any || !is_not;
    *verdict = IS_DECIDED;
    return 0;
  }
  return is_address (token) ? match_address (match, token, is_not, verdict, err)
                            : match_acl (match, token, is_not, verdict, err);
}

/* Behind the block that begins at FIRST, at a '{'. */
static size_t
end_of_block (const struct dc_words *list, size_t first, size_t last)
{
  unsigned depth = 0;

  for (size_t i = first; i < last; i++) {
    depth += is_word (list->items[i], "{");
    depth -= is_word (list->items[i], "}");
    if (depth == 0)
      return i + 1;
  }
  return last;
}

/* The element at *I, which is moved behind it. */
static int
match_next (struct dc_bind_match *match, const struct dc_words *list, size_t *i,
            size_t last, enum verdict *verdict, struct dc_error *err)
{
  const bool is_not = is_word (list->items[*i], "!");
  const size_t first = *i + is_not;

  *i = first + 1;
  if (first >= last || is_word (list->items[first], ";"))
    return 0;
  if (is_word (list->items[first], "key") ||
      is_word (list->items[first], "geoip")) {
    while (*i < last && !is_word (list->items[*i], ";"))
      (*i)++;
    return 0;
  }
  if (!is_word (list->items[first], "{"))
    return match_element (match, list->items[first], is_not, verdict, err);
  *i = end_of_block (list, first, last);
  if (is_not) {
    match->has_less = true;
    return 0;
  }
  if (match->depth == DC_BIND_BLOCK_MAX)
    return 0;
  match->depth++;
  const int status = match_list (match, list, first + 1, *i - 1, verdict, err);
  match->depth--;
  return status;
}

static int
match_list (struct dc_bind_match *match, const struct dc_words *list,
            size_t first, size_t last, enum verdict *verdict,
            struct dc_error *err)
{
  for (size_t i = first; i < last && *verdict == GO_ON;) {
    if (match->conf->looked++ >= DC_BIND_MATCH_MAX) {
      match->unknown = "a very long list";
      return 0;
    }
    if (match_next (match, list, &i, last, verdict, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_bind_match (struct dc_bind_match *match, const struct dc_words *list,
               struct dc_error *err)
{
  enum verdict verdict = GO_ON;

  return match_list (match, list, 0, list->count, &verdict, err);
}
