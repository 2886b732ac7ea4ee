/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_COLUMNS_H
#define DC_LIB_COLUMNS_H

/* columns: rows of cells for people, aligned and cut to a width.
 *
 * A cell is made safe for a terminal when it is added (lib/quote.h).  Widths
 * count code points; a column without any text takes no room.  Where the rows are too wide the last column gives way,
 * then the widest; what is cut ends in "...".
 */

#include <stddef.h>

#include "lib/buffer.h"
#include "lib/words.h"

#define DC_COLUMN_MAX 8
#define DC_COLUMN_WIDTH_MIN 8 /* a column is not cut below it, ... */
#define DC_COLUMN_LAST_MIN 16 /* ... the last one while another is wider */

struct dc_columns {
  size_t count;          /* columns of each row, at most DC_COLUMN_MAX */
  struct dc_words cells; /* row by row */
};

/* Add a row of COUNT cells; NULL is an empty one.  0, or -1: DC_ERR_LIMIT
 * (DC_WORDS_MAX cells), DC_ERR_SYSTEM.
 */
int dc_columns_add (struct dc_columns *columns, const char *const cells[],
                    struct dc_error *err);
/* Append the rows to OUT, two blanks between the columns, none at the end of
 * a line, each line after INDENT blanks and at most WIDTH columns wide, unless
 * that is less than the smallest columns need.
 */
int dc_columns_print (const struct dc_columns *columns, unsigned indent,
                      unsigned width, struct dc_buffer *out,
                      struct dc_error *err);
/* Append words of TEXT, which is safe, in lines of at most WIDTH columns: the
 * first goes on at column AT of the line that OUT ends with, the others
 * follow after INDENT blanks; then a newline.  A word is never cut.
 */
int dc_columns_wrap (const char *text, unsigned at, unsigned indent,
                     unsigned width, struct dc_buffer *out,
                     struct dc_error *err);
void dc_columns_release (struct dc_columns *columns);

/* AUTO_COLUMNS struct dc_columns columns = { .count = 3 }; */
#define AUTO_COLUMNS __attribute__ ((__cleanup__ (dc_columns_release)))

#endif
