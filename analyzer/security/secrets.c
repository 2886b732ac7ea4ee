/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/security/secretsearch.h"
#include "lib/array.h"
#include "lib/text.h"

static void
release (struct dc_secret *secret)
{
  free (secret->path);
  free (secret->kind);
  free (secret->name);
  if (secret->value != NULL)
    explicit_bzero (secret->value, strlen (secret->value));
  free (secret->value);
}

/* Sixteen bytes are enough to tell thousands of secrets apart. */
static int
fingerprint (const unsigned char *key, struct dc_span value,
             char text[DC_SECRET_FINGERPRINT_SIZE], struct dc_error *err)
{
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;

  text[0] = '\0';
  if (key == NULL || value.size == 0)
    return 0;
  if (HMAC (EVP_sha256 (), key, DC_SECRET_KEY_SIZE,
            (const unsigned char *) value.text, value.size, digest,
            &size) == NULL)
    return dc_fail (err, DC_ERR_SYSTEM, "cannot make a fingerprint");
  for (unsigned i = 0; i < (DC_SECRET_FINGERPRINT_SIZE - 1) / 2; i++)
    (void) snprintf (text + 2 * (size_t) i, 3, "%02x", digest[i]); /* fits */
  return 0;
}

static int
note_full (struct dc_secret_search *search, struct dc_error *err)
{
  if (search->is_full)
    return 0;
  search->is_full = true;
  return dc_profile_note (search->profile, "secrets.many", NULL, 0, err,
                          "more secrets, or files that may hold some, than "
                          "are looked at");
}

static int
make (struct dc_secret_search *search, uint32_t index, struct dc_secret *secret,
      const char *kind, const char *name, struct dc_span value,
      struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  if (dc_tree_path (search->tree, index, &path, err) < 0 ||
      dc_text_print (&secret->path, err, "/%s", dc_buffer_text (&path)) < 0 ||
      dc_text_copy (kind, &secret->kind, err) < 0 ||
      dc_text_copy (name, &secret->name, err) < 0 ||
      (secret->line > 0 && !dc_span_has (value, '\0') &&
       dc_span_copy (value, &secret->value, err) < 0))
    return -1;
  return fingerprint (search->profile->options.secret_key, value,
                      secret->fingerprint, err);
}

int
dc_secret_add (struct dc_secret_search *search, uint32_t index, unsigned line,
               const char *kind, const char *name, struct dc_span value,
               struct dc_error *err)
{
  struct dc_secrets *secrets = &search->profile->secrets;
  const struct dc_entry *entry = &search->tree->entries[index];
  struct dc_secret secret = { .line = line,
                              .uid = entry->uid,
                              .mode = entry->mode & 07777 };

  if (secrets->count >= DC_SECRET_COUNT_MAX)
    return note_full (search, err);
  if (make (search, index, &secret, kind, name, value, err) < 0 ||
      DC_ARRAY_GROW (secrets->items, secrets->count, DC_SECRET_COUNT_MAX,
                     "secrets", err) < 0) {
    release (&secret);
    return -1;
  }
  secrets->items[secrets->count++] = secret;
  return 0;
}

int
dc_secret_open (struct dc_secret_search *search, uint32_t index,
                struct dc_buffer *b, struct dc_error *err)
{
  const struct dc_entry *entry = &search->tree->entries[index];

  dc_buffer_clear (b);
  if (!S_ISREG (entry->mode) || entry->size == 0 ||
      entry->size > DC_SECRET_FILE_SIZE_MAX)
    return 0;
  if (search->files >= DC_SECRET_FILE_MAX)
    return note_full (search, err);
  search->files++;
  if (dc_buffer_reserve (b, (size_t) entry->size, err) < 0 ||
      dc_tree_read (search->tree, index, 0, b->data, (size_t) entry->size,
                    err) < 0)
    return -1;
  b->size = (size_t) entry->size;
  return 1;
}

static int
compare (const void *a, const void *b)
{
  const struct dc_secret *x = a, *y = b;
  const int by_path = strcmp (x->path, y->path);

  if (by_path != 0)
    return by_path;
  if (x->line != y->line)
    return x->line < y->line ? -1 : 1;
  const int by_kind = strcmp (x->kind, y->kind);
  return by_kind != 0 ? by_kind : dc_text_compare (x->name, y->name);
}

int
dc_secrets_read (struct dc_tree *tree, struct dc_profile *profile,
                 struct dc_error *err)
{
  DC_AUTO (dc_secrets_template) *template = NULL;
  AUTO_FREE uint8_t *is_seen = calloc ((size_t) tree->count + 1, 1);
  struct dc_secrets *secrets = &profile->secrets;

  if (is_seen == NULL)
    return dc_fail_errno (err, "cannot look for secrets");
  if (dc_secrets_template_load (&template, err) < 0)
    return -1;
  struct dc_secret_search search = {
    .tree = tree, .profile = profile, .template = template, .is_seen = is_seen
  };
  if (dc_secret_files (&search, err) < 0 ||
      dc_secret_settings (&search, err) < 0)
    return -1;
  if (secrets->count > 1)
    qsort (secrets->items, secrets->count, sizeof *secrets->items, compare);
  return 0;
}

void
dc_secrets_forget (struct dc_profile *profile)
{
  for (size_t i = 0; i < profile->secrets.count; i++)
    release (&profile->secrets.items[i]);
  free (profile->secrets.items);
  profile->secrets = (struct dc_secrets){ NULL, 0 };
}
