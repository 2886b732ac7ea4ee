/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unit.h"
#include "lib/array.h"
#include "lib/glob.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"
#include "templates/templates.h"
#include "transform/init/initcompiler.h"
#include "transform/init/tmpfile.h"
#include "transform/init/tmpfiles.h"

#define FINDING_MAX 100 /* of one guest's lines; the rest is counted */
#define PATH_DEPTH_MAX 128
#define BRACE_MAX 64 /* paths that one pattern with braces stands for */

struct item {
  struct dc_tmpfile line;
  const char *file; /* borrowed from the list of files */
  unsigned row;
  uint32_t number; /* of all items, in order of appearance */
};

/* The items of one path; those that are patterns are a world of their own. */
struct group {
  const struct item **items;
  size_t count;
  uint32_t first; /* its first item's number */
  bool is_glob;
  bool is_written;
};

struct compiler {
  struct dc_bootfile bootfile;
  struct dc_tmpfile_reader reader;
  struct dc_select_template *template;
  struct item *items;
  size_t count;
  const struct item **sorted; /* by kind, path, number */
  struct group *groups;       /* in that order */
  size_t group_count;
  struct dc_buffer *lines;
  struct dc_words *findings;
  size_t finding_count;
};

static int
note (struct compiler *compiler, const char *file, unsigned row,
      const char *text, struct dc_error *err)
{
  char *finding = NULL;

  if (compiler->finding_count++ >= FINDING_MAX)
    return 0;
  if (dc_text_print (&finding, err, "%s:%u: %s", dc_quote (file).text, row,
                     text) < 0)
    return -1;
  return dc_words_take (compiler->findings, finding, err);
}

/* Does PATTERN ("run/systemd/" "**", see select.yaml) fit PATH? */
static bool
fits (const char *pattern, const char *path)
{
  for (path++;; path++, pattern++) {
    const size_t size = strcspn (pattern, "/");
    const size_t length = strcspn (path, "/");
    char component[256], name[256];
    if (strcmp (pattern, "**") == 0)
      return length > 0;
    if (size >= sizeof component || length >= sizeof name)
      return false;
    (void) snprintf (component, sizeof component, "%.*s", (int) size, pattern);
    (void) snprintf (name, sizeof name, "%.*s", (int) length, path);
    if (!dc_glob_match (component, name))
      return false;
    pattern += size;
    path += length;
    if (*pattern == '\0' || *path == '\0')
      return *pattern == *path;
  }
}

static bool
is_left_out (const struct compiler *compiler, const struct dc_tmpfile *line)
{
  const struct dc_select_rule *rules = compiler->template->not_made.items;

  for (size_t i = 0; i < compiler->template->not_made.count; i++)
    for (size_t j = 0; j < rules[i].paths.count; j++)
      if (fits (rules[i].paths.items[j], line->path))
        return true;
  /* As systemd: a copy of nothing is nothing. */
  return line->type == 'C' &&
         dc_tree_resolve (compiler->bootfile.tree, line->text) == DC_TREE_NONE;
}

/* What the line wants beyond what is done. */
static int
note_rest (struct compiler *compiler, const struct item *item,
           struct dc_error *err)
{
  const struct dc_tmpfile *line = &item->line;
  AUTO_FREE char *text = NULL;

  if (strchr ("xX", line->type) != NULL)
    return 0; /* only for cleaning */
  if (line->unknown != '\0')
    return dc_text_print (&text, err,
                          "only a running system knows %%%c of '%s'",
                          line->unknown, dc_quote (line->path).text) < 0
               ? -1
               : note (compiler, item->file, item->row, text, err);
  if (strchr ("aA", line->type) != NULL &&
      dc_text_print (&text, err, "the access list of '%s' is not set",
                     dc_quote (line->path).text) < 0)
    return -1;
  if (strchr ("hH", line->type) != NULL &&
      dc_text_print (&text, err, "the file attributes of '%s' are not set",
                     dc_quote (line->path).text) < 0)
    return -1;
  if (line->age != NULL && strchr ("dDevqQC", line->type) != NULL &&
      strcmp (line->path, "/tmp") != 0 &&
      strcmp (line->path, "/var/tmp") != 0 &&
      dc_text_print (&text, err, "what gets older than %s in '%s' stays",
                     dc_quote (line->age).text, dc_quote (line->path).text) < 0)
    return -1;
  return text == NULL ? 0 : note (compiler, item->file, item->row, text, err);
}

static int
add_line (struct compiler *compiler, const char *text, const char *file,
          unsigned row, struct dc_error *err)
{
  struct item item = { .file = file,
                       .row = row,
                       .number = (uint32_t) compiler->count };
  int status = dc_tmpfile_parse (&compiler->reader, text, &item.line, err);

  if (status < 0) {
    if (err->code == DC_ERR_SYSTEM)
      return -1;
    const struct dc_error problem = *err;
    return note (compiler, file, row, problem.text, err);
  }
  if (status == 0)
    return 0;
  if (is_left_out (compiler, &item.line) ||
      compiler->count == DC_TMPFILES_LINE_MAX) {
    dc_tmpfile_release (&item.line);
    return 0;
  }
  status = note_rest (compiler, &item, err);
  if (status == 0)
    status = DC_ARRAY_GROW (compiler->items, compiler->count,
                            DC_TMPFILES_LINE_MAX, "lines of tmpfiles.d", err);
  if (status < 0) {
    dc_tmpfile_release (&item.line);
    return -1;
  }
  compiler->items[compiler->count++] = item;
  return 0;
}

static int
read_file (struct compiler *compiler, const char *path, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_TMPFILES_SIZE_MAX);
  const int status = dc_tree_read_file (compiler->bootfile.tree, path, &b, err);
  struct dc_span rest = { dc_buffer_text (&b), b.size }, line;

  if (status < 0 && err->code == DC_ERR_LIMIT) {
    const struct dc_error problem = *err;
    return note (compiler, path, 1, problem.text, err);
  }
  if (status < 0)
    return -1;
  for (unsigned row = 1; dc_span_line (&rest, &line); row++) {
    AUTO_FREE char *text = NULL;
    if (compiler->count == DC_TMPFILES_LINE_MAX)
      return note (compiler, path, row,
                   "too many lines of tmpfiles.d, the rest is left out", err);
    if (dc_span_copy (dc_span_trim (line), &text, err) < 0) {
      if (err->code == DC_ERR_SYSTEM)
        return -1;
      continue; /* a NUL byte: no line of anybody */
    }
    if (add_line (compiler, text, path, row, err) < 0)
      return -1;
  }
  return 0;
}

static int
by_path (const void *a, const void *b)
{
  const struct item *left = *(const struct item *const *) a;
  const struct item *right = *(const struct item *const *) b;
  const int kind = (int) dc_tmpfile_is_glob (&left->line) -
                   (int) dc_tmpfile_is_glob (&right->line);
  const int path = strcmp (left->line.path, right->line.path);

  if (kind != 0 || path != 0)
    return kind != 0 ? kind : path;
  return left->number < right->number ? -1 : left->number > right->number;
}

/* In a group: what makes the path comes before what alters it. */
static int
by_type (const void *a, const void *b)
{
  const struct item *left = *(const struct item *const *) a;
  const struct item *right = *(const struct item *const *) b;
  const int owns = (int) dc_tmpfile_owns (&right->line) -
                   (int) dc_tmpfile_owns (&left->line);

  if (owns != 0 || left->line.type != right->line.type)
    return owns != 0 ? owns : left->line.type - right->line.type;
  return left->number < right->number ? -1 : left->number > right->number;
}

static int
by_first (const void *a, const void *b)
{
  const struct group *left = *(struct group *const *) a;
  const struct group *right = *(struct group *const *) b;

  if (left->is_glob != right->is_glob)
    return (int) left->is_glob - (int) right->is_glob;
  return left->first < right->first ? -1 : left->first > right->first;
}

/* Do both say the same of what the path is? */
static bool
is_same (const struct dc_tmpfile *a, const struct dc_tmpfile *b)
{
  return dc_text_compare (a->text, b->text) == 0 &&
         strcmp (a->mode, b->mode) == 0 && strcmp (a->owner, b->owner) == 0 &&
         strcmp (a->group, b->group) == 0 &&
         dc_text_compare (a->age, b->age) == 0;
}

/* Is ITEM a line that systemd ignores, because of one before it? */
static bool
is_ignored (const struct group *group, const struct item *item)
{
  if (!dc_tmpfile_owns (&item->line) ||
      (item->line.type == 'w' && item->line.flags[0] == '+'))
    return false;
  for (size_t i = 0; i < group->count; i++)
    if (dc_tmpfile_owns (&group->items[i]->line) &&
        !is_same (&group->items[i]->line, &item->line))
      return true;
  return false;
}

/* Put the items into groups. */
static int
gather (struct compiler *compiler, struct dc_error *err)
{
  compiler->sorted = calloc (compiler->count + 1, sizeof *compiler->sorted);
  compiler->groups = calloc (compiler->count + 1, sizeof *compiler->groups);
  if (compiler->sorted == NULL || compiler->groups == NULL)
    return dc_fail_errno (err, "cannot keep the lines of tmpfiles.d");
  for (size_t i = 0; i < compiler->count; i++)
    compiler->sorted[i] = &compiler->items[i];
  if (compiler->count > 1)
    qsort (compiler->sorted, compiler->count, sizeof *compiler->sorted,
           by_path);
  for (size_t i = 0; i < compiler->count; i++) {
    const struct item *item = compiler->sorted[i];
    const bool is_glob = dc_tmpfile_is_glob (&item->line);
    struct group *group = &compiler->groups[compiler->group_count];
    if (group->count > 0 &&
        (group->is_glob != is_glob ||
         strcmp (group->items[0]->line.path, item->line.path) != 0))
      group = &compiler->groups[++compiler->group_count];
    if (group->count == 0)
      *group = (struct group){ .items = compiler->sorted + i,
                               .first = item->number,
                               .is_glob = is_glob };
    if (!is_ignored (group, item))
      group->items[group->count++] = item; /* never ahead of the reading */
  }
  compiler->group_count += compiler->count > 0;
  for (size_t i = 0; i < compiler->group_count; i++)
    qsort (compiler->groups[i].items, compiler->groups[i].count,
           sizeof *compiler->groups[i].items, by_type);
  return 0;
}

static struct group *
find_group (const struct compiler *compiler, const char *path, size_t size,
            bool is_glob)
{
  size_t low = 0, high = compiler->group_count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    struct group *group = &compiler->groups[middle];
    const char *there = group->items[0]->line.path;
    int order = (int) group->is_glob - (int) is_glob;
    if (order == 0)
      order = strncmp (there, path, size);
    if (order == 0)
      order = there[size] != '\0';
    if (order == 0)
      return group;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

/* Append the paths that PATTERN with its braces stands for, as GLOB_BRACE. */
static int
expand_braces (const char *pattern, struct dc_words *paths,
               struct dc_error *err)
{
  const char *open = strchr (pattern, '{'), *end = open;
  unsigned depth = 0;

  for (; end != NULL && *end != '\0'; end++) {
    depth += *end == '{';
    depth -= *end == '}';
    if (depth == 0)
      break;
  }
  if (open == NULL || *end == '\0' || paths->count >= BRACE_MAX)
    return dc_words_add (paths, pattern, err);
  for (const char *s = open + 1; s <= end; s++) {
    AUTO_FREE char *one = NULL;
    const char *start = s;
    for (depth = 0; s < end && (depth > 0 || *s != ','); s++) {
      depth += *s == '{';
      depth -= *s == '}';
    }
    if (dc_text_print (&one, err, "%.*s%.*s%s", (int) (open - pattern), pattern,
                       (int) (s - start), start, end + 1) < 0 ||
        expand_braces (one, paths, err) < 0)
      return -1;
  }
  return 0;
}

/* A line of the plan. */
static int
write_line (struct compiler *compiler, const struct dc_tmpfile *line,
            const char *path, const char *text, struct dc_error *err)
{
  static const char from[] = "FvqQm", to[] = "fdddz";
  const char *found = strchr (from, line->type);
  const char type[] = { found != NULL ? to[found - from] : line->type, '\0' };
  struct dc_buffer *b = compiler->lines;

  if (dc_buffer_print (b, err, "tmpfile %s%s", type, line->flags) < 0 ||
      dc_initline_word (b, path, err) < 0 ||
      dc_initline_word (b, line->mode, err) < 0 ||
      dc_initline_word (b, line->owner, err) < 0 ||
      dc_initline_word (b, line->group, err) < 0 ||
      (text != NULL && dc_initline_word (b, text, err) < 0))
    return -1;
  return dc_initline_end (b, err);
}

/* One for each "NAME=VALUE" of t and T, else one. */
static int
write_texts (struct compiler *compiler, const struct dc_tmpfile *line,
             const char *path, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  struct dc_error ignored;

  if (strchr ("tT", line->type) == NULL)
    return write_line (compiler, line, path, line->text, err);
  if (dc_unit_words (line->text, &words, &ignored) < 0)
    return 0; /* a quote that stays open */
  for (size_t i = 0; i < words.count; i++)
    if (strchr (words.items[i], '=') != NULL &&
        write_line (compiler, line, path, words.items[i], err) < 0)
      return -1;
  return 0;
}

static int
write_item (struct compiler *compiler, const struct item *item,
            struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  if (strchr ("xXaAhH", item->line.type) != NULL || item->line.unknown != '\0')
    return 0;
  if (!dc_tmpfile_is_glob (&item->line))
    return write_texts (compiler, &item->line, item->line.path, err);
  if (expand_braces (item->line.path, &paths, err) < 0)
    return -1;
  for (size_t i = 0; i < paths.count; i++)
    if (write_texts (compiler, &item->line, paths.items[i], err) < 0)
      return -1;
  return 0;
}

/* GROUP, and before it those of the folders that lead to it. */
static int
write_group (struct compiler *compiler, struct group *group,
             struct dc_error *err)
{
  struct group *chain[PATH_DEPTH_MAX];
  size_t depth = 0;

  while (group != NULL && !group->is_written && depth < PATH_DEPTH_MAX) {
    const char *path = group->items[0]->line.path;
    size_t size = strlen (path);
    chain[depth++] = group;
    group->is_written = true;
    for (group = NULL; group == NULL && size > 1;) {
      do
        size--;
      while (size > 0 && path[size] != '/');
      if (size == 0)
        break;
      group = find_group (compiler, path, size, false);
      if (group == NULL)
        group = find_group (compiler, path, size, true);
    }
  }
  while (depth > 0) {
    const struct group *next = chain[--depth];
    for (size_t i = 0; i < next->count; i++)
      if (write_item (compiler, next->items[i], err) < 0)
        return -1;
  }
  return 0;
}

static int
write_groups (struct compiler *compiler, struct dc_error *err)
{
  AUTO_FREE struct group **order =
      calloc (compiler->group_count + 1, sizeof *order);

  if (order == NULL)
    return dc_fail_errno (err, "cannot keep the lines of tmpfiles.d");
  for (size_t i = 0; i < compiler->group_count; i++)
    order[i] = &compiler->groups[i];
  if (compiler->group_count > 1)
    qsort (order, compiler->group_count, sizeof *order, by_first);
  for (size_t i = 0; i < compiler->group_count; i++)
    if (write_group (compiler, order[i], err) < 0)
      return -1;
  return 0;
}

static int
compile (struct compiler *compiler, const struct dc_words *files,
         struct dc_error *err)
{
  for (size_t i = 0; i < files->count; i++)
    if (read_file (compiler, files->items[i], err) < 0)
      return -1;
  return gather (compiler, err) < 0 || write_groups (compiler, err) < 0 ? -1
                                                                        : 0;
}

int
dc_tmpfiles_compile (struct dc_tree *tree, const struct dc_users *users,
                     const char *hostname, struct dc_buffer *lines,
                     struct dc_words *findings, struct dc_error *err)
{
  AUTO_WORDS struct dc_words files = { NULL, 0 };
  AUTO_BUFFER struct dc_buffer own = DC_BUFFER_INIT (DC_TMPFILES_TEXT_MAX);
  DC_AUTO (dc_select_template) *template = NULL;
  struct compiler compiler = { .lines = &own, .findings = findings };

  if (dc_select_template_load (&template, err) < 0 ||
      dc_bootfile_paths (tree, "tmpfiles.d", &files, err) < 0)
    return -1;
  compiler.template = template;
  int status = dc_bootfile_init (&compiler.bootfile, tree, hostname, err);
  if (status == 0)
    status = dc_tmpfile_reader_init (&compiler.reader, &compiler.bootfile,
                                     users, err);
  if (status == 0)
    status = compile (&compiler, &files, err);
  if (status < 0 && err->code == DC_ERR_LIMIT) {
    /* What is whole is kept: the lines end where the last one ends. */
    const struct dc_error problem = *err;
    status = note (&compiler, "tmpfiles.d", 0, problem.text, err);
    while (own.size > 0 && own.data[own.size - 1] != '\n')
      own.size--;
  }
  if (status == 0)
    status = dc_buffer_append (lines, dc_buffer_text (&own), own.size, err);
  for (size_t i = 0; i < compiler.count; i++)
    dc_tmpfile_release (&compiler.items[i].line);
  free (compiler.items);
  free (compiler.sorted);
  free (compiler.groups);
  dc_tmpfile_reader_release (&compiler.reader);
  dc_bootfile_release (&compiler.bootfile);
  return status;
}
