/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITFSTAB_H
#define DC_ANALYZER_UNIT_UNITFSTAB_H

/* unitfstab: a line of fstab in systemd's words: names of units and options.
 *
 * Source: systemd.mount(5) "fstab", systemd-fstab-generator(8); measured with
 * the generators of systemd 252 and 257.
 */

#include <stdbool.h>

#include "lib/span.h"
#include "lib/tree/tree.h"

#define DC_FSTAB_PLACE_MAX ((size_t) 4096) /* bytes: the kernel's PATH_MAX */

/* The file of a device that fstab names by a tag: "UUID=x" is
 * "/dev/disk/by-uuid/x", its odd bytes written as udev does; else WHAT.
 */
int dc_fstab_node (const char *what, char **out, struct dc_error *err);
/* WHERE without links, "." and ".." as far as TREE can tell; at most
 * DC_FSTAB_PLACE_MAX bytes.
 */
int dc_fstab_place (const struct dc_tree *tree, const char *where, char **out,
                    struct dc_error *err);

/* Has the list OPTIONS the option NAME ("nofail")? */
bool dc_fstab_has (const char *options, const char *name);
/* Which of two opposite options stands last; false for none. */
bool dc_fstab_is (const char *options, const char *yes, const char *no);
/* The next value of an option with its "=" ("x-systemd.after=") in *REST,
 * which begins as all options.
 */
bool dc_fstab_next (struct dc_span *rest, const char *name,
                    struct dc_span *value);

/* Does a mount of this TYPE and OPTIONS wait for the network? */
bool dc_fstab_is_network (const char *type, const char *options);
/* Is WHERE mounted by systemd itself, whatever fstab says? */
bool dc_fstab_is_api (const char *where);

#endif
