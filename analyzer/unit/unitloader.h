/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITLOADER_H
#define DC_ANALYZER_UNIT_UNITLOADER_H

/* unitloader: the units of a guest while they are being loaded; what the
 * parts of unitload share.
 *
 *   unitmap     which names there are and where they lead
 *   unitdropin  the folders that add to a unit
 *   unitgenerate  units that generators make of other files
 *   unitsysv    units that sysv scripts become
 *   unitgraph   what starts
 *   unitstate   what is enabled, and what the presets say
 *
 * Units are known by their index, because the array moves when it grows.
 */

#include "analyzer/unit/unitload.h"
#include "analyzer/unit/unitmap.h"

/* All unit files and drop-ins together, each as often as it is used: a
 * template once for every instance.  Real systems have 1 MiB.
 */
#define DC_UNITS_TEXT_MAX ((size_t) 32 * 1024 * 1024) /* bytes */
#define DC_UNITS_SETTING_MAX 200000
#define DC_UNITS_NAME_MAX 65536 /* names and aliases */

/* A name that leads to a unit. */
struct dc_loader_slot {
  const char *name; /* NULL: free */
  uint32_t unit;
};

struct dc_loader {
  struct dc_tree *tree;
  struct dc_unit_map map;
  struct dc_units *units;       /* in the order in which they were found */
  struct dc_loader_slot *slots; /* a hash table, twice DC_UNITS_NAME_MAX */
  size_t name_count;
  size_t text_left; /* bytes */
  size_t settings_left;
};

/* unitloader.c.  The loader owns all but TREE; release it in any case.  Its
 * map is empty.
 */
int dc_loader_init (struct dc_loader *loader, struct dc_tree *tree,
                    struct dc_error *err);
void dc_loader_release (struct dc_loader *loader);
/* The index of the unit NAME or DC_TREE_NONE, as far as they are loaded. */
uint32_t dc_loader_find (const struct dc_loader *loader, const char *name);
/* The same, loading it if need be.  1 and *UNIT; 0 when there is none; -1. */
int dc_loader_get (struct dc_loader *loader, const char *name, uint32_t *unit,
                   struct dc_error *err);
/* A new unit of this name, without anything in it: its index. */
int dc_loader_add (struct dc_loader *loader, const char *name, uint32_t *unit,
                   struct dc_error *err);
/* One more name, unless it is taken. */
int dc_loader_add_alias (struct dc_loader *loader, uint32_t unit,
                         const char *name, struct dc_error *err);

/* unitload.c: read the files of UNIT, whose names are there. */
int dc_unit_read (struct dc_loader *loader, struct dc_unit *unit,
                  const struct dc_unit_id *id, struct dc_error *err);
/* unitdropin.c: the names whose folders (NAME.d, NAME.wants) add to NAME,
 * nearest first: itself, its template, and both cut after each dash.
 */
int dc_unit_variants (const char *name, struct dc_words *variants,
                      struct dc_error *err);
/* The paths of the drop-ins of UNIT in the order in which they are read. */
int dc_unit_dropins (const struct dc_unit_map *map, const struct dc_unit *unit,
                     struct dc_words *paths, struct dc_error *err);

/* unitgenerate.c: make units of what other generators read. */
int dc_units_generate (struct dc_loader *loader, struct dc_error *err);
/* unitsysv.c: make units of the scripts in /etc/init.d that have no unit of
 * their name yet, and the links that a generator would make.
 */
int dc_sysv_add_scripts (struct dc_loader *loader, struct dc_error *err);
int dc_sysv_load (struct dc_loader *loader, struct dc_error *err);
/* unitgraph.c: set is_started and started_by of what starts. */
int dc_units_start (struct dc_loader *loader, struct dc_error *err);
/* unitstate.c: find out which units are enabled. */
int dc_units_find_states (struct dc_loader *loader, struct dc_error *err);
/* unitpreset.c: set the preset of every unit that can be enabled. */
int dc_units_find_presets (struct dc_loader *loader, struct dc_error *err);

#endif
