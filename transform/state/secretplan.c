/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/quote.h"
#include "transform/init/initcompiler.h"
#include "transform/state/match.h"
#include "transform/state/secret.h"

#define PLAIN_SIZE_MIN ((size_t) 16) /* of a value of one kind of bytes */
#define NEEDLE_SIZE_MAX ((size_t) 16 * 1024 * 1024) /* of all */

bool
dc_secret_is_distinctive (const char *value)
{
  bool has_lower = false, has_upper = false, has_digit = false,
       has_other = false;

  for (const char *s = value; *s != '\0'; s++) {
    has_lower = has_lower || islower ((unsigned char) *s);
    has_upper = has_upper || isupper ((unsigned char) *s);
    has_digit = has_digit || isdigit ((unsigned char) *s);
    has_other = has_other || !isalnum ((unsigned char) *s);
  }
  return strlen (value) >= PLAIN_SIZE_MIN ||
         has_lower + has_upper + has_digit + has_other > 1;
}

/* What is looked for in a plan, and what it was found to hold. */
struct search {
  const struct dc_profile *profile;
  const struct dc_plan_image *image;
  struct dc_words needles;
  const struct dc_plan_secret **owners; /* one a needle */
  const struct dc_plan_secret *exported, *dropped;
};

/* The file that the secret is in, if it leaves the layers. */
static const struct dc_plan_secret *
planned (const struct dc_plan_image *image, const char *path)
{
  const struct dc_plan_secret *items = image->secrets.items;

  for (size_t i = 0; i < image->secrets.count; i++)
    if (strcmp (items[i].path, path) == 0)
      return items[i].way == DC_PLAN_SECRET_EXPORT ||
                     items[i].way == DC_PLAN_SECRET_DROP
                 ? &items[i]
                 : NULL;
  return NULL;
}

static int
add_needle (struct search *search, const struct dc_plan_secret *owner,
            const char *text, struct dc_error *err)
{
  if (strlen (text) < DC_MATCH_BLOCK)
    return 0;
  if (dc_words_add (&search->needles, text, err) < 0)
    return -1;
  search->owners[search->needles.count - 1] = owner;
  return 0;
}

/* A variable of this name counts, whatever its value looks like in the plan; of
 * a URL the password in its place; and a value that is known by itself.
 */
static int
add_secret (struct search *search, const struct dc_plan_secret *owner,
            const struct dc_secret *secret, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer value = DC_BUFFER_INIT (NEEDLE_SIZE_MAX);
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (NEEDLE_SIZE_MAX);

  if (dc_initline_word (&value, secret->value, err) < 0)
    return -1;
  const char *word = dc_buffer_text (&value) + 1; /* behind the blank */
  const int status = secret->name != NULL
                         ? dc_buffer_print (&text, err, " %s=", secret->name)
                         : dc_buffer_print (&text, err, ":%s@", word);
  if (status < 0 || add_needle (search, owner, dc_buffer_text (&text), err) < 0)
    return -1;
  return strlen (secret->value) >= DC_MATCH_SIZE_MIN &&
                 dc_secret_is_distinctive (secret->value)
             ? add_needle (search, owner, word, err)
             : 0;
}

static int
add_secrets (struct search *search, struct dc_error *err)
{
  const struct dc_secrets *known = &search->profile->secrets;
  const struct dc_plan_secret *owner = NULL;
  const char *path = NULL;

  for (size_t i = 0; i < known->count; i++) {
    const struct dc_secret *secret = &known->items[i];
    if (path == NULL || strcmp (path, secret->path) != 0)
      owner = planned (search->image, secret->path);
    path = secret->path;
    if (owner != NULL && secret->value != NULL &&
        add_secret (search, owner, secret, err) < 0)
      return -1;
  }
  return 0;
}

static int
note (void *self, size_t needle, uint64_t offset, struct dc_error *err)
{
  struct search *search = self;
  const struct dc_plan_secret *owner = search->owners[needle];

  (void) offset;
  (void) err;
  if (owner->way == DC_PLAN_SECRET_DROP)
    search->dropped = owner;
  else
    search->exported = owner;
  return 0;
}

static int
look (struct search *search, const char *text, size_t size,
      struct dc_error *err)
{
  const size_t count = search->needles.count;
  AUTO_FREE struct dc_span *spans = calloc (count + 1, sizeof *spans);
  DC_AUTO (dc_match) *match = NULL;
  struct dc_match_place place = { .offset = 0 };

  if (spans == NULL)
    return dc_fail_errno (err, "cannot look for secrets");
  for (size_t i = 0; i < count; i++)
    spans[i] = dc_span_of (search->needles.items[i]);
  if (dc_match_new (spans, count, &match, err) < 0)
    return -1;
  return match == NULL
             ? 0
             : dc_match_feed (match, &place, text, size, note, search, err);
}

static void
release (struct search *search)
{
  for (size_t i = 0; i < search->needles.count; i++)
    explicit_bzero (search->needles.items[i],
                    strlen (search->needles.items[i]));
  dc_words_release (&search->needles);
  free (search->owners);
}

int
dc_secret_in_plan (const struct dc_profile *profile,
                   const struct dc_plan_image *image, const char *text,
                   size_t size, struct dc_error *err)
{
  __attribute__ ((__cleanup__ (
      release))) struct search search = { .profile = profile, .image = image };

  search.owners =
      calloc (2 * profile->secrets.count + 1, sizeof *search.owners);
  if (search.owners == NULL)
    return dc_fail_errno (err, "cannot look for secrets");
  if (add_secrets (&search, err) < 0 || look (&search, text, size, err) < 0)
    return -1;
  if (search.dropped != NULL)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "a service is started with the %s of '%s', which cannot "
                    "be dropped: it can be exported, or left in the image",
                    dc_quote (search.dropped->kind != NULL
                                  ? search.dropped->kind
                                  : "secret")
                        .text,
                    dc_quote (search.dropped->path).text);
  return search.exported != NULL;
}

const struct dc_secret *
dc_secret_assigned (const struct dc_profile *profile, const char *assignment)
{
  const size_t size = strcspn (assignment, "=");

  if (assignment[size] == '\0')
    return NULL;
  for (size_t i = 0; i < profile->secrets.count; i++) {
    const struct dc_secret *secret = &profile->secrets.items[i];
    if (secret->value == NULL)
      continue;
    const char *found = strstr (assignment + size + 1, secret->value);
    if (secret->name != NULL ? strlen (secret->name) == size &&
                                   memcmp (secret->name, assignment, size) == 0
                             : found != NULL && found[-1] == ':' &&
                                   found[strlen (secret->value)] == '@')
      return secret;
  }
  return NULL;
}
