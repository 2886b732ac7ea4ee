/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* read-disk: what the functional tests of lib/disk/ look through.
 *
 *   read-disk [-n] [-v] [-f FORMAT] [-a FILE]... COMMAND DISK
 *     bytes       the disk's bytes to stdout
 *     twice       the same by two workers, one after the other
 *     info        format and size
 *     partitions  a line for each: number, first sector, sectors, type,
 *                 PARTUUID, file system, its UUID, its label; "-" for none
 *     hold        open it, say "open", keep it until stdin ends
 *     export      the same, but say how the appliance would get it
 *     speed       how long it takes and how fast it is read
 *     jailed      the bytes that QEMU serves if nobody checks the names in
 *                 the file: the jail alone, which lists only DISK
 *   -n: over NBD whatever the format; -v: with messages besides warnings
 * What touches the disk's bytes does so in a confined worker.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/confine.h"
#include "lib/disk/nbd.h"
#include "lib/disk/open.h"
#include "lib/disk/partition.h"
#include "lib/disk/server.h"
#include "lib/file.h"

#define ALLOW_MAX 16
#define PIECE ((size_t) 256 * 1024)
#define BATCH 32

/* Which the worker has. */
struct job {
  struct dc_disk_source *source;
  int (*act) (const struct job *job, struct dc_disk *disk,
              struct dc_error *err);
  int out_fd;
  FILE *out; /* the same, for text */
};

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
read_all (struct dc_disk *disk, int out_fd, struct dc_error *err)
{
  AUTO_FREE char *bytes = malloc (BATCH * PIECE);

  if (bytes == NULL)
    return dc_fail_errno (err, "cannot keep %zu bytes", BATCH * PIECE);
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
    if (dc_disk_read_many (disk, reads, count, err) < 0 ||
        (out_fd >= 0 && dc_file_write (out_fd, bytes, size, err) < 0))
      return -1;
    at += size;
  }
  return 0;
}

/* SIZE bytes at places all over the disk. */
static int
read_here_and_there (struct dc_disk *disk, size_t size, uint64_t total,
                     struct dc_error *err)
{
  AUTO_FREE char *bytes = malloc (BATCH * size);
  uint64_t place = 1;

  if (bytes == NULL || disk->size <= size)
    return dc_fail (err, DC_ERR_LIMIT, "the disk is too small for this");
  for (uint64_t done = 0; done < total; done += BATCH * size) {
    struct dc_disk_read reads[BATCH];
    for (size_t i = 0; i < BATCH; i++) {
      place = place * 6364136223846793005u + 1442695040888963407u;
      reads[i] = (struct dc_disk_read){ (place >> 16) % (disk->size - size) /
                                            4096 * 4096,
                                        size, bytes + i * size };
    }
    if (dc_disk_read_many (disk, reads, BATCH, err) < 0)
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
do_bytes (const struct job *job, struct dc_disk *disk, struct dc_error *err)
{
  return read_all (disk, job->out_fd, err);
}

static int
do_info (const struct job *job, struct dc_disk *disk, struct dc_error *err)
{
  (void) err;
  fprintf (job->out, "%s %llu\n", dc_disk_source_format (job->source),
           (unsigned long long) disk->size);
  return 0;
}

static int
do_partitions (const struct job *job, struct dc_disk *disk,
               struct dc_error *err)
{
  DC_AUTO (dc_partitions) *found = NULL;

  if (dc_partitions_read (disk, &found, err) < 0)
    return -1;
  fprintf (job->out, "table %s\n", or_dash (found->table));
  for (size_t i = 0; i < found->count; i++) {
    const struct dc_partition *part = &found->items[i];
    fprintf (job->out, "%u %llu %llu %s %s %s %s %s\n", part->number,
             (unsigned long long) part->offset / 512,
             (unsigned long long) part->size / 512, or_dash (part->type),
             or_dash (part->partuuid), or_dash (part->fstype),
             or_dash (part->uuid), or_dash (part->label));
  }
  return 0;
}

static int
do_speed (const struct job *job, struct dc_disk *disk, struct dc_error *err)
{
  for (int i = 0; i < 3; i++) {
    const double start = now_s ();
    if (read_all (disk, -1, err) < 0)
      return -1;
    fprintf (job->out, "all %.0f MB/s\n",
             (double) disk->size / 1e6 / (now_s () - start));
  }
  for (size_t size = 4096; size <= 256 * 1024; size *= 4) {
    const uint64_t total = (uint64_t) size * BATCH * 200;
    const double start = now_s ();
    if (read_here_and_there (disk, size, total, err) < 0)
      return -1;
    fprintf (job->out, "random %zu KiB %.0f MB/s\n", size / 1024,
             (double) total / 1e6 / (now_s () - start));
  }
  return 0;
}

static int
work (void *arg, const struct dc_report *worker_report, json_t **result,
      struct dc_error *err)
{
  const struct job *job = arg;
  DC_AUTO (dc_disk) *disk = NULL;

  (void) worker_report;
  (void) result;
  const double start = now_s ();
  if (dc_disk_source_attach (job->source, &disk, err) < 0)
    return -1;
  if (job->act == do_speed)
    fprintf (job->out, "attach %.1f ms\n", (now_s () - start) * 1e3);
  if (job->act (job, disk, err) < 0)
    return -1;
  return fflush (job->out) == 0 ? 0 : dc_fail_errno (err, "cannot write");
}

static int
run_worker (struct job *job, struct dc_error *err)
{
  int fds[DC_DISK_FD_MAX + 1];
  size_t count = 0;

  if (dc_disk_source_fds (job->source, &report, fds, &count, err) < 0)
    return -1;
  fds[count++] = job->out_fd;
  const struct dc_confine confine = { .name = "reading the disk",
                                      .keep_fds = fds,
                                      .keep_fd_count = count };
  json_t *none = NULL;
  return dc_confined (&confine, work, job, &report, &none, err);
}

static int
do_twice (struct job *job, struct dc_error *err)
{
  job->act = do_bytes;
  return run_worker (job, err) < 0 ? -1 : run_worker (job, err);
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
do_hold (struct job *job, struct dc_error *err)
{
  (void) job;
  (void) err;
  puts ("open");
  return wait_for_stdin ();
}

static int
do_export (struct job *job, struct dc_error *err)
{
  struct dc_disk_export out;

  if (dc_disk_source_export (job->source, &report, &out, err) < 0)
    return -1;
  printf ("%s %s\n", out.kind == DC_DISK_EXPORT_RAW ? "raw" : "nbd", out.path);
  return wait_for_stdin ();
}

/* Work for a worker, or for the parent. */
static const struct {
  const char *name;
  int (*act) (const struct job *job, struct dc_disk *disk,
              struct dc_error *err);
  int (*here) (struct job *job, struct dc_error *err);
} commands[] = {
  { "bytes", do_bytes, NULL },
  { "export", NULL, do_export },
  { "hold", NULL, do_hold },
  { "info", do_info, NULL },
  { "partitions", do_partitions, NULL },
  { "speed", do_speed, NULL },
  { "twice", NULL, do_twice },
};

static int
run (const char *command, const char *path,
     const struct dc_disk_options *options, struct dc_error *err)
{
  DC_AUTO (dc_disk_source) *source = NULL;
  struct job job = { .out_fd = dup (STDOUT_FILENO) };

  job.out = fdopen (job.out_fd, "w");
  if (job.out == NULL)
    return dc_fail_errno (err, "cannot write to stdout");
  const double start = now_s ();
  if (dc_disk_source_open (path, options, &report, &source, err) < 0)
    return -1;
  const double opened = now_s ();
  job.source = source;
  for (size_t i = 0; i < DC_COUNT (commands); i++) {
    if (strcmp (commands[i].name, command) != 0)
      continue;
    job.act = commands[i].act;
    if (job.act == do_speed) {
      printf ("open %.1f ms\n", (opened - start) * 1e3);
      fflush (stdout);
    }
    return commands[i].here != NULL ? commands[i].here (&job, err)
                                    : run_worker (&job, err);
  }
  return dc_fail (err, DC_ERR_INVALID, "no command '%s'", command);
}

/* QEMU guesses the format and follows what it finds. */
static int
serve_unchecked (char *path, struct dc_error *err)
{
  struct dc_qemu qemu = { .image = path,
                          .read_paths = (char *[]){ path, NULL } };
  DC_AUTO (dc_server) *server = NULL;
  DC_AUTO (dc_disk) *disk = NULL;
  int fd = -1;

  if (dc_server_start (&qemu, &server, err) < 0 ||
      dc_server_connect (server, &report, &fd, err) < 0 ||
      dc_nbd_disk (&fd, 1, "", &disk, err) < 0)
    return -1;
  return read_all (disk, STDOUT_FILENO, err);
}

int
main (int argc, char **argv)
{
  const char *allow[ALLOW_MAX + 1] = { NULL };
  struct dc_disk_options options = { .allow_backing = allow };
  struct dc_error err;
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
                         ? serve_unchecked (argv[optind + 1], &err)
                         : run (argv[optind], argv[optind + 1], &options, &err);
  if (status < 0) {
    fprintf (stderr, "error %d: %s\n", err.code, err.text);
    return 1;
  }
  return fflush (stdout) == 0 ? 0 : 1;
}
