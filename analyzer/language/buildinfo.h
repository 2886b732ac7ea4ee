/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_LANGUAGE_BUILDINFO_H
#define DC_ANALYZER_LANGUAGE_BUILDINFO_H

/* buildinfo: what a compiler says of the modules it built a program from.
 *
 *   .go.buildinfo   Go 1.13 and later
 *   .dep-v0         Rust, where `cargo auditable` built it
 */

#include "analyzer/language/elfsections.h"

/* Add what SECTIONS, of the reader's entry, say of Go modules, the Go release
 * as the module "stdlib"; of Rust crates.  0, also where they say nothing, or
 * -1.
 */
int dc_buildinfo_go (struct dc_language_reader *reader,
                     const struct dc_elfsections *sections,
                     struct dc_error *err);
int dc_buildinfo_rust (struct dc_language_reader *reader,
                       const struct dc_elfsections *sections,
                       struct dc_error *err);

#endif
