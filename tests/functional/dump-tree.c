/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* dump-tree SOURCE: a tree as text, to be compared with diff.
 *
 *   dir:PATH | tar:FILE | ext:FILE | guest:DISK,...
 *   appliance:DISK DISK... root=DEVICE key=TEXT
 *
 *   fs device type label mountpoint size state    of what disks hold
 *   path mode uid:gid size mtime
 *     -> target          of a symbolic link
 *     == path            another name of that file
 *     xattr name=hex
 *     sha256:...         of the content
 *   note path: text
 *
 * "-" as FILE is standard input, which may be a pipe.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/appliance/appliance.h"
#include "lib/confine.h"
#include "lib/digest.h"
#include "lib/disk/open.h"
#include "lib/file.h"
#include "lib/quote.h"
#include "lib/tree/backends.h"
#include "tests/functional/disktree.h"

#define PIECE_SIZE ((size_t) 1024 * 1024)

static void
say (void *self, enum dc_level level, const char *text)
{
  (void) self;
  fprintf (stderr, "%s%s\n", level == DC_WARNING ? "warning: " : "", text);
}

static int
open_dir (const char *path, struct dc_tree **out, struct dc_error *err)
{
  const int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return dc_fail_errno (err, "cannot open '%s'", path);
  return dc_tree_dir (fd, out, err); /* FD stays open until we end */
}

static int
open_tar (const char *path, struct dc_tree **out, struct dc_error *err)
{
  AUTO_CLOSE int fd =
      strcmp (path, "-") == 0 ? dup (0) : dc_file_open (AT_FDCWD, path, err);
  if (fd < 0)
    return -1;
  const int spool_fd = dc_file_spool (err);
  if (spool_fd < 0)
    return -1;
  return dc_tree_tar (fd, spool_fd, out, err); /* as above */
}

/* Paths and targets: every byte that is not plain as \xHH, so that one line
 * is one line and nothing is cut.
 */
static void
print_bytes (const char *bytes)
{
  for (; *bytes != '\0'; bytes++)
    if (*bytes > ' ' && *bytes < 127 && *bytes != '\\')
      putchar (*bytes);
    else
      printf ("\\x%02X", (unsigned char) *bytes);
}

static int
print_path (const struct dc_tree *tree, uint32_t index, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  if (dc_tree_path (tree, index, &path, err) < 0)
    return -1;
  putchar ('/');
  print_bytes (dc_buffer_text (&path));
  return 0;
}

static void
print_xattrs (const struct dc_xattrs *set)
{
  for (size_t i = 0; set != NULL && i < set->count; i++) {
    const unsigned char *value = set->items[i].value;
    printf ("  xattr %s=", set->items[i].name);
    for (size_t n = 0; n < set->items[i].size; n++)
      printf ("%02x", value[n]);
    putchar ('\n');
  }
}

static int
print_content (struct dc_tree *tree, uint32_t index, struct dc_error *err)
{
  static char bytes[PIECE_SIZE];
  const uint64_t size = tree->entries[index].size;
  char text[DC_DIGEST_TEXT_SIZE];
  DC_AUTO (dc_digest) *digest = NULL;

  if (dc_digest_new (&digest, err) < 0)
    return -1;
  for (uint64_t at = 0; at < size;) {
    const size_t n = size - at < PIECE_SIZE ? (size_t) (size - at) : PIECE_SIZE;
    if (dc_tree_read (tree, index, at, bytes, n, err) < 0 ||
        dc_digest_add (digest, bytes, n, err) < 0)
      return -1;
    at += n;
  }
  if (dc_digest_end (digest, text, err) < 0)
    return -1;
  printf ("  %s\n", text);
  return 0;
}

static int
print_entry (struct dc_tree *tree, uint32_t index, struct dc_error *err)
{
  const struct dc_entry *entry = &tree->entries[index];

  if (print_path (tree, index, err) < 0)
    return -1;
  printf (" %06o %" PRIu32 ":%" PRIu32 " %" PRIu64 " %" PRId64 "\n",
          (unsigned) entry->mode, entry->uid, entry->gid, entry->size,
          entry->mtime);
  if (entry->target != NULL) {
    fputs ("  -> ", stdout);
    print_bytes (entry->target);
    putchar ('\n');
  }
  print_xattrs (entry->xattrs);
  if (entry->hardlink != index) {
    fputs ("  == ", stdout);
    if (print_path (tree, entry->hardlink, err) < 0)
      return -1;
    putchar ('\n');
    return 0;
  }
  return S_ISREG (entry->mode) ? print_content (tree, index, err) : 0;
}

static int
print_tree (struct dc_tree *tree, struct dc_error *err)
{
  for (uint32_t index = 0; index < tree->count; index++)
    if (print_entry (tree, index, err) < 0)
      return -1;
  for (size_t i = 0; i < tree->note_count; i++) {
    fputs ("note /", stdout);
    print_bytes (tree->notes[i].path);
    printf (": %s\n", tree->notes[i].text);
  }
  return 0;
}

static void
print_guest (const struct dc_guest *guest)
{
  for (size_t i = 0; i < guest->count; i++) {
    const struct dc_guest_fs *fs = &guest->items[i];
    printf ("fs %s %s '%s' %s %" PRIu64 " %s\n", fs->device, fs->type,
            fs->label, fs->mountpoint != NULL ? fs->mountpoint : "-", fs->size,
            fs->state);
  }
}

/* The reader of an appliance, in the confined worker. */
struct reader {
  int fd, spool_fd;
};

/* Standard output is not the worker's; its result is what we would print. */
static int
read_appliance (void *arg, const struct dc_report *report, json_t **result,
                struct dc_error *err)
{
  const struct reader *reader = arg;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;
  char *text = NULL;
  size_t size = 0;

  (void) report; /* nothing to say */
  if (dc_appliance_tree (reader->fd, reader->spool_fd, &tree, &guest, err) < 0)
    return -1;
  stdout = open_memstream (&text, &size);
  print_guest (guest);
  if (print_tree (tree, err) < 0)
    return -1;
  if (fclose (stdout) != 0)
    return dc_fail_errno (err, "cannot keep the text");
  *result = json_pack ("[s#]", text, size);
  return 0;
}

/* Read the guest that APPLIANCE starts to read. */
static int
follow_appliance (struct dc_appliance *appliance,
                  const struct dc_report *report, json_t **result,
                  struct dc_error *err)
{
  DC_AUTO (dc_worker) *worker = NULL;
  AUTO_CLOSE int spool_fd = dc_file_spool (err);
  struct reader reader = { dc_appliance_fd (appliance, 0), spool_fd };
  const int fds[] = { reader.fd, reader.spool_fd };
  const struct dc_confine confine = { .name = "reading the guest",
                                      .keep_fds = fds,
                                      .keep_fd_count = DC_COUNT (fds) };

  if (spool_fd < 0 ||
      dc_worker_start (&confine, read_appliance, &reader, &worker, err) < 0)
    return -1;
  dc_appliance_pair (appliance, worker);
  const int status = dc_worker_wait (worker, report, result, err);
  return dc_appliance_end (appliance, status, report, err);
}

/* The sources stay open until we end. */
static int
open_disk (const char *path, const struct dc_report *report,
           struct dc_disk_export *out, struct dc_error *err)
{
  const struct dc_disk_options options = { .format = NULL };
  struct dc_disk_source *source = NULL;

  if (dc_disk_source_open (path, &options, report, &source, err) < 0)
    return -1;
  return dc_disk_source_export (source, report, out, err);
}

static int
dump_appliance (char *const *words, struct dc_error *err)
{
  struct dc_disk_export disks[DC_GUEST_DISK_MAX];
  const char *keys[2] = { NULL, NULL };
  struct dc_appliance_guest guest = { .disks = disks, .keys = keys };
  struct dc_report report = dc_report_silent;
  DC_AUTO (dc_appliance) *appliance = NULL;
  json_auto_t *result = NULL;

  report.message = say;
  for (; *words != NULL; words++)
    if (strncmp (*words, "root=", 5) == 0)
      guest.root = *words + 5;
    else if (strncmp (*words, "key=", 4) == 0)
      keys[0] = *words + 4;
    else if (open_disk (*words, &report, &disks[guest.disk_count++], err) < 0)
      return -1;
  const struct dc_appliance_options options = { &guest, 1 };
  if (dc_appliance_start (&options, &report, &appliance, err) < 0 ||
      follow_appliance (appliance, &report, &result, err) < 0)
    return -1;
  fputs (json_string_value (json_array_get (result, 0)), stdout);
  return 0;
}

static const struct {
  const char *prefix;
  int (*open) (const char *path, struct dc_tree **out, struct dc_error *err);
} sources[] = {
  { "dir:", open_dir },
  { "tar:", open_tar },
  { "ext:", disktree_ext },
  { "guest:", disktree_guest },
};

static int
dump (char **words, struct dc_error *err)
{
  static const char appliance[] = "appliance:";
  const char *source = words[0];
  DC_AUTO (dc_tree) *tree = NULL;

  if (strncmp (source, appliance, sizeof appliance - 1) == 0) {
    words[0] += sizeof appliance - 1;
    return dump_appliance (words, err);
  }
  for (size_t i = 0; i < DC_COUNT (sources); i++) {
    const size_t n = strlen (sources[i].prefix);
    if (strncmp (source, sources[i].prefix, n) != 0)
      continue;
    if (sources[i].open (source + n, &tree, err) < 0)
      return -1;
    return print_tree (tree, err);
  }
  return dc_fail (err, DC_ERR_INVALID, "no such source");
}

int
main (int argc, char **argv)
{
  struct dc_error err;

  if (argc < 2) {
    fputs ("usage: dump-tree dir:PATH | tar:FILE | ext:FILE | guest:DISK,... | "
           "appliance:DISK...\n",
           stderr);
    return 2;
  }
  char *source = argv[1];
  if (dump (argv + 1, &err) < 0) {
    fprintf (stderr, "dump-tree: cannot read '%s': %s\n", source, err.text);
    return 1;
  }
  return fflush (stdout) == 0 ? 0 : 1;
}
