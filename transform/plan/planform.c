/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/oci/ref.h"
#include "lib/quote.h"
#include "transform/plan/planrows.h"

static const char name_bytes[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

int
dc_plan_at (const struct dc_plan *plan, const char *value, size_t nth,
            struct dc_error *err)
{
  struct dc_yaml_spot spot;

  if (plan->text == NULL)
    return -1;
  if (dc_yaml_find (plan->text, plan->text_size, value, nth, &spot) == 0)
    return dc_context (err, "%s", plan->file);
  return dc_context (err, "%s:%zu:%zu", plan->file, spot.line, spot.column);
}

/* A name of an image, a volume, a secret: what becomes a tag, a volume of
 * podman or a file.
 */
static int
check_name (const struct dc_plan *plan, const char *name, struct dc_error *err)
{
  if (strspn (name, name_bytes) == strlen (name) && name[0] != '\0' &&
      name[0] != '.' && name[0] != '-' && strlen (name) <= DC_REF_TAG_MAX)
    return 0;
  (void) dc_fail (err, DC_ERR_INVALID,
                  "'%s' is no name: letters, digits, '_', '.' and '-', at most "
                  "%d",
                  dc_quote (name).text, DC_REF_TAG_MAX);
  return dc_plan_at (plan, name, 0, err);
}

/* An absolute path without "." and "..". */
static int
check_path (const struct dc_plan *plan, const char *path, struct dc_error *err)
{
  const char *s = path;

  while (s[0] == '/' && s[1] != '/' && strcmp (s, "/.") != 0 &&
         strcmp (s, "/..") != 0 && strncmp (s, "/./", 3) != 0 &&
         strncmp (s, "/../", 4) != 0)
    s += 1 + strcspn (s + 1, "/");
  if (s[0] == '\0' && s > path + 1)
    return 0;
  (void) dc_fail (err, DC_ERR_INVALID,
                  "'%s' is no path from the root, such as /var/lib/app",
                  dc_quote (path).text);
  return dc_plan_at (plan, path, 0, err);
}

/* The N texts at FIRST, STEP bytes apart, are all different. */
static int
check_once (const struct dc_plan *plan, const void *first, size_t n,
            size_t step, const char *what, struct dc_error *err)
{
  for (size_t i = 1; i < n; i++) {
    const char *one = *(char *const *) ((const char *) first + i * step);
    for (size_t j = 0; j < i; j++) {
      if (strcmp (one, *(char *const *) ((const char *) first + j * step)) != 0)
        continue;
      (void) dc_fail (err, DC_ERR_INVALID, "%s '%s' is there twice", what,
                      dc_quote (one).text);
      return dc_plan_at (plan, one, 1, err);
    }
  }
  return 0;
}

static int
check_count (const struct dc_plan *plan, size_t count, size_t max,
             const char *what, struct dc_error *err)
{
  return count <= max ? 0
                      : dc_fail (err, DC_ERR_LIMIT, "%s: %zu %s, limit %zu",
                                 plan->file, count, what, max);
}

static int
check_volumes (const struct dc_plan *plan, const struct dc_plan_image *image,
               struct dc_error *err)
{
  const struct dc_plan_volume *volumes = image->volumes.items;
  const size_t count = image->volumes.count;

  for (size_t i = 0; i < count; i++)
    if (check_path (plan, volumes[i].path, err) < 0 ||
        check_name (plan, volumes[i].name, err) < 0)
      return -1;
  return check_count (plan, count, DC_PLAN_VOLUME_MAX, "volumes", err) < 0 ||
                 (count > 0 &&
                  check_once (plan, &volumes->path, count, sizeof *volumes,
                              "the volume", err) < 0)
             ? -1
             : 0;
}

static int
check_secrets (const struct dc_plan *plan, const struct dc_plan_image *image,
               struct dc_error *err)
{
  const struct dc_plan_secret *secrets = image->secrets.items;
  const size_t count = image->secrets.count;

  for (size_t i = 0; i < count; i++)
    if (check_path (plan, secrets[i].path, err) < 0 ||
        check_name (plan, secrets[i].name, err) < 0)
      return -1;
  return check_count (plan, count, DC_PLAN_SECRET_MAX, "secrets", err) < 0 ||
                 (count > 0 &&
                  check_once (plan, &secrets->path, count, sizeof *secrets,
                              "the secret", err) < 0)
             ? -1
             : 0;
}

/* "NAME=VALUE": variables and sysctls. */
static int
check_assignments (const struct dc_plan *plan,
                   const struct dc_yaml_texts *texts, struct dc_error *err)
{
  for (size_t i = 0; i < texts->count; i++) {
    const char *equals = strchr (texts->items[i], '=');
    if (equals != NULL && equals > texts->items[i])
      continue;
    (void) dc_fail (err, DC_ERR_INVALID, "'%s' is not NAME=VALUE",
                    dc_quote (texts->items[i]).text);
    return dc_plan_at (plan, texts->items[i], 0, err);
  }
  return 0;
}

static int
check_init (const struct dc_plan *plan, const struct dc_plan_image *image,
            struct dc_error *err)
{
  const bool is_service = image->init == DC_PLAN_INIT_SERVICE;
  const char *wrong =
      is_service && image->services.count != 1
          ? "init 'service' is for one service, and this image has another "
            "number of them"
      : is_service && image->command.count == 0
          ? "init 'service' needs the command that is run"
      : image->init == DC_PLAN_INIT_DECANT &&
              (image->command.count > 0 || image->user != NULL ||
               image->folder != NULL || image->stop_signal != NULL)
          ? "command, user, folder and stop_signal are of process 1, which is "
            "decant-init here"
          : NULL;

  if (wrong == NULL)
    return 0;
  (void) dc_fail (err, DC_ERR_INVALID, "image '%s': %s",
                  dc_quote (image->name).text, wrong);
  return dc_plan_at (plan, image->name, 0, err);
}

static int
check_image (const struct dc_plan *plan, const struct dc_plan_image *image,
             struct dc_error *err)
{
  const struct dc_plan_service *services = image->services.items;
  const size_t count = image->services.count;

  if (check_name (plan, image->name, err) < 0 ||
      check_count (plan, count, DC_PLAN_SERVICE_MAX, "services", err) < 0 ||
      (count > 0 && check_once (plan, &services->unit, count, sizeof *services,
                                "the unit", err) < 0))
    return -1;
  return check_init (plan, image, err) < 0 ||
                 check_volumes (plan, image, err) < 0 ||
                 check_secrets (plan, image, err) < 0 ||
                 check_assignments (plan, &image->environment, err) < 0 ||
                 check_assignments (plan, &image->sysctls, err) < 0
             ? -1
             : 0;
}

static int
check_pods (const struct dc_plan *plan, struct dc_error *err)
{
  const struct dc_plan_pod *pods = plan->pods.items;
  const struct dc_plan_image *images = plan->images.items;

  for (size_t i = 0; i < plan->pods.count; i++) {
    if (check_name (plan, pods[i].name, err) < 0)
      return -1;
    for (size_t j = 0; j < pods[i].members.count; j++) {
      const char *member = pods[i].members.items[j];
      size_t k = 0;
      while (k < plan->images.count && strcmp (images[k].name, member) != 0)
        k++;
      if (k < plan->images.count)
        continue;
      (void) dc_fail (err, DC_ERR_INVALID, "there is no image '%s'",
                      dc_quote (member).text);
      return dc_plan_at (plan, member, 0, err);
    }
  }
  return 0;
}

static int
check_left (const struct dc_plan *plan, struct dc_error *err)
{
  const struct dc_plan_left *left = plan->paths_left.items;

  for (size_t i = 0; i < plan->paths_left.count; i++)
    for (size_t j = 0; j < left[i].names.count; j++)
      if (check_path (plan, left[i].names.items[j], err) < 0)
        return -1;
  return check_count (plan, plan->paths_left.count, DC_PLAN_LEFT_MAX,
                      "reasons in paths_left", err);
}

int
dc_plan_check_form (const struct dc_plan *plan, struct dc_error *err)
{
  const struct dc_plan_image *images = plan->images.items;
  const size_t count = plan->images.count;

  if (count == 0)
    return dc_fail (err, DC_ERR_INVALID, "%s: there are no images", plan->file);
  if (check_count (plan, count, DC_PLAN_IMAGE_MAX, "images", err) < 0 ||
      check_once (plan, &images->name, count, sizeof *images, "the image",
                  err) < 0)
    return -1;
  for (size_t i = 0; i < count; i++)
    if (check_image (plan, &images[i], err) < 0)
      return -1;
  return check_pods (plan, err) < 0 ? -1 : check_left (plan, err);
}
