/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "cli/secretkey.h"
#include "lib/statedir.h"

#define KEY_FILE "secret.key"
#define TEXT_SIZE (2 * DC_SECRET_KEY_SIZE)

static int
digit (char byte)
{
  static const char digits[] = "0123456789abcdef";
  const char *found = byte != '\0' ? strchr (digits, byte) : NULL;

  return found != NULL ? (int) (found - digits) : -1;
}

static bool
read_key (const struct dc_buffer *b, unsigned char key[DC_SECRET_KEY_SIZE])
{
  if (b->size < TEXT_SIZE)
    return false;
  for (size_t i = 0; i < DC_SECRET_KEY_SIZE; i++) {
    const int high = digit (b->data[2 * i]), low = digit (b->data[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    key[i] = (unsigned char) (high << 4 | low);
  }
  return true;
}

static int
make_key (struct dc_error *err)
{
  unsigned char key[DC_SECRET_KEY_SIZE];
  char text[TEXT_SIZE + 1];

  if (getrandom (key, sizeof key, 0) != (ssize_t) sizeof key)
    return dc_fail_errno (err, "cannot make a key");
  for (size_t i = 0; i < sizeof key; i++)
    (void) snprintf (text + 2 * i, 3, "%02x", key[i]); /* fits */
  return dc_statedir_remember (KEY_FILE, text, err);
}

static int
recall (unsigned char key[DC_SECRET_KEY_SIZE], struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (TEXT_SIZE + 1);

  const int found = dc_statedir_recall (KEY_FILE, &b, err);
  return found <= 0 ? found : read_key (&b, key);
}

bool
dc_secret_key_load (unsigned char key[DC_SECRET_KEY_SIZE],
                    const struct dc_report *report)
{
  struct dc_error err = { .code = DC_OK };

  int found = recall (key, &err);
  if (found == 0 && make_key (&err) == 0)
    found = recall (key, &err); /* somebody else's, if he was faster */
  if (found < 0)
    dc_debug (report, "secrets get no fingerprints: %s", err.text);
  return found > 0;
}
