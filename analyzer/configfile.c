/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/configfile.h"

#include "analyzer/unit/dropdir.h"
#include "lib/quote.h"

int
dc_configfile_read (struct dc_configreader *reader, const char *path,
                    struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CONFIGFILE_SIZE_MAX);
  int found = dc_tree_read_file (reader->tree, path, &b, err);

  if (found > 0) {
    const struct dc_configfile file = { path, dc_buffer_text (&b), b.size };
    reader->count++;
    found = reader->parse (reader->arg, &file, err) < 0 ? -1 : 1;
  }
  if (found >= 0)
    return found;
  if (!dc_is_fault_of_guest (err->code))
    return -1;
  const struct dc_error fault = *err;
  return dc_profile_note (reader->profile, reader->finding, path, 0, err, "%s",
                          fault.text);
}

static int
note_rest (const struct dc_configreader *reader, const char *folder,
           size_t count, struct dc_error *err)
{
  return dc_profile_note (reader->profile, reader->finding, folder, 0, err,
                          "%zu further files are not read, limit %d", count,
                          DC_CONFIGFILE_MAX);
}

int
dc_configfile_read_folders (struct dc_configreader *reader,
                            const char *const *folders, size_t count,
                            const char *suffix, struct dc_error *err)
{
  struct dc_dropdir dropdir = { NULL, 0 };
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  int status = 0;

  for (size_t i = 0; status == 0 && i < count; i++)
    status = dc_dropdir_add (&dropdir, reader->tree, folders[i], suffix, err);
  if (status == 0)
    status = dc_dropdir_paths (&dropdir, &paths, err);
  dc_dropdir_release (&dropdir);
  for (size_t i = 0; status == 0 && i < paths.count; i++) {
    if (reader->count >= DC_CONFIGFILE_MAX)
      return note_rest (reader, folders[0], paths.count - i, err);
    status = dc_configfile_read (reader, paths.items[i], err) < 0 ? -1 : 0;
  }
  return status;
}

bool
dc_configline_next (struct dc_configlines *lines, struct dc_configline *line)
{
  struct dc_span text, key;

  while (dc_span_line (&lines->rest, &text)) {
    lines->line++;
    text = dc_span_trim (text);
    if (text.size == 0 || *text.text == '#' || *text.text == ';' ||
        dc_span_has (text, '\0'))
      continue;
    if (*text.text == '[' && text.text[text.size - 1] == ']') {
      lines->section =
          dc_span_trim ((struct dc_span){ text.text + 1, text.size - 2 });
      continue;
    }
    if (!dc_span_field (&text, '=', &key) || text.text == NULL)
      continue;
    *line = (struct dc_configline){ lines->section, dc_span_trim (key),
                                    dc_span_trim (text), lines->line };
    if (line->section.text == NULL)
      line->section = dc_span_of ("");
    return true;
  }
  return false;
}

bool
dc_configline_is (const struct dc_configline *line, const char *section,
                  const char *key)
{
  return dc_span_is (line->section, section) && dc_span_is (line->key, key);
}
