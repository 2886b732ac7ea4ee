/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* java: archives of classes, and those inside them.
 *
 *   META-INF/maven/GROUP/ARTIFACT/pom.properties   one for each artifact that
 *                                                  was merged into the archive
 *   META-INF/MANIFEST.MF                           where there is none of those
 *
 * and where both are silent the archive's name.  In a WAR or an executable JAR
 * lie archives: stored ones are looked into, of compressed ones, which would
 * have to be unpacked whole, the name is taken.
 *
 * Source: Maven Archiver, "addMavenDescriptor"; JAR File Specification, "JAR
 * Manifest"; OSGi Core 8, 3.2.1 (Bundle-*).
 */

#include <stdlib.h>
#include <string.h>

#include "analyzer/language/parsers.h"
#include "analyzer/language/zip.h"
#include "lib/cleanup.h"

#define NESTED_MAX 1000 /* archives in one */
#define POM_MAX 1000    /* artifacts of one */

/* The archive being read; of a nested one the path is "OUTER!/INNER". */
struct archive {
  struct dc_language_reader *reader;
  struct dc_zip zip;
  struct dc_span path;
  bool is_nested;
  bool is_named; /* one of the artifacts has the name of the archive */
  unsigned poms, nested;
};

static const char *const endings[] = { ".jar", ".war", ".ear", NULL };

static bool
ends_with (struct dc_span span, const char *ending)
{
  const size_t size = strlen (ending);

  return span.size >= size &&
         memcmp (span.text + span.size - size, ending, size) == 0;
}

static bool
is_archive (struct dc_span name)
{
  for (const char *const *ending = endings; *ending != NULL; ending++)
    if (ends_with (name, *ending))
      return true;
  return false;
}

/* The value of "KEY=VALUE" or "KEY: VALUE" when LINE is that. */
static void
take_value (struct dc_span line, const char *key, struct dc_span *value)
{
  const size_t size = strlen (key);

  if (dc_span_starts (line, key) && line.size > size &&
      (line.text[size] == '=' || line.text[size] == ':'))
    *value = dc_span_trim (dc_span_skip (line, size + 1));
}

int
dc_java_pom_parse (const char *text, size_t size, struct dc_java_names *out)
{
  struct dc_span rest = { text, size }, line;

  while (dc_span_line (&rest, &line)) {
    line = dc_span_trim (line);
    take_value (line, "groupId", &out->group);
    take_value (line, "artifactId", &out->artifact);
    take_value (line, "version", &out->version);
  }
  return out->artifact.text != NULL && out->artifact.size > 0;
}

int
dc_java_manifest_parse (const char *text, size_t size,
                        struct dc_java_names *out)
{
  struct dc_span rest = { text, size }, line;
  struct dc_span bundle = { NULL, 0 }, bundle_version = { NULL, 0 };

  while (dc_span_line (&rest, &line)) {
    line = dc_span_trim (line);
    if (line.size == 0)
      break; /* sections of single files follow */
    take_value (line, "Implementation-Title", &out->artifact);
    take_value (line, "Implementation-Version", &out->version);
    take_value (line, "Bundle-SymbolicName", &bundle);
    take_value (line, "Bundle-Version", &bundle_version);
  }
  /* A title is often a phrase; a symbolic name is an identifier, behind which
   * directives may follow.
   */
  if (bundle.text != NULL) {
    struct dc_span name;
    if (dc_span_field (&bundle, ';', &name))
      out->artifact = dc_span_trim (name);
  }
  if (out->version.text == NULL)
    out->version = bundle_version;
  return out->artifact.text != NULL && out->artifact.size > 0;
}

static int
add (const struct archive *archive, const struct dc_java_names *names,
     enum dc_confidence confidence, struct dc_error *err)
{
  struct dc_language_facts facts = { .ecosystem = "java",
                                     .name = names->artifact,
                                     .version = names->version,
                                     .path = archive->path,
                                     .confidence = confidence };
  AUTO_FREE char *name = NULL;

  if (names->group.text != NULL && names->group.size > 0) {
    if (asprintf (&name, "%.*s:%.*s", (int) names->group.size,
                  names->group.text, (int) names->artifact.size,
                  names->artifact.text) < 0) {
      name = NULL; /* undefined otherwise */
      return dc_fail_errno (err, "cannot keep a package");
    }
    facts.name = dc_span_of (name);
  }
  return dc_language_add (archive->reader, &facts, err);
}

static struct dc_span
file_name (struct dc_span path)
{
  const char *slash = memrchr (path.text, '/', path.size);

  return slash == NULL ? path
                       : dc_span_skip (path, (size_t) (slash + 1 - path.text));
}

/* By the name of the archive, "log4j-core-2.17.1.jar". */
static int
add_by_file (const struct archive *archive, enum dc_confidence confidence,
             struct dc_span version, struct dc_error *err)
{
  struct dc_span file = file_name (archive->path);
  struct dc_java_names names = { .group = { NULL, 0 } };

  file.size -= strlen (".jar"); /* all endings have this length */
  (void) dc_language_split (file, &names.artifact, &names.version);
  if (version.text != NULL)
    names.version = version;
  return add (archive, &names, confidence, err);
}

/* Does the archive at PATH begin with the name of ARTIFACT? */
static bool
is_name_of (struct dc_span artifact, struct dc_span path)
{
  const struct dc_span file = file_name (path);

  return file.size >= artifact.size &&
         memcmp (file.text, artifact.text, artifact.size) == 0;
}

static int
read_pom (struct archive *archive, const struct dc_zip_member *member,
          struct dc_error *err)
{
  struct dc_java_names names = { .group = { NULL, 0 } };
  AUTO_FREE char *text = NULL;

  const int status = dc_zip_read (&archive->zip, member, &text, err);
  if (status <= 0 || !dc_java_pom_parse (text, strlen (text), &names))
    return status < 0 ? -1 : 0;
  archive->poms++;
  if (is_name_of (names.artifact, archive->path))
    archive->is_named = true;
  return add (archive, &names, DC_DECLARED, err);
}

/* What the archive itself is, where no pom.properties says so: it has none, or
 * only those of what was merged into it.
 */
static int
read_manifest (struct archive *archive, const struct dc_zip_member *member,
               struct dc_error *err)
{
  struct dc_java_names names = { .group = { NULL, 0 } };
  AUTO_FREE char *text = NULL;

  const int status = member->name.text != NULL
                         ? dc_zip_read (&archive->zip, member, &text, err)
                         : 0;
  if (status < 0)
    return -1;
  if (status > 0 && dc_java_manifest_parse (text, strlen (text), &names) &&
      !dc_span_has (names.artifact, ' ') && names.version.text != NULL)
    return add (archive, &names, DC_DECLARED, err);
  return archive->poms == 0
             ? add_by_file (archive, DC_INFERRED, names.version, err)
             : 0;
}

static int read_archive (struct archive *archive,
                         const struct dc_excerpt *excerpt,
                         struct dc_error *err);

static int
read_nested (struct archive *outer, const struct dc_zip_member *member,
             struct dc_error *err)
{
  struct archive inner = { .reader = outer->reader, .is_nested = true };
  AUTO_FREE char *path = NULL;
  struct dc_excerpt excerpt;

  outer->nested++;
  if (asprintf (&path, "%.*s!/%.*s", (int) outer->path.size, outer->path.text,
                (int) member->name.size, member->name.text) < 0) {
    path = NULL; /* undefined otherwise */
    return dc_fail_errno (err, "cannot keep a path");
  }
  inner.path = dc_span_of (path);
  const int status = dc_zip_excerpt (&outer->zip, member, &excerpt, err);
  if (status < 0)
    return -1;
  return status > 0 ? read_archive (&inner, &excerpt, err)
                    : add_by_file (&inner, DC_INFERRED,
                                   (struct dc_span){ NULL, 0 }, err);
}

static int
read_members (struct archive *archive, struct dc_error *err)
{
  struct dc_zip_member member, manifest = { .name = { NULL, 0 } };
  int status = 0;

  for (size_t at = 0;
       status == 0 && dc_zip_next (&archive->zip, &at, &member);) {
    if (memchr (member.name.text, '\0', member.name.size) != NULL)
      continue;
    if (dc_span_is (member.name, "META-INF/MANIFEST.MF"))
      manifest = member;
    else if (dc_span_starts (member.name, "META-INF/maven/") &&
             ends_with (member.name, "/pom.properties") &&
             archive->poms < POM_MAX)
      status = read_pom (archive, &member, err);
    else if (is_archive (member.name) && !archive->is_nested &&
             archive->nested < NESTED_MAX)
      status = read_nested (archive, &member, err);
  }
  if (status == 0 && !archive->is_named)
    status = read_manifest (archive, &manifest, err);
  return status;
}

static int
read_archive (struct archive *archive, const struct dc_excerpt *excerpt,
              struct dc_error *err)
{
  int status = dc_zip_open (excerpt, &archive->zip, err);

  if (status < 0)
    return -1;
  status = status > 0 ? read_members (archive, err)
                      : add_by_file (archive, DC_INFERRED,
                                     (struct dc_span){ NULL, 0 }, err);
  dc_zip_release (&archive->zip);
  return status;
}

static int
java_read (struct dc_language_reader *reader, struct dc_error *err)
{
  struct archive archive = { .reader = reader,
                             .path = dc_span_of (reader->path) };
  const struct dc_excerpt excerpt = dc_excerpt_of (reader);

  return read_archive (&archive, &excerpt, err);
}

const struct dc_ecosystem dc_ecosystem_java = { endings, dc_language_is_file,
                                                false, java_read };
