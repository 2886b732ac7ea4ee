/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* rpm-seeds FOLDER: the small databases of the unit tests as seeds. */

#include <stdio.h>

#include "lib/cleanup.h"
#include "tests/unit/rpmmake.h"

static const struct {
  const char *name;
  void (*make) (struct bytes *b);
} seeds[] = {
  { "rpm-bdb/Packages", make_bdb },
  { "rpm-ndb/Packages.db", make_ndb },
  { "rpm-sqlite/rpmdb.sqlite", make_sqlite },
};

int
main (int argc, char **argv)
{
  for (size_t i = 0; i < DC_COUNT (seeds) && argc == 2; i++) {
    struct bytes b = { .size = 0 };
    char path[4096];
    seeds[i].make (&b);
    (void) snprintf (path, sizeof path, "%s/%s", argv[1], seeds[i].name);
    FILE *file = fopen (path, "we");
    if (file == NULL || fwrite (b.data, 1, b.size, file) != b.size ||
        fclose (file) != 0) {
      perror (path);
      return 1;
    }
  }
  return argc == 2 ? 0 : 2;
}
