/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buffer.h"

int
dc_buffer_reserve (struct dc_buffer *b, size_t size, struct dc_error *err)
{
  assert (b->size <= b->max);

  if (size > b->max - b->size)
    return dc_fail (err, DC_ERR_LIMIT, "more than %zu bytes", b->max);
  const size_t need = b->size + size + 1;
  if (need <= b->capacity)
    return 0;
  size_t capacity = b->capacity < 64 ? 64 : b->capacity;
  while (capacity < need)
    capacity = capacity > need / 2 ? need * 2 : capacity * 2;
  if (capacity - 1 > b->max) /* so that MAX + 1 cannot overflow */
    capacity = b->max + 1;
  char *data = realloc (b->data, capacity);
  if (data == NULL)
    return dc_fail_errno (err, "cannot keep %zu bytes", need);
  data[b->size] = '\0';
  b->data = data;
  b->capacity = capacity;
  return 0;
}

int
dc_buffer_append (struct dc_buffer *b, const void *bytes, size_t size,
                  struct dc_error *err)
{
  if (dc_buffer_reserve (b, size, err) < 0)
    return -1;
  if (size > 0)
    memcpy (b->data + b->size, bytes, size);
  b->size += size;
  b->data[b->size] = '\0';
  return 0;
}

int
dc_buffer_print (struct dc_buffer *b, struct dc_error *err, const char *fmt,
                 ...)
{
  char *text = NULL;
  va_list args;

  va_start (args, fmt);
  const int size = vasprintf (&text, fmt, args);
  va_end (args);
  if (size < 0)
    return dc_fail_errno (err, "cannot format a text");
  AUTO_FREE char *owned = text;
  return dc_buffer_append (b, owned, (size_t) size, err);
}

const char *
dc_buffer_text (const struct dc_buffer *b)
{
  return b->data != NULL ? b->data : "";
}

char *
dc_buffer_take (struct dc_buffer *b)
{
  char *text = b->data != NULL ? b->data : strdup ("");

  b->data = NULL;
  b->size = b->capacity = 0;
  return text;
}

void
dc_buffer_clear (struct dc_buffer *b)
{
  b->size = 0;
  if (b->data != NULL)
    b->data[0] = '\0';
}

void
dc_buffer_release (struct dc_buffer *b)
{
  free (b->data);
  b->data = NULL;
  b->size = b->capacity = 0;
}
