/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITMAP_H
#define DC_ANALYZER_UNIT_UNITMAP_H

/* unitmap: the names in the folders of the load path, and what they lead to.
 *
 * A name is a file of its own, or a link: to another name inside the load
 * path (an alias; only the last component counts), to a file elsewhere (a
 * linked unit), or to /dev/null (a mask, as is an empty file).  The first
 * folder that has a name wins; an alias that systemd refuses does not count.
 *
 * Source: systemd.unit(5), "Unit File Load Path" and the paragraphs on
 * aliases; measured with `systemd-analyze unit-files` of systemd 252.
 */

#include "analyzer/unit/unitname.h"
#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_UNIT_NAME_COUNT_MAX 40000  /* names in the load path */
#define DC_UNIT_LINK_COUNT_MAX 100000 /* entries of .wants and .requires */
#define DC_UNIT_HOP_MAX 8             /* aliases of aliases, as systemd */
#define DC_UNIT_ALIAS_MAX 100         /* further names of a unit are ignored */

#define DC_UNIT_FOLDER_MAX 8 /* of a load path */

/* Where a load path looks. */
struct dc_unit_path {
  const char *path;
  bool is_config; /* where `systemctl enable` makes its links */
};

/* A folder of the load path that is there. */
struct dc_unit_folder {
  char *path;     /* "/etc/systemd/system", less the links in it */
  uint32_t index; /* in the tree */
  bool is_config; /* where `systemctl enable` makes its links */
};

enum dc_unit_id_kind {
  DC_ID_FILE,
  DC_ID_ALIAS,  /* of TARGET */
  DC_ID_LINKED, /* a link to a file outside the load path */
  DC_ID_MASK,
  DC_ID_BAD, /* systemd refuses it; TARGET is where it leads, NULL: nowhere */
};

struct dc_unit_id {
  const char *name; /* the tree's */
  char *target;     /* "getty@.service"; NULL */
  enum dc_unit_id_kind kind;
  unsigned folder; /* of the load path */
};

/* An entry of a .wants or .requires folder: OWNER pulls in NAME. */
struct dc_unit_link {
  char *owner;     /* "multi-user.target" */
  char *name;      /* "nginx.service" */
  char *path;      /* where it says so: "/etc/systemd/.../nginx.service" */
  unsigned folder; /* of the load path */
  bool is_mask;    /* a link to /dev/null: pulls in nothing */
  bool is_config;  /* `systemctl enable` makes such */
};

/* NAME is one more name of UNIT. */
struct dc_unit_alias {
  char *unit;       /* "ssh.service" */
  const char *name; /* "sshd.service"; the tree's */
};

struct dc_unit_map {
  const struct dc_tree *tree;
  struct dc_unit_folder folders[DC_UNIT_FOLDER_MAX]; /* earlier ones win */
  unsigned folder_count;
  struct dc_unit_id *ids; /* sorted by name, each name once */
  size_t id_count;
  struct dc_unit_link *links; /* sorted by owner, name, folder */
  size_t link_count;
  struct dc_unit_alias *aliases; /* sorted by unit, name */
  size_t alias_count;
};

/* Fill MAP, which is empty, from the system's load path.  TREE must outlive it.  0, or -1: DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_unit_map_read (const struct dc_tree *tree, struct dc_unit_map *map,
                      struct dc_error *err);
/* The same for another load path: COUNT folders, earlier ones win. */
int dc_unit_map_read_paths (const struct dc_tree *tree,
                            const struct dc_unit_path *paths, size_t count,
                            struct dc_unit_map *map, struct dc_error *err);
/* Add a link that a generator would make, before dc_unit_map_sort(). */
int dc_unit_map_add_link (struct dc_unit_map *map, const char *owner,
                          const char *name, const char *path,
                          struct dc_error *err);
void dc_unit_map_sort (struct dc_unit_map *map);
void dc_unit_map_release (struct dc_unit_map *map);

/* What stands under exactly NAME, or NULL. */
const struct dc_unit_id *dc_unit_map_find (const struct dc_unit_map *map,
                                           const char *name);
/* Follow aliases from NAME, an instance falling back to its template: 1, *ID
 * (a file, a linked unit or a mask), and in *UNIT for the caller the unit's
 * own name: "getty@tty1.service" of "autovt@tty1.service".  0: systemd would
 * find nothing.
 */
int dc_unit_map_resolve (const struct dc_unit_map *map, const char *name,
                         const struct dc_unit_id **id, char **unit,
                         struct dc_error *err);
/* Append the other names of UNIT, an instance's by its template too, sorted. */
int dc_unit_map_names (const struct dc_unit_map *map, const char *unit,
                       struct dc_words *names, struct dc_error *err);
/* unitresolve.c, for dc_unit_map_read(): fill the aliases. */
int dc_unit_map_find_aliases (struct dc_unit_map *map, struct dc_error *err);
/* The links of OWNER: the first of *COUNT. */
const struct dc_unit_link *dc_unit_map_links (const struct dc_unit_map *map,
                                              const char *owner, size_t *count);

#endif
