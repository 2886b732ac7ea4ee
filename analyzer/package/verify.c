/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* One thread reads the files in the order in which they lie in the tree; others
 * get all the bytes, and each makes the checksums of every n-th file.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/manager.h"
#include "analyzer/package/packagelocate.h"
#include "lib/array.h"
#include "lib/pipeline.h"

#define EXPECTED_MAX ((size_t) 50 * 1000 * 1000)
#define STAGE_COUNT 2 /* a core reads while two make checksums */

/* What a package says of a file that is there. */
struct expected {
  uint32_t index; /* of the entry with the content */
  uint32_t package;
  size_t path_at; /* in `paths` */
  struct dc_checksum sum;
  enum dc_file_state state; /* found by one of the stages */
};

struct verify {
  const struct dc_packages *packages;
  struct dc_tree *tree;
  struct dc_locator locator;
  struct dc_verification *result;
  struct expected *expected; /* sorted by index, then package */
  size_t count;
  struct dc_buffer paths; /* each with a NUL */
  uint32_t *indexes;      /* of the files to be read, each once */
  size_t index_count;
  struct dc_pipeline *pipeline;
  struct dc_progress progress;
};

#define PATHS_MAX ((size_t) 1024 * 1024 * 1024) /* bytes */

static int
expect (struct verify *verify, size_t package, uint32_t index,
        struct dc_span path, const struct dc_checksum *sum,
        struct dc_error *err)
{
  if (DC_ARRAY_GROW (verify->expected, verify->count, EXPECTED_MAX,
                     "packaged files", err) < 0)
    return -1;
  const size_t at = verify->paths.size;
  if (dc_buffer_append (&verify->paths, path.text, path.size, err) < 0 ||
      dc_buffer_append (&verify->paths, "", 1, err) < 0)
    return -1;
  verify->expected[verify->count++] =
      (struct expected){ verify->tree->entries[index].hardlink,
                         (uint32_t) package, at, *sum, DC_FILE_CHANGED };
  return 0;
}

static int
note (struct verify *verify, size_t package, struct dc_span path,
      enum dc_file_state state, struct dc_error *err)
{
  if (state == DC_FILE_SAME)
    return 0;
  verify->result->changed += state == DC_FILE_CHANGED;
  verify->result->missing += state == DC_FILE_MISSING;
  return dc_changed_add (&verify->result->files, package, path, state, err);
}

static int
check_link (struct verify *verify, size_t package, const char *target,
            const struct dc_packaged_file *file, uint32_t index,
            struct dc_error *err)
{
  uint64_t room = 0; /* a target is not read */
  int is_same = 0;

  if (file->target.text != NULL)
    is_same = dc_span_is (file->target, target);
  else if (file->sum.kind != DC_CHECKSUM_NONE)
    is_same = dc_checksum_fits (&file->sum, verify->tree, index, &room, err);
  else {
    verify->result->unknown++;
    return 0;
  }
  verify->result->checked++;
  return is_same < 0 ? -1
                     : note (verify, package, file->path,
                             is_same ? DC_FILE_SAME : DC_FILE_CHANGED, err);
}

/* What each boot mounts or makes anew is not on a disk. */
static bool
is_made_at_boot (struct dc_span path)
{
  static const char *const folders[] = { "dev/", "proc/", "run/", "sys/" };

  if (dc_span_starts (path, "/"))
    path = dc_span_skip (path, 1);
  for (size_t i = 0; i < DC_COUNT (folders); i++)
    if (dc_span_starts (path, folders[i]))
      return true;
  return false;
}

static int
see_file (void *self, size_t package, const struct dc_packaged_file *file,
          struct dc_error *err)
{
  struct verify *verify = self;
  uint32_t index = DC_TREE_NONE;

  const int found = dc_locate (&verify->locator, file->path, &index, err);
  if (found < 0)
    return -1;
  if (found == 0)
    return file->is_optional || is_made_at_boot (file->path)
               ? 0
               : note (verify, package, file->path, DC_FILE_MISSING, err);
  const struct dc_entry *entry = &verify->tree->entries[index];
  if (entry->target != NULL)
    return check_link (verify, package, entry->target, file, index, err);
  if (file->sum.kind != DC_CHECKSUM_NONE && S_ISREG (entry->mode))
    return expect (verify, package, index, file->path, &file->sum, err);
  if (file->sum.kind == DC_CHECKSUM_NONE && file->target.text == NULL) {
    verify->result->unknown += S_ISREG (entry->mode);
    return 0;
  }
  verify->result->checked++; /* a folder where a file or a link was */
  return note (verify, package, file->path, DC_FILE_CHANGED, err);
}

/* dpkg has the checksums of configuration files elsewhere. */
static int
see_conffiles (struct verify *verify, size_t package, struct dc_error *err)
{
  const struct dc_package *of = &verify->packages->items[package];

  if (of->conffile_count == 0 ||
      verify->packages->dbs[of->db].manager != &dc_package_manager_dpkg)
    return 0;
  for (size_t i = 0; i < of->conffile_count; i++) {
    const struct dc_conffile *conffile = &of->conffiles[i];
    const struct dc_span path = dc_span_of (conffile->path);
    uint32_t index = DC_TREE_NONE;
    const int found = dc_locate (&verify->locator, path, &index, err);
    if (found < 0)
      return -1;
    if (found > 0 && conffile->sum.kind != DC_CHECKSUM_NONE &&
        S_ISREG (verify->tree->entries[index].mode)) {
      verify->result->unknown -= verify->result->unknown > 0; /* by its list */
      if (expect (verify, package, index, path, &conffile->sum, err) < 0)
        return -1;
    }
  }
  return 0;
}

static int
by_index (const void *a, const void *b)
{
  const struct expected *p = a, *q = b;

  if (p->index != q->index)
    return p->index < q->index ? -1 : 1;
  return (p->package > q->package) - (p->package < q->package);
}

static int
gather (struct verify *verify, struct dc_error *err)
{
  const struct dc_packages *packages = verify->packages;
  const struct dc_file_sink sink = { .wants_sums = true,
                                     .file = see_file,
                                     .self = verify };

  for (size_t i = 0; i < packages->db_count; i++)
    if (packages->dbs[i].manager->list (packages, i, verify->tree, &sink, err) <
        0)
      return -1;
  for (size_t i = 0; i < packages->count; i++)
    if (see_conffiles (verify, i, err) < 0)
      return -1;
  if (verify->count == 0)
    return 0;
  qsort (verify->expected, verify->count, sizeof *verify->expected, by_index);
  verify->indexes = calloc (verify->count, sizeof *verify->indexes);
  if (verify->indexes == NULL)
    return dc_fail_errno (err, "cannot keep %zu indexes", verify->count);
  for (size_t i = 0; i < verify->count; i++)
    if (i == 0 || verify->expected[i].index != verify->expected[i - 1].index) {
      verify->indexes[verify->index_count++] = verify->expected[i].index;
      verify->result->bytes +=
          verify->tree->entries[verify->expected[i].index].size;
    }
  return 0;
}

/* A stage goes through the files as their bytes come by, and has every
 * STAGE_COUNT-th for itself.
 */
struct stage {
  struct verify *verify;
  struct dc_summer *summer;
  size_t number;
  size_t at;     /* in expected: the first one of the file that comes */
  size_t file;   /* how many files have come by */
  uint64_t left; /* bytes of this file still to come */
  bool is_open;
};

static bool
is_mine (const struct stage *stage)
{
  return stage->file % STAGE_COUNT == stage->number;
}

static size_t
next_file (const struct verify *verify, size_t at)
{
  const uint32_t index = verify->expected[at].index;

  while (at < verify->count && verify->expected[at].index == index)
    at++;
  return at;
}

/* The bytes of a file were all there.  What several packages say of it in
 * checksums of another kind than the first one's is as the first one says.
 */
static int
end_file (struct stage *stage, struct dc_error *err)
{
  struct verify *verify = stage->verify;
  const size_t end = next_file (verify, stage->at);
  struct expected *const first = &verify->expected[stage->at];
  struct dc_checksum made;

  if (is_mine (stage)) {
    if (dc_summer_end (stage->summer, &made, err) < 0)
      return -1;
    for (struct expected *e = first; e < verify->expected + end; e++)
      e->state = e->sum.kind != made.kind          ? first->state
                 : dc_checksum_is (&e->sum, &made) ? DC_FILE_SAME
                                                   : DC_FILE_CHANGED;
  }
  stage->at = end;
  stage->file++;
  stage->is_open = false;
  return 0;
}

/* Begin the next file, and all empty ones before it. */
static int
begin_files (struct stage *stage, struct dc_error *err)
{
  const struct verify *verify = stage->verify;

  while (!stage->is_open && stage->at < verify->count) {
    const struct expected *expected = &verify->expected[stage->at];
    stage->left = verify->tree->entries[expected->index].size;
    stage->is_open = true;
    if (is_mine (stage) &&
        dc_summer_begin (stage->summer, expected->sum.kind, err) < 0)
      return -1;
    if (stage->left == 0 && end_file (stage, err) < 0)
      return -1;
  }
  return 0;
}

static int
consume (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct stage *stage = self;
  const char *at = bytes;

  while (size > 0) {
    if (begin_files (stage, err) < 0)
      return -1;
    const size_t n = size < stage->left ? size : (size_t) stage->left;
    if (is_mine (stage) && dc_summer_add (stage->summer, at, n, err) < 0)
      return -1;
    stage->left -= n;
    at += n;
    size -= n;
    if (stage->left == 0 && end_file (stage, err) < 0)
      return -1;
  }
  return 0;
}

static int
finish (void *self, struct dc_error *err)
{
  return begin_files (self, err); /* empty ones at the end */
}

static int
begin_reading (void *self, uint32_t index, struct dc_error *err)
{
  const struct verify *verify = self;

  (void) index; /* the stages know the order */
  return dc_report_is_cancelled (verify->progress.report)
             ? dc_fail (err, DC_ERR_CANCELLED, "stopped")
             : 0;
}

static int
give_room (void *self, void **bytes, size_t *room, struct dc_error *err)
{
  struct verify *verify = self;

  return dc_pipeline_room (verify->pipeline, bytes, room, err);
}

static int
commit (void *self, size_t size, struct dc_error *err)
{
  struct verify *verify = self;

  dc_progress_add (&verify->progress, size);
  return dc_pipeline_commit (verify->pipeline, size, err);
}

static int
read_all (struct verify *verify, struct stage *stages, struct dc_error *err)
{
  const struct dc_tree_sink sink = { begin_reading, give_room, commit, verify };
  struct dc_stage jobs[STAGE_COUNT];

  for (size_t i = 0; i < STAGE_COUNT; i++) {
    stages[i].verify = verify;
    stages[i].number = i;
    if (dc_summer_new (&stages[i].summer, err) < 0)
      return -1;
    jobs[i] = (struct dc_stage){ consume, finish, &stages[i] };
  }
  if (dc_pipeline_new (jobs, STAGE_COUNT, &verify->pipeline, err) < 0)
    return -1;
  return dc_tree_stream (verify->tree, verify->indexes, verify->index_count,
                         &sink, err) < 0 ||
                 dc_pipeline_close (verify->pipeline, err) < 0
             ? -1
             : dc_pipeline_join (verify->pipeline, err);
}

static int
compare_all (struct verify *verify, struct dc_error *err)
{
  struct stage stages[STAGE_COUNT] = { { .verify = NULL } };

  if (verify->index_count == 0)
    return 0;
  const int status = read_all (verify, stages, err);
  dc_pipeline_free (DC_TAKE (verify->pipeline));
  for (size_t i = 0; i < STAGE_COUNT; i++)
    dc_summer_free (stages[i].summer);
  if (status < 0)
    return -1;
  verify->result->checked += verify->count;
  for (size_t i = 0; i < verify->count; i++)
    if (note (verify, verify->expected[i].package,
              dc_span_of (dc_buffer_text (&verify->paths) +
                          verify->expected[i].path_at),
              verify->expected[i].state, err) < 0)
      return -1;
  return 0;
}

static int
by_path (const void *a, const void *b)
{
  const struct dc_changed_file *p = a, *q = b;
  const int order = strcmp (p->path, q->path);

  return order != 0 ? order
                    : (p->package > q->package) - (p->package < q->package);
}

int
dc_packages_verify (const struct dc_packages *packages, struct dc_tree *tree,
                    const struct dc_report *report,
                    struct dc_verification **out, struct dc_error *err)
{
  DC_AUTO (dc_verification) *result = calloc (1, sizeof *result);
  struct verify verify = { .packages = packages,
                           .tree = tree,
                           .locator = DC_LOCATOR_INIT (tree),
                           .result = result,
                           .paths = DC_BUFFER_INIT (PATHS_MAX) };

  if (result == NULL)
    return dc_fail_errno (err, "cannot keep what was compared");
  int status = gather (&verify, err);
  dc_progress_begin (&verify.progress, report, "comparing packaged files",
                     result->bytes);
  if (status == 0)
    status = compare_all (&verify, err);
  dc_locator_release (&verify.locator);
  dc_buffer_release (&verify.paths);
  free (verify.expected);
  free (verify.indexes);
  if (status < 0)
    return -1;
  dc_progress_end (&verify.progress);
  if (result->files.count > 0)
    qsort (result->files.items, result->files.count,
           sizeof *result->files.items, by_path);
  *out = DC_TAKE (result);
  return 0;
}

void
dc_verification_free (struct dc_verification *verification)
{
  if (verification == NULL)
    return;
  dc_changed_release (&verification->files);
  free (verification);
}
