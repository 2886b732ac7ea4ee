/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* read-disk: what the functional tests of lib/disk/ look through.
 *
 *   read-disk [-n] [-v] [-f FORMAT] [-a FILE]... COMMAND DISK
 *     bytes       the disk's bytes to stdout
 *     info        format and size
 *     partitions  a line for each: number, first sector, sectors, type,
 *                 PARTUUID, file system, its UUID, its label; "-" for none
 *     hold        open it, say "open", keep it until stdin ends
 *     export      the same, but say how the appliance would get it
 *     speed       how long it takes and how fast it is read
 *     jailed      the bytes that QEMU serves if nobody checks the names in
 *                 the file: the jail alone, which lists only DISK
 *   -n: over NBD whatever the format; -v: with messages besides warnings
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/disk/nbd.h"
#include "lib/disk/open.h"
#include "lib/disk/partition.h"
#include "lib/disk/server.h"
#include "lib/file.h"

#define ALLOW_MAX 16
#define PIECE ((size_t) 256 * 1024)
#define BATCH 32

static struct dc_error err;

static void
say (void *self, enum dc_level level, const char *text)
{
  static const char *const words[] = { "warning", "info", "debug" };

  if (level == DC_WARNING || *(const int *) self)
    fprintf (stderr, "%s: %s\n", words[level], text);
}

static int is_verbose;
static const struct dc_report report = { .message = say,
                                         .self = &is_verbose,
                                         .cancel_fd = -1 };

static double
now_s (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* Read it all in batches; 0, or -1. */
static int
read_all (struct dc_disk *disk, int out_fd)
{
  AUTO_FREE char *bytes = malloc (BATCH * PIECE);

  if (bytes == NULL)
    return dc_fail_errno (&err, "cannot keep %zu bytes", BATCH * PIECE);
  for (uint64_t at = 0; at < disk->size;) {
    struct dc_disk_read reads[BATCH];
    size_t count = 0, size = 0;
    for (; count < BATCH && at + size < disk->size; count++) {
      const uint64_t left = disk->size - at - size;
      reads[count] = (struct dc_disk_read){
        at + size, left < PIECE ? (size_t) left : PIECE, bytes + size
      };
      size += reads[count].size;
    }
    if (dc_disk_read_many (disk, reads, count, &err) < 0 ||
        (out_fd >= 0 && dc_file_write (out_fd, bytes, size, &err) < 0))
      return -1;
    at += size;
  }
  return 0;
}

/* SIZE bytes at places all over the disk. */
static int
read_here_and_there (struct dc_disk *disk, size_t size, uint64_t total)
{
  AUTO_FREE char *bytes = malloc (BATCH * size);
  uint64_t place = 1;

  if (bytes == NULL || disk->size <= size)
    return dc_fail (&err, DC_ERR_LIMIT, "the disk is too small for this");
  for (uint64_t done = 0; done < total; done += BATCH * size) {
    struct dc_disk_read reads[BATCH];
    for (size_t i = 0; i < BATCH; i++) {
      place = place * 6364136223846793005u + 1442695040888963407u;
      reads[i] = (struct dc_disk_read){ (place >> 16) % (disk->size - size) /
                                            4096 * 4096,
                                        size, bytes + i * size };
    }
    if (dc_disk_read_many (disk, reads, BATCH, &err) < 0)
      return -1;
  }
  return 0;
}

static const char *
or_dash (const char *text)
{
  return text[0] != '\0' ? text : "-";
}

static int
do_bytes (struct dc_disk_source *source, struct dc_disk *disk)
{
  (void) source;
  return read_all (disk, STDOUT_FILENO);
}

static int
do_info (struct dc_disk_source *source, struct dc_disk *disk)
{
  printf ("%s %llu\n", dc_disk_source_format (source),
          (unsigned long long) disk->size);
  return 0;
}

static int
do_partitions (struct dc_disk_source *source, struct dc_disk *disk)
{
  DC_AUTO (dc_partitions) *found = NULL;

  (void) source;
  if (dc_partitions_read (disk, &found, &err) < 0)
    return -1;
  printf ("table %s\n", or_dash (found->table));
  for (size_t i = 0; i < found->count; i++) {
    const struct dc_partition *part = &found->items[i];
    printf ("%u %llu %llu %s %s %s %s %s\n", part->number,
            (unsigned long long) part->offset / 512,
            (unsigned long long) part->size / 512, or_dash (part->type),
            or_dash (part->partuuid), or_dash (part->fstype),
            or_dash (part->uuid), or_dash (part->label));
  }
  return 0;
}

static int
wait_for_stdin (void)
{
  fflush (stdout);
  while (getchar () != EOF)
    ;
  return 0;
}

static int
do_hold (struct dc_disk_source *source, struct dc_disk *disk)
{
  (void) source;
  (void) disk;
  puts ("open");
  return wait_for_stdin ();
}

static int
do_export (struct dc_disk_source *source, struct dc_disk *disk)
{
  struct dc_disk_export out;

  (void) disk;
  if (dc_disk_source_export (source, &report, &out, &err) < 0)
    return -1;
  printf ("%s %s\n", out.kind == DC_DISK_EXPORT_RAW ? "raw" : "nbd", out.path);
  return wait_for_stdin ();
}

static int
do_speed (struct dc_disk_source *source, struct dc_disk *disk)
{
  (void) source;
  for (int i = 0; i < 3; i++) {
    const double start = now_s ();
    if (read_all (disk, -1) < 0)
      return -1;
    printf ("all %.0f MB/s\n", (double) disk->size / 1e6 / (now_s () - start));
  }
  for (size_t size = 4096; size <= 256 * 1024; size *= 4) {
    const uint64_t total = (uint64_t) size * BATCH * 200;
    const double start = now_s ();
    if (read_here_and_there (disk, size, total) < 0)
      return -1;
    printf ("random %zu KiB %.0f MB/s\n", size / 1024,
            (double) total / 1e6 / (now_s () - start));
  }
  return 0;
}

/* QEMU guesses the format and follows what it finds. */
static int
serve_unchecked (char *path)
{
  struct dc_qemu qemu = { .image = path,
                          .read_paths = (char *[]){ path, NULL } };
  DC_AUTO (dc_server) *server = NULL;
  DC_AUTO (dc_disk) *disk = NULL;
  int fd = -1;

  if (dc_server_start (&qemu, &server, &err) < 0 ||
      dc_server_connect (server, &report, &fd, &err) < 0 ||
      dc_nbd_disk (&fd, 1, &disk, &err) < 0)
    return -1;
  return read_all (disk, STDOUT_FILENO);
}

static const struct {
  const char *name;
  int (*act) (struct dc_disk_source *source, struct dc_disk *disk);
} commands[] = {
  { "bytes", do_bytes },           { "info", do_info },
  { "partitions", do_partitions }, { "hold", do_hold },
  { "export", do_export },         { "speed", do_speed },
};

static int
run (const char *command, const char *path,
     const struct dc_disk_options *options)
{
  DC_AUTO (dc_disk_source) *source = NULL;
  DC_AUTO (dc_disk) *disk = NULL;

  const double start = now_s ();
  if (dc_disk_source_open (path, options, &report, &source, &err) < 0)
    return -1;
  const double opened = now_s ();
  if (dc_disk_source_attach (source, &disk, &err) < 0)
    return -1;
  if (strcmp (command, "speed") == 0)
    printf ("open %.1f ms, attach %.1f ms\n", (opened - start) * 1e3,
            (now_s () - opened) * 1e3);
  for (size_t i = 0; i < DC_COUNT (commands); i++)
    if (strcmp (commands[i].name, command) == 0)
      return commands[i].act (source, disk);
  return dc_fail (&err, DC_ERR_INVALID, "no command '%s'", command);
}

int
main (int argc, char **argv)
{
  const char *allow[ALLOW_MAX + 1] = { NULL };
  struct dc_disk_options options = { .allow_backing = allow };
  size_t allow_count = 0;

  for (int c; (c = getopt (argc, argv, "a:f:nv")) != -1;) {
    if (c == 'a' && allow_count < ALLOW_MAX)
      allow[allow_count++] = optarg;
    else if (c == 'f')
      options.format = optarg;
    else if (c == 'n')
      options.access = DC_DISK_ALWAYS_NBD;
    else if (c == 'v')
      is_verbose = 1;
    else
      return 2;
  }
  if (argc - optind != 2)
    return 2;
  const int status = strcmp (argv[optind], "jailed") == 0
                         ? serve_unchecked (argv[optind + 1])
                         : run (argv[optind], argv[optind + 1], &options);
  if (status < 0) {
    fprintf (stderr, "error %d: %s\n", err.code, err.text);
    return 1;
  }
  return fflush (stdout) == 0 ? 0 : 1;
}
