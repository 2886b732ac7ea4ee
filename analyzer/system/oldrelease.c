/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/assign.h"
#include "analyzer/system/oldrelease.h"
#include "analyzer/system/osfamily.h"
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
  { "ALT ", "altlinux" },
  { "Amazon Linux", "amzn" },
  { "Enterprise Linux Enterprise Linux", "ol" }, /* Oracle's first */
  { "KVM for IBM z Systems", "kvmibm" },
  { "Mandriva", "mandriva" },
  { "Oracle Linux", "ol" },
  { "Red Hat Enterprise Linux", "rhel" },
  { "Red Hat Linux", "redhat" }, /* to 9, before Enterprise Linux */
  { "SUSE Linux Enterprise Desktop", "sled" },
  { "SUSE Linux Enterprise Server", "sles" },
  { "VMware Photon", "photon" },
};

/* In brackets, but no codename. */
static const char *const kinds[] = { "Official", "official" };

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

/* What is in front of "release" and *VERSION in LINE; *VERSION is left alone
 * when there is none.
 */
static struct dc_span
split_name (const struct format *format, struct dc_span line,
            struct dc_span *version)
{
  struct dc_span rest = line, name = { line.text, 0 }, word;
  bool is_name = true;

  while (dc_span_word (&rest, &word) && *word.text != '(') {
    const bool is_number = isdigit ((unsigned char) *word.text) != 0;
    if (is_number)
      *version = word;
    is_name = is_name && !is_number && !dc_span_is (word, "release");
    if (is_name)
      name.size = (size_t) (word.text + word.size - line.text);
  }
  return name.size > 0 ? name : dc_span_trim (dc_span_of (format->pretty));
}

static int
read_codename (struct dc_span line, char **codename, struct dc_error *err)
{
  const char *open = line.size > 0 ? memchr (line.text, '(', line.size) : NULL;

  if (open == NULL || line.text[line.size - 1] != ')')
    return 0;
  const struct dc_span name = { open + 1, (size_t) (line.text + line.size - 1 -
                                                    (open + 1)) };
  for (size_t i = 0; i < DC_COUNT (kinds); i++)
    if (dc_span_is (name, kinds[i]))
      return 0;
  return dc_span_copy (name, codename, err);
}

/* "NAME release VERSION (CODENAME)", VERSION the last word with a digit in
 * front.  What SUSE has in brackets is no codename but an architecture.
 */
static int
read_line (const struct format *format, struct dc_span text,
           struct dc_osrel *osrel, struct dc_error *err)
{
  struct dc_span line = { "", 0 }, version = { NULL, 0 };

  if (dc_span_line (&text, &line))
    line = dc_span_trim (line);
  if (read_pretty (format, line, osrel, err) < 0)
    return -1;
  if (format->id == NULL && read_id (line, &osrel->id, err) < 0)
    return -1;
  const struct dc_span name = split_name (format, line, &version);
  if (name.size > 0 && dc_span_copy (name, &osrel->name, err) < 0)
    return -1;
  if (version.text != NULL &&
      dc_span_copy (version, &osrel->version_id, err) < 0)
    return -1;
  return read_codename (line, &osrel->codename, err);
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
  if (dc_span_copy (line, &osrel->release, err) < 0 ||
      dc_span_copy (dc_span_of ("Debian GNU/Linux"), &osrel->name, err) < 0)
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
  const struct dc_assign rows[] = {
    { "DISTRIB_CODENAME", &osrel->codename },
    { "DISTRIB_DESCRIPTION", &osrel->pretty_name },
    { "DISTRIB_ID", &osrel->name },
    { "DISTRIB_RELEASE", &osrel->version_id },
  };

  (void) format; /* all is in the text */
  if (dc_assign_read (text.text, text.size, rows, DC_COUNT (rows), err) < 0)
    return -1;
  return osrel->name != NULL
             ? copy_lower (dc_span_of (osrel->name), &osrel->id, err)
             : 0;
}

/* The more special before the more general: an Oracle system has also a
 * redhat-release that says Red Hat, an Ubuntu a debian_version.
 */
static const struct format formats[] = {
  { "/etc/alpine-release", "alpine", "Alpine Linux ", read_line },
  { "/etc/fedora-release", "fedora", "", read_line },
  { "/etc/oracle-release", "ol", "", read_line },
  { "/etc/enterprise-release", "ol", "", read_line },
  { "/etc/almalinux-release", "almalinux", "", read_line },
  { "/etc/rocky-release", "rocky", "", read_line },
  { "/etc/sl-release", "scientific", "", read_line },
  { "/etc/centos-release", "centos", "", read_line },
  { "/etc/altlinux-release", "altlinux", "", read_line },
  { "/etc/mageia-release", "mageia", "", read_line },
  { "/etc/mandriva-release", "mandriva", "", read_line },
  { "/etc/mandrake-release", "mandrakelinux", "", read_line },
  { "/etc/base-release", NULL, "", read_line },
  { "/etc/photon-release", "photon", "", read_line },
  { "/etc/SuSE-release", NULL, "", read_suse },
  { "/etc/redhat-release", NULL, "", read_line },
  { "/etc/system-release", NULL, "", read_line },
  { "/etc/gentoo-release", "gentoo", "", read_line },
  { "/etc/slackware-version", "slackware", "", read_line },
  { "/etc/arch-release", "arch", "Arch Linux", read_line },
  { "/etc/openwrt_release", NULL, "", read_lsb },
  { "/etc/lsb-release", NULL, "", read_lsb },
  { "/usr/share/coreos/lsb-release", NULL, "", read_lsb },
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

/* Are the files of OLD the distribution's ID, too?  lsb-release has "Manjaro"
 * as "ManjaroLinux"; Raspbian keeps Debian's files.
 */
static bool
is_same (const char *id, const char *old)
{
  const size_t size = strlen (id);

  return strcmp (id, old) == 0 ||
         (strncmp (id, old, size) == 0 && strcmp (old + size, "linux") == 0) ||
         (strcmp (id, "raspbian") == 0 && strcmp (old, "debian") == 0);
}

/* What OSREL lacks and MORE has; the version and where it stands together. */
static void
merge (struct dc_osrel *osrel, struct dc_osrel *more)
{
  if (osrel->codename == NULL)
    osrel->codename = DC_TAKE (more->codename);
  if (osrel->version_id == NULL && osrel->release == NULL) {
    osrel->version_id = DC_TAKE (more->version_id);
    osrel->release = DC_TAKE (more->release);
    free (osrel->file);
    osrel->file = DC_TAKE (more->file);
  }
}

int
dc_oldrelease_load_of (struct dc_tree *tree, const char *id,
                       struct dc_osrel **out, struct dc_error *err)
{
  DC_AUTO (dc_osrel) *osrel = NULL;

  for (size_t i = 0; i < DC_COUNT (formats); i++) {
    DC_AUTO (dc_osrel) *more = NULL;
    const int found = load_format (tree, &formats[i], &more, err);
    if (found < 0)
      return -1;
    if (found == 0 || !is_same (id, more->id))
      continue;
    if (osrel == NULL)
      osrel = DC_TAKE (more);
    else
      merge (osrel, more);
  }
  const bool is_there = osrel != NULL;
  if (is_there)
    *out = DC_TAKE (osrel);
  return is_there;
}

/* "NAME" of "NAME-release" and "NAME_version", one plain word; else empty.
 * The names that are no distribution's are those python-distro knows.
 */
static struct dc_span
name_of (const char *file)
{
  static const char *const ends[] = { "-release", "_release", "-version",
                                      "_version" };
  static const char *const others[] = { "board", "ec2", "iredmail", "lsb",
                                        "oem",   "os",  "plesk" };
  const size_t word = strspn (file, "abcdefghijklmnopqrstuvwxyz"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
  const struct dc_span name = { file, word };

  for (size_t i = 0; i < DC_COUNT (others); i++)
    if (dc_span_is (name, others[i]))
      return (struct dc_span){ file, 0 };
  for (size_t i = 0; i < DC_COUNT (ends); i++)
    if (strcmp (file + word, ends[i]) == 0)
      return name;
  return (struct dc_span){ file, 0 };
}

static bool
names_a_system (const char *line)
{
  return line != NULL &&
         (strstr (line, " release ") != NULL || strstr (line, "Linux") != NULL);
}

/* The file of /etc with this NAME, if it names a system. */
static int
load_named (struct dc_tree *tree, const char *file, struct dc_span name,
            struct dc_osrel **out, struct dc_error *err)
{
  AUTO_FREE char *path = NULL, *id = NULL;
  DC_AUTO (dc_osrel) *osrel = NULL;

  if (dc_text_print (&path, err, "/etc/%s", file) < 0 ||
      copy_lower (name, &id, err) < 0)
    return -1;
  const struct format format = { path, id, "", read_line };
  const int found = load_format (tree, &format, &osrel, err);
  if (found <= 0)
    return found;
  if (!names_a_system (osrel->pretty_name))
    return 0;
  osrel->is_inferred = true;
  *out = DC_TAKE (osrel);
  return 1;
}

/* What a terminal shows before the login, less agetty(8)'s escapes. */
static int
read_issue (const struct format *format, struct dc_span text,
            struct dc_osrel *osrel, struct dc_error *err)
{
  struct dc_span line = { "", 0 };

  while (line.size == 0 && dc_span_line (&text, &line))
    line = dc_span_trim (line);
  const char *escape =
      line.size > 0 ? memchr (line.text, '\\', line.size) : NULL;
  if (escape != NULL)
    line.size = (size_t) (escape - line.text);
  osrel->is_inferred = true;
  return read_line (format, dc_span_trim (line), osrel, err);
}

static int
load_issue (struct dc_tree *tree, struct dc_osrel **out, struct dc_error *err)
{
  static const struct format format = { "/etc/issue", NULL, "", read_issue };
  DC_AUTO (dc_osrel) *osrel = NULL;
  const int found = load_format (tree, &format, &osrel, err);

  if (found <= 0 || (!names_a_system (osrel->pretty_name) &&
                     dc_osfamily_of (osrel->id, NULL) == NULL))
    return found < 0 ? -1 : 0;
  *out = DC_TAKE (osrel);
  return 1;
}

int
dc_oldrelease_load_other (struct dc_tree *tree, struct dc_osrel **out,
                          struct dc_error *err)
{
  const uint32_t folder = dc_tree_resolve (tree, "etc");
  uint32_t child =
      folder == DC_TREE_NONE ? folder : tree->entries[folder].first_child;

  for (; child != DC_TREE_NONE; child = tree->entries[child].next_sibling) {
    const struct dc_span name = name_of (tree->entries[child].name);
    if (name.size == 0)
      continue;
    const int found =
        load_named (tree, tree->entries[child].name, name, out, err);
    if (found != 0)
      return found;
  }
  return load_issue (tree, out, err);
}
