/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unit.h"
#include "lib/buffer.h"

/* Source: systemd.unit(5), "Specifiers", of systemd 257; the folders and the
 * user are those of the system manager.
 */
static const struct {
  char letter;
  const char *text;
} fixed[] = {
  { '%', "%" },        { 'C', "/var/cache" }, { 'E', "/etc" },  { 'G', "0" },
  { 'L', "/var/log" }, { 'S', "/var/lib" },   { 'T', "/tmp" },  { 'U', "0" },
  { 'V', "/var/tmp" }, { 'g', "root" },       { 'h', "/root" }, { 't', "/run" },
  { 'u', "root" },
};

/* Only a running system knows these, or they need more than the unit. */
static const char live[] = "aAbBmMoqsvwW";

static int
keep (const char *text, size_t size, char **out, struct dc_error *err)
{
  char *copy = strndup (text, size);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a specifier's text");
  *out = copy;
  return 0;
}

static int
full_name (const struct dc_unit *unit, char **out, struct dc_error *err)
{
  return keep (unit->name, strlen (unit->name), out, err);
}

static int
name_without_type (const struct dc_unit *unit, char **out, struct dc_error *err)
{
  const size_t size = (size_t) (dc_unit_type (unit->name) - unit->name);
  return keep (unit->name, size - 1, out, err);
}

static int
prefix (const struct dc_unit *unit, char **out, struct dc_error *err)
{
  return dc_unit_prefix (unit->name, out, err);
}

static int
instance (const struct dc_unit *unit, char **out, struct dc_error *err)
{
  const char *text = unit->instance != NULL ? unit->instance : "";
  return keep (text, strlen (text), out, err);
}

/* What follows the last dash of the prefix. */
static int
last_part (const struct dc_unit *unit, char **out, struct dc_error *err)
{
  AUTO_FREE char *whole = NULL;
  if (dc_unit_prefix (unit->name, &whole, err) < 0)
    return -1;
  const char *dash = strrchr (whole, '-');
  const char *part = dash != NULL ? dash + 1 : whole;
  return keep (part, strlen (part), out, err);
}

/* The path that the instance, or else the prefix, stands for. */
static int
path (const struct dc_unit *unit, char **out, struct dc_error *err)
{
  AUTO_FREE char *escaped = NULL;
  AUTO_FREE char *plain = NULL;
  const int status = unit->instance != NULL ? instance (unit, &escaped, err)
                                            : prefix (unit, &escaped, err);
  if (status < 0)
    return -1;
  if (strcmp (escaped, "-") == 0)
    return keep ("/", 1, out, err);
  if (dc_unit_unescape (escaped, &plain, err) < 0)
    return -1;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
  if (dc_buffer_print (&b, err, "/%s", plain) < 0)
    return -1;
  *out = dc_buffer_take (&b);
  return 0;
}

static int
credentials (const struct dc_unit *unit, char **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
  if (dc_buffer_print (&b, err, "/run/credentials/%s", unit->name) < 0)
    return -1;
  *out = dc_buffer_take (&b);
  return 0;
}

static int
file (const struct dc_unit *unit, char **out, struct dc_error *err)
{
  if (unit->file == NULL)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "the unit has no file");
  return keep (unit->file, strlen (unit->file), out, err);
}

static int
folder (const struct dc_unit *unit, char **out, struct dc_error *err)
{
  if (file (unit, out, err) < 0)
    return -1;
  char *slash = strrchr (*out, '/');
  if (slash != NULL)
    *slash = '\0';
  return 0;
}

static const struct {
  char letter;
  bool is_escaped; /* undo the escaping of unit names in it */
  int (*get) (const struct dc_unit *unit, char **out, struct dc_error *err);
} derived[] = {
  { 'I', true, instance },
  { 'J', true, last_part },
  { 'N', false, name_without_type },
  { 'P', true, prefix },
  { 'Y', false, folder },
  { 'd', false, credentials },
  { 'f', false, path },
  { 'i', false, instance },
  { 'j', false, last_part },
  { 'n', false, full_name },
  { 'p', false, prefix },
  { 'y', false, file },
};

static int
add_derived (const struct dc_unit *unit, size_t row, struct dc_buffer *b,
             struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  AUTO_FREE char *plain = NULL;

  if (derived[row].get (unit, &text, err) < 0)
    return -1;
  if (derived[row].is_escaped && dc_unit_unescape (text, &plain, err) < 0)
    return -1;
  const char *meant = plain != NULL ? plain : text;
  return dc_buffer_append (b, meant, strlen (meant), err);
}

static int
add_hostname (const char *hostname, char letter, struct dc_buffer *b,
              struct dc_error *err)
{
  if (hostname == NULL)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "specifier '%%%c' needs the host's name", letter);
  return dc_buffer_append (
      b, hostname, letter == 'l' ? strcspn (hostname, ".") : strlen (hostname),
      err);
}

/* Append what %LETTER means for UNIT. */
static int
add_specifier (const struct dc_unit *unit, const char *hostname, char letter,
               struct dc_buffer *b, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (fixed); i++)
    if (fixed[i].letter == letter)
      return dc_buffer_append (b, fixed[i].text, strlen (fixed[i].text), err);
  for (size_t i = 0; i < DC_COUNT (derived); i++)
    if (derived[i].letter == letter)
      return add_derived (unit, i, b, err);
  if (letter == 'H' || letter == 'l')
    return add_hostname (hostname, letter, b, err);
  if (letter != '\0' && strchr (live, letter) != NULL)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "specifier '%%%c' is known only when the unit runs",
                    letter);
  const char unknown[] = { '%', letter };
  return dc_buffer_append (b, unknown, letter != '\0' ? 2 : 1, err);
}

int
dc_unit_expand (const struct dc_unit *unit, const char *text,
                const char *hostname, char **out, struct dc_error *err)
{
  assert (unit->name != NULL);

  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
  while (*text != '\0') {
    const size_t plain = strcspn (text, "%");
    if (dc_buffer_append (&b, text, plain, err) < 0)
      return -1;
    text += plain;
    if (*text == '\0')
      break;
    if (add_specifier (unit, hostname, text[1], &b, err) < 0)
      return -1;
    text += text[1] != '\0' ? 2 : 1;
  }
  char *taken = dc_buffer_take (&b);
  if (taken == NULL)
    return dc_fail_errno (err, "cannot keep an expanded text");
  *out = taken;
  return 0;
}
