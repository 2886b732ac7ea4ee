/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_YAML_H
#define DC_LIB_YAML_H

/* yaml: YAML files, read by one walker over tables.
 *
 * Aliases and anchors are refused (libyaml accepts an alias to its own
 * parent), also a second document.  In our own files so are tags, keys without
 * a row and keys given twice; files of other programs are read with
 * dc_yaml_read_foreign().  Every error reads `FILE:LINE:COLUMN: what is wrong`.
 *
 *   struct rule { char *path; char *reason; bool keep; };
 *   static const struct dc_yaml_row rule_rows[] = {
 *     DC_YAML_ROW ("path", DC_YAML_TEXT, DC_YAML_REQUIRED, struct rule, path),
 *     ...
 *     DC_YAML_END
 *   };
 *
 * Source: YAML 1.1 as libyaml reads it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

#define DC_YAML_SIZE_MAX ((size_t) 16 * 1024 * 1024) /* bytes */
#define DC_YAML_DEPTH_MAX 32

enum dc_yaml_kind {
  DC_YAML_TEXT,   /* char * target, owned by the struct */
  DC_YAML_NUMBER, /* int64_t target, in [min, max] of the row */
  DC_YAML_BOOL,   /* bool target: true or false */
  DC_YAML_CHOICE, /* int target: the position in the row's choices */
  DC_YAML_TEXTS,  /* struct dc_yaml_texts target: a sequence of scalars */
  DC_YAML_STRUCT, /* a mapping into a struct at the target, by rows */
  DC_YAML_LIST,   /* a sequence of mappings: struct dc_yaml_list target */
  DC_YAML_NAMED,  /* a mapping with keys of the file's own, each value a
                     mapping by rows: struct dc_yaml_list target, whose
                     elements begin with a struct dc_yaml_name */
};

enum dc_yaml_need { DC_YAML_OPTIONAL, DC_YAML_REQUIRED };

struct dc_yaml_texts {
  char **items; /* NULL when there are none */
  size_t count;
};

/* The key of an element of DC_YAML_NAMED, and its line, counted from 1. */
struct dc_yaml_name {
  char *text;
  unsigned line;
};

/* Elements of a row's element_size, each filled by the row's rows. */
struct dc_yaml_list {
  void *items;
  size_t count;
};

struct dc_yaml_row {
  const char *key; /* NULL ends the table */
  enum dc_yaml_kind kind;
  enum dc_yaml_need need;
  size_t target;                  /* offset in the struct being filled */
  const struct dc_yaml_row *rows; /* of STRUCT, LIST and NAMED */
  size_t element_size;            /* of LIST and NAMED */
  long min, max;                  /* of NUMBER; both 0: any */
  const char *const *choices;     /* of CHOICE; a NULL ends them */
};

#define DC_YAML_ROW(k, kind_, need_, type, member)                             \
  {                                                                            \
    .key = (k), .kind = (kind_), .need = (need_),                              \
    .target = offsetof (type, member)                                          \
  }
#define DC_YAML_NEST(k, kind_, need_, type, member, rows_, element)            \
  {                                                                            \
    .key = (k), .kind = (kind_), .need = (need_),                              \
    .target = offsetof (type, member), .rows = (rows_),                        \
    .element_size = sizeof (element)                                           \
  }
#define DC_YAML_PICK(k, need_, type, member, choices_)                         \
  {                                                                            \
    .key = (k), .kind = DC_YAML_CHOICE, .need = (need_),                       \
    .target = offsetof (type, member), .choices = (choices_)                   \
  }
#define DC_YAML_END                                                            \
  {                                                                            \
    .key = NULL                                                                \
  }

/* Read SIZE bytes of TEXT, whose top is a mapping, into TARGET (zeroed by
 * the caller) by ROWS.  FILE is for messages.  0, or -1: DC_ERR_INVALID,
 * DC_ERR_LIMIT, DC_ERR_SYSTEM; what was already filled is released.
 */
int dc_yaml_read (const char *text, size_t size, const char *file,
                  const struct dc_yaml_row *rows, void *target,
                  struct dc_error *err);
/* The same of a file that another program owns, and that may be newer than we
 * are: a key without a row, and a value of another kind than its row's, are
 * skipped; of a text or number given twice the last counts, lists and mappings
 * add up; TEXTS may also be one plain value, and a mapping in it stands for its
 * first key; tags mean nothing.  Aliases
 * are refused here, too.  Where it fails TARGET keeps what was filled.
 */
int dc_yaml_read_foreign (const char *text, size_t size, const char *file,
                          const struct dc_yaml_row *rows, void *target,
                          struct dc_error *err);
/* Where TEXT has the scalar VALUE for the NTH time, counted from 0, quotes and
 * escapes aside: lines and columns count from 1.  1, 0 when it is not there (or
 * TEXT is no YAML).
 */
struct dc_yaml_spot {
  size_t line, column;
};
int dc_yaml_find (const char *text, size_t size, const char *value, size_t nth,
                  struct dc_yaml_spot *spot);
/* What is not read but made: append a copy of TEXT; a new element, all zero,
 * which is borrowed until the next one.  0 (NULL without memory: the element),
 * or -1: DC_ERR_SYSTEM.
 */
int dc_yaml_texts_add (struct dc_yaml_texts *texts, const char *text,
                       struct dc_error *err);
void *dc_yaml_list_add (struct dc_yaml_list *list, size_t element_size,
                        struct dc_error *err);
/* Call VISIT for every text of TARGET: texts, those of lists, and names.  Ends
 * with the first that returns other than 0, and returns that.
 */
int dc_yaml_each_text (const struct dc_yaml_row *rows, void *target,
                       int (*visit) (void *self, char *text), void *self);
/* Release everything that dc_yaml_read() put into TARGET and zero it. */
void dc_yaml_release (const struct dc_yaml_row *rows, void *target);

#endif
