/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/program/libraries.h"
#include "lib/glob.h"
#include "lib/span.h"
#include "lib/text.h"
#include "lib/tree/glob.h"

#define CONF "/etc/ld.so.conf"
#define MUSL_CONF "/etc/ld-musl-*.path"
#define ORIGIN "$ORIGIN"
#define BRACED_ORIGIN "${ORIGIN}"

static int
add_folder (struct dc_words *folders, struct dc_span path, struct dc_error *err)
{
  if (path.size == 0 || *path.text != '/' || dc_span_has (path, '\0') ||
      folders->count >= DC_LIBRARY_FOLDER_MAX)
    return 0; /* the loader takes no relative ones either */
  return dc_words_add_bytes (folders, path.text, path.size, err);
}

/* A file that cannot be read has no folders. */
static int
read_conf (struct dc_tree *tree, const char *path, struct dc_buffer *b,
           struct dc_error *err)
{
  struct dc_error why = { .code = DC_OK };

  const int status = dc_tree_read_file (tree, path, b, &why);
  if (status < 0 && why.code == DC_ERR_SYSTEM)
    *err = why;
  return status < 0 && why.code != DC_ERR_SYSTEM ? 0 : status;
}

static int read_file (struct dc_libraries *libraries, const char *path,
                      unsigned depth, struct dc_error *err);

static int
include (struct dc_libraries *libraries, struct dc_span pattern, unsigned depth,
         struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  AUTO_FREE char *text = NULL;

  if (dc_span_has (pattern, '\0'))
    return 0;
  const bool is_relative = pattern.size > 0 && *pattern.text != '/';
  if (dc_text_print (&text, err, "%s%.*s", is_relative ? "/etc/" : "",
                     (int) pattern.size, pattern.text) < 0)
    return -1;
  if (dc_tree_glob (libraries->tree, text, &paths, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  for (size_t i = 0; i < paths.count; i++)
    if (read_file (libraries, paths.items[i], depth + 1, err) < 0)
      return -1;
  return 0;
}

static int
read_line (struct dc_libraries *libraries, struct dc_span line, unsigned depth,
           struct dc_error *err)
{
  const char *comment =
      line.size > 0 ? memchr (line.text, '#', line.size) : NULL;
  struct dc_span word;

  if (comment != NULL)
    line.size = (size_t) (comment - line.text);
  line = dc_span_trim (line);
  struct dc_span rest = line;
  if (!dc_span_word (&rest, &word))
    return 0;
  if (!dc_span_is (word, "include"))
    return dc_span_is (word, "hwcap")
               ? 0
               : add_folder (&libraries->folders, line, err);
  while (dc_span_word (&rest, &word))
    if (include (libraries, word, depth, err) < 0)
      return -1;
  return 0;
}

static int
read_file (struct dc_libraries *libraries, const char *path, unsigned depth,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_LIBRARY_CONF_MAX);
  struct dc_span line;

  if (depth > DC_LIBRARY_DEPTH_MAX ||
      libraries->folders.count >= DC_LIBRARY_FOLDER_MAX)
    return 0;
  const int status = read_conf (libraries->tree, path, &b, err);
  if (status <= 0)
    return status;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  while (dc_span_line (&rest, &line))
    if (read_line (libraries, line, depth, err) < 0)
      return -1;
  return 0;
}

/* musl's file: folders separated by newlines or colons. */
static int
read_musl (struct dc_libraries *libraries, struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  struct dc_span line, folder;

  if (dc_tree_glob (libraries->tree, MUSL_CONF, &paths, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  for (size_t i = 0; i < paths.count; i++) {
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_LIBRARY_CONF_MAX);
    if (read_conf (libraries->tree, paths.items[i], &b, err) < 0)
      return -1;
    struct dc_span rest = { dc_buffer_text (&b), b.size };
    while (dc_span_line (&rest, &line))
      while (dc_span_field (&line, ':', &folder))
        if (add_folder (&libraries->folders, dc_span_trim (folder), err) < 0)
          return -1;
  }
  return 0;
}

int
dc_libraries_load (struct dc_tree *tree, struct dc_libraries *out,
                   struct dc_error *err)
{
  static const char *const own[] = {
    "/lib64", "/usr/lib64", "/lib", "/usr/local/lib", "/usr/lib",
  };
  struct dc_libraries libraries = { tree, { NULL, 0 } };

  int status = read_file (&libraries, CONF, 0, err);
  if (status == 0)
    status = read_musl (&libraries, err);
  for (size_t i = 0; i < DC_COUNT (own) && status == 0; i++)
    status = dc_words_add (&libraries.folders, own[i], err);
  if (status < 0)
    dc_libraries_release (&libraries);
  else
    *out = libraries;
  return status;
}

int
dc_libraries_path (const struct dc_libraries *libraries, const char *path,
                   uint32_t origin, struct dc_words *folders,
                   struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer home = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  struct dc_span rest = dc_span_of (path), part;

  if (dc_tree_path (libraries->tree, origin, &home, err) < 0)
    return -1;
  while (dc_span_field (&rest, ':', &part)) {
    AUTO_FREE char *folder = NULL;
    size_t token = 0;
    if (dc_span_starts (part, ORIGIN))
      token = sizeof ORIGIN - 1;
    else if (dc_span_starts (part, BRACED_ORIGIN))
      token = sizeof BRACED_ORIGIN - 1;
    if (token == 0) {
      if (add_folder (folders, part, err) < 0)
        return -1;
      continue;
    }
    part = dc_span_skip (part, token);
    if (dc_text_print (&folder, err, "/%s%.*s", dc_buffer_text (&home),
                       (int) part.size, part.text) < 0 ||
        add_folder (folders, dc_span_of (folder), err) < 0)
      return -1;
  }
  return 0;
}

void
dc_libraries_release (struct dc_libraries *libraries)
{
  dc_words_release (&libraries->folders);
}
