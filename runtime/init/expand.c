/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "runtime/init/expand.h"

/* Where the words go.  Run twice: first to count, with both arrays NULL. */
struct writer {
  char **items;
  char *bytes;
  size_t count; /* words begun */
  size_t size;  /* bytes written, or that would be */
};

static void
begin_word (struct writer *w)
{
  if (w->items != NULL)
    w->items[w->count] = w->bytes + w->size;
  w->count++;
}

static void
put (struct writer *w, const char *bytes, size_t size)
{
  if (w->bytes != NULL)
    memcpy (w->bytes + w->size, bytes, size);
  w->size += size;
}

static void
end_word (struct writer *w)
{
  put (w, "", 1);
}

/* One word of VALUE, less its quotes and backslashes; an open quote ends with
 * the value.
 */
static const char *
put_unquoted (struct writer *w, const char *s)
{
  char quote = '\0';

  for (; *s != '\0' && (quote != '\0' || strchr (" \t\n\r", *s) == NULL); s++) {
    if (*s == '\\' && s[1] != '\0')
      put (w, ++s, 1);
    else if (quote == '\0' && (*s == '"' || *s == '\''))
      quote = *s;
    else if (quote != '\0' && *s == quote)
      quote = '\0';
    else
      put (w, s, 1);
  }
  return s;
}

static void
put_words (struct writer *w, const char *value)
{
  for (;;) {
    value += strspn (value, " \t\n\r");
    if (*value == '\0')
      return;
    begin_word (w);
    value = put_unquoted (w, value);
    end_word (w);
  }
}

/* The end of the ${NAME} at S, or NULL: it is none.  ${X:-y} is not
 * understood by systemd either and stays as it is.
 */
static const char *
find_brace (const char *s)
{
  if (s[0] != '$' || s[1] != '{')
    return NULL;
  const char *end = s + 2 + strcspn (s + 2, ":}");
  return *end == '}' ? end : NULL;
}

static void
put_replaced (struct writer *w, const char *s, const struct di_env *env)
{
  begin_word (w);
  while (*s != '\0') {
    const size_t plain = strcspn (s, "$");
    put (w, s, plain);
    s += plain;
    const char *end = find_brace (s);
    if (s[0] == '$' && s[1] == '$') {
      put (w, "$", 1);
      s += 2;
    } else if (end != NULL) {
      const char *value = di_env_get (env, s + 2, (size_t) (end - s - 2));
      if (value != NULL)
        put (w, value, strlen (value));
      s = end + 1;
    } else if (*s == '$') {
      put (w, s++, 1);
    }
  }
  end_word (w);
}

static void
put_all (struct writer *w, const struct di_line *line, const struct di_env *env)
{
  /* Words: phase, flags, path, argv[0], ... */
  for (size_t i = 3; i < line->count; i++) {
    const char *word = line->words[i];
    if ((line->flags & DI_LITERAL) != 0) {
      begin_word (w);
      put (w, word, strlen (word));
      end_word (w);
    } else if (word[0] == '$' && word[1] != '{' && word[1] != '$') {
      const char *value = di_env_get (env, word + 1, strlen (word + 1));
      if (value != NULL)
        put_words (w, value);
    } else {
      put_replaced (w, word, env);
    }
  }
}

int
di_argv_make (const struct di_line *line, const struct di_env *env,
              struct di_argv *argv, struct di_error *err)
{
  struct writer measure = { 0 };

  put_all (&measure, line, env);
  if (measure.count > DI_ARGV_MAX || measure.size > DI_ARGV_SIZE_MAX)
    return di_fail (err, "has more than ", DI_NUMBER (DI_ARGV_MAX),
                    " arguments or ", DI_NUMBER ((int64_t) DI_ARGV_SIZE_MAX),
                    " bytes of them", NULL);
  struct writer w = { .items = calloc (measure.count + 1, sizeof (char *)),
                      .bytes = malloc (measure.size) };
  if (w.items == NULL || w.bytes == NULL) {
    free (w.items);
    free (w.bytes);
    return di_fail_errno (err, "cannot keep its arguments", NULL);
  }
  put_all (&w, line, env);
  *argv = (struct di_argv){ .items = w.items, .bytes = w.bytes };
  return 0;
}

void
di_argv_release (struct di_argv *argv)
{
  free (argv->items);
  free (argv->bytes);
  *argv = (struct di_argv){ 0 };
}
