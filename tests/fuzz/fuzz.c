/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* fuzz [--runs N] [--seed N] [--seeds FOLDER] [--input FILE] [TARGET...]
 * fuzz --list
 *
 * Each target runs in a process of its own, which puts an input into shared
 * memory before it is tried, so that the one that kills it is known.
 */

#include <dirent.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/fuzz/mutate.h"
#include "tests/fuzz/target.h"

#define HANG_SECONDS 10 /* of the processor for one input, sanitized */
#define SEED_MAX 200    /* files of one target */

struct shared {
  double slowest; /* seconds */
  size_t size;
  uint8_t data[FUZZ_INPUT_MAX];
};

struct seed {
  size_t size;
  uint8_t data[FUZZ_INPUT_MAX];
};

struct seeds {
  struct seed *items;
  size_t count;
};

struct job {
  unsigned long runs, seed;
  const char *seeds; /* folder with a folder a target, or NULL */
  const char *input; /* one file, or NULL */
};

static int
read_seed (const char *path, struct seeds *seeds)
{
  FILE *file = fopen (path, "re");

  if (file == NULL)
    return -1;
  struct seed *seed = &seeds->items[seeds->count];
  seed->size = fread (seed->data, 1, sizeof seed->data, file);
  if (seed->size > 0)
    seeds->count++;
  return fclose (file);
}

/* The one of the table, and the files of FOLDER/NAME.  Without any it is not
 * a target that is tried.
 */
static void
read_seeds (const struct target *target, const char *folder,
            struct seeds *seeds)
{
  char path[4096];

  seeds->count = 0;
  if (target->seed != NULL) {
    seeds->items[0].size = strlen (target->seed);
    memcpy (seeds->items[0].data, target->seed, seeds->items[0].size);
    seeds->count = 1;
  }
  if (folder == NULL)
    return;
  (void) snprintf (path, sizeof path, "%s/%s", folder, target->name);
  struct dirent **names = NULL;
  const int count = scandir (path, &names, NULL, alphasort);
  for (int i = 0; i < count; i++) {
    (void) snprintf (path, sizeof path, "%s/%s/%s", folder, target->name,
                     names[i]->d_name);
    if (seeds->count < SEED_MAX)
      (void) read_seed (path, seeds); /* "." and ".." cannot be read */
    free (names[i]);
  }
  free (names);
}

static double
now (void)
{
  struct timespec time;

  (void) clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

/* The input in SHARED. */
static void
try_one (const struct target *target, struct shared *shared)
{
  const struct itimerval limit = { .it_value.tv_sec = HANG_SECONDS };
  const double start = now ();

  (void) setitimer (ITIMER_PROF, &limit, NULL);
  fuzz_run (target, shared->data, shared->size);
  const double seconds = now () - start;
  if (seconds > shared->slowest)
    shared->slowest = seconds;
}

static void
take (struct shared *shared, const struct seed *seed)
{
  shared->size = seed->size;
  memcpy (shared->data, seed->data, seed->size);
}

/* The child: never returns. */
static void
work (const struct target *target, const struct job *job,
      const struct seeds *seeds, struct shared *shared)
{
  struct fuzz_random random = { job->seed };

  for (const char *p = target->name; *p != '\0'; p++)
    random.state = (random.state ^ (unsigned char) *p) * 0x100000001b3;
  for (size_t i = 0; i < seeds->count; i++) {
    take (shared, &seeds->items[i]);
    try_one (target, shared);
  }
  for (unsigned long i = 0; i < job->runs; i++) {
    take (shared, &seeds->items[fuzz_next (&random) % seeds->count]);
    shared->size =
        fuzz_mutate (&random, shared->data, shared->size, sizeof shared->data);
    try_one (target, shared);
  }
  exit (0);
}

static void
keep (const struct target *target, const struct shared *shared)
{
  char path[256];

  (void) snprintf (path, sizeof path, "crash-%s", target->name);
  FILE *file = fopen (path, "we");
  if (file == NULL || fwrite (shared->data, 1, shared->size, file) == 0 ||
      fclose (file) != 0)
    perror (path);
}

/* 0 when nothing happened. */
static int
run_target (const struct target *target, const struct job *job,
            struct seeds *seeds, struct shared *shared)
{
  int status = 0;

  if (job->input == NULL)
    read_seeds (target, job->seeds, seeds);
  if (seeds->count == 0) {
    (void) printf ("%s: no seeds: see make-seeds.sh\n", target->name);
    return job->seeds != NULL;
  }
  shared->slowest = 0;
  (void) fflush (stdout); /* or the child prints it again */
  const pid_t child = fork ();
  if (child == 0)
    work (target, job, seeds, shared);
  if (child < 0 || waitpid (child, &status, 0) != child) {
    perror ("fuzz");
    return 1;
  }
  if (WIFEXITED (status) && WEXITSTATUS (status) == 0) {
    (void) printf ("%s: %lu runs, %zu seeds, slowest %.0f ms\n", target->name,
                   job->runs, seeds->count, shared->slowest * 1000);
    return 0;
  }
  const bool is_hang = WIFSIGNALED (status) && WTERMSIG (status) == SIGPROF;
  (void) printf ("%s: %s; the input is crash-%s\n", target->name,
                 is_hang ? "hangs" : "crashes", target->name);
  keep (target, shared);
  return 1;
}

static int
read_options (int argc, char **argv, struct job *job)
{
  static const struct option options[] = {
    { "runs", required_argument, NULL, 'r' },
    { "seed", required_argument, NULL, 's' },
    { "seeds", required_argument, NULL, 'd' },
    { "input", required_argument, NULL, 'i' },
    { "list", no_argument, NULL, 'l' },
    { NULL, 0, NULL, 0 },
  };
  int letter;

  while ((letter = getopt_long (argc, argv, "", options, NULL)) != -1)
    switch (letter) {
    case 'r':
      job->runs = strtoul (optarg, NULL, 10);
      break;
    case 's':
      job->seed = strtoul (optarg, NULL, 10);
      break;
    case 'd':
      job->seeds = optarg;
      break;
    case 'i':
      job->input = optarg;
      break;
    case 'l':
      for (size_t i = 0; i < fuzz_target_count; i++)
        (void) puts (fuzz_targets[i].name);
      exit (0);
    default:
      return -1;
    }
  return 0;
}

int
main (int argc, char **argv)
{
  struct job job = { .runs = 1000, .seed = 1 };
  int failed = 0;

  if (read_options (argc, argv, &job) < 0)
    return 2;
  struct shared *shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct seeds seeds = { calloc (SEED_MAX, sizeof *seeds.items), 0 };
  if (shared == MAP_FAILED || seeds.items == NULL) {
    perror ("fuzz");
    return 1;
  }
  if (job.input != NULL) {
    job.runs = 0;
    if (read_seed (job.input, &seeds) < 0) {
      perror (job.input);
      return 1;
    }
  }
  for (size_t i = 0; optind == argc && i < fuzz_target_count; i++)
    failed += run_target (&fuzz_targets[i], &job, &seeds, shared);
  for (int i = optind; i < argc; i++) {
    const struct target *target = fuzz_target (argv[i]);
    if (target == NULL) {
      (void) fprintf (stderr, "no target '%s'\n", argv[i]);
      return 2;
    }
    failed += run_target (target, &job, &seeds, shared);
  }
  free (seeds.items);
  return failed > 0;
}
