/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/forecast.h"
#include "lib/json.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/statedir.h"
#include "transform/estimate.h"
#include "transform/plan/plannotes.h"

#define RATE_FILE "image-rate"
#define RATE_MAX ((uint64_t) 100 * 1000 * 1000 * 1000)
#define RATE_MIN ((uint64_t) 1000 * 1000)
/* Less says nothing of large guests. */
#define LEARN_BYTES_MIN 50e6

static bool
recall (uint64_t *rate)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (64);
  struct dc_error ignored; /* then it is not known */

  return dc_statedir_recall (RATE_FILE, &text, &ignored) == 1 &&
         dc_number_parse_bytes (dc_buffer_text (&text),
                                strcspn (dc_buffer_text (&text), "\n"),
                                RATE_MIN, RATE_MAX, rate, &ignored) == 0;
}

uint64_t
dc_forecast_rate (void)
{
  uint64_t rate = DC_ESTIMATE_RATE;

  (void) recall (&rate);
  return rate;
}

static double
number_of (const json_t *json, const char *key)
{
  return json_number_value (json_object_get (json, key));
}

static double
sum_of (json_t *result, const char *key)
{
  json_t *image = NULL;
  double sum = 0;
  size_t i = 0;

  json_array_foreach (json_object_get (result, "images"), i, image)
  {
    sum += number_of (image, key);
  }
  return sum;
}

void
dc_forecast_learn (json_t *result, double seconds)
{
  const double bytes = sum_of (result, "archive_bytes");
  uint64_t before = 0;
  struct dc_error ignored;
  char text[32];

  if (bytes < LEARN_BYTES_MIN || seconds <= 0)
    return;
  uint64_t rate = (uint64_t) (bytes / seconds);
  if (rate < RATE_MIN || rate > RATE_MAX)
    return;
  if (recall (&before)) {
    /* Writing costs more than a better forecast is worth. */
    if (rate < before + before / 5 && rate > before - before / 5)
      return;
    rate = (rate + before) / 2;
  }
  (void) snprintf (text, sizeof text, "%llu\n", (unsigned long long) rate);
  (void) dc_statedir_remember (RATE_FILE, text, &ignored);
}

static int
print_row (const char *name, double files, double image, double volumes,
           double seconds, struct dc_error *err)
{
  const double sizes[] = { files, image, volumes };
  int status = printf ("%-20s", name);

  for (size_t i = 0; i < DC_COUNT (sizes); i++) {
    AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (64);
    if (dc_plan_size_text ((uint64_t) sizes[i], &text, err) < 0)
      return -1;
    status |= printf (" %11s", sizes[i] > 0 ? dc_buffer_text (&text) : "-");
  }
  status |= printf (" %7.1f s\n", seconds);
  return status < 0 ? dc_fail_errno (err, "cannot write") : 0;
}

int
dc_forecast_print (json_t *result, bool is_json, struct dc_error *err)
{
  json_t *image = NULL;
  size_t i = 0;

  if (is_json)
    return json_dumpf (result, stdout, JSON_INDENT (2)) < 0 || puts ("") < 0
               ? dc_fail_errno (err, "cannot write")
               : 0;
  if (printf ("%-20s %11s %11s %11s %9s\n", "forecast", "files", "image",
              "volumes", "time") < 0)
    return dc_fail_errno (err, "cannot write");
  json_array_foreach (json_object_get (result, "images"), i, image)
  {
    const char *name = json_string_value (json_object_get (image, "name"));
    if (print_row (dc_quote (name).text, number_of (image, "files_bytes"),
                   number_of (image, "image_bytes"),
                   number_of (image, "volume_bytes"),
                   number_of (image, "seconds"), err) < 0)
      return -1;
  }
  return i < 2 ? 0
               : print_row ("together", sum_of (result, "files_bytes"),
                            sum_of (result, "image_bytes"),
                            sum_of (result, "volume_bytes"),
                            sum_of (result, "seconds"), err);
}
