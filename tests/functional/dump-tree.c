/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* dump-tree dir:PATH | tar:FILE | ext:FILE | guest:DISK,...: a tree as text,
 * to be compared with diff.
 *
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

#include "lib/digest.h"
#include "lib/file.h"
#include "lib/quote.h"
#include "lib/tree/backends.h"
#include "tests/functional/disktree.h"

#define PIECE_SIZE ((size_t) 1024 * 1024)

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

static const struct {
  const char *prefix;
  int (*open) (const char *path, struct dc_tree **out, struct dc_error *err);
} sources[] = {
  { "dir:", open_dir },
  { "tar:", open_tar },
  { "ext:", disktree_ext },
  { "guest:", disktree_guest },
};

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
dump (const char *source, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;

  for (size_t i = 0; i < DC_COUNT (sources); i++) {
    const size_t n = strlen (sources[i].prefix);
    if (strncmp (source, sources[i].prefix, n) != 0)
      continue;
    if (sources[i].open (source + n, &tree, err) < 0)
      return dc_context (err, "cannot read '%s'", source);
    for (uint32_t index = 0; index < tree->count; index++)
      if (print_entry (tree, index, err) < 0)
        return -1;
    for (size_t n_note = 0; n_note < tree->note_count; n_note++) {
      fputs ("note /", stdout);
      print_bytes (tree->notes[n_note].path);
      printf (": %s\n", tree->notes[n_note].text);
    }
    return 0;
  }
  return dc_fail (err, DC_ERR_INVALID, "no such source: '%s'", source);
}

int
main (int argc, char **argv)
{
  struct dc_error err;

  if (argc != 2) {
    fputs ("usage: dump-tree dir:PATH | tar:FILE | ext:FILE | guest:DISK,...\n",
           stderr);
    return 2;
  }
  if (dump (argv[1], &err) < 0) {
    fprintf (stderr, "dump-tree: %s\n", err.text);
    return 1;
  }
  return fflush (stdout) == 0 ? 0 : 1;
}
