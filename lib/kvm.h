/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_KVM_H
#define DC_LIB_KVM_H

/* kvm: does hardware virtualisation really work on this host?
 *
 * That /dev/kvm exists says little: measured in a nested guest, QEMU starts with
 * it and then hangs.  So a boot sector of nine bytes is booted once, which
 * ends QEMU with a known status; the answer is kept in the state folder
 * ("kvm") until the host boots anew.
 *
 * Source: QEMU's isa-debug-exit device: a byte V written to its port ends
 * QEMU with status 2 V + 1.
 */

#include "lib/error.h"
#include "lib/report.h"

enum dc_kvm {
  DC_KVM_WORKS,
  DC_KVM_ABSENT,  /* no /dev/kvm, or no permission */
  DC_KVM_BROKEN,  /* it is there, but a guest does not get through */
  DC_KVM_UNTRIED, /* no QEMU to try it with */
};

/* 0 and *ANSWER, or -1 (DC_ERR_CANCELLED, DC_ERR_SYSTEM). */
int dc_kvm_probe (const struct dc_report *report, enum dc_kvm *answer,
                  struct dc_error *err);

#endif
