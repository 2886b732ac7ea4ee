/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/application/applications.h"
#include "analyzer/endpoint/daemon.h"
#include "analyzer/profile.h"
#include "lib/array.h"
#include "lib/tree/glob.h"

/* Paths of one kind that are kept of an application. */
#define PATH_MAX_COUNT 100

/* The application at POSITION of the knowledge; a new one when the guest had
 * none of it so far.  FOUND maps positions to indexes and one.
 */
struct search {
  struct dc_tree *tree;
  struct dc_profile *profile;
  size_t *found;
};

static int
keep (const char *text, char **out, struct dc_error *err)
{
  *out = text != NULL ? strdup (text) : NULL;
  return text == NULL || *out != NULL
             ? 0
             : dc_fail_errno (err, "cannot keep an application");
}

static int
find_or_add (const struct search *search, size_t position,
             struct dc_proof proof, struct dc_application **out,
             struct dc_error *err)
{
  struct dc_applications *all = &search->profile->applications;
  const struct dc_app *app = NULL;

  if (search->found[position] == 0) {
    if (dc_apps_get (&search->profile->apps, position, &app, err) < 0 ||
        DC_ARRAY_GROW (all->items, all->count, dc_apps_count (), "applications",
                       err) < 0)
      return -1;
    struct dc_application *application = &all->items[all->count];
    application->app = app;
    if (keep (proof.file, &application->evidence.file, err) < 0)
      return -1;
    application->evidence.line = proof.line;
    search->found[position] = ++all->count;
  }
  *out = &all->items[search->found[position] - 1];
  return 0;
}

/* The first of its packages gives it the version. */
static int
add_package (const struct search *search, const struct dc_package *package,
             struct dc_error *err)
{
  const size_t position = dc_apps_position (DC_APP_PACKAGES, package->name);
  const struct dc_proof proof = { package->file, package->line };
  struct dc_application *application = NULL;

  if (position == SIZE_MAX)
    return 0;
  if (find_or_add (search, position, proof, &application, err) < 0)
    return -1;
  if (application->package != NULL)
    return 0;
  return keep (package->name, &application->package, err) < 0
             ? -1
             : keep (package->version, &application->version, err);
}

/* The file that UNIT comes from, which of a generated one is what the generator
 * read, such as an init script; NULL: there is none.
 */
static const char *
file_of (const struct dc_unit *unit)
{
  if (unit->file != NULL || unit->state != DC_UNIT_GENERATED)
    return unit->file;
  return unit->setting_count > 0 ? unit->settings[0].file : NULL;
}

/* A template is none; its instances are. */
static bool
is_service (const struct dc_unit *unit)
{
  return dc_unit_has_type (unit->name, "service") && file_of (unit) != NULL &&
         strstr (unit->name, "@.") == NULL;
}

static int
add_service (const struct search *search, const struct dc_unit *unit,
             struct dc_error *err)
{
  const struct dc_proof proof = { file_of (unit), 0 };
  struct dc_application *application = NULL;
  size_t position = SIZE_MAX;

  if (!is_service (unit))
    return 0;
  if (dc_daemon_position (search->profile, unit, &position, err) < 0)
    return -1;
  if (position == SIZE_MAX)
    return 0;
  if (find_or_add (search, position, proof, &application, err) < 0 ||
      dc_words_add (&application->services, unit->name, err) < 0)
    return -1;
  application->is_started = application->is_started || unit->is_started;
  return 0;
}

/* Append to PATHS what fits PATTERN in the guest, at most PATH_MAX_COUNT. */
static int
look_for (const struct search *search, const char *pattern,
          struct dc_words *paths, struct dc_error *err)
{
  AUTO_WORDS struct dc_words found = { NULL, 0 };
  struct dc_error why = { .code = DC_OK };

  if (dc_tree_glob (search->tree, pattern, &found, &why) < 0 &&
      why.code == DC_ERR_SYSTEM) {
    *err = why;
    return -1;
  }
  for (size_t i = 0; i < found.count && paths->count < PATH_MAX_COUNT; i++)
    if (dc_words_add (paths, found.items[i], err) < 0)
      return -1;
  return 0;
}

static int
look_for_all (const struct search *search, const struct dc_yaml_texts *patterns,
              struct dc_words *paths, struct dc_error *err)
{
  for (size_t i = 0; i < patterns->count; i++)
    if (look_for (search, patterns->items[i], paths, err) < 0)
      return -1;
  dc_words_sort (paths);
  return 0;
}

static int
add_secret (struct dc_application *application,
            const struct dc_app_secret *secret, const char *path,
            struct dc_error *err)
{
  if (DC_ARRAY_GROW (application->secrets, application->secret_count,
                     DC_GLOB_PATH_MAX, "secrets of an application", err) < 0)
    return -1;
  struct dc_application_secret *added =
      &application->secrets[application->secret_count];
  if (keep (path, &added->path, err) < 0)
    return -1;
  added->setting = secret->setting;
  added->kind = secret->kind;
  application->secret_count++;
  return 0;
}

static int
look_for_secrets (const struct search *search,
                  struct dc_application *application, struct dc_error *err)
{
  const struct dc_app_secret *secrets = application->app->secrets.items;

  for (size_t i = 0; i < application->app->secrets.count; i++) {
    AUTO_WORDS struct dc_words paths = { NULL, 0 };
    if (secrets[i].path == NULL) {
      if (add_secret (application, &secrets[i], NULL, err) < 0)
        return -1;
      continue;
    }
    if (look_for (search, secrets[i].path, &paths, err) < 0)
      return -1;
    for (size_t k = 0; k < paths.count; k++)
      if (add_secret (application, &secrets[i], paths.items[k], err) < 0)
        return -1;
  }
  return 0;
}

static int
look_at (const struct search *search, struct dc_application *application,
         struct dc_error *err)
{
  const struct dc_app *app = application->app;

  dc_words_sort (&application->services);
  if (look_for_all (search, &app->config, &application->config, err) < 0 ||
      look_for_all (search, &app->data, &application->data, err) < 0 ||
      look_for_all (search, &app->logs, &application->logs, err) < 0)
    return -1;
  return look_for_secrets (search, application, err);
}

static int
compare (const void *a, const void *b)
{
  const struct dc_application *left = a, *right = b;
  return strcmp (left->app->name, right->app->name);
}

int
dc_applications_read (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_error *err)
{
  AUTO_FREE size_t *found = calloc (dc_apps_count (), sizeof *found);
  const struct search search = { tree, profile, found };
  struct dc_applications *all = &profile->applications;

  if (found == NULL)
    return dc_fail_errno (err, "cannot keep applications");
  for (size_t i = 0; i < profile->packages->count; i++)
    if (add_package (&search, &profile->packages->items[i], err) < 0)
      return -1;
  for (size_t i = 0; i < profile->units->count; i++)
    if (add_service (&search, &profile->units->items[i], err) < 0)
      return -1;
  for (size_t i = 0; i < all->count; i++)
    if (look_at (&search, &all->items[i], err) < 0)
      return -1;
  if (all->count > 1)
    qsort (all->items, all->count, sizeof *all->items, compare);
  return 0;
}

static void
release (struct dc_application *application)
{
  free (application->package);
  free (application->version);
  dc_words_release (&application->services);
  dc_words_release (&application->config);
  dc_words_release (&application->data);
  dc_words_release (&application->logs);
  for (size_t i = 0; i < application->secret_count; i++)
    free (application->secrets[i].path);
  free (application->secrets);
  free (application->evidence.file);
}

void
dc_applications_forget (struct dc_profile *profile)
{
  struct dc_applications *all = &profile->applications;

  for (size_t i = 0; i < all->count; i++)
    release (&all->items[i]);
  free (all->items);
  *all = (struct dc_applications){ NULL, 0 };
}
