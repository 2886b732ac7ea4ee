/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/frame.h"
#include "lib/quote.h"

_Static_assert(sizeof (struct dc_frame) == PIPE_BUF &&
                   offsetof (struct dc_frame, payload) == DC_FRAME_HEAD_SIZE,
               "a frame lies in memory as it is sent");

/* The largest payload of each kind.  Messages: a level and what lib/report.c
 * makes at most.  Errors: two numbers and struct dc_error's text.
 */
static const struct {
  size_t min, max;
} payload_sizes[DC_FRAME_KINDS] = {
  [DC_FRAME_MESSAGE] = { 4, 4 + 1024 },
  [DC_FRAME_PROGRESS] = { 16, 16 + 256 },
  [DC_FRAME_RESULT] = { 1, DC_FRAME_PAYLOAD_MAX },
  [DC_FRAME_DONE] = { 0, 0 },
  [DC_FRAME_ERROR] = { 8, 8 + 512 },
};

void
dc_frame_add (struct dc_frame *frame, const void *bytes, size_t size)
{
  assert (frame->kind < DC_FRAME_KINDS);

  const size_t room = payload_sizes[frame->kind].max - frame->size;
  const size_t fits = size < room ? size : room;
  memcpy (frame->payload + frame->size, bytes, fits);
  frame->size += (uint32_t) fits;
}

void
dc_frame_add_text (struct dc_frame *frame, const char *text)
{
  dc_frame_add (frame, text, strlen (text));
}

int
dc_frame_send (int fd, const struct dc_frame *frame, struct dc_error *err)
{
  return dc_file_write (fd, frame, DC_FRAME_HEAD_SIZE + frame->size, err);
}

int
dc_frame_receive (struct dc_frame_reader *reader, int fd, struct dc_error *err)
{
  assert (reader->size < sizeof reader->bytes);

  const ssize_t n = read (fd, reader->bytes + reader->size,
                          sizeof reader->bytes - reader->size);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return 0;
  if (n < 0)
    return dc_fail_errno (err, "cannot hear from a worker");
  if (n == 0)
    return dc_fail (err, DC_ERR_NOTFOUND, "a worker says no more");
  reader->size += (size_t) n;
  return 1;
}

int
dc_frame_next (struct dc_frame_reader *reader, struct dc_frame *frame,
               struct dc_error *err)
{
  if (reader->size < DC_FRAME_HEAD_SIZE)
    return 0;
  memcpy (frame, reader->bytes, DC_FRAME_HEAD_SIZE);
  if (frame->kind >= DC_FRAME_KINDS)
    return dc_fail (err, DC_ERR_INVALID, "a frame of the unknown kind %u",
                    frame->kind);
  if (frame->size < payload_sizes[frame->kind].min ||
      frame->size > payload_sizes[frame->kind].max)
    return dc_fail (err, DC_ERR_INVALID, "a frame of kind %u with %u bytes",
                    frame->kind, frame->size);
  const size_t size = DC_FRAME_HEAD_SIZE + frame->size;
  if (reader->size < size)
    return 0;
  memcpy (frame->payload, reader->bytes + DC_FRAME_HEAD_SIZE, frame->size);
  reader->size -= size;
  memmove (reader->bytes, reader->bytes + size, reader->size);
  return 1;
}

void
dc_frame_take (struct dc_frame *frame, void *bytes, size_t size)
{
  const size_t there = size < frame->size ? size : frame->size;

  memset (bytes, 0, size);
  memcpy (bytes, frame->payload, there);
  frame->size -= (uint32_t) there;
  memmove (frame->payload, frame->payload + there, frame->size);
}

void
dc_frame_take_text (struct dc_frame *frame, char *text, size_t size)
{
  const size_t room = size - 1;
  const size_t fits = frame->size < room ? frame->size : room;

  for (size_t i = 0; i < fits; i++)
    text[i] = frame->payload[i] != '\0' ? frame->payload[i] : '?';
  text[fits] = '\0';
  dc_quote_clean (text);
}
