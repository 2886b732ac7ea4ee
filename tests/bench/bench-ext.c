/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* bench-ext: an ext file system on a whole disk, walked and read, timed.
 *
 *   bench-ext [-n] DISK      -n: over NBD whatever the format
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "analyzer/ext/ext.h"
#include "lib/disk/open.h"

#define ROOM ((size_t) 1024 * 1024)

/* Takes contents as a pipeline would, and drops them. */
struct sink {
  char bytes[ROOM];
  size_t used;
  uint64_t total;
};

static int
begin (void *self, uint32_t index, struct dc_error *err)
{
  (void) self;
  (void) index;
  (void) err;
  return 0;
}

static int
room (void *self, void **bytes, size_t *size, struct dc_error *err)
{
  struct sink *sink = self;

  (void) err;
  *bytes = sink->bytes + sink->used;
  *size = ROOM - sink->used;
  return 0;
}

static int
commit (void *self, size_t size, struct dc_error *err)
{
  struct sink *sink = self;

  (void) err;
  sink->total += size;
  sink->used = (sink->used + size) % ROOM;
  return 0;
}

static double
now_s (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static int
walk (struct dc_disk *disk, struct dc_tree **out, struct dc_error *err)
{
  struct dc_ext_mount mount = { NULL, "/" };

  const double start = now_s ();
  if (dc_ext_open (disk, 0, disk->size, &mount.ext, err) < 0)
    return -1;
  if (dc_ext_tree (&mount, 1, out, err) < 0) {
    dc_ext_free (mount.ext);
    return -1;
  }
  printf ("walked %u entries in %.3f s\n", (*out)->count, now_s () - start);
  return 0;
}

static int
read_all (struct dc_tree *tree, struct dc_error *err)
{
  static struct sink sink;
  const struct dc_tree_sink functions = { begin, room, commit, &sink };
  AUTO_FREE uint32_t *indexes = calloc (tree->count, sizeof *indexes);
  size_t count = 0;

  if (indexes == NULL)
    return dc_fail_errno (err, "cannot keep %u numbers", tree->count);
  for (uint32_t i = 0; i < tree->count; i++)
    if (S_ISREG (tree->entries[i].mode) && tree->entries[i].hardlink == i)
      indexes[count++] = i;
  const double start = now_s ();
  if (dc_tree_stream (tree, indexes, count, &functions, err) < 0)
    return -1;
  const double seconds = now_s () - start;
  printf ("read %zu files in %.3f s, %.2f GB/s\n", count, seconds,
          (double) sink.total / seconds / 1e9);
  return 0;
}

static int
run (const char *path, const struct dc_disk_options *options,
     struct dc_error *err)
{
  DC_AUTO (dc_disk_source) *source = NULL;
  DC_AUTO (dc_disk) *disk = NULL;
  DC_AUTO (dc_tree) *tree = NULL;
  int fds[DC_DISK_FD_MAX];
  size_t count;

  if (dc_disk_source_open (path, options, &dc_report_silent, &source, err) <
          0 ||
      dc_disk_source_fds (source, &dc_report_silent, fds, &count, err) < 0 ||
      dc_disk_source_attach (source, &disk, err) < 0 ||
      walk (disk, &tree, err) < 0)
    return -1;
  return read_all (tree, err);
}

int
main (int argc, char **argv)
{
  struct dc_error err;
  struct dc_disk_options options = { .format = NULL };
  const bool is_nbd = argc == 3 && strcmp (argv[1], "-n") == 0;

  if (argc != 2 + is_nbd) {
    fputs ("usage: bench-ext [-n] DISK\n", stderr);
    return 2;
  }
  if (is_nbd)
    options.access = DC_DISK_ALWAYS_NBD;
  if (run (argv[argc - 1], &options, &err) < 0) {
    fprintf (stderr, "bench-ext: %s\n", err.text);
    return 1;
  }
  return 0;
}
