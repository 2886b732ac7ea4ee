/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_SOURCEOPTIONS_H
#define DC_CLI_SOURCEOPTIONS_H

/* sourceoptions: the options of every command that reads a source.  A command's
 * struct begins with struct dc_source_flags, its table with these rows.
 */

#include "analyzer/source/source.h"
#include "cli/option.h"
#include "cli/terminal.h"

struct dc_source_flags {
  const char *format;
  const char *root;
  const char *key;
  int backend;
  const char *connect;
  struct dc_option_texts add, allow_backing;
  bool is_verbose, is_quiet;
};

/* clang-format off */
#define DC_SOURCE_OPTIONS                                                      \
  { .name = "add", .letter = 'a', .kind = DC_OPTION_TEXTS,                       \
    .target = offsetof (struct dc_source_flags, add), .argument = "DISK",      \
    .help = "a further disk of the same guest" },                              \
  { .name = "connect", .letter = 'c', .kind = DC_OPTION_TEXT,                  \
    .target = offsetof (struct dc_source_flags, connect), .argument = "URI",   \
    .help = "the libvirt of libvirt:DOMAIN" },                                 \
  { .name = "format", .kind = DC_OPTION_TEXT,                                  \
    .target = offsetof (struct dc_source_flags, format),                       \
    .argument = "FORMAT",                                                      \
    .help = "the disk's: raw, qcow2, vmdk, vdi, vhdx, vpc" },                  \
  { .name = "root", .kind = DC_OPTION_TEXT,                                    \
    .target = offsetof (struct dc_source_flags, root), .argument = "DEVICE",   \
    .help = "which system, where there are several: /dev/sda2" },              \
  { .name = "key", .kind = DC_OPTION_TEXT,                                     \
    .target = offsetof (struct dc_source_flags, key), .argument = "FILE",      \
    .help = "holds the passphrase of encrypted disks; '-': stdin" },           \
  { .name = "backend", .kind = DC_OPTION_CHOICE,                               \
    .target = offsetof (struct dc_source_flags, backend), .argument = "KIND",  \
    .help = "auto, appliance or own",                                         \
    .choices = { "auto", "appliance", "own" } },                              \
  { .name = "allow-backing", .kind = DC_OPTION_TEXTS,                          \
    .target = offsetof (struct dc_source_flags, allow_backing),                \
    .argument = "FILE", .help = "the disk may refer to FILE, also elsewhere" }, \
  { .name = "verbose", .letter = 'v', .kind = DC_OPTION_FLAG,                  \
    .target = offsetof (struct dc_source_flags, is_verbose),                   \
    .help = "say more" },                                                      \
  { .name = "quiet", .letter = 'q', .kind = DC_OPTION_FLAG,                    \
    .target = offsetof (struct dc_source_flags, is_quiet),                     \
    .help = "say only warnings and errors" }
/* clang-format on */

/* Put the source NAME before what ERR says, unless it is there or the user
 * stopped us.  -1.
 */
int dc_source_flags_fail (const char *name, struct dc_error *err);
/* Open the source NAME, with what FLAGS add, and set TERMINAL's loudness. */
int dc_source_flags_open (const struct dc_source_flags *flags, const char *name,
                          struct dc_terminal *terminal, struct dc_source **out,
                          struct dc_error *err);

#endif
