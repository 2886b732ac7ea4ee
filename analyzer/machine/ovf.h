/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_MACHINE_OVF_H
#define DC_ANALYZER_MACHINE_OVF_H

/* ovf: the definition of one machine in DMTF's Open Virtualization Format.
 *
 *   References     File: id, href
 *   DiskSection    Disk: diskId, capacity, fileRef
 *   VirtualSystem  VirtualHardwareSection, Item: ResourceType 3 processors,
 *                  4 memory, 10 network card, 17 hard disk "ovf:/disk/ID"
 *
 * Items of another configuration than the default one do not count.
 *
 * Source: DSP0243 1.1 and 2.1; CIM_ResourceAllocationSettingData; VMware's
 * vmw:Config keys as real appliances have them.
 */

#include <stddef.h>

#include "analyzer/machine/machine.h"

#define DC_OVF_SIZE_MAX ((size_t) 4 * 1024 * 1024) /* bytes */

/* 0 and *OUT for the caller, or -1: DC_ERR_INVALID (no such XML),
 * DC_ERR_UNSUPPORTED (no machine in it or several; a disk in chunks),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_ovf_parse (const char *text, size_t size, struct dc_machine **out,
                  struct dc_error *err);

#endif
