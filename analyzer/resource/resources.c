/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/profile.h"
#include "analyzer/resource/resources.h"
#include "analyzer/resource/sysstat.h"
#include "lib/array.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"

#define LIMITS_CONF "/etc/security/limits.conf"
#define LIMITS_FOLDER "/etc/security/limits.d"

static void
release_limit (struct dc_limit *limit)
{
  free (limit->domain);
  free (limit->type);
  free (limit->item);
  free (limit->value);
  free (limit->evidence.file);
}

static int
parse_line (struct dc_span line, const char *file, unsigned number,
            struct dc_resources *resources, struct dc_error *err)
{
  struct dc_limit limit = { .evidence.line = number };
  char **const fields[] = { &limit.domain, &limit.type, &limit.item,
                            &limit.value };
  struct dc_span words[DC_COUNT (fields)], rest = line;
  const char *comment =
      line.size > 0 ? memchr (line.text, '#', line.size) : NULL;
  size_t count = 0;

  if (comment != NULL)
    rest.size = (size_t) (comment - line.text);
  while (count < DC_COUNT (words) && dc_span_word (&rest, &words[count]))
    count++;
  /* "DOMAIN -" is a user without limits. */
  if (count < 2 || (count < 4 && !dc_span_is (words[1], "-")) ||
      dc_span_has (line, '\0'))
    return 0;
  if (DC_ARRAY_GROW (resources->limits, resources->limit_count, DC_LIMIT_MAX,
                     "limits", err) < 0)
    return -1;
  int status = 0;
  for (size_t i = 0; i < count && status == 0; i++)
    status = dc_span_copy (words[i], fields[i], err);
  if (status == 0 && (limit.evidence.file = strdup (file)) == NULL)
    status = dc_fail_errno (err, "cannot keep a limit");
  if (status < 0)
    release_limit (&limit);
  else
    resources->limits[resources->limit_count++] = limit;
  return status;
}

int
dc_limits_parse (const char *text, size_t size, const char *file,
                 struct dc_resources *resources, struct dc_error *err)
{
  struct dc_span rest = { text, size }, line;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++)
    if (parse_line (line, file, number, resources, err) < 0)
      return -1;
  return 0;
}

static int
read_limits_file (struct dc_tree *tree, const char *path,
                  struct dc_resources *resources, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_LIMIT_FILE_SIZE_MAX);
  const int found = dc_tree_read_file (tree, path, &b, err);

  return found <= 0 ? found
                    : dc_limits_parse (dc_buffer_text (&b), b.size, path,
                                       resources, err);
}

/* limits.conf, then limits.d in the order of names. */
static int
read_limits (struct dc_tree *tree, struct dc_resources *resources,
             struct dc_error *err)
{
  const uint32_t folder = dc_tree_resolve (tree, LIMITS_FOLDER);
  size_t files = 0;

  if (read_limits_file (tree, LIMITS_CONF, resources, err) < 0)
    return -1;
  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child;
       i != DC_TREE_NONE && files < DC_LIMIT_FILE_MAX;
       i = tree->entries[i].next_sibling) {
    AUTO_FREE char *path = NULL;
    if (!dc_text_ends_in (tree->entries[i].name, ".conf"))
      continue;
    files++;
    if (dc_text_print (&path, err, LIMITS_FOLDER "/%s", tree->entries[i].name) <
            0 ||
        read_limits_file (tree, path, resources, err) < 0)
      return -1;
  }
  return 0;
}

/* "sa05", "sa20261120" */
static bool
is_history_name (const char *name)
{
  size_t digits = 0;

  if (strncmp (name, "sa", 2) != 0)
    return false;
  while (isdigit ((unsigned char) name[2 + digits]))
    digits++;
  return name[2 + digits] == '\0' && (digits == 2 || digits == 8);
}

static int
read_history_file (struct dc_tree *tree, struct dc_profile *profile,
                   const char *path, struct dc_samples *samples,
                   struct dc_error *err)
{
  struct dc_history *history = &profile->resources.history;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_SYSSTAT_SIZE_MAX);
  const int found = dc_tree_read_file (tree, path, &b, err);
  int status = found;

  if (found > 0)
    status = dc_sysstat_parse (dc_buffer_text (&b), b.size, samples, err);
  if (status < 0) {
    const struct dc_error why = *err;
    return !dc_is_fault_of_guest (err->code)
               ? -1
               : dc_profile_note (profile, "resources.history", path, 0, err,
                                  "'%s': %s", dc_quote (path).text, why.text);
  }
  char *copy = found > 0 ? strdup (path) : NULL;
  if (found > 0 && copy == NULL)
    return dc_fail_errno (err, "cannot keep a name");
  if (copy != NULL) {
    free (history->file);
    history->file = copy;
    history->files++;
  }
  return 0;
}

static int
read_history_folder (struct dc_tree *tree, struct dc_profile *profile,
                     const char *path, struct dc_samples *samples,
                     struct dc_error *err)
{
  const uint32_t folder = dc_tree_resolve (tree, path);
  uint64_t bytes = 0;
  size_t files = 0;

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child;
       i != DC_TREE_NONE && files < DC_HISTORY_FILE_MAX;
       i = tree->entries[i].next_sibling) {
    const struct dc_entry *entry = &tree->entries[i];
    AUTO_FREE char *name = NULL;
    if (!S_ISREG (entry->mode) || !is_history_name (entry->name))
      continue;
    if (__builtin_add_overflow (bytes, entry->size, &bytes) ||
        bytes > DC_HISTORY_BYTES_MAX)
      return dc_profile_note (profile, "resources.history", path, 0, err,
                              "the files of sysstat are too large, some left "
                              "out");
    files++;
    if (dc_text_print (&name, err, "%s/%s", path, entry->name) < 0 ||
        read_history_file (tree, profile, name, samples, err) < 0)
      return -1;
  }
  return 0;
}

static int
by_size (const void *a, const void *b)
{
  const uint64_t left = *(const uint64_t *) a, right = *(const uint64_t *) b;

  return (left > right) - (left < right);
}

/* The quantity at OFFSET of each sample; VALUES is room for all of them. */
static struct dc_usage
sum_up (const struct dc_samples *samples, size_t offset, uint64_t *values)
{
  struct dc_usage usage = { 0, 0, 0 };
  double sum = 0;

  for (size_t i = 0; i < samples->count; i++) {
    uint64_t value;
    memcpy (&value, (const char *) &samples->items[i] + offset, sizeof value);
    if (value == UINT64_MAX)
      continue;
    values[usage.count++] = value;
    sum += (double) value;
  }
  if (usage.count == 0)
    return usage;
  qsort (values, usage.count, sizeof *values, by_size);
  usage.average = (uint64_t) (sum / (double) usage.count + 0.5);
  usage.p95 = values[(usage.count * 95 + 99) / 100 - 1]; /* nearest rank */
  return usage;
}

static int
sum_up_all (const struct dc_samples *samples, struct dc_history *history,
            struct dc_error *err)
{
  AUTO_FREE uint64_t *values = calloc (samples->count + 1, sizeof *values);

  if (values == NULL)
    return dc_fail_errno (err, "cannot keep samples");
  history->samples = samples->count;
  history->cpu = sum_up (samples, offsetof (struct dc_sample, cpu), values);
  history->memory =
      sum_up (samples, offsetof (struct dc_sample, memory_used), values);
  history->load = sum_up (samples, offsetof (struct dc_sample, load), values);
  for (size_t i = 0; i < samples->count; i++) {
    const struct dc_sample *sample = &samples->items[i];
    if (i == 0 || sample->time < history->first)
      history->first = sample->time;
    if (sample->time < history->last)
      continue;
    history->last = sample->time;
    if (sample->memory_all != UINT64_MAX)
      history->memory_all = sample->memory_all;
  }
  return 0;
}

static int
read_history (struct dc_tree *tree, struct dc_profile *profile,
              struct dc_error *err)
{
  static const char *const folders[] = { "/var/log/sa", "/var/log/sysstat" };
  struct dc_samples samples = { NULL, 0 };
  int status = 0;

  for (size_t i = 0; i < DC_COUNT (folders) && status == 0; i++)
    status = read_history_folder (tree, profile, folders[i], &samples, err);
  if (status == 0)
    status = sum_up_all (&samples, &profile->resources.history, err);
  dc_samples_release (&samples);
  return status;
}

int
dc_resources_read (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_error *err)
{
  static const char *const others[] = { "/var/log/atop", "/var/log/collectl" };
  struct dc_resources *resources = &profile->resources;

  for (size_t i = 0; i < DC_COUNT (others); i++) {
    const uint32_t folder = dc_tree_resolve (tree, others[i]);
    if (folder != DC_TREE_NONE &&
        tree->entries[folder].first_child != DC_TREE_NONE)
      resources->other_history = others[i];
  }
  return read_history (tree, profile, err) < 0
             ? -1
             : read_limits (tree, resources, err);
}

void
dc_resources_release (struct dc_resources *resources)
{
  for (size_t i = 0; i < resources->limit_count; i++)
    release_limit (&resources->limits[i]);
  free (resources->limits);
  free (resources->history.file);
  *resources = (struct dc_resources){ .limits = NULL };
}

void
dc_resources_forget (struct dc_profile *profile)
{
  dc_resources_release (&profile->resources);
}
