/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <sched.h>
#include <string.h>

#include "lib/compressor.h"
#include "lib/quote.h"

static int
add_none (struct dc_compressor *compressor, const void *bytes, size_t size,
          struct dc_error *err)
{
  return dc_compressor_write (compressor, bytes, size, err);
}

static int
end_none (struct dc_compressor *compressor, struct dc_error *err)
{
  (void) compressor;
  (void) err;
  return 0;
}

static void
free_none (struct dc_compressor *compressor)
{
  free (compressor);
}

static int
new_none (int level, unsigned threads, struct dc_compressor **out,
          struct dc_error *err)
{
  static const struct dc_compressor_ops ops = { .add = add_none,
                                                .end = end_none,
                                                .free = free_none };
  struct dc_compressor *none = calloc (1, sizeof *none);

  (void) level;
  (void) threads;
  if (none == NULL)
    return dc_fail_errno (err, "cannot begin a copy");
  none->ops = &ops;
  *out = none;
  return 0;
}

/* libdeflate's levels end at 12.  zstd's "ultra" levels above 19 need windows
 * that readers refuse unless told otherwise.
 */
static const struct kind {
  const char *name;
  int level_default, level_max;
  int (*new) (int level, unsigned threads, struct dc_compressor **out,
              struct dc_error *err);
} kinds[] = {
  [DC_COMPRESSION_NONE] = { "none", 0, 0, new_none },
  [DC_COMPRESSION_GZIP] = { "gzip", 6, 12, dc_compressor_new_gzip },
  [DC_COMPRESSION_ZSTD] = { "zstd", 3, 19, dc_compressor_new_zstd },
};

unsigned
dc_usable_cores (void)
{
  cpu_set_t cores;

  /* On a host with more than CPU_SETSIZE (1024) processors the call fails;
   * that many are not wanted anyway.
   */
  if (sched_getaffinity (0, sizeof cores, &cores) < 0)
    return DC_COMPRESS_THREAD_MAX;
  return (unsigned) CPU_COUNT (&cores);
}

static unsigned
thread_count (unsigned wanted)
{
  const unsigned count = wanted > 0 ? wanted : dc_usable_cores ();

  return count < DC_COMPRESS_THREAD_MAX ? count : DC_COMPRESS_THREAD_MAX;
}

int
dc_compressor_new (const struct dc_compress_options *options,
                   const struct dc_sink *sink, struct dc_compressor **out,
                   struct dc_error *err)
{
  const struct kind *kind = &kinds[options->kind];

  if (options->level < 0 || options->level > kind->level_max)
    return dc_fail (err, DC_ERR_INVALID,
                    "%s has no level %d, the highest is %d", kind->name,
                    options->level, kind->level_max);
  const int level = options->level > 0 ? options->level : kind->level_default;

  struct dc_compressor *compressor = NULL;
  if (kind->new (level, thread_count (options->threads), &compressor, err) < 0)
    return -1;
  compressor->sink = *sink;
  *out = compressor;
  return 0;
}

int
dc_compressor_add (struct dc_compressor *compressor, const void *bytes,
                   size_t size, struct dc_error *err)
{
  return compressor->ops->add (compressor, bytes, size, err);
}

int
dc_compressor_end (struct dc_compressor *compressor, struct dc_error *err)
{
  return compressor->ops->end (compressor, err);
}

void
dc_compressor_free (struct dc_compressor *compressor)
{
  if (compressor != NULL)
    compressor->ops->free (compressor);
}

int
dc_compressor_write (const struct dc_compressor *compressor, const void *bytes,
                     size_t size, struct dc_error *err)
{
  const struct dc_sink *sink = &compressor->sink;

  return size > 0 ? sink->write (sink->self, bytes, size, err) : 0;
}

int
dc_compression_parse (const char *word, enum dc_compression *kind,
                      struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (kinds); i++) {
    if (strcmp (word, kinds[i].name) == 0) {
      *kind = (enum dc_compression) i;
      return 0;
    }
  }
  return dc_fail (err, DC_ERR_INVALID,
                  "'%s' is not a compression: zstd, gzip or none",
                  dc_quote (word).text);
}

const char *
dc_compression_name (enum dc_compression kind)
{
  return kinds[kind].name;
}
