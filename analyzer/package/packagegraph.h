/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_PACKAGEGRAPH_H
#define DC_ANALYZER_PACKAGE_PACKAGEGRAPH_H

/* packagegraph: which installed package needs which.
 *
 * A need is met by a package of that name and the same architecture, else of
 * that name, else by one that provides it; of alternatives the first that is
 * installed counts.  What nothing installed meets is no need here.
 */

#include "analyzer/package/packages.h"

#define DC_PACKAGE_NEED_MAX ((size_t) 10 * 1000 * 1000) /* of all packages */

struct dc_package_graph {
  size_t count;  /* packages */
  size_t *first; /* COUNT + 1 places in NEEDS, where each package's begin */
  size_t *needs; /* indexes of packages */
};

/* 0 and *OUT for the caller, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM. */
int dc_package_graph_make (const struct dc_packages *packages,
                           struct dc_package_graph **out, struct dc_error *err);
/* Add to the COUNT flags of MEMBERS what the members need, and so on; in
 * BECAUSE (may be NULL), for each that was added, the index of the member
 * that needs it.  0, or -1: DC_ERR_SYSTEM.
 */
int dc_package_graph_close (const struct dc_package_graph *graph, bool *members,
                            size_t *because, struct dc_error *err);
void dc_package_graph_free (struct dc_package_graph *graph);
DC_DEFINE_AUTO (dc_package_graph)

#endif
