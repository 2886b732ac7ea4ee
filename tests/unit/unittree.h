/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TESTS_UNIT_UNITTREE_H
#define DC_TESTS_UNIT_UNITTREE_H

/* unittree: small guests with systemd units, made of rows. */

#include "analyzer/unit/unitload.h"
#include "lib/tree/backends.h"

#define DIR(p)                                                                 \
  {                                                                            \
    .path = p, .mode = 0040755                                                 \
  }
#define FILE(p, t)                                                             \
  {                                                                            \
    .path = p, .mode = 0100644, .data = t                                      \
  }
#define PROGRAM(p, t)                                                          \
  {                                                                            \
    .path = p, .mode = 0100755, .data = t                                      \
  }
#define LINK(p, t)                                                             \
  {                                                                            \
    .path = p, .mode = 0120777, .data = t                                      \
  }

#define ETC "etc/systemd/system"
#define USR "usr/lib/systemd/system"
#define WANTED "[Install]\nWantedBy=multi-user.target\n"
#define PLAIN "[Unit]\nDescription=x\n"

#define FOLDERS                                                                \
  DIR (""), DIR ("etc"), DIR ("etc/systemd"), DIR (ETC), DIR ("usr"),          \
      DIR ("usr/lib"), DIR ("usr/lib/systemd"), DIR (USR),                     \
      LINK ("lib", "usr/lib")

#define MULTI                                                                  \
  LINK (USR "/default.target", "graphical.target"),                            \
      FILE (USR "/graphical.target",                                           \
            "[Unit]\nRequires=multi-user.target\nWants=dm.service\n"),         \
      FILE (USR "/multi-user.target", "[Unit]\nRequires=basic.target\n"),      \
      FILE (USR "/basic.target", "[Unit]\nRequires=sysinit.target\n"),         \
      FILE (USR "/sysinit.target", PLAIN),                                     \
      DIR (ETC "/multi-user.target.wants"),                                    \
      DIR (USR "/multi-user.target.wants")

#define CONF(name) "[Service]\nEnvironment=" name "\n"

/* What the units of the guest are, as lines "NAME STATE[ PRESET][ <- WHY IT
 * STARTS][ = ALIAS ...]", must be EXPECTED; the preset is + or -.
 */
void check_units (const struct dc_memory_file *files, size_t count,
                  const char *expected);
/* The values of all settings of the unit NAME with a blank behind each. */
void check_settings (const struct dc_memory_file *files, size_t count,
                     const char *name, const char *expected);

#endif
