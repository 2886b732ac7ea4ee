/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "lib/columns.h"
#include "lib/quote.h"
#include "lib/utf8.h"

#define GAP 2 /* blanks between columns */

int
dc_columns_add (struct dc_columns *columns, const char *const cells[],
                struct dc_error *err)
{
  assert (columns->count > 0 && columns->count <= DC_COLUMN_MAX);

  for (size_t i = 0; i < columns->count; i++) {
    const char *cell = cells[i] != NULL ? cells[i] : "";
    if (dc_words_add (&columns->cells, dc_quote (cell).text, err) < 0)
      return -1;
  }
  return 0;
}

/* The bytes of the first WIDTH code points of SIZE bytes at TEXT; in *FOUND
 * how many code points they are.
 */
static size_t
measure (const char *text, size_t size, size_t width, size_t *found)
{
  size_t used = 0;

  for (*found = 0; *found < width && used < size; (*found)++) {
    uint32_t point;
    const size_t n = dc_utf8_decode (text + used, size - used, &point);
    used += n > 0 ? n : 1;
  }
  return used;
}

static size_t
width_of (const char *text, size_t size)
{
  size_t width;

  (void) measure (text, size, SIZE_MAX, &width); /* only how many */
  return width;
}

/* Which column gives way next. */
static size_t
choose (const size_t *widths, size_t count)
{
  size_t widest = count - 1;

  if (widths[widest] > DC_COLUMN_LAST_MIN)
    return widest;
  for (size_t i = 0; i < count; i++)
    if (widths[i] > widths[widest])
      widest = i;
  return widest;
}

/* Take from the columns until the rows fit in ROOM. */
static void
shrink (size_t *widths, size_t count, size_t room)
{
  size_t sum = 0;

  for (size_t i = 0; i < count; i++)
    if (widths[i] > 0)
      sum += widths[i] + (sum > 0 ? GAP : 0);
  for (; sum > room; sum--) {
    const size_t column = choose (widths, count);
    if (widths[column] <= DC_COLUMN_WIDTH_MIN)
      break;
    widths[column]--;
  }
}

static int
fill (struct dc_buffer *out, size_t count, struct dc_error *err)
{
  return dc_buffer_print (out, err, "%*s", (int) count, "");
}

/* CELL in WIDTH columns; *LEFT are those it leaves. */
static int
print_cell (const char *cell, size_t width, size_t *left, struct dc_buffer *out,
            struct dc_error *err)
{
  const size_t whole = strlen (cell);
  size_t found, size = measure (cell, whole, width, &found);
  const char *end = "";

  if (size < whole) { /* the last three become dots */
    size = measure (cell, whole, width - 3, &found);
    end = "...";
  }
  *left = width - found - strlen (end);
  if (dc_buffer_append (out, cell, size, err) < 0)
    return -1;
  return dc_buffer_append (out, end, strlen (end), err);
}

static int
print_row (char *const *cells, const size_t *widths, size_t count,
           unsigned indent, struct dc_buffer *out, struct dc_error *err)
{
  size_t blanks = indent; /* owed before the next cell that has a text */

  for (size_t i = 0; i < count; i++) {
    size_t left = widths[i];
    if (cells[i][0] != '\0') {
      if (fill (out, blanks, err) < 0 ||
          print_cell (cells[i], widths[i], &left, out, err) < 0)
        return -1;
      blanks = 0;
    }
    if (widths[i] > 0)
      blanks += left + GAP;
  }
  return dc_buffer_append (out, "\n", 1, err);
}

int
dc_columns_print (const struct dc_columns *columns, unsigned indent,
                  unsigned width, struct dc_buffer *out, struct dc_error *err)
{
  size_t widths[DC_COLUMN_MAX] = { 0 };
  const size_t count = columns->count;

  for (size_t i = 0; i < columns->cells.count; i++) {
    const char *cell = columns->cells.items[i];
    const size_t cell_width = width_of (cell, strlen (cell));
    if (cell_width > widths[i % count])
      widths[i % count] = cell_width;
  }
  shrink (widths, count, width > indent ? width - indent : 0);
  for (size_t i = 0; i < columns->cells.count; i += count)
    if (print_row (columns->cells.items + i, widths, count, indent, out, err) <
        0)
      return -1;
  return 0;
}

int
dc_columns_wrap (const char *text, unsigned at, unsigned indent, unsigned width,
                 struct dc_buffer *out, struct dc_error *err)
{
  size_t column = at;
  bool is_first = true; /* word of its line */

  for (text += strspn (text, " "); *text != '\0'; text += strspn (text, " ")) {
    const size_t size = strcspn (text, " ");
    const size_t points = width_of (text, size);
    if (!is_first && column + 1 + points > width) {
      if (dc_buffer_append (out, "\n", 1, err) < 0 ||
          fill (out, indent, err) < 0)
        return -1;
      column = indent;
      is_first = true;
    }
    if (!is_first && dc_buffer_append (out, " ", 1, err) < 0)
      return -1;
    if (dc_buffer_append (out, text, size, err) < 0)
      return -1;
    column += points + !is_first;
    is_first = false;
    text += size;
  }
  return dc_buffer_append (out, "\n", 1, err);
}

void
dc_columns_release (struct dc_columns *columns)
{
  dc_words_release (&columns->cells);
}
