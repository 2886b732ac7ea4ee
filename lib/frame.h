/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_FRAME_H
#define DC_LIB_FRAME_H

/* frame: what a worker tells its parent, through a pipe.
 *
 *   0        4        8                  8 + size
 *   | kind   | size   | payload          |      host byte order
 *
 *   MESSAGE   level (4 bytes), text
 *   PROGRESS  done (8), total (8), text: what is being done
 *   RESULT    a piece of the JSON; all pieces in a row are one text
 *   DONE      nothing; the work succeeded, no frame follows
 *   ERROR     code (4), errno (4), text; it failed, no frame follows
 *
 * A frame is at most PIPE_BUF bytes, so that threads can send without a lock
 * (pipe(7)).  Texts have no NUL at their end.  For lib/confine.c only.
 */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

enum dc_frame_kind {
  DC_FRAME_MESSAGE,
  DC_FRAME_PROGRESS,
  DC_FRAME_RESULT,
  DC_FRAME_DONE,
  DC_FRAME_ERROR,
  DC_FRAME_KINDS, /* how many there are */
};

#define DC_FRAME_HEAD_SIZE ((size_t) 8)
#define DC_FRAME_PAYLOAD_MAX (PIPE_BUF - DC_FRAME_HEAD_SIZE)

struct dc_frame {
  uint32_t kind;
  uint32_t size; /* bytes of the payload in use */
  char payload[DC_FRAME_PAYLOAD_MAX];
};

/* Add bytes or a text to the payload; what does not fit is cut off. */
void dc_frame_add (struct dc_frame *frame, const void *bytes, size_t size);
void dc_frame_add_text (struct dc_frame *frame, const char *text);
/* Write FRAME to FD. */
int dc_frame_send (int fd, const struct dc_frame *frame, struct dc_error *err);

/* The bytes that came and are not yet read as frames; begins as { 0 }. */
struct dc_frame_reader {
  char bytes[4 * PIPE_BUF];
  size_t size;
};

/* Read from FD once: 1 something came, 0 nothing is there now (O_NONBLOCK),
 * -1 with ERR: DC_ERR_NOTFOUND at the end, DC_ERR_SYSTEM.
 */
int dc_frame_receive (struct dc_frame_reader *reader, int fd,
                      struct dc_error *err);
/* The next complete frame: 1, 0 none yet, -1: DC_ERR_INVALID, it breaks the
 * form above.
 */
int dc_frame_next (struct dc_frame_reader *reader, struct dc_frame *frame,
                   struct dc_error *err);
/* Take SIZE bytes from the start of the payload into BYTES; zeros if there
 * are fewer.
 */
void dc_frame_take (struct dc_frame *frame, void *bytes, size_t size);
/* Take the rest as a text of at most SIZE - 1 bytes, cleaned for a terminal.
 */
void dc_frame_take_text (struct dc_frame *frame, char *text, size_t size);

#endif
