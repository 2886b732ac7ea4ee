/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_INITMASK_H
#define DC_TRANSFORM_INITMASK_H

/* initmask: settings whose words are the bits of a kernel's mask.
 *
 * Source: systemd.exec(5), "CapabilityBoundingSet="; capabilities(7).
 */

#include "transform/init/initcompiler.h"

struct dc_mask_word {
  const char *name;
  uint64_t bits;
};

/* Which words there are: the names of bits, counted from 0, in any case; and
 * words for several, in small letters, up to a NULL name.
 */
struct dc_mask_kind {
  const char *const *bits;
  size_t bit_count;
  const char *(*bit_name) (unsigned number); /* instead of both; or NULL */
  const struct dc_mask_word *words;
  bool has_numbers; /* hexadecimal ones */
};

extern const struct dc_mask_kind dc_mask_capabilities;
extern const struct dc_mask_kind dc_mask_secure_bits;
extern const struct dc_mask_kind dc_mask_coredump;
extern const struct dc_mask_kind dc_mask_namespaces; /* of clone(2) */

/* All settings KEY merged, as systemd does: a value that begins with ~ takes
 * its words away, INITIAL is what there is before the first.  1; 0 when KEY
 * is not set at all (*MASK is INITIAL); -1.  Words that are not known are
 * findings.
 */
int dc_init_mask (const struct dc_initservice *service, const char *key,
                  const struct dc_mask_kind *kind, uint64_t initial,
                  uint64_t *mask, struct dc_error *err);

#endif
