/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_YAMLEVENT_H
#define DC_LIB_YAMLEVENT_H

/* yamlevent: libyaml's events with our errors, for lib/yaml.c. */

#include <stdbool.h>
#include <yaml.h>

#include "lib/error.h"

struct dc_yaml_walker {
  yaml_parser_t parser;
  const char *file; /* for messages */
  bool is_foreign;  /* as dc_yaml_read_foreign() */
};

static inline void
dc_yaml_event_release (yaml_event_t *event)
{
  yaml_event_delete (event);
}
#define AUTO_EVENT                                                             \
  __attribute__ ((__cleanup__ (dc_yaml_event_release))) yaml_event_t

/* Put the place before what ERR says; -1. */
int dc_yaml_at (const struct dc_yaml_walker *walker, yaml_mark_t mark,
                struct dc_error *err);
/* The next event, for the caller to delete, also on failure. */
int dc_yaml_next (struct dc_yaml_walker *walker, yaml_event_t *event,
                  struct dc_error *err);
/* EVENT is of this TYPE, or -1: DC_ERR_INVALID, with WANTED for people. */
int dc_yaml_expect (const struct dc_yaml_walker *walker,
                    const yaml_event_t *event, yaml_event_type_t type,
                    const char *wanted, struct dc_error *err);
/* The scalar's bytes as a C string, borrowed. */
int dc_yaml_scalar (const struct dc_yaml_walker *walker,
                    const yaml_event_t *event, const char *wanted,
                    const char **text, struct dc_error *err);
/* Leave out the value that begins with START. */
int dc_yaml_skip (struct dc_yaml_walker *walker, const yaml_event_t *start,
                  struct dc_error *err);

#endif
