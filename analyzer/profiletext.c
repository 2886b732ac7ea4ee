/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* What a person wants to know first of a guest, on one screen: what it is,
 * which services start and where they listen, what was installed on purpose,
 * who can log in.  The rest is counted; the JSON has it all.
 */

#include <inttypes.h>
#include <string.h>

#include "analyzer/package/packagesection.h"
#include "analyzer/profile.h"
#include "analyzer/profiletext.h"
#include "analyzer/section.h"
#include "lib/quote.h"

const char *
dc_page_text (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

bool
dc_page_is (const json_t *object, const char *key)
{
  return json_is_true (json_object_get (object, key));
}

static int64_t
number_of (const json_t *object, const char *key)
{
  return json_integer_value (json_object_get (object, key));
}

int
dc_page_table (struct dc_page *page, const char *heading,
               const struct dc_columns *columns, size_t count,
               struct dc_error *err)
{
  if (count == 0)
    return 0;
  if (dc_buffer_print (page->out, err, "\n%s\n", heading) < 0 ||
      dc_columns_print (columns, 2, page->width, page->out, err) < 0)
    return -1;
  return count <= DC_PAGE_LIST_MAX
             ? 0
             : dc_buffer_print (page->out, err, "  ... and %zu more\n",
                                count - DC_PAGE_LIST_MAX);
}

int
dc_page_add (struct dc_page_list *list, const char *name, struct dc_error *err)
{
  if (list->count++ >= list->max)
    return 0;
  return dc_buffer_print (&list->text, err, "%s%s", list->count > 1 ? ", " : "",
                          dc_quote (name).text);
}

int
dc_page_print (struct dc_page *page, const char *label,
               const struct dc_page_list *list, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);

  if (list->count == 0)
    return 0;
  if (dc_buffer_print (&b, err, "%s: %s", label, dc_buffer_text (&list->text)) <
      0)
    return -1;
  if (list->count > list->max &&
      dc_buffer_print (&b, err, " and %zu more", list->count - list->max) < 0)
    return -1;
  if (dc_buffer_append (page->out, "  ", 2, err) < 0)
    return -1;
  return dc_columns_wrap (dc_buffer_text (&b), 2, 4, page->width, page->out,
                          err);
}

/* WHAT and NAME where there is a name. */
static int
add_part (struct dc_buffer *b, const char *what, const char *name,
          struct dc_error *err)
{
  return name == NULL
             ? 0
             : dc_buffer_print (b, err, "%s%s", what, dc_quote (name).text);
}

static int
print_head (struct dc_page *page, struct dc_error *err)
{
  const json_t *os = json_object_get (page->json, "os");
  const json_t *disks = json_object_get (page->json, "source");
  const size_t count = json_array_size (disks);
  const char *name = dc_page_text (os, "pretty_name");
  const char *arch = dc_page_text (page->json, "architecture");
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);

  if (name == NULL || *name == '\0')
    name = dc_page_text (os, "name");
  if (name == NULL || *name == '\0')
    name = dc_page_text (os, "id");
  if (name == NULL)
    name = "Unknown operating system";
  const char *release = dc_page_text (os, "release");
  if (release != NULL && strstr (name, release) != NULL)
    release = NULL; /* said */
  const struct {
    const char *what, *name;
  } parts[] = {
    { "", name },
    { ", release ", release },
    { ", ", arch != NULL ? arch : "unknown architecture" },
    { "/", dc_page_text (page->json, "architecture_variant") },
    { ", host name ", dc_page_text (page->json, "hostname") },
    { ", from ", dc_page_text (json_array_get (disks, 0), "path") },
  };
  for (size_t i = 0; i < DC_COUNT (parts); i++)
    if (add_part (&b, parts[i].what, parts[i].name, err) < 0)
      return -1;
  if (count > 1 && dc_buffer_print (&b, err, " and %zu more", count - 1) < 0)
    return -1;
  return dc_columns_wrap (dc_buffer_text (&b), 0, 2, page->width, page->out,
                          err);
}

int
dc_page_size (struct dc_buffer *b, int64_t bytes, struct dc_error *err)
{
  static const char *const units[] = { "bytes", "KiB", "MiB", "GiB",
                                       "TiB",   "PiB", "EiB" };
  double size = (double) bytes;
  size_t unit = 0;

  for (; size >= 1024 && unit + 1 < DC_COUNT (units); unit++)
    size /= 1024;
  return dc_buffer_print (b, err, unit > 0 ? "%.1f %s" : "%.0f %s", size,
                          units[unit]);
}

static int
print_filesystems (struct dc_page *page, struct dc_error *err)
{
  const json_t *items =
      json_object_get (json_object_get (page->json, "guest"), "filesystems");
  AUTO_COLUMNS struct dc_columns columns = { .count = 5 };

  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++) {
    const json_t *item = json_array_get (items, i);
    AUTO_BUFFER struct dc_buffer size = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
    if (dc_page_size (&size, number_of (item, "size"), err) < 0)
      return -1;
    const char *const cells[] = { dc_page_text (item, "device"),
                                  dc_page_text (item, "type"),
                                  dc_buffer_text (&size),
                                  dc_page_text (item, "mountpoint"),
                                  dc_page_text (item, "state") };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "File systems", &columns, json_array_size (items),
                        err);
}

static int
print_users (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "users");
  AUTO_COLUMNS struct dc_columns columns = { .count = 5 };
  size_t count = 0;

  for (size_t i = 0; i < json_array_size (items); i++) {
    const json_t *item = json_array_get (items, i);
    if (!dc_page_is (item, "can_login") || count++ >= DC_PAGE_LIST_MAX)
      continue;
    AUTO_BUFFER struct dc_buffer uid = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
    if (dc_buffer_print (&uid, err, "uid %" PRId64, number_of (item, "uid")) <
        0)
      return -1;
    const char *const cells[] = {
      dc_page_text (item, "name"), dc_buffer_text (&uid),
      dc_page_text (item, "home"), dc_page_text (item, "shell"),
      dc_page_is (item, "has_password") ? "has a password" : "no password"
    };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Users with a login shell", &columns, count, err);
}

/* "  TEXT (FILE:LINE)", wrapped. */
static int
print_finding (struct dc_page *page, const json_t *finding,
               struct dc_error *err)
{
  const json_t *evidence = json_object_get (finding, "evidence");
  const char *text = dc_page_text (finding, "text");
  const char *file = dc_page_text (evidence, "file");
  const int64_t line = number_of (evidence, "line");
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);

  if (dc_buffer_print (&b, err, "- %s", text != NULL ? text : "?") < 0)
    return -1;
  dc_quote_clean (b.data); /* its foreign parts were quoted when it was made */
  if (file != NULL && line > 0 &&
      dc_buffer_print (&b, err, " (%s:%" PRId64 ")", dc_quote (file).text,
                       line) < 0)
    return -1;
  if (dc_buffer_append (page->out, "  ", 2, err) < 0)
    return -1;
  return dc_columns_wrap (dc_buffer_text (&b), 2, 4, page->width, page->out,
                          err);
}

static int
print_findings (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "findings");
  const size_t count = json_array_size (items) +
                       (size_t) number_of (page->json, "findings_left_out");

  if (count > 0 && dc_buffer_print (page->out, err, "\nFindings\n") < 0)
    return -1;
  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++)
    if (print_finding (page, json_array_get (items, i), err) < 0)
      return -1;
  return count <= DC_PAGE_LIST_MAX
             ? 0
             : dc_buffer_print (page->out, err, "  ... and %zu more\n",
                                count - DC_PAGE_LIST_MAX);
}

int
dc_profile_text (const json_t *json, unsigned width, struct dc_buffer *out,
                 struct dc_error *err)
{
  static int (*const parts[]) (struct dc_page * page, struct dc_error * err) = {
    print_head,       print_filesystems, dc_services_text,
    dc_packages_text, print_users,
  };
  struct dc_page page = { json, width, out };

  for (size_t i = 0; i < DC_COUNT (parts); i++)
    if (parts[i](&page, err) < 0)
      return -1;
  for (size_t i = 0; i < dc_section_count; i++)
    if (dc_sections[i].text != NULL && dc_sections[i].text (&page, err) < 0)
      return -1;
  return print_findings (&page, err);
}
