/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_SETTINGS_H
#define DC_ANALYZER_ENDPOINT_SETTINGS_H

/* settings: what configuration files say, as paths and values in order.
 *
 *   http {                     http.port = "80"     in block "http"
 *     port 80;
 *
 * for files of the dialects of templates/apps/README.md, whatever their keys
 * mean.  A block is a section, a mapping, an element or what is in braces;
 * "@" in it is what stands behind its name ("server a {").  Paths are in
 * lower case; values are as written, with their quotes, less comments.
 */

#include <stddef.h>
#include <stdint.h>

#include "analyzer/evidence.h"
#include "lib/span.h"
#include "lib/words.h"
#include "templates/apps.h"

#define DC_SETTINGS_ITEM_MAX ((size_t) 50000)
#define DC_SETTINGS_BLOCK_MAX ((size_t) 20000)
#define DC_SETTINGS_PATH_MAX ((size_t) 256) /* bytes of a path */
#define DC_SETTINGS_DEPTH_MAX 64            /* blocks in each other */

struct dc_settings_item {
  char *path; /* "http.port" */
  char *value;
  struct dc_proof proof; /* the settings own the file's name */
  size_t layer;          /* that of the settings when it was added */
};

/* Its items, also those of blocks inside it, are [FIRST, END). */
struct dc_settings_block {
  char *path; /* "http"; "" for the whole, which is blocks[0] */
  size_t first, end;
  size_t parent; /* the whole's is itself */
};

struct dc_settings {
  struct dc_settings_item *items; /* as they stand in the files */
  size_t count;
  struct dc_settings_block *blocks;
  size_t block_count;
  struct dc_words files; /* those read */
  size_t current;        /* the block that is open */
  size_t layer;          /* the caller's number for what is being read */
  unsigned depth;        /* of open blocks */
  /* Called behind each new item: for those that include files.  May be NULL.
   */
  int (*added) (void *self, const struct dc_settings_item *item,
                struct dc_error *err);
  void *self;
};

/* Add what SIZE bytes at TEXT, the content of FILE, say, to where SETTINGS
 * (all zero at first) stands; blocks that the text leaves open are closed.
 * 0, or -1: DC_ERR_INVALID (broken YAML, JSON or XML, "line N: ..."),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM, or what ADDED fails with; then some are added.
 */
int dc_settings_parse (struct dc_settings *settings,
                       enum dc_app_dialect dialect, const char *text,
                       size_t size, const char *file, struct dc_error *err);
void dc_settings_release (struct dc_settings *settings);
/* AUTO_SETTINGS struct dc_settings settings = { .count = 0 }; */
#define AUTO_SETTINGS __attribute__ ((__cleanup__ (dc_settings_release)))

/* For the parsers of the dialects.  A parser sees one file. */
struct dc_settings_text {
  struct dc_settings *settings;
  struct dc_span text;
  const char *file; /* lives as long as the settings */
  size_t outside;   /* the block that was open when the file began */
};
typedef int dc_settings_parser (struct dc_settings_text *text,
                                struct dc_error *err);
dc_settings_parser dc_settings_words;   /* settingslines.c */
dc_settings_parser dc_settings_ini;     /* the same */
dc_settings_parser dc_settings_blocks;  /* settingsblocks.c */
dc_settings_parser dc_settings_yaml;    /* settingsyaml.c */
dc_settings_parser dc_settings_json;    /* the same */
dc_settings_parser dc_settings_xml;     /* settingsxml.c */
dc_settings_parser dc_settings_tags;    /* settingswords.c */
dc_settings_parser dc_settings_phrases; /* the same */
dc_settings_parser dc_settings_value;   /* the same */

/* KEY is VALUE in the open block; an empty KEY is the block itself. */
int dc_settings_add (struct dc_settings_text *text, struct dc_span key,
                     struct dc_span value, unsigned line, struct dc_error *err);
/* A block begins, with LABEL behind its name unless that is empty. */
int dc_settings_open (struct dc_settings_text *text, struct dc_span name,
                      struct dc_span label, unsigned line,
                      struct dc_error *err);
/* The innermost block ends; nothing happens when this file opened none. */
void dc_settings_close (struct dc_settings_text *text);
/* All blocks end up to BLOCK. */
void dc_settings_close_to (struct dc_settings *settings, size_t block);
/* Less what follows a '#' (or MARK) that stands outside of quotes and, when
 * it is not the first byte, behind a blank; and less blanks at both ends.
 */
struct dc_span dc_settings_uncomment (struct dc_span text, char mark);
/* The first word of TEXT less its quotes; *REST is what follows. */
struct dc_span dc_settings_word (struct dc_span text, struct dc_span *rest);

#endif
