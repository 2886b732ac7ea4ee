/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITNAME_H
#define DC_ANALYZER_UNIT_UNITNAME_H

/* unitname: the names of systemd's units, taken apart and put together.
 *
 *   getty@tty1.service
 *   prefix instance type       template: getty@.service
 *
 * Source: systemd.unit(5), "Description" and "String escaping for inclusion
 * in unit names".
 */

#include <stdbool.h>

#include "lib/error.h"

#define DC_UNIT_NAME_MAX 255 /* bytes, as UNIT_NAME_MAX */

enum dc_unit_kind {
  DC_NAME_BAD, /* not a unit's name */
  DC_NAME_PLAIN,
  DC_NAME_TEMPLATE,
  DC_NAME_INSTANCE,
};

enum dc_unit_kind dc_unit_kind (const char *name);
/* "service"; points into NAME, which is valid. */
const char *dc_unit_type (const char *name);
bool dc_unit_has_type (const char *name, const char *type);

/* Each gives a new string to the caller and returns 0, or -1: DC_ERR_SYSTEM,
 * DC_ERR_LIMIT (the name would be too long).  NAME is valid.
 */
/* "getty": up to the @ or the type. */
int dc_unit_prefix (const char *name, char **out, struct dc_error *err);
/* "tty1"; "" of a template; NULL of a plain name. */
int dc_unit_instance (const char *name, char **out, struct dc_error *err);
/* "getty@.service" of a template or an instance. */
int dc_unit_template (const char *name, char **out, struct dc_error *err);
/* TEMPLATE for INSTANCE: "getty@tty1.service".  INSTANCE may be "". */
int dc_unit_instantiate (const char *template, const char *instance, char **out,
                         struct dc_error *err);
/* "var/lib" of "var-lib": '-' is a slash, \xHH a byte.  What is no escape
 * stays.
 */
int dc_unit_unescape (const char *text, char **out, struct dc_error *err);
/* "srv-my\\x20data" of "/srv/my data", an absolute path without "." and "..";
 * "-" of "/".  It may be longer than a unit's name may be.
 */
int dc_unit_escape_path (const char *path, char **out, struct dc_error *err);
/* The same of any text: a leading dot, a dash and odd bytes become \xHH, a
 * slash a dash.
 */
int dc_unit_escape (const char *text, char **out, struct dc_error *err);

#endif
