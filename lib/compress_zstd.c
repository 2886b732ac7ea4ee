/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <zstd.h>

#include "lib/compressor.h"

#define OUT_SIZE ((size_t) 256 * 1024)

/* Input is cut into jobs, each compressed by one worker with the end of the
 * job before as its dictionary.  Measured with level 3 and a Debian guest of
 * 396 MB: jobs of 2 MiB with 512 KiB of overlap cost 0.2 % against the
 * library's own choice (8 MiB, 256 KiB) and no time, but leave a core idle
 * for 6 ms at the end of a layer instead of 25, put two cores to work on a
 * layer of 4 MB and need a quarter of the memory.  High levels have larger
 * windows, for which the library's choice is kept.
 */
#define SMALL_JOB_LEVEL_MAX 6
#define SMALL_JOB_SIZE (2 * 1024 * 1024)
#define SMALL_JOB_OVERLAP_LOG 7 /* a quarter of the window */

struct zstd {
  struct dc_compressor head;
  ZSTD_CCtx *ctx;
  char out[OUT_SIZE];
};

static struct zstd *
zstd_of (struct dc_compressor *compressor)
{
  return (struct zstd *) compressor;
}

/* Let the library take from IN and hand on what it gives.  *REST is 0 when
 * MODE is done.  Waits for a worker when all are busy.
 *
 * ZSTD_e_end must come with empty input: with more, the library cuts a job
 * wherever it finds no room, and that depends on timing.
 */
static int
step (struct zstd *zstd, ZSTD_inBuffer *in, ZSTD_EndDirective mode,
      size_t *rest, struct dc_error *err)
{
  ZSTD_outBuffer out = { .dst = zstd->out, .size = sizeof zstd->out };

  *rest = ZSTD_compressStream2 (zstd->ctx, &out, in, mode);
  if (ZSTD_isError (*rest))
    return dc_fail (err, DC_ERR_SYSTEM, "cannot compress with zstd: %s",
                    ZSTD_getErrorName (*rest));
  return dc_compressor_write (&zstd->head, out.dst, out.pos, err);
}

static int
add_zstd (struct dc_compressor *compressor, const void *bytes, size_t size,
          struct dc_error *err)
{
  ZSTD_inBuffer in = { .src = bytes, .size = size };
  size_t rest;

  while (in.pos < in.size) {
    if (step (zstd_of (compressor), &in, ZSTD_e_continue, &rest, err) < 0)
      return -1;
  }
  return 0;
}

static int
end_zstd (struct dc_compressor *compressor, struct dc_error *err)
{
  ZSTD_inBuffer none = { .src = NULL };
  size_t rest;

  do {
    if (step (zstd_of (compressor), &none, ZSTD_e_end, &rest, err) < 0)
      return -1;
  } while (rest > 0);
  return 0;
}

static void
free_zstd (struct dc_compressor *compressor)
{
  (void) ZSTD_freeCCtx (zstd_of (compressor)->ctx); /* always succeeds */
  free (compressor);
}

/* The frame tells neither size (it is unknown when the frame begins) nor
 * check sum (the blob has a digest), so that nothing varies.
 */
static int
set_parameters (ZSTD_CCtx *ctx, int level, unsigned threads,
                struct dc_error *err)
{
  const int is_small = level <= SMALL_JOB_LEVEL_MAX;
  const struct {
    ZSTD_cParameter key;
    int value;
  } parameters[] = {
    { ZSTD_c_compressionLevel, level },
    { ZSTD_c_contentSizeFlag, 0 },
    { ZSTD_c_checksumFlag, 0 },
    { ZSTD_c_dictIDFlag, 0 },
    { ZSTD_c_nbWorkers, (int) threads },
    { ZSTD_c_jobSize, is_small ? SMALL_JOB_SIZE : 0 },
    { ZSTD_c_overlapLog, is_small ? SMALL_JOB_OVERLAP_LOG : 0 },
  };

  for (size_t i = 0; i < DC_COUNT (parameters); i++) {
    const size_t status =
        ZSTD_CCtx_setParameter (ctx, parameters[i].key, parameters[i].value);
    /* A libzstd built without threads refuses nbWorkers. */
    if (ZSTD_isError (status))
      return dc_fail (err, DC_ERR_UNSUPPORTED, "cannot set up zstd: %s",
                      ZSTD_getErrorName (status));
  }
  return 0;
}

int
dc_compressor_new_zstd (int level, unsigned threads, struct dc_compressor **out,
                        struct dc_error *err)
{
  static const struct dc_compressor_ops ops = { .add = add_zstd,
                                                .end = end_zstd,
                                                .free = free_zstd };
  struct zstd *zstd = calloc (1, sizeof *zstd);

  if (zstd == NULL)
    return dc_fail_errno (err, "cannot begin zstd");
  zstd->head.ops = &ops;
  DC_AUTO (dc_compressor) *owned = &zstd->head;
  zstd->ctx = ZSTD_createCCtx ();
  if (zstd->ctx == NULL)
    return dc_fail (err, DC_ERR_SYSTEM, "cannot begin zstd: no memory");
  if (set_parameters (zstd->ctx, level, threads, err) < 0)
    return -1;
  *out = DC_TAKE (owned);
  return 0;
}
