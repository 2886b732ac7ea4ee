/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"

int
dc_text_print (char **out, struct dc_error *err, const char *fmt, ...)
{
  char *text = NULL;
  va_list args;

  va_start (args, fmt);
  const int size = vasprintf (&text, fmt, args);
  va_end (args);
  if (size < 0)
    return dc_fail_errno (err, "cannot keep a text");
  *out = text;
  return 0;
}

int
dc_text_copy (const char *text, char **out, struct dc_error *err)
{
  *out = text != NULL ? strdup (text) : NULL;
  return text == NULL || *out != NULL
             ? 0
             : dc_fail_errno (err, "cannot keep a text");
}

int
dc_text_compare (const char *a, const char *b)
{
  if (a == NULL || b == NULL)
    return (a != NULL) - (b != NULL);
  return strcmp (a, b);
}

const char *
dc_text_last_component (const char *path)
{
  const char *slash = strrchr (path, '/');
  return slash != NULL ? slash + 1 : path;
}

bool
dc_text_ends_in (const char *text, const char *suffix)
{
  const size_t size = strlen (text), end = strlen (suffix);
  return size > end && strcmp (text + size - end, suffix) == 0;
}
