/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/appsource.h"
#include "analyzer/unit/unitenv.h"
#include "lib/array.h"
#include "lib/glob.h"
#include "lib/span.h"

/* A text as somebody wrote it, before it is taken apart; borrowed. */
struct raw {
  const char *text;
  struct dc_proof proof;
};

struct raws {
  struct raw *items;
  size_t count;
  size_t layer; /* of the file that says the last */
};

static void
release_raws (struct raws *raws)
{
  free (raws->items);
}
#define AUTO_RAWS __attribute__ ((__cleanup__ (release_raws)))

void
dc_app_values_release (struct dc_app_values *values)
{
  for (size_t i = 0; i < values->count; i++)
    free (values->items[i].text);
  free (values->items);
  *values = (struct dc_app_values){ .count = 0 };
}

/* Keep one more of those, as PICK says. */
static int
add_raw (struct raws *raws, int pick, const char *text, struct dc_proof proof,
         struct dc_error *err)
{
  if (raws->count > 0 && pick == DC_PICK_FIRST)
    return 0;
  if (raws->count == 0 || pick == DC_PICK_ALL || pick == DC_PICK_FILE) {
    if (DC_ARRAY_GROW (raws->items, raws->count, DC_APP_VALUE_MAX,
                       "values of a setting", err) < 0)
      return -1;
    raws->count++;
  }
  raws->items[raws->count - 1] = (struct raw){ text, proof };
  return 0;
}

/* "-p 80" "-p80" of "-p"; "--port 80" "--port=80" of "--port"; both and
 * "-port=80" of "-port", as Go reads its flags; "-Da.b=80" of "-Da.b".
 */
const char *
dc_option_value (const struct dc_words *argv, size_t *index,
                 const char *spelled)
{
  const char *word = argv->items[*index];
  const size_t size = strlen (spelled);
  const bool is_short = size == 2 && spelled[0] == '-';

  if (strcmp (spelled, "LAST") == 0)
    return *index + 1 == argv->count && word[0] != '-' &&
                   strchr (word, '/') != NULL
               ? word
               : NULL;
  if (!is_short && spelled[1] != '-' && strncmp (word, "--", 2) == 0)
    word++;
  if (strncmp (word, spelled, size) != 0)
    return NULL;
  if (word[size] == '\0')
    return *index + 1 < argv->count ? argv->items[++*index] : NULL;
  if (word[size] == '=')
    return word + size + 1;
  return is_short ? word + size : NULL;
}

static int
read_options (const struct dc_app_scope *scope,
              const struct dc_app_source *source, struct raws *raws,
              struct dc_error *err)
{
  const struct dc_words *argv = scope->daemon->argv;
  const struct dc_proof proof = dc_daemon_command (scope->daemon);

  for (size_t i = 1; i < argv->count; i++) {
    const char *value = NULL;
    for (size_t k = 0; k < source->flags.count && value == NULL; k++)
      if (strcmp (argv->items[i], source->flags.items[k]) == 0)
        value = "yes";
    for (size_t k = 0; k < source->options.count && value == NULL; k++)
      value = dc_option_value (argv, &i, source->options.items[k]);
    if (value != NULL && add_raw (raws, source->pick, value, proof, err) < 0)
      return -1;
  }
  return 0;
}

static int
read_env (const struct dc_app_scope *scope, const struct dc_app_source *source,
          struct raws *raws, struct dc_error *err)
{
  for (size_t i = 0; i < source->env.count; i++) {
    const char *name = source->env.items[i];
    const char *value =
        dc_environment_get (scope->daemon->environment, name, strlen (name));
    if (value != NULL)
      return add_raw (raws, DC_PICK_LAST, value,
                      dc_daemon_command (scope->daemon), err);
  }
  return 0;
}

/* Is the path of ITEM, from BLOCK on, one of the keys? */
static bool
has_key (const struct dc_app_source *source, const char *path,
         const struct dc_settings_block *block, bool is_absolute)
{
  const size_t outer = is_absolute ? 0 : strlen (block->path);

  path += outer;
  path += outer > 0 && *path == '.';
  for (size_t i = 0; i < source->keys.count; i++) {
    const char *key = source->keys.items[i];
    if ((key[0] == '/') == is_absolute &&
        dc_glob_match (key + is_absolute, path))
      return true;
  }
  return false;
}

static int
read_keys (const struct dc_app_scope *scope, const struct dc_app_source *source,
           bool is_absolute, struct raws *raws, struct dc_error *err)
{
  const struct dc_settings_block *block =
      is_absolute ? &scope->settings->blocks[0] : scope->block;

  for (size_t i = block->first; i < block->end; i++) {
    const struct dc_settings_item *item = &scope->settings->items[i];
    if (!has_key (source, item->path, block, is_absolute))
      continue;
    if (source->pick == DC_PICK_FILE && item->layer != raws->layer)
      raws->count = 0;
    raws->layer = item->layer;
    if (add_raw (raws, source->pick, item->value, item->proof, err) < 0)
      return -1;
  }
  return 0;
}

/* The first place that says anything. */
static int
read_raws (const struct dc_app_scope *scope, const struct dc_app_source *source,
           struct raws *raws, struct dc_error *err)
{
  if (read_options (scope, source, raws, err) < 0 ||
      (raws->count == 0 && read_env (scope, source, raws, err) < 0))
    return -1;
  if (raws->count > 0 || scope->block == NULL || source->keys.count == 0)
    return 0;
  if (read_keys (scope, source, false, raws, err) < 0)
    return -1;
  return raws->count > 0 ? 0 : read_keys (scope, source, true, raws, err);
}

static int
add_value (struct dc_app_values *values, struct dc_span text,
           const struct raw *raw, bool is_default, struct dc_error *err)
{
  char *copy = NULL;

  if (DC_ARRAY_GROW (values->items, values->count, DC_APP_VALUE_MAX,
                     "values of a setting", err) < 0 ||
      dc_span_copy (text, &copy, err) < 0)
    return -1;
  values->items[values->count++] =
      (struct dc_app_value){ copy, raw->proof, is_default };
  return 0;
}

static bool
is_one_of (const struct dc_yaml_texts *texts, struct dc_span text)
{
  for (size_t i = 0; i < texts->count; i++)
    if (strlen (texts->items[i]) == text.size &&
        strncasecmp (texts->items[i], text.text, text.size) == 0)
      return true;
  return false;
}

/* All parts of TEXT between bytes of SEPARATORS. */
static int
split (struct dc_app_values *values, const char *separators,
       const struct dc_app_source *source, const struct raw *raw,
       bool is_default, struct dc_error *err)
{
  const char *s = raw->text;

  for (;;) {
    s += strspn (s, separators);
    const size_t size = strcspn (s, separators);
    if (size == 0)
      return 0;
    struct dc_span rest, part = dc_span_trim ((struct dc_span){ s, size });
    const struct dc_span word = dc_settings_word (part, &rest);
    if (dc_span_trim (rest).size == 0)
      part = word;
    if (is_one_of (&source->off, part))
      values->is_off = true;
    else if (part.size > 0 &&
             add_value (values, part, raw, is_default, err) < 0)
      return -1;
    s += size;
  }
}

/* Take one text apart into VALUES. */
static int
take_apart (struct dc_app_values *values, const struct dc_app_source *source,
            const struct raw *raw, bool is_default, struct dc_error *err)
{
  struct dc_span rest;
  const struct dc_span all = dc_span_trim (dc_span_of (raw->text));
  const struct dc_span word = dc_settings_word (all, &rest);

  if (is_one_of (&source->off, all) || is_one_of (&source->off, word)) {
    values->is_off = true;
    return 0;
  }
  if (source->split == NULL)
    return add_value (values, word, raw, is_default, err);
  const bool is_quoted = rest.size == 0 && word.size < all.size;
  if (!is_quoted)
    return split (values, source->split, source, raw, is_default, err);
  AUTO_FREE char *inner = NULL;
  if (dc_span_copy (word, &inner, err) < 0)
    return -1;
  const struct raw unquoted = { inner, raw->proof };
  return split (values, source->split, source, &unquoted, is_default, err);
}

int
dc_app_source_read (const struct dc_app_scope *scope,
                    const struct dc_app_source *source,
                    struct dc_app_values *values, struct dc_error *err)
{
  AUTO_RAWS struct raws raws = { NULL, 0, 0 };

  if (read_raws (scope, source, &raws, err) < 0)
    return -1;
  for (size_t i = 0; i < raws.count; i++)
    if (take_apart (values, source, &raws.items[i], false, err) < 0)
      return -1;
  if (raws.count > 0 || source->otherwise == NULL)
    return 0;
  const struct raw raw = { source->otherwise,
                           dc_daemon_command (scope->daemon) };
  return take_apart (values, source, &raw, true, err);
}

static bool
fits_one (const struct dc_yaml_texts *patterns, const char *text)
{
  for (size_t i = 0; i < patterns->count; i++)
    if (dc_glob_match (patterns->items[i], text))
      return true;
  return false;
}

/* Does any of the values fit? */
int
dc_app_when_holds (const struct dc_app_scope *scope,
                   const struct dc_app_when *when, struct dc_error *err)
{
  AUTO_VALUES struct dc_app_values values = { .count = 0 };
  bool holds = false;

  if (dc_app_source_read (scope, &when->source, &values, err) < 0)
    return -1;
  for (size_t i = 0; i < values.count; i++) {
    char *text = values.items[i].text;
    for (char *p = text; *p != '\0'; p++)
      if (*p >= 'A' && *p <= 'Z')
        *p = (char) (*p - 'A' + 'a');
    if (fits_one (&when->is_not, text))
      return 0;
    holds = holds || when->is.count == 0 || fits_one (&when->is, text);
  }
  return holds;
}
