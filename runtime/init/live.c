/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/init/live.h"

#define ID_SIZE 32 /* hexadecimal digits */

struct value {
  char text[256];
};

/* The id in the file PATH, less its dashes. */
static void
read_id (const char *path, struct value *value)
{
  char bytes[64];
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  const ssize_t size = fd < 0 ? -1 : read (fd, bytes, sizeof bytes);
  size_t used = 0;

  if (fd >= 0)
    close (fd);
  for (ssize_t i = 0; i < size && bytes[i] != '\n' && used < ID_SIZE; i++) {
    if (bytes[i] != '-')
      value->text[used++] = bytes[i];
  }
  value->text[used == ID_SIZE ? used : 0] = '\0';
}

static struct value
value_of (char letter)
{
  struct value value = { "" };
  struct utsname names;

  if (letter == 'b') {
    read_id ("/proc/sys/kernel/random/boot_id", &value);
  } else if (letter == 'm') {
    read_id ("/etc/machine-id", &value);
  } else if (uname (&names) == 0) {
    const size_t size = strlen (names.release); /* at most 64 */
    memcpy (value.text, names.release, size);
  }
  return value;
}

char *
di_live_expand (const char *word)
{
  size_t marks = 0;

  for (const char *s = word; *s != '\0'; s++)
    marks += *s == DI_LIVE_MARK;
  char *expanded = malloc (strlen (word) + marks * sizeof (struct value) + 1);
  char *out = expanded;
  if (expanded == NULL)
    return NULL;
  for (const char *s = word; *s != '\0'; s++) {
    if (*s != DI_LIVE_MARK || s[1] == '\0' ||
        strchr (DI_LIVE_LETTERS, s[1]) == NULL) {
      *out++ = *s;
      continue;
    }
    const struct value value = value_of (*++s);
    const size_t size = strlen (value.text);
    memcpy (out, value.text, size);
    out += size;
  }
  *out = '\0';
  return expanded;
}
