/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/system/kernelfacts.h"
#include "analyzer/unit/dropdir.h"
#include "lib/span.h"

/* "net/ipv4/ip_forward" and "net.ipv4.ip_forward" are the same; the first
 * separator says which, so that "net/ipv4/conf/eth0.1/x" stays whole.
 */
static void
normalize (char *key)
{
  char *first = strpbrk (key, "./");

  if (first == NULL || *first == '.')
    return;
  for (char *p = key; *p != '\0'; p++)
    *p = *p == '/' ? '.' : *p == '.' ? '/' : *p;
}

/* "-key = value": a failure does not matter.  "-key" alone excludes a key from
 * patterns, which says nothing here.
 */
static int
read_line (struct dc_span line, const char *file, unsigned number,
           struct dc_kernel *kernel, struct dc_error *err)
{
  AUTO_FREE char *key = NULL, *value = NULL;

  line = dc_span_trim (line);
  if (line.size == 0 || *line.text == '#' || *line.text == ';' ||
      dc_span_has (line, '\0'))
    return 0;
  const char *equals = memchr (line.text, '=', line.size);
  if (equals == NULL)
    return 0;
  const size_t skipped = *line.text == '-';
  const size_t size = (size_t) (equals - line.text);
  if (dc_span_copy (dc_span_trim ((struct dc_span){ line.text + skipped,
                                                    size - skipped }),
                    &key, err) < 0 ||
      dc_span_copy (dc_span_trim (dc_span_skip (line, size + 1)), &value, err) <
          0)
    return -1;
  if (*key == '\0')
    return 0;
  normalize (key);
  return dc_kernel_add (&kernel->parameters, key, value, NULL,
                        (struct dc_proof){ file, number }, err);
}

static int
read_file (struct dc_tree *tree, const char *path, struct dc_kernel *kernel,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_KERNEL_FILE_MAX);
  struct dc_span line;
  unsigned number = 0;

  const int found = dc_tree_read_file (tree, path, &b, err);
  if (found <= 0)
    return found < 0 && err->code == DC_ERR_SYSTEM ? -1 : 0;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  while (dc_span_line (&rest, &line))
    if (read_line (line, path, ++number, kernel, err) < 0)
      return -1;
  return 0;
}

static int
compare (const void *a, const void *b)
{
  const struct dc_kernel_fact *x = a, *y = b;
  const int order = strcmp (x->name, y->name);

  return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

/* Sort by key, and of each key keep what was read last. */
static void
keep_last (struct dc_kernel_facts *facts)
{
  size_t kept = 0;

  if (facts->count > 1)
    qsort (facts->items, facts->count, sizeof *facts->items, compare);
  for (size_t i = 0; i < facts->count; i++) {
    if (i + 1 == facts->count ||
        strcmp (facts->items[i].name, facts->items[i + 1].name) != 0)
      facts->items[kept++] = facts->items[i];
    else
      dc_kernel_fact_release (&facts->items[i]);
  }
  facts->count = kept;
}

/* systemd-sysctl reads the folders by file name, and /etc/sysctl.conf only as
 * far as a link in them says so; sysctl --system reads it last.
 */
int
dc_kernel_parameters (struct dc_tree *tree, struct dc_kernel *kernel,
                      struct dc_error *err)
{
  static const char *const folders[] = {
    "/etc/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
  };
  struct dc_dropdir dropdir = { NULL, 0 };
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  int status = 0;

  for (size_t i = 0; i < DC_COUNT (folders) && status == 0; i++)
    status = dc_dropdir_add (&dropdir, tree, folders[i], ".conf", err);
  if (status == 0)
    status = dc_dropdir_paths (&dropdir, &paths, err);
  dc_dropdir_release (&dropdir);
  if (status < 0)
    return -1;
  for (size_t i = 0; i < paths.count; i++)
    if (read_file (tree, paths.items[i], kernel, err) < 0)
      return -1;
  if (read_file (tree, "/etc/sysctl.conf", kernel, err) < 0)
    return -1;
  keep_last (&kernel->parameters);
  return 0;
}
