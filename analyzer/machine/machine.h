/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_MACHINE_MACHINE_H
#define DC_ANALYZER_MACHINE_MACHINE_H

/* machine: what somebody's definition of a virtual machine says about it: an
 * OVF, a VMX, libvirt's domain XML.
 *
 * The definition is parsed in a confined worker and crosses to the parent as
 * JSON, which is also the profile's "machine".  What a definition does not
 * say is NULL or 0, never a default of the hypervisor's.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_MACHINE_DISK_MAX 256
#define DC_MACHINE_NIC_MAX 256
#define DC_MACHINE_TEXT_MAX ((size_t) 4096) /* bytes of a value */

struct dc_machine_disk {
  char *file;         /* as the definition names it; NULL: it starts empty */
  char *format;       /* "qcow2": as stated for certain; NULL */
  char *target;       /* "scsi0:0", "vda": the definition's own name */
  uint64_t capacity;  /* bytes */
  bool is_compressed; /* with gzip, as a whole */
  unsigned line;
};

struct dc_machine_nic {
  char *mac;
  char *network; /* what it is plugged into, in the definition's words */
  char *model;
  unsigned line;
};

struct dc_machine {
  const char *kind; /* "ovf", "vmx", "libvirt"; static */
  char *name, *uuid;
  char *firmware; /* "bios", "efi" */
  char *os_hint;  /* in the definition's words */
  uint64_t cpus;
  uint64_t memory;               /* bytes */
  unsigned line;                 /* where the machine begins */
  struct dc_machine_disk *disks; /* hard disks, in the order of the machine */
  size_t disk_count;
  struct dc_machine_nic *nics;
  size_t nic_count;
};

/* An empty one of that kind; 0 or -1: DC_ERR_SYSTEM. */
int dc_machine_new (const char *kind, struct dc_machine **out,
                    struct dc_error *err);
/* TEXT in *FIELD, unless it is NULL or empty or there is one already.  0, or
 * -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_machine_set (char **field, const char *text, struct dc_error *err);
/* A new disk or card, counted already; 0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_machine_add_disk (struct dc_machine *machine, unsigned line,
                         struct dc_machine_disk **out, struct dc_error *err);
int dc_machine_add_nic (struct dc_machine *machine, unsigned line,
                        struct dc_machine_nic **out, struct dc_error *err);
/* The profile's form; FILE is the definition's name, for evidence.  NULL
 * without memory.
 */
json_t *dc_machine_json (const struct dc_machine *machine, const char *file);
void dc_machine_free (struct dc_machine *machine);
DC_DEFINE_AUTO (dc_machine)

#endif
