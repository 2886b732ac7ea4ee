/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VERIFY_BOOT_H
#define DC_RUNTIME_VERIFY_BOOT_H

/* boot: a throw-away copy of a source, booted by QEMU.
 *
 *   disks, read-only --- overlay that QEMU deletes as soon as it has it open
 *   network              QEMU's own ("user"), which leads nowhere (restrict)
 *                        but to ports of the guest, in a network namespace
 *                        that has nothing but a loopback: a port of the guest
 *                        has its own number there, and only who enters it
 *                        reaches it
 *   console              the serial port, into an unnamed file
 *
 * It lives as long as its owner: QEMU is killed with the thread that started
 * it, and there is nothing else that could stay.
 *
 * Firmware: UEFI where the disk has an EFI system partition and nothing that
 * a BIOS could start from (a GPT without a BIOS boot partition).  Disks of
 * VMware and Hyper-V are given to an AHCI controller and an e1000e, others to
 * virtio: what their systems have drivers for.
 *
 * Source: qemu-system(1); UEFI 2.10, 5.3 and 13.3; measured with QEMU 7.2.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/buffer.h"
#include "lib/cleanup.h"
#include "lib/disk/open.h"
#include "lib/error.h"
#include "lib/report.h"

#define DC_BOOT_PORT_MAX 128
#define DC_BOOT_DISK_MAX 8

struct dc_boot_port {
  uint16_t port; /* of the guest, and of the namespace */
  bool is_udp;
};

struct dc_boot_options {
  struct dc_disk_source *const *disks;
  size_t disk_count;
  const struct dc_boot_port *ports;
  size_t port_count;
  unsigned memory_mb;
};

struct dc_boot;

/* Start it.  0 and *OUT for the caller, or -1: DC_ERR_NOTFOUND (no QEMU, no
 * firmware), DC_ERR_UNSUPPORTED (more disks than we attach), DC_ERR_TOOL,
 * DC_ERR_SYSTEM, what reading the disks can say.
 */
int dc_boot_start (const struct dc_boot_options *options,
                   const struct dc_report *report, struct dc_boot **out,
                   struct dc_error *err);
/* QEMU's process, in whose network the guest is. */
pid_t dc_boot_pid (const struct dc_boot *boot);
/* 1 and ERR says how, once it has ended. */
int dc_boot_has_ended (struct dc_boot *boot, struct dc_error *err);
/* "kvm" or "tcg"; "uefi" or "bios". */
const char *dc_boot_accel (const struct dc_boot *boot);
const char *dc_boot_firmware (const struct dc_boot *boot);
/* Append the end of what the guest has said on its console to TEXT. */
void dc_boot_console (const struct dc_boot *boot, struct dc_buffer *text);
/* Switch it off. */
void dc_boot_free (struct dc_boot *boot);
DC_DEFINE_AUTO (dc_boot)

#endif
