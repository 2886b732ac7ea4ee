/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TESTS_FUZZ_TARGET_H
#define DC_TESTS_FUZZ_TARGET_H

/* target: something that reads what a guest wrote. */

#include <stddef.h>
#include <stdint.h>

#include "lib/tree/backends.h"

#define FUZZ_INPUT_MAX ((size_t) 64 * 1024) /* bytes */

typedef void fuzz_function (const uint8_t *data, size_t size);

struct target {
  const char *name;
  const char *path;     /* of the guest: the file that the input becomes;
                           NULL: a record of the live host */
  const char *settings; /* of the guest's one service, or NULL */
  const char *seed;     /* an input without a fault; NULL: only in files */
  const struct dc_memory_file *files; /* further ones, up to one without a
                                         path; NULL: none */
  fuzz_function *run; /* instead of a guest, for what is no file of it */
};
#define FUZZ_WITH(...)                                                         \
  .files = (const struct dc_memory_file[])                                     \
  {                                                                            \
    __VA_ARGS__,                                                               \
    {                                                                          \
      .path = NULL                                                             \
    }                                                                          \
  }

extern const struct target fuzz_targets[];
extern const size_t fuzz_target_count;

/* The target of this name, or NULL. */
const struct target *fuzz_target (const char *name);
/* Give the input to the target.  That it is refused is no fault; only a
 * crash is.
 */
void fuzz_run (const struct target *target, const uint8_t *data, size_t size);

/* For what is no file of a guest: its disk, its definition, its archive. */
fuzz_function fuzz_dnf_history, fuzz_dnf_locks, fuzz_dnf5_locks, fuzz_zypp_auto,
    fuzz_zypp_locks, fuzz_domain, fuzz_ext, fuzz_lvm_group, fuzz_lvm_label,
    fuzz_manifest, fuzz_map, fuzz_ovf, fuzz_partitions, fuzz_qcow2,
    fuzz_rpm_wal, fuzz_shell_variables, fuzz_tar, fuzz_tar_index, fuzz_vhdx,
    fuzz_vmdk, fuzz_vmdk_text, fuzz_vmx;
/* The dialects of analyzer/endpoint/settings.h. */
fuzz_function fuzz_settings_blocks, fuzz_settings_ini, fuzz_settings_json,
    fuzz_settings_phrases, fuzz_settings_tags, fuzz_settings_value,
    fuzz_settings_words, fuzz_settings_xml, fuzz_settings_yaml;

#endif
