/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/utf8.h"
#include "lib/yamltext.h"

#define FIRST_BYTE 0xef80 /* the code point of byte 0x80 */
#define LAST_BYTE 0xefff

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* What a plain scalar may have behind its first byte; a colon, a hash and an
 * apostrophe only where they mean nothing, which is not looked at.
 */
static const char flow_bytes[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "0123456789_-./@+%= ";
static const char block_bytes[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "0123456789_-./@+%= ,;()*'";

static bool
is_word_of_yaml (const char *text)
{
  static const char *const words[] = { "null", "true", "false", "yes", "no",
                                       "on",   "off",  "y",     "n" };

  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcasecmp (text, words[i]) == 0)
      return true;
  return false;
}

/* Plain scalars begin with a letter, a slash or an underscore: so none is a
 * number, a date, an indicator or nothing.
 */
static bool
is_plain (const char *text, const char *bytes)
{
  const size_t size = strlen (text);

  return size > 0 && text[size - 1] != ' ' &&
         (text[0] == '/' || text[0] == '_' ||
          strchr (letters, text[0]) != NULL) &&
         strspn (text, bytes) == size && !is_word_of_yaml (text);
}

static int
write_byte (struct dc_buffer *b, unsigned char byte, struct dc_error *err)
{
  switch (byte) {
  case '"':
    return dc_buffer_append (b, "\\\"", 2, err);
  case '\\':
    return dc_buffer_append (b, "\\\\", 2, err);
  case '\n':
    return dc_buffer_append (b, "\\n", 2, err);
  case '\t':
    return dc_buffer_append (b, "\\t", 2, err);
  default:
    return byte < 0x20 || byte == 0x7f
               ? dc_buffer_print (b, err, "\\x%02X", byte)
               : dc_buffer_append (b, &byte, 1, err);
  }
}

/* What a reader refuses or takes for a line's end, and what could falsify a
 * terminal that shows the file (as in lib/quote.c).
 */
static bool
is_escaped (uint32_t point)
{
  static const struct {
    uint32_t first, last;
  } ranges[] = {
    { 0x0080, 0x009f }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
    { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xffff },
  };

  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
    if (point >= ranges[i].first && point <= ranges[i].last)
      return true;
  return false;
}

static int
write_quoted (struct dc_buffer *b, const char *text, struct dc_error *err)
{
  const size_t size = strlen (text);
  int status = dc_buffer_append (b, "\"", 1, err);

  for (size_t i = 0; i < size && status == 0;) {
    const unsigned char byte = (unsigned char) text[i];
    uint32_t point = 0;
    const size_t n = dc_utf8_decode (text + i, size - i, &point);
    if (byte < 0x80)
      status = write_byte (b, byte, err);
    else if (n == 0 || (point >= FIRST_BYTE && point <= LAST_BYTE))
      status = dc_buffer_print (b, err, "\\u%04X", FIRST_BYTE + byte - 0x80);
    else if (is_escaped (point))
      status = dc_buffer_print (b, err, "\\u%04X", point);
    else
      status = dc_buffer_append (b, text + i, n, err);
    /* Of a code point that stands for a byte, each byte is written. */
    i += n == 0 || (point >= FIRST_BYTE && point <= LAST_BYTE) ? 1 : n;
  }
  return status == 0 ? dc_buffer_append (b, "\"", 1, err) : -1;
}

int
dc_yaml_text_write (struct dc_buffer *b, const char *text, struct dc_error *err)
{
  return is_plain (text, block_bytes)
             ? dc_buffer_append (b, text, strlen (text), err)
             : write_quoted (b, text, err);
}

int
dc_yaml_text_write_flow (struct dc_buffer *b, const char *text,
                         struct dc_error *err)
{
  return is_plain (text, flow_bytes)
             ? dc_buffer_append (b, text, strlen (text), err)
             : write_quoted (b, text, err);
}

void
dc_yaml_text_decode (char *text)
{
  size_t size = strlen (text), used = 0;

  for (size_t i = 0; i < size;) {
    uint32_t point = 0;
    const size_t n = dc_utf8_decode (text + i, size - i, &point);
    if (n > 0 && point >= FIRST_BYTE && point <= LAST_BYTE) {
      text[used++] = (char) (unsigned char) (0x80 + (point - FIRST_BYTE));
      i += n;
      continue;
    }
    text[used++] = text[i++];
  }
  text[used] = '\0';
}
