/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/haproxyline.h"
#include "analyzer/unit/unitenv.h"
#include "lib/buffer.h"
#include "lib/number.h"
#include "lib/span.h"

#define WORD_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */
#define VERSION_PARTS 3

static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz_0123456789";

/* Append the value of the variable at *P, whose '$' is **P. */
static int
add_variable (const char **p, const struct dc_words *environment,
              struct dc_buffer *word, struct dc_error *err)
{
  const bool has_brace = (*p)[1] == '{';
  const char *name = *p + (has_brace ? 2 : 1);
  const size_t size = strspn (name, name_bytes);
  const char *value = dc_environment_get (environment, name, size);

  *p = name + size;
  if (!has_brace)
    return value == NULL ? 0
                         : dc_buffer_append (word, value, strlen (value), err);
  const char *other = **p == '-' ? *p + 1 : *p;
  const size_t other_size = **p == '-' ? strcspn (other, "}\"") : 0;
  *p += strcspn (*p, "}\"");
  *p += **p == '}';
  return value != NULL ? dc_buffer_append (word, value, strlen (value), err)
                       : dc_buffer_append (word, other, other_size, err);
}

/* What the backslash at **P and the byte behind it mean. */
static int
add_escape (const char **p, struct dc_buffer *word, struct dc_error *err)
{
  static const char letters[] = "trn", bytes[] = "\t\r\n";
  const char *letter = (*p)[1] != '\0' ? strchr (letters, (*p)[1]) : NULL;
  const char c = letter != NULL ? bytes[letter - letters] : (*p)[1];

  *p += c != '\0' ? 2 : 1;
  return dc_buffer_append (word, &c, c != '\0', err);
}

/* The word at *P, which has at least one byte. */
static int
read_word (const char **p, const struct dc_words *environment,
           struct dc_buffer *word, struct dc_error *err)
{
  char quote = '\0';

  while (**p != '\0' && (quote != '\0' || strchr (" \t\r#", **p) == NULL)) {
    int status = 0;
    if (**p == quote || (quote == '\0' && (**p == '"' || **p == '\''))) {
      quote = quote == '\0' ? **p : '\0';
      (*p)++;
    } else if (**p == '\\' && quote != '\'') {
      status = add_escape (p, word, err);
    } else if (**p == '$' && quote == '"') {
      status = add_variable (p, environment, word, err);
    } else {
      status = dc_buffer_append (word, (*p)++, 1, err);
    }
    if (status < 0)
      return -1;
  }
  return quote == '\0' ? 0 : dc_fail (err, DC_ERR_INVALID, "a quote is open");
}

int
dc_haproxy_words (const char *line, const struct dc_words *environment,
                  struct dc_words *words, struct dc_error *err)
{
  for (const char *p = line;;) {
    AUTO_BUFFER struct dc_buffer word = DC_BUFFER_INIT (WORD_SIZE_MAX);
    p += strspn (p, " \t\r");
    if (*p == '\0' || *p == '#')
      return 0;
    if (read_word (&p, environment, &word, err) < 0 ||
        dc_words_add (words, dc_buffer_text (&word), err) < 0)
      return -1;
  }
}

/* A condition that is being read; after a mistake the verdict is MAYBE. */
struct judge {
  const char *p;
  const struct dc_words *environment;
  const char *version;
  unsigned depth;
  bool is_broken;
};

static enum dc_haproxy_verdict
of_bool (bool is_true)
{
  return is_true ? DC_HAPROXY_YES : DC_HAPROXY_NO;
}

static enum dc_haproxy_verdict
negate (enum dc_haproxy_verdict verdict)
{
  return (enum dc_haproxy_verdict) (DC_HAPROXY_YES - verdict);
}

/* "2.4-dev19" into numbers; a development version comes before its release,
 * which we do not tell apart.
 */
static bool
read_version (struct dc_span text, uint64_t parts[VERSION_PARTS])
{
  struct dc_span field;
  struct dc_error ignored;
  size_t size = 0, count = 0;

  while (size < text.size && strchr ("0123456789.", text.text[size]) != NULL)
    size++;
  text.size = size;
  while (count < VERSION_PARTS && dc_span_field (&text, '.', &field) &&
         dc_number_parse_bytes (field.text, field.size, 0, UINT32_MAX,
                                &parts[count], &ignored) == 0)
    count++;
  return count > 0;
}

static enum dc_haproxy_verdict
is_at_least (const struct judge *judge, struct dc_span wanted)
{
  uint64_t left[VERSION_PARTS] = { 0 }, right[VERSION_PARTS] = { 0 };

  if (judge->version == NULL ||
      !read_version (dc_span_of (judge->version), left) ||
      !read_version (wanted, right))
    return DC_HAPROXY_MAYBE;
  for (size_t i = 0; i < VERSION_PARTS; i++)
    if (left[i] != right[i])
      return of_bool (left[i] > right[i]);
  return DC_HAPROXY_YES;
}

static enum dc_haproxy_verdict
judge_predicate (const struct judge *judge, struct dc_span name,
                 struct dc_span arguments)
{
  struct dc_span rest = arguments, left = { "", 0 }, right = { "", 0 };

  if (dc_span_field (&rest, ',', &left) && dc_span_field (&rest, ',', &right))
    right = dc_span_trim (right);
  left = dc_span_trim (left);
  if (dc_span_is (name, "defined"))
    return of_bool (
        dc_environment_get (judge->environment, left.text, left.size) != NULL);
  if (dc_span_is (name, "streq"))
    return of_bool (dc_span_compare (left, right) == 0);
  if (dc_span_is (name, "strneq"))
    return of_bool (dc_span_compare (left, right) != 0);
  if (dc_span_is (name, "version_atleast"))
    return is_at_least (judge, left);
  if (dc_span_is (name, "version_before"))
    return negate (is_at_least (judge, left));
  return DC_HAPROXY_MAYBE; /* feature(), enabled() and what is new */
}

static void
skip_blanks (struct judge *judge)
{
  judge->p += strspn (judge->p, " \t");
}

static enum dc_haproxy_verdict judge_or (struct judge *judge);

static enum dc_haproxy_verdict
judge_nested (struct judge *judge)
{
  if (judge->depth++ == DC_HAPROXY_NESTED_MAX) {
    judge->is_broken = true;
    return DC_HAPROXY_MAYBE;
  }
  judge->p++;
  const enum dc_haproxy_verdict verdict = judge_or (judge);
  judge->depth--;
  judge->is_broken = judge->is_broken || *judge->p != ')';
  judge->p += *judge->p == ')';
  return verdict;
}

/* A number, NAME(ARGUMENTS), (CONDITION), all perhaps with a '!'. */
static enum dc_haproxy_verdict
judge_term (struct judge *judge)
{
  bool is_not = false;
  enum dc_haproxy_verdict verdict = DC_HAPROXY_MAYBE;

  for (skip_blanks (judge); *judge->p == '!'; skip_blanks (judge)) {
    is_not = !is_not;
    judge->p++;
  }
  const char *name = judge->p;
  const size_t size = strspn (name, name_bytes);
  judge->p += size;
  if (size == 0 && *judge->p == '(') {
    verdict = judge_nested (judge);
  } else if (size > 0 && *judge->p == '(') {
    const char *arguments = judge->p + 1;
    const size_t arguments_size = strcspn (arguments, ")");
    judge->p = arguments + arguments_size;
    judge->is_broken = judge->is_broken || *judge->p == '\0';
    judge->p += *judge->p == ')';
    verdict = judge_predicate (judge, (struct dc_span){ name, size },
                               (struct dc_span){ arguments, arguments_size });
  } else if (size > 0 && strspn (name, "0123456789") == size) {
    verdict = of_bool (strspn (name, "0") < size);
  } else {
    judge->is_broken = true;
  }
  skip_blanks (judge);
  return is_not ? negate (verdict) : verdict;
}

static enum dc_haproxy_verdict
judge_and (struct judge *judge)
{
  enum dc_haproxy_verdict all = judge_term (judge);

  while (!judge->is_broken && strncmp (judge->p, "&&", 2) == 0) {
    judge->p += 2;
    const enum dc_haproxy_verdict next = judge_term (judge);
    all = next < all ? next : all;
  }
  return all;
}

static enum dc_haproxy_verdict
judge_or (struct judge *judge)
{
  enum dc_haproxy_verdict any = judge_and (judge);

  while (!judge->is_broken && strncmp (judge->p, "||", 2) == 0) {
    judge->p += 2;
    const enum dc_haproxy_verdict next = judge_and (judge);
    any = next > any ? next : any;
  }
  return any;
}

enum dc_haproxy_verdict
dc_haproxy_judge (const char *condition, const struct dc_words *environment,
                  const char *version)
{
  struct judge judge = { condition, environment, version, 0, false };

  skip_blanks (&judge);
  if (*judge.p == '\0')
    return DC_HAPROXY_NO;
  const enum dc_haproxy_verdict verdict = judge_or (&judge);
  return judge.is_broken || *judge.p != '\0' ? DC_HAPROXY_MAYBE : verdict;
}

enum dc_haproxy_verdict
dc_haproxy_verdict (const struct dc_haproxy_levels *levels)
{
  enum dc_haproxy_verdict least = DC_HAPROXY_YES;

  for (unsigned i = 0; i < levels->count; i++)
    if (levels->items[i].now < least)
      least = levels->items[i].now;
  return least;
}

/* The next branch of the innermost .if, whose own condition says OWN. */
static void
take_branch (struct dc_haproxy_levels *levels, enum dc_haproxy_verdict own)
{
  if (levels->count == 0)
    return;
  enum dc_haproxy_verdict *now = &levels->items[levels->count - 1].now;
  enum dc_haproxy_verdict *taken = &levels->items[levels->count - 1].taken;
  const enum dc_haproxy_verdict left = negate (*taken);
  *now = own < left ? own : left;
  *taken = own > *taken ? own : *taken;
}

/* The words of a condition as one text. */
static int
judge_words (const struct dc_words *words, const struct dc_words *environment,
             const char *version, enum dc_haproxy_verdict *out,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (WORD_SIZE_MAX);

  for (size_t i = 1; i < words->count; i++)
    if (dc_buffer_print (&b, err, " %s", words->items[i]) < 0)
      return -1;
  *out = dc_haproxy_judge (dc_buffer_text (&b), environment, version);
  return 0;
}

int
dc_haproxy_level (struct dc_haproxy_levels *levels,
                  const struct dc_words *words,
                  const struct dc_words *environment, const char *version,
                  struct dc_error *err)
{
  const char *first = words->items[0];
  const bool is_if = strcmp (first, ".if") == 0;
  const bool is_elif = strcmp (first, ".elif") == 0;
  enum dc_haproxy_verdict own = DC_HAPROXY_YES;

  if (first[0] != '.')
    return 0;
  if ((is_if || is_elif) &&
      judge_words (words, environment, version, &own, err) < 0)
    return -1;
  if (is_if && levels->count == DC_HAPROXY_LEVEL_MAX)
    return dc_fail (err, DC_ERR_LIMIT,
                    "conditions lie in each other too deeply");
  if (is_if) {
    levels->items[levels->count].now = DC_HAPROXY_NO;
    levels->items[levels->count].taken = DC_HAPROXY_NO;
    levels->count++;
  }
  if (is_if || is_elif || strcmp (first, ".else") == 0)
    take_branch (levels, own);
  else if (strcmp (first, ".endif") == 0 && levels->count > 0)
    levels->count--;
  return 1;
}
