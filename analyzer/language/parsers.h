/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_LANGUAGE_PARSERS_H
#define DC_ANALYZER_LANGUAGE_PARSERS_H

/* parsers: the texts of this room that are taken apart here and by no library.
 * Results point into TEXT.
 */

#include "analyzer/language/ecosystem.h"

/* Headers as of METADATA: 1; 0: no name in them. */
int dc_pip_parse (const char *text, size_t size,
                  struct dc_language_facts *facts);
/* The head of a gemspec: 1; 0: it has no stub line. */
int dc_gem_parse (const char *text, size_t size,
                  struct dc_language_facts *facts);

struct dc_java_names {
  struct dc_span group, artifact, version; /* without text: not said */
};
/* pom.properties, MANIFEST.MF: 1; 0: no artifact is named. */
int dc_java_pom_parse (const char *text, size_t size,
                       struct dc_java_names *out);
int dc_java_manifest_parse (const char *text, size_t size,
                            struct dc_java_names *out);
/* The module lines of a Go program: each module to ADD, replacements in place
 * of what they replace; 0, or what ADD returned below 0.
 */
int dc_go_modules_parse (const char *text, size_t size,
                         int (*add) (void *self, struct dc_span name,
                                     struct dc_span version,
                                     struct dc_error *err),
                         void *self, struct dc_error *err);

#endif
