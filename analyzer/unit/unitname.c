/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitname.h"
#include "lib/buffer.h"
#include "lib/quote.h"
#include "lib/text.h"

static const char name_bytes[] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@";

static const char *const types[] = {
  "automount", "device", "mount", "path",   "scope", "service",
  "slice",     "socket", "swap",  "target", "timer",
};

enum dc_unit_kind
dc_unit_kind (const char *name)
{
  const char *dot = strrchr (name, '.');
  if (dot == NULL || dot == name || strlen (name) > DC_UNIT_NAME_MAX)
    return DC_NAME_BAD;
  size_t i = 0;
  while (i < DC_COUNT (types) && strcmp (types[i], dot + 1) != 0)
    i++;
  if (i == DC_COUNT (types) || strspn (name, name_bytes) != strlen (name))
    return DC_NAME_BAD;

  const char *at = strchr (name, '@');
  if (at == NULL)
    return DC_NAME_PLAIN;
  if (at == name)
    return DC_NAME_BAD;
  return at + 1 == dot ? DC_NAME_TEMPLATE : DC_NAME_INSTANCE;
}

const char *
dc_unit_type (const char *name)
{
  const char *dot = strrchr (name, '.');
  assert (dot != NULL);
  return dot + 1;
}

bool
dc_unit_has_type (const char *name, const char *type)
{
  return strcmp (dc_unit_type (name), type) == 0;
}

static int
keep (const char *text, size_t size, char **out, struct dc_error *err)
{
  char *copy = strndup (text, size);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a unit's name");
  *out = copy;
  return 0;
}

static size_t
prefix_size (const char *name)
{
  const size_t stem = (size_t) (strrchr (name, '.') - name);
  const char *at = memchr (name, '@', stem);
  return at != NULL ? (size_t) (at - name) : stem;
}

int
dc_unit_prefix (const char *name, char **out, struct dc_error *err)
{
  return keep (name, prefix_size (name), out, err);
}

int
dc_unit_instance (const char *name, char **out, struct dc_error *err)
{
  const char *at = strchr (name, '@');
  if (at == NULL) {
    *out = NULL;
    return 0;
  }
  return keep (at + 1, (size_t) (strrchr (name, '.') - at - 1), out, err);
}

int
dc_unit_template (const char *name, char **out, struct dc_error *err)
{
  return dc_unit_instantiate (name, "", out, err);
}

int
dc_unit_instantiate (const char *template, const char *instance, char **out,
                     struct dc_error *err)
{
  const size_t prefix = prefix_size (template);
  AUTO_FREE char *name = NULL;

  if (dc_text_print (&name, err, "%.*s@%s.%s", (int) prefix, template, instance,
                     dc_unit_type (template)) < 0)
    return -1;
  if (strlen (name) > DC_UNIT_NAME_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "the name of '%s' for '%s' is too long",
                    dc_quote (template).text, dc_quote (instance).text);
  *out = DC_TAKE (name);
  return 0;
}

static int
hex_digit (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
dc_unit_unescape (const char *text, char **out, struct dc_error *err)
{
  AUTO_FREE char *plain = strdup (text); /* it only gets shorter */
  if (plain == NULL)
    return dc_fail_errno (err, "cannot keep a unit's name");

  char *to = plain;
  for (const char *p = text; *p != '\0'; p++) {
    const int high = p[0] == '\\' && p[1] == 'x' ? hex_digit (p[2]) : -1;
    const int low = high >= 0 ? hex_digit (p[3]) : -1;
    if (low >= 0 && high + low > 0) { /* \x00 would cut the text */
      *to++ = (char) (high << 4 | low);
      p += 3;
    } else {
      *to++ = *p == '-' ? '/' : *p;
    }
  }
  *to = '\0';
  *out = DC_TAKE (plain);
  return 0;
}

static bool
is_plain (unsigned char byte)
{
  return isalnum (byte) || strchr (":_.", byte) != NULL;
}

int
dc_unit_escape (const char *text, char **out, struct dc_error *err)
{
  const size_t size = strlen (text);
  char *escaped = malloc (size * strlen ("\\xHH") + 1);
  if (escaped == NULL)
    return dc_fail_errno (err, "cannot keep a unit's name");

  char *to = escaped;
  for (const char *p = text; *p != '\0'; p++) {
    const unsigned char byte = (unsigned char) *p;
    if (byte == '/')
      *to++ = '-';
    else if (is_plain (byte) && !(p == text && byte == '.'))
      *to++ = *p;
    else
      to += snprintf (to, sizeof "\\xHH", "\\x%02x", byte);
  }
  *to = '\0';
  *out = escaped;
  return 0;
}

int
dc_unit_escape_path (const char *path, char **out, struct dc_error *err)
{
  AUTO_FREE char *plain = malloc (strlen (path) + 2);
  if (plain == NULL)
    return dc_fail_errno (err, "cannot keep a unit's name");

  char *to = plain; /* less the slashes that are not between names */
  for (const char *p = path; *p != '\0'; p++)
    if (*p != '/' || (to > plain && to[-1] != '/'))
      *to++ = *p;
  if (to > plain && to[-1] == '/')
    to--;
  if (to == plain)
    *to++ = '/';
  *to = '\0';
  return dc_unit_escape (plain, out, err);
}
