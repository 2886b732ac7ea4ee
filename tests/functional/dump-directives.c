/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* dump-directives: the table of directive.h, a line a row, separated by tabs:
 * section, key, fate, since ("-": 252 or before), reason ("-": none).
 * dump-directives SECTION: its rows as POD, for decant-units(7).
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "transform/init/directive.h"

static const char *const sections[] = { "Unit", "Install", "Timer",
                                        "Path", "Service", "Socket" };

static const char *const headings[] = {
  [DC_FATE_DONE] = "Done by decant-init",
  [DC_FATE_MOOT] = "Without effect, and nothing is said",
  [DC_FATE_CONFINED] = "Moved to the container's confinement, with a finding",
  [DC_FATE_LIMITED] = "Moved to the container's limits, with a finding",
  [DC_FATE_IGNORED] = "Ignored, with a finding",
  [DC_FATE_REFUSED] = "Refused: the service is left out",
};

static void
print_table (void)
{
  for (size_t i = 0; i < DC_COUNT (sections); i++) {
    size_t count;
    const struct dc_directive *rows = dc_directive_rows (sections[i], &count);
    for (size_t k = 0; k < count; k++) {
      char since[16] = "-";
      if (rows[k].since != 0)
        snprintf (since, sizeof since, "%u", rows[k].since);
      printf ("%s\t%s\t%s\t%s\t%s\n", sections[i], rows[k].key,
              dc_fate_name (rows[k].fate), since,
              rows[k].reason == NULL ? "-" : rows[k].reason);
    }
  }
}

/* Are the two rows said in one paragraph? */
static bool
is_alike (const struct dc_directive *a, const struct dc_directive *b)
{
  if (a->fate != b->fate || a->reason == NULL || b->reason == NULL)
    return a->fate == b->fate && a->reason == b->reason;
  return strcmp (a->reason, b->reason) == 0;
}

/* The paragraph of all rows that are like row FIRST, if that is the first. */
static void
print_alike (const struct dc_directive *rows, size_t count, size_t first)
{
  for (size_t i = 0; i < first; i++) {
    if (is_alike (&rows[i], &rows[first]))
      return;
  }
  if (rows[first].reason != NULL)
    printf ("I<%s>: ", rows[first].reason);
  for (size_t i = first; i < count; i++) {
    if (!is_alike (&rows[i], &rows[first]))
      continue;
    printf ("%s%s=", i > first ? ", " : "", rows[i].key);
    if (rows[i].since != 0)
      printf (" (%u)", rows[i].since);
  }
  printf (".\n\n");
}

static void
print_pod (const char *section)
{
  size_t count;
  const struct dc_directive *rows = dc_directive_rows (section, &count);

  for (enum dc_fate fate = DC_FATE_DONE; fate <= DC_FATE_REFUSED; fate++) {
    bool has_any = false;
    for (size_t i = 0; i < count; i++) {
      if (rows[i].fate != fate)
        continue;
      if (!has_any)
        printf ("=head3 %s\n\n", headings[fate]);
      has_any = true;
      print_alike (rows, count, i);
    }
  }
}

int
main (int argc, char **argv)
{
  if (argc == 1)
    print_table ();
  for (int i = 1; i < argc; i++)
    print_pod (argv[i]);
  return fflush (stdout) != 0;
}
