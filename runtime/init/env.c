/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "runtime/init/env.h"

#define STEP 32 /* pointers more each time */

static size_t
find (const struct di_env *env, const char *name, size_t size)
{
  size_t i = 0;

  while (i < env->count && !(strncmp (env->items[i], name, size) == 0 &&
                             env->items[i][size] == '='))
    i++;
  return i;
}

static int
grow (struct di_env *env, struct di_error *err)
{
  if (env->count == DI_ENV_MAX)
    return di_fail (err, "more than ", DI_NUMBER (DI_ENV_MAX), " variables",
                    NULL);
  if (env->count + 1 < env->capacity)
    return 0;
  const size_t capacity = env->capacity + STEP;
  char **items = realloc (env->items, capacity * sizeof *items);
  if (items == NULL)
    return di_fail_errno (err, "cannot keep the environment", NULL);
  env->items = items;
  env->capacity = capacity;
  return 0;
}

int
di_env_set (struct di_env *env, const char *name, size_t name_size,
            const char *value, struct di_error *err)
{
  const size_t value_size = strlen (value);
  const size_t i = find (env, name, name_size);

  if (i == env->count && grow (env, err) < 0)
    return -1;
  char *item = malloc (name_size + 1 + value_size + 1);
  if (item == NULL)
    return di_fail_errno (err, "cannot keep the environment", NULL);
  memcpy (item, name, name_size);
  item[name_size] = '=';
  memcpy (item + name_size + 1, value, value_size + 1);

  if (i < env->count)
    free (env->items[i]);
  else
    env->count++;
  env->items[i] = item;
  env->items[env->count] = NULL;
  return 0;
}

int
di_env_put (struct di_env *env, const char *assignment, struct di_error *err)
{
  const size_t name_size = strcspn (assignment, "=");

  return di_env_set (env, assignment, name_size, assignment + name_size + 1,
                     err);
}

const char *
di_env_get (const struct di_env *env, const char *name, size_t name_size)
{
  const size_t i = find (env, name, name_size);

  return i < env->count ? env->items[i] + name_size + 1 : NULL;
}

void
di_env_unset (struct di_env *env, const char *word)
{
  const size_t name_size = strcspn (word, "=");
  const size_t i = find (env, word, name_size);

  if (i == env->count ||
      (word[name_size] == '=' && strcmp (env->items[i], word) != 0))
    return;
  free (env->items[i]);
  memmove (&env->items[i], &env->items[i + 1],
           (env->count - i) * sizeof env->items[0]);
  env->count--;
}

void
di_env_release (struct di_env *env)
{
  for (size_t i = 0; i < env->count; i++)
    free (env->items[i]);
  free (env->items);
  *env = (struct di_env){ 0 };
}

bool
di_env_is_name (const char *name, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    const char c = name[i];
    const bool is_letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!is_letter && (i == 0 || c < '0' || c > '9'))
      return false;
  }
  return size > 0;
}
