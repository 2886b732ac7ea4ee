/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_MACHINE_VMX_H
#define DC_ANALYZER_MACHINE_VMX_H

/* vmx: the file in which VMware keeps a machine.
 *
 *   scsi0:0.fileName = "web.vmdk"
 *
 * Keys are the same in capitals, the last assignment counts, "|22" is the byte
 * with that number.  A device is there when its "present" is true.
 *
 * Source: VMware's "vmx file parameters" as libvirt's src/vmx/vmx.c and
 * virt-v2v read them; compared with libvirt's expected domains.
 */

#include <stddef.h>

#include "analyzer/machine/machine.h"

#define DC_VMX_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */
#define DC_VMX_LINE_MAX 20000

/* 0 and *OUT for the caller, or -1: DC_ERR_INVALID (the text names the line),
 * DC_ERR_ENCRYPTED, DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_vmx_parse (const char *text, size_t size, struct dc_machine **out,
                  struct dc_error *err);

#endif
