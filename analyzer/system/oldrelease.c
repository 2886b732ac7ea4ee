/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/assign.h"
#include "analyzer/system/oldrelease.h"
#include "lib/span.h"
#include "lib/text.h"

struct format {
  const char *file;
  const char *id;     /* NULL: by the line's first words */
  const char *pretty; /* what to put before the line */
  int (*read) (const struct format *format, struct dc_span text,
               struct dc_osrel *osrel, struct dc_error *err);
};

/* The first words of a line, and the ID of that distribution's os-release. */
static const struct {
  const char *words, *id;
} names[] = {
  { "Amazon Linux", "amzn" },
  { "Oracle Linux", "ol" },
  { "Red Hat Enterprise Linux", "rhel" },
  { "SUSE Linux Enterprise Desktop", "sled" },
  { "SUSE Linux Enterprise Server", "sles" },
};

static int
copy_lower (struct dc_span span, char **out, struct dc_error *err)
{
  if (dc_span_copy (span, out, err) < 0)
    return -1;
  for (char *p = *out; *p != '\0'; p++)
    *p = (char) tolower ((unsigned char) *p);
  return 0;
}

/* The ID that is not stated: by the table, else the first word, small. */
static int
read_id (struct dc_span line, char **id, struct dc_error *err)
{
  struct dc_span word;

  for (size_t i = 0; i < DC_COUNT (names); i++)
    if (dc_span_starts (line, names[i].words))
      return dc_span_copy (dc_span_of (names[i].id), id, err);
  return dc_span_word (&line, &word) ? copy_lower (word, id, err) : 0;
}

static int
read_pretty (const struct format *format, struct dc_span line,
             struct dc_osrel *osrel, struct dc_error *err)
{
  return dc_text_print (&osrel->pretty_name, err, "%s%.*s", format->pretty,
                        (int) line.size, line.text);
}

/* "NAME release VERSION (CODENAME)", VERSION the last word with a digit in
 * front.  What SUSE has in brackets is no codename but an architecture.
 */
static int
read_line (const struct format *format, struct dc_span text,
           struct dc_osrel *osrel, struct dc_error *err)
{
  struct dc_span line = { "", 0 }, word, version = { NULL, 0 };

  if (dc_span_line (&text, &line))
    line = dc_span_trim (line);
  if (read_pretty (format, line, osrel, err) < 0)
    return -1;
  if (format->id == NULL && read_id (line, &osrel->id, err) < 0)
    return -1;

  struct dc_span rest = line;
  while (dc_span_word (&rest, &word) && *word.text != '(')
    if (isdigit ((unsigned char) *word.text))
      version = word;
  if (version.text != NULL &&
      dc_span_copy (version, &osrel->version_id, err) < 0)
    return -1;
  const char *open = line.size > 0 ? memchr (line.text, '(', line.size) : NULL;
  if (open == NULL || line.text[line.size - 1] != ')')
    return 0;
  const struct dc_span name = { open + 1, (size_t) (line.text + line.size - 1 -
                                                    (open + 1)) };
  return dc_span_copy (name, &osrel->codename, err);
}

/* The line, then "PATCHLEVEL = 4", which os-release has as "11.4". */
static int
read_suse (const struct format *format, struct dc_span text,
           struct dc_osrel *osrel, struct dc_error *err)
{
  struct dc_span line, level;

  if (read_line (format, text, osrel, err) < 0)
    return -1;
  free (DC_TAKE (osrel->codename));
  while (dc_span_line (&text, &line)) {
    struct dc_span key;
    if (!dc_span_field (&line, '=', &key) || line.text == NULL ||
        !dc_span_is (dc_span_trim (key), "PATCHLEVEL"))
      continue;
    level = dc_span_trim (line);
    if (osrel->version_id == NULL || strchr (osrel->version_id, '.') != NULL ||
        level.size == 0 || dc_span_is (level, "0"))
      continue;
    AUTO_FREE char *plain = DC_TAKE (osrel->version_id);
    if (dc_text_print (&osrel->version_id, err, "%s.%.*s", plain,
                       (int) level.size, level.text) < 0)
      return -1;
  }
  return 0;
}

/* "12.5", or "trixie/sid" before its release. */
static int
read_debian (const struct format *format, struct dc_span text,
             struct dc_osrel *osrel, struct dc_error *err)
{
  struct dc_span line = { "", 0 }, name;

  if (dc_span_line (&text, &line))
    line = dc_span_trim (line);
  if (line.size == 0)
    return 0;
  if (read_pretty (format, line, osrel, err) < 0)
    return -1;
  const bool has_number = isdigit ((unsigned char) *line.text) != 0;
  (void) dc_span_field (&line, has_number ? '.' : '/', &name); /* not empty */
  return dc_span_copy (name, has_number ? &osrel->version_id : &osrel->codename,
                       err);
}

static int
read_lsb (const struct format *format, struct dc_span text,
          struct dc_osrel *osrel, struct dc_error *err)
{
  AUTO_FREE char *id = NULL;
  const struct dc_assign rows[] = {
    { "DISTRIB_CODENAME", &osrel->codename },
    { "DISTRIB_DESCRIPTION", &osrel->pretty_name },
    { "DISTRIB_ID", &id },
    { "DISTRIB_RELEASE", &osrel->version_id },
  };

  (void) format; /* all is in the text */
  if (dc_assign_read (text.text, text.size, rows, DC_COUNT (rows), err) < 0)
    return -1;
  return id != NULL ? copy_lower (dc_span_of (id), &osrel->id, err) : 0;
}

/* The more special before the more general: an Oracle system has also a
 * redhat-release that says Red Hat, an Ubuntu a debian_version.
 */
static const struct format formats[] = {
  { "/etc/alpine-release", "alpine", "Alpine Linux ", read_line },
  { "/etc/fedora-release", "fedora", "", read_line },
  { "/etc/oracle-release", "ol", "", read_line },
  { "/etc/centos-release", "centos", "", read_line },
  { "/etc/SuSE-release", NULL, "", read_suse },
  { "/etc/redhat-release", NULL, "", read_line },
  { "/etc/system-release", NULL, "", read_line },
  { "/etc/gentoo-release", "gentoo", "", read_line },
  { "/etc/slackware-version", "slackware", "", read_line },
  { "/etc/arch-release", "arch", "Arch Linux", read_line },
  { "/etc/lsb-release", NULL, "", read_lsb },
  { "/etc/debian_version", "debian", "Debian GNU/Linux ", read_debian },
};

static int
load_format (struct dc_tree *tree, const struct format *format,
             struct dc_osrel **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_OSREL_SIZE_MAX);
  const int found = dc_tree_read_file (tree, format->file, &b, err);

  if (found < 0)
    return -1;
  if (found == 0 || memchr (dc_buffer_text (&b), '\0', b.size) != NULL)
    return 0;
  DC_AUTO (dc_osrel) *osrel = calloc (1, sizeof *osrel);
  if (osrel == NULL)
    return dc_fail_errno (err, "cannot keep %s", format->file);
  osrel->file = strdup (format->file);
  if (osrel->file == NULL)
    return dc_fail_errno (err, "cannot keep %s", format->file);

  const struct dc_span text = { dc_buffer_text (&b), b.size };
  if (format->read (format, text, osrel, err) < 0)
    return dc_context (err, "%s", format->file);
  if (format->id != NULL &&
      dc_span_copy (dc_span_of (format->id), &osrel->id, err) < 0)
    return -1;
  if (osrel->id == NULL)
    return 0;
  *out = DC_TAKE (osrel);
  return 1;
}

int
dc_oldrelease_load (struct dc_tree *tree, struct dc_osrel **out,
                    struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (formats); i++) {
    const int found = load_format (tree, &formats[i], out, err);
    if (found != 0)
      return found;
  }
  return 0;
}
