/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sys/stat.h>

#include "analyzer/ext/extdir.h"
#include "analyzer/ext/extread.h"

#define DEPTH_MAX 64            /* folders on a path that we look up */
#define REST_MAX (size_t) 16384 /* bytes of a path, links put in */

const char *
dc_ext_state (const struct dc_ext *ext)
{
  return ext->state;
}

struct search {
  const char *name;
  size_t size;
  uint32_t ino; /* when found */
};

static int
compare_name (void *self, const struct dc_extname *name, struct dc_error *err)
{
  struct search *search = self;

  (void) err;
  if (name->size != search->size ||
      memcmp (name->name, search->name, name->size) != 0)
    return 0;
  search->ino = name->ino;
  return 1;
}

/* Where a path has led so far: the folders from the root, the last of which
 * may be a file.
 */
struct trail {
  struct dc_ext *ext;
  uint32_t inos[DEPTH_MAX];
  size_t depth;
  struct dc_extnode node; /* of the last */
  struct dc_buffer rest;  /* of the path */
  unsigned links;
};

/* Damage on the way means that there is no such file, for us. */
static int
forgive (struct dc_error *err)
{
  return dc_extio_is_local (err) ? 0 : dc_context (err, "looking for a file");
}

/* Put the target of the link at the end of the trail before the rest. */
static int
follow_link (struct trail *trail, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (REST_MAX);

  if (trail->links++ == DC_TREE_LINK_MAX)
    return 0;
  if (dc_extnode_target (trail->ext, &trail->node, &path, err) < 0)
    return forgive (err);
  if (path.size + trail->rest.size + 1 > REST_MAX)
    return 0;
  trail->depth = path.data[0] == '/' ? 1 : trail->depth - 1;
  if (dc_buffer_append (&path, "/", 1, err) < 0 ||
      dc_buffer_append (&path, trail->rest.data, trail->rest.size, err) < 0)
    return -1;
  dc_buffer_clear (&trail->rest);
  if (dc_buffer_append (&trail->rest, path.data, path.size, err) < 0)
    return -1;
  if (dc_extnode_read (trail->ext, trail->inos[trail->depth - 1], &trail->node,
                       err) < 0)
    return forgive (err);
  return 1;
}

/* Go to the child of SIZE bytes NAME: 1, 0 none, -1. */
static int
enter (struct trail *trail, const char *name, size_t size, struct dc_error *err)
{
  struct search search = { .name = name, .size = size };
  struct dc_extdir dir = { .ext = trail->ext,
                           .node = &trail->node,
                           .name = compare_name,
                           .self = &search };

  if (!S_ISDIR (trail->node.inode.i_mode) || trail->depth == DEPTH_MAX)
    return 0;
  const int status = dc_extdir_walk (&dir, err);
  if (status <= 0)
    return status;
  if (dc_extnode_read (trail->ext, search.ino, &trail->node, err) < 0)
    return forgive (err);
  trail->inos[trail->depth++] = search.ino;
  return 1;
}

/* One component of the rest: 1, 0 no such file, -1. */
static int
step (struct trail *trail, bool follows_last, struct dc_error *err)
{
  char name[EXT2_NAME_LEN];
  const char *text = dc_buffer_text (&trail->rest);
  const size_t slashes = strspn (text, "/");
  const size_t size = strcspn (text + slashes, "/");
  const size_t used = slashes + size;

  if (size > sizeof name)
    return 0;
  memcpy (name, text + slashes, size);
  memmove (trail->rest.data, text + used, trail->rest.size - used + 1);
  trail->rest.size -= used;
  if (size == 0 || (size == 1 && name[0] == '.'))
    return 1;
  if (size == 2 && name[0] == '.' && name[1] == '.') {
    trail->depth -= trail->depth > 1;
    if (dc_extnode_read (trail->ext, trail->inos[trail->depth - 1],
                         &trail->node, err) < 0)
      return forgive (err);
    return 1;
  }
  const int status = enter (trail, name, size, err);
  if (status <= 0 || !S_ISLNK (trail->node.inode.i_mode))
    return status;
  return trail->rest.size > 0 || follows_last ? follow_link (trail, err) : 1;
}

/* 1 and the inode of PATH in *NODE; 0; -1. */
static int
find (struct dc_ext *ext, const char *path, bool follows_last,
      struct dc_extnode *node, struct dc_error *err)
{
  struct trail trail = { .ext = ext,
                         .inos = { EXT2_ROOT_INO },
                         .depth = 1,
                         .rest = DC_BUFFER_INIT (REST_MAX) };
  int status = 1;

  if (dc_extnode_read (ext, EXT2_ROOT_INO, &trail.node, err) < 0)
    return forgive (err);
  if (dc_buffer_append (&trail.rest, path, strlen (path), err) < 0)
    return -1;
  while (status == 1 && trail.rest.size > 0)
    status = step (&trail, follows_last, err);
  dc_buffer_release (&trail.rest);
  *node = trail.node;
  return status;
}

int
dc_ext_has (struct dc_ext *ext, const char *path, struct dc_error *err)
{
  struct dc_extnode node;

  return find (ext, path, false, &node, err);
}

int
dc_ext_read_file (struct dc_ext *ext, const char *path, struct dc_buffer *b,
                  struct dc_error *err)
{
  struct dc_extnode node;

  const int status = find (ext, path, true, &node, err);
  if (status <= 0)
    return status;
  if (!S_ISREG (node.inode.i_mode) ||
      (node.inode.i_flags & EXT4_ENCRYPT_FL) != 0)
    return 0;
  const uint64_t size = node.size;
  if (size > b->max - b->size)
    return dc_fail (err, DC_ERR_LIMIT, "%s has %llu bytes, limit %zu", path,
                    (unsigned long long) size, b->max);
  if (dc_buffer_reserve (b, (size_t) size, err) < 0)
    return -1;
  if (dc_extread (ext, &node, 0, b->data + b->size, (size_t) size, err) < 0)
    return dc_context (err, "%s", path);
  b->size += (size_t) size;
  b->data[b->size] = '\0';
  return 1;
}
