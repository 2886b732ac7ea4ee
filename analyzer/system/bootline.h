/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_BOOTLINE_H
#define DC_ANALYZER_SYSTEM_BOOTLINE_H

/* bootline: the kernel's command line, as the boot loader would pass it.
 *
 * That of the first entry which the loader's configuration has.  Which entry
 * somebody chose last is in the loader's own store and not looked at: entries
 * of one system differ in the kernel, seldom in the options.
 *
 * Source: the GRUB manual, "linux"; the Boot Loader Specification, "options";
 * SYSLINUX's "APPEND"; kernel-install(8), /etc/kernel/cmdline.
 */

#include "lib/span.h"
#include "lib/tree/tree.h"

#define DC_BOOTLINE_FILE_MAX ((size_t) 1024 * 1024) /* bytes of a file */

struct dc_bootline {
  char *options; /* "root=UUID=ab ro console=ttyS0,115200" */
  char *file;    /* "/boot/grub/grub.cfg" */
  unsigned line;
};

/* 1 and *OUT for the caller (release it); 0 when no file tells; -1:
 * DC_ERR_SYSTEM.
 */
int dc_bootline_find (struct dc_tree *tree, struct dc_bootline *out,
                      struct dc_error *err);
/* The next value of an option with its "=" ("console=") in *REST, which
 * begins as the options.
 */
bool dc_bootline_next (struct dc_span *rest, const char *name,
                       struct dc_span *value);
void dc_bootline_release (struct dc_bootline *bootline);

#endif
