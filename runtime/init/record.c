/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <sys/mman.h>

#include "runtime/init/record.h"

struct di_record *
di_records_make (size_t count)
{
  void *memory =
      mmap (NULL, (count + 1) * sizeof (struct di_record),
            PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  return memory == MAP_FAILED ? NULL : memory;
}
