/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

int
main (void)
{
  return puts (PACKAGE_STRING) < 0;
}
