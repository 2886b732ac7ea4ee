/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "runtime/init/child.h"

/* Of the kernel's headers, which are not ours to include. */
#define SECCOMP_MODE_FILTER 2
#define INSTRUCTION_SIZE 8 /* bytes */

struct program {
  unsigned short count;
  void *instructions;
};

static int
digit (char c)
{
  return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/* Load the program that WORD is in hexadecimal, as its keyword was checked. */
static int
load (const char *word)
{
  const size_t size = strlen (word) / 2;
  unsigned char *bytes = malloc (size + 1);
  struct program program = { .count =
                                 (unsigned short) (size / INSTRUCTION_SIZE),
                             .instructions = bytes };

  if (bytes == NULL)
    return -1;
  for (size_t i = 0; i < size; i++)
    bytes[i] =
        (unsigned char) (digit (word[2 * i]) << 4 | digit (word[2 * i + 1]));
  const int status =
      prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
  const int code = errno;
  free (bytes);
  errno = code;
  return status;
}

int
di_load_filters (const struct di_child *child, struct di_error *err)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (child->spawn->service, DI_FILTER, &position)) !=
         NULL) {
    if (load (line->words[0]) == 0)
      continue;
    di_fail_errno (err, "its system call filter is not allowed here", NULL);
    di_child_tell (child, err);
  }
  return 0;
}
