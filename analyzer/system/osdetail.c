/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/assign.h"
#include "analyzer/system/oldrelease.h"
#include "analyzer/system/osdetail.h"
#include "lib/span.h"

/* Armbian's image is a Debian or Ubuntu with kernel and tools of its own, whose
 * version is what tells two of them apart.
 */
#define ARMBIAN_FILE "/etc/armbian-release"

/* Is WORD a version: a digit first? */
static bool
is_version (struct dc_span word)
{
  return word.size > 0 && isdigit ((unsigned char) *word.text);
}

/* Is NEW more exact than OLD?  "12.5" is, of "12"; "13" is not. */
static bool
is_more_exact (struct dc_span new, const char *old)
{
  const size_t size = old != NULL ? strlen (old) : 0;

  return size == 0 ||
         (dc_span_starts (new, old) && new.size > size &&new.text[size] == '.');
}

static int
keep (struct dc_osrel *osrel, struct dc_span version, const char *file,
      struct dc_error *err)
{
  AUTO_FREE char *copy = NULL, *where = NULL;

  if (dc_span_has (version, '\0'))
    return 0;
  if (dc_span_copy (version, &copy, err) < 0 ||
      dc_span_copy (dc_span_of (file), &where, err) < 0)
    return -1;
  free (osrel->release);
  free (osrel->release_file);
  osrel->release = DC_TAKE (copy);
  osrel->release_file = DC_TAKE (where);
  return 0;
}

/* A better version among the words of TEXT, which is for people; it must
 * begin with the one that is known.
 */
static int
read_words (struct dc_osrel *osrel, const char *text, const char *file,
            struct dc_error *err)
{
  struct dc_span rest = dc_span_of (text != NULL ? text : ""), word;

  while (osrel->release != NULL && dc_span_word (&rest, &word))
    if (is_version (word) && is_more_exact (word, osrel->release))
      return keep (osrel, word, file, err);
  return 0;
}

/* 1 when FILE is there; *VALUE is what it assigns to KEY. */
static int
read_key (struct dc_tree *tree, const char *file, const char *key, char **value,
          struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_OSREL_SIZE_MAX);
  const struct dc_assign row = { key, value };
  const int found = dc_tree_read_file (tree, file, &b, err);

  if (found < 0)
    return err->code == DC_ERR_LIMIT ? 0 : -1; /* only a detail */
  return found == 0 ||
                 dc_assign_read (dc_buffer_text (&b), b.size, &row, 1, err) == 0
             ? found
             : -1;
}

/* VERSION of os-release, "14.04.3 LTS, Trusty Tahr". */
static int
read_own_version (struct dc_tree *tree, struct dc_osrel *osrel,
                  struct dc_error *err)
{
  AUTO_FREE char *version = NULL;

  if (read_key (tree, osrel->file, "VERSION", &version, err) < 0)
    return -1;
  return read_words (osrel, version, osrel->file, err);
}

/* What the older files of the same distribution say. */
static int
read_older (struct dc_tree *tree, struct dc_osrel *osrel, struct dc_error *err)
{
  DC_AUTO (dc_osrel) *old = NULL;
  const int found = dc_oldrelease_load_of (tree, osrel->id, &old, err);

  if (found < 0)
    return err->code == DC_ERR_LIMIT ? 0 : -1; /* only a detail */
  if (found == 0)
    return 0;
  if (osrel->codename == NULL)
    osrel->codename = DC_TAKE (old->codename);
  const char *version = old->release != NULL ? old->release : old->version_id;
  if (version == NULL || !is_more_exact (dc_span_of (version), osrel->release))
    return 0;
  return keep (osrel, dc_span_of (version), old->file, err);
}

static int
read_armbian (struct dc_tree *tree, struct dc_osrel *osrel,
              struct dc_error *err)
{
  AUTO_FREE char *version = NULL;
  const int found = read_key (tree, ARMBIAN_FILE, "VERSION", &version, err);

  if (found < 0)
    return -1;
  return version == NULL || *version == '\0'
             ? 0
             : keep (osrel, dc_span_of (version), ARMBIAN_FILE, err);
}

int
dc_osdetail_add (struct dc_tree *tree, struct dc_osrel *osrel,
                 struct dc_error *err)
{
  if (osrel->release == NULL && osrel->version_id != NULL &&
      *osrel->version_id != '\0' &&
      keep (osrel, dc_span_of (osrel->version_id), osrel->file, err) < 0)
    return -1;
  if (read_own_version (tree, osrel, err) < 0 ||
      read_words (osrel, osrel->pretty_name, osrel->file, err) < 0 ||
      read_older (tree, osrel, err) < 0)
    return -1;
  return read_armbian (tree, osrel, err);
}
