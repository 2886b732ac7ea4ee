/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/quote.h"
#include "lib/text.h"
#include "transform/plan/plangroup.h"
#include "transform/plan/planmake.h"

#define NONE SIZE_MAX

static const char name_bytes[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

/* Things that become one set after the other: each names another one of its
 * set, or itself.
 */
struct sets {
  size_t *parent;
  size_t count;
};

static size_t
set_of (const struct sets *sets, size_t i)
{
  while (sets->parent[i] != i) {
    sets->parent[i] = sets->parent[sets->parent[i]];
    i = sets->parent[i];
  }
  return i;
}

/* The smaller number stands for both. */
static void
join (const struct sets *sets, size_t a, size_t b)
{
  a = set_of (sets, a);
  b = set_of (sets, b);
  if (a < b)
    sets->parent[b] = a;
  else
    sets->parent[a] = b;
}

static int
new_sets (struct sets *sets, size_t count, struct dc_error *err)
{
  sets->parent = calloc (count + 1, sizeof *sets->parent);
  sets->count = count;
  if (sets->parent == NULL)
    return dc_fail_errno (err, "cannot keep %zu groups", count);
  for (size_t i = 0; i < count; i++)
    sets->parent[i] = i;
  return 0;
}

static int
compare_words (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The place of NAME in UNITS, which are sorted, or NONE. */
static size_t
place_of (const struct dc_words *units, const char *name)
{
  char *const *found = name != NULL && units->count > 0
                           ? bsearch (&name, units->items, units->count,
                                      sizeof *units->items, compare_words)
                           : NULL;

  return found != NULL ? (size_t) (found - units->items) : NONE;
}

int
dc_plan_require (const struct dc_profile *profile, struct dc_words *units,
                 struct dc_error *err)
{
  const struct dc_couplings *couplings = &profile->couplings;
  size_t before = 0;

  /* Each round follows the requirements one step; there are few. */
  do {
    before = units->count;
    dc_words_sort (units);
    for (size_t i = 0; i < couplings->count; i++) {
      const struct dc_coupling *coupling = &couplings->items[i];
      if (coupling->kind == DC_COUPLING_REQUIRES && coupling->to != NULL &&
          dc_text_ends_in (coupling->to, ".service") &&
          place_of (units, coupling->from) != NONE &&
          !dc_words_has (units, coupling->to) &&
          dc_words_add (units, coupling->to, err) < 0)
        return -1;
    }
    dc_words_sort (units);
  } while (units->count > before);
  return 0;
}

static bool
shares_data (const struct dc_application *a, const struct dc_application *b)
{
  for (size_t i = 0; i < a->data.count; i++)
    if (dc_words_has (&b->data, a->data.items[i]))
      return true;
  return false;
}

/* The first of UNITS that is of APPLICATION, and all others joined with it;
 * NONE: there is none.
 */
static size_t
join_application (const struct sets *sets, const struct dc_words *units,
                  const struct dc_application *application)
{
  size_t first = NONE;

  for (size_t i = 0; i < application->services.count; i++) {
    const size_t unit = place_of (units, application->services.items[i]);
    if (unit == NONE)
      continue;
    if (first == NONE)
      first = unit;
    join (sets, first, unit);
  }
  return first;
}

static int
join_applications (const struct sets *sets, const struct dc_words *units,
                   const struct dc_applications *applications,
                   struct dc_error *err)
{
  AUTO_FREE size_t *first = calloc (applications->count + 1, sizeof *first);

  if (first == NULL)
    return dc_fail_errno (err, "cannot keep %zu groups", applications->count);
  for (size_t i = 0; i < applications->count; i++)
    first[i] = join_application (sets, units, &applications->items[i]);
  for (size_t i = 0; i < applications->count; i++)
    for (size_t j = 0; j < i; j++)
      if (first[i] != NONE && first[j] != NONE &&
          shares_data (&applications->items[i], &applications->items[j]))
        join (sets, first[i], first[j]);
  return 0;
}

static void
join_required (const struct sets *sets, const struct dc_words *units,
               const struct dc_couplings *couplings)
{
  for (size_t i = 0; i < couplings->count; i++) {
    const struct dc_coupling *coupling = &couplings->items[i];
    const size_t from = place_of (units, coupling->from);
    const size_t to = place_of (units, coupling->to);
    if (coupling->kind == DC_COUPLING_REQUIRES && from != NONE && to != NONE)
      join (sets, from, to);
  }
}

/* The image of service UNIT, as its name: "web-nginx", "postgresql-15-main". */
static int
name_image (const struct dc_plan_making *making, const char *unit, char **out,
            struct dc_error *err)
{
  const char *prefix = making->options->name;
  const size_t size = strlen (unit) - strlen (".service");
  AUTO_FREE char *name = NULL;

  if (dc_text_print (&name, err, "%s%s%.*s", prefix != NULL ? prefix : "",
                     prefix != NULL ? "-" : "", (int) (size < 100 ? size : 100),
                     unit) < 0)
    return -1;
  for (char *s = name; *s != '\0'; s++)
    if (strchr (name_bytes, *s) == NULL ||
        (s == name && (*s == '.' || *s == '-')))
      *s = '_';
  for (size_t i = 0; i < making->plan->images.count; i++)
    if (strcmp (dc_plan_image (making->plan, i)->name, name) == 0)
      return dc_text_print (out, err, "%s.%zu", name,
                            making->plan->images.count);
  *out = DC_TAKE (name);
  return 0;
}

static bool
is_scheduler (const struct dc_profile *profile, const char *unit)
{
  const struct dc_applications *applications = &profile->applications;

  for (size_t i = 0; i < applications->count; i++)
    if (applications->items[i].app->kind == DC_APP_SCHEDULER &&
        dc_words_has (&applications->items[i].services, unit))
      return true;
  return false;
}

/* An image for each set, named after the first service; images[i] is that of
 * unit i.
 */
static int
make_images (const struct dc_plan_making *making, const struct sets *sets,
             const struct dc_words *units, size_t *images, struct dc_error *err)
{
  struct dc_plan *plan = making->plan;

  for (size_t i = 0; i < units->count; i++) {
    struct dc_plan_image *image = NULL;
    const size_t set = set_of (sets, i);
    if (set == i) {
      AUTO_FREE char *name = NULL;
      if (name_image (making, units->items[i], &name, err) < 0 ||
          dc_plan_add_image (plan, name, making->options, &image, err) < 0)
        return -1;
      images[i] = plan->images.count - 1;
    }
    images[i] = images[set];
    image = (struct dc_plan_image *) plan->images.items + images[i];
    if (dc_plan_add_service (image, units->items[i], err) < 0)
      return -1;
    /* What jobs of all kinds need cannot be told. */
    if (is_scheduler (making->profile, units->items[i]))
      image->files = DC_PLAN_FILES_SYSTEM;
  }
  return 0;
}

/* "visits.service connects to 127.0.0.1:6379 of redis.service (/etc/x:3)" */
static int
explain (const struct dc_coupling *coupling, struct dc_yaml_texts *reasons,
         struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (4096);
  const struct dc_evidence *evidence = &coupling->from_evidence;
  int status = dc_buffer_print (&text, err, "%s connects to ",
                                dc_quote (coupling->from).text);

  if (status == 0 && coupling->kind == DC_COUPLING_SOCKET)
    status = dc_buffer_print (&text, err, "%s", dc_quote (coupling->path).text);
  else if (status == 0)
    status = dc_buffer_print (&text, err, "%s:%u",
                              dc_quote (coupling->host).text, coupling->port);
  if (status == 0)
    status =
        dc_buffer_print (&text, err, " of %s", dc_quote (coupling->to).text);
  if (status == 0 && evidence->file != NULL)
    status = dc_buffer_print (&text, err, " (%s:%u)",
                              dc_quote (evidence->file).text, evidence->line);
  if (status < 0)
    return -1;
  for (size_t i = 0; i < reasons->count; i++)
    if (strcmp (reasons->items[i], dc_buffer_text (&text)) == 0)
      return 0;
  return dc_yaml_texts_add (reasons, dc_buffer_text (&text), err);
}

/* The volume for the folder of a socket, in the image that has not got it. */
static int
share_folder (struct dc_plan_image *image, const char *socket,
              struct dc_error *err)
{
  const struct dc_plan_volume *volumes = image->volumes.items;
  const char *slash = strrchr (socket, '/');
  AUTO_FREE char *path = NULL;

  /* An abstract one needs no folder, and a large one is not shared. */
  if (socket[0] != '/' || slash == socket)
    return 0;
  if (dc_text_print (&path, err, "%.*s", (int) (slash - socket), socket) < 0)
    return -1;
  if (strcmp (path, "/run") == 0 || strcmp (path, "/tmp") == 0 ||
      strcmp (path, "/var/run") == 0)
    return 0;
  for (size_t i = 0; i < image->volumes.count; i++)
    if (strcmp (volumes[i].path, path) == 0)
      return 0;
  struct dc_plan_volume *volume =
      dc_yaml_list_add (&image->volumes, sizeof *volume, err);
  if (volume == NULL)
    return -1;
  volume->data = DC_PLAN_DATA_EMPTY;
  volume->path = DC_TAKE (path);
  if (dc_text_copy ("a Unix socket that the pod shares", &volume->reason, err) <
          0 ||
      dc_text_copy (volume->path + 1, &volume->name, err) < 0)
    return -1;
  for (char *s = volume->name; *s != '\0'; s++)
    if (strchr (name_bytes, *s) == NULL)
      *s = '-';
  return 0;
}

/* The coupling joins two images: their numbers, or false. */
static bool
joins (const struct dc_coupling *coupling, const struct dc_words *units,
       const size_t *images, size_t *from, size_t *to)
{
  const size_t one = place_of (units, coupling->from);
  const size_t two = place_of (units, coupling->to);

  if ((coupling->kind != DC_COUPLING_PORT &&
       coupling->kind != DC_COUPLING_SOCKET) ||
      one == NONE || two == NONE || images[one] == images[two])
    return false;
  *from = images[one];
  *to = images[two];
  return true;
}

static int
fill_pod (const struct dc_plan_making *making, const struct sets *pods,
          const struct dc_words *units, const size_t *images, size_t set,
          struct dc_plan_pod *pod, struct dc_error *err)
{
  const struct dc_couplings *couplings = &making->profile->couplings;
  struct dc_plan_image *items = making->plan->images.items;

  for (size_t i = 0; i < pods->count; i++)
    if (set_of (pods, i) == set &&
        dc_yaml_texts_add (&pod->members, items[i].name, err) < 0)
      return -1;
  for (size_t i = 0; i < couplings->count; i++) {
    const struct dc_coupling *coupling = &couplings->items[i];
    size_t from = 0, to = 0;
    if (!joins (coupling, units, images, &from, &to) ||
        set_of (pods, from) != set)
      continue;
    if (explain (coupling, &pod->reasons, err) < 0 ||
        (coupling->kind == DC_COUPLING_SOCKET && coupling->path != NULL &&
         (share_folder (&items[from], coupling->path, err) < 0 ||
          share_folder (&items[to], coupling->path, err) < 0)))
      return -1;
  }
  return 0;
}

static int
make_pods (const struct dc_plan_making *making, const struct dc_words *units,
           const size_t *images, const struct sets *pods, struct dc_error *err)
{
  const struct dc_couplings *couplings = &making->profile->couplings;
  struct dc_plan *plan = making->plan;
  AUTO_FREE size_t *sizes = calloc (pods->count + 1, sizeof *sizes);

  if (sizes == NULL)
    return dc_fail_errno (err, "cannot keep %zu pods", pods->count);
  for (size_t i = 0; i < couplings->count; i++) {
    size_t from = 0, to = 0;
    if (joins (&couplings->items[i], units, images, &from, &to))
      join (pods, from, to);
  }
  for (size_t i = 0; i < pods->count; i++)
    sizes[set_of (pods, i)]++;
  for (size_t i = 0; i < pods->count; i++) {
    if (sizes[i] < 2)
      continue;
    struct dc_plan_pod *pod = dc_yaml_list_add (&plan->pods, sizeof *pod, err);
    if (pod == NULL ||
        dc_text_print (&pod->name, err, "pod-%s",
                       dc_plan_image (plan, i)->name) < 0 ||
        fill_pod (making, pods, units, images, i, pod, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_plan_group (const struct dc_plan_making *making,
               const struct dc_words *units, struct dc_error *err)
{
  struct sets groups = { .parent = NULL }, pods = { .parent = NULL };
  AUTO_FREE size_t *images = calloc (units->count + 1, sizeof *images);
  int status = images != NULL
                   ? new_sets (&groups, units->count, err)
                   : dc_fail_errno (err, "cannot keep %zu units", units->count);

  if (status == 0) {
    join_required (&groups, units, &making->profile->couplings);
    status =
        join_applications (&groups, units, &making->profile->applications, err);
  }
  if (status == 0)
    status = make_images (making, &groups, units, images, err);
  if (status == 0)
    status = new_sets (&pods, making->plan->images.count, err);
  if (status == 0)
    status = make_pods (making, units, images, &pods, err);
  free (groups.parent);
  free (pods.parent);
  return status;
}
