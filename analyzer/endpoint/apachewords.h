/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_APACHEWORDS_H
#define DC_ANALYZER_ENDPOINT_APACHEWORDS_H

/* apachewords: the words of one line of Apache's configuration.
 *
 *   Directive word "a \"word\"" 'another' ${VARIABLE}
 *   <Section word word>
 *
 * A word in quotes ends at the same quote; a backslash keeps a quote or
 * another backslash in it.  ${NAME} becomes the variable's value inside the
 * word; one that is not defined stays as it is.
 *
 * Source: httpd.apache.org/docs/2.4/configuring.html; measured with 2.4.66.
 */

#include "lib/words.h"

/* Split LINE, whose comments are gone, into WORDS; VARIABLES are "NAME=value",
 * the first of a name counts.  A '<' stays with the first word, the '>' at
 * the end goes.  0, or -1: DC_ERR_LIMIT (a word grows too long), DC_ERR_SYSTEM.
 */
int dc_apache_words (const char *line,
                     const struct dc_words *const variables[2],
                     struct dc_words *words, struct dc_error *err);

#endif
