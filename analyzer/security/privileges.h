/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SECURITY_PRIVILEGES_H
#define DC_ANALYZER_SECURITY_PRIVILEGES_H

/* privileges: what gives rights to whoever runs it (setuid and setgid bits,
 * file capabilities), and what takes rights away (SELinux, AppArmor).
 *
 * Source: capabilities(7) "File capability extended attribute versioning" and
 * <linux/capability.h>; selinux_config(5); apparmor.d(5), apparmor(7).
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_PRIVILEGED_MAX ((size_t) 10000)   /* files of one guest */
#define DC_SECURITY_NAME_MAX ((size_t) 5000) /* modules, profiles: of each */

struct dc_file_caps {
  uint64_t permitted, inheritable; /* bit N: capability N */
  bool is_effective;               /* raised when the program starts */
  uint32_t root;                   /* user whose name space it is for; 0 */
};

/* Decode SIZE bytes of security.capability, all three versions.  0 and *OUT,
 * or -1: DC_ERR_INVALID.
 */
int dc_file_caps_parse (const void *bytes, size_t size,
                        struct dc_file_caps *out, struct dc_error *err);
/* "cap_net_raw"; NULL for a number without a name. */
const char *dc_capability_name (unsigned number);

struct dc_privileged {
  char *path;
  uint32_t uid, gid;
  uint16_t mode; /* 07777 bits */
  bool has_caps;
  struct dc_file_caps caps;
};

struct dc_security {
  struct dc_privileged *items; /* regular files, in the order of paths */
  size_t count;
  uint64_t lost;                       /* beyond DC_PRIVILEGED_MAX */
  char *selinux_mode, *selinux_policy; /* of its configuration; NULL */
  struct dc_words selinux_modules;     /* that somebody added, sorted */
  bool has_apparmor;
  struct dc_words apparmor_profiles; /* files, sorted; the disabled ones too */
  struct dc_words apparmor_disabled, apparmor_complaining;
};

struct dc_profile;
struct dc_page;
/* As struct dc_section has it. */
int dc_security_read (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_error *err);
json_t *dc_security_json (const struct dc_profile *profile);
int dc_security_text (struct dc_page *page, struct dc_error *err);
void dc_security_forget (struct dc_profile *profile);

#endif
