/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_BPF_H
#define DC_TRANSFORM_BPF_H

/* bpf: system call filters as the kernel takes them.
 *
 * Ours are ranges of numbers and a few comparisons of arguments; libseccomp,
 * which knows the numbers, would write a program ten times as long, and needs
 * a kernel that may be asked.  One program has a block for each architecture
 * that the kernel runs:
 *
 *   load arch; one jump a block; else return OTHER
 *   block: load nr; if nr >= bound: next, else return or go to the rules
 *          for each rule: if nr and arguments match: return
 *          return ALLOW
 *
 * A filter of numbers goes before rules, so that what it denies is denied in
 * its own way.
 *
 * Source: seccomp(2), linux/filter.h, linux/seccomp.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buffer.h"

#define DC_BPF_CALL_MAX 1024                /* numbers that are told apart */
#define DC_BPF_SIZE_MAX ((size_t) 4096 * 8) /* bytes: BPF_MAXINSNS */

#define DC_BPF_ALLOW UINT32_C (0x7fff0000)
#define DC_BPF_KILL UINT32_C (0x80000000)        /* the process */
#define DC_BPF_KILL_THREAD UINT32_C (0x00000000) /* of a foreign architecture */
#define DC_BPF_ERRNO(code) (UINT32_C (0x00050000) | (uint32_t) (code))

enum dc_bpf_operator {
  DC_BPF_ANY,   /* no condition, ends them */
  DC_BPF_EQUAL, /* as unsigned numbers of 64 bits */
  DC_BPF_OTHER, /* not equal */
  DC_BPF_LESS,
  DC_BPF_GREATER,
  DC_BPF_HAS, /* all the bits, of the low 32 */
};
struct dc_bpf_condition {
  enum dc_bpf_operator operator;
  unsigned argument; /* 0 to 5 */
  uint32_t value;
};

/* A call that is answered with ACTION if both conditions hold. */
struct dc_bpf_rule {
  int number; /* below 0: left out */
  uint32_t action;
  struct dc_bpf_condition conditions[2];
};

struct dc_bpf_block {
  uint32_t architecture;   /* AUDIT_ARCH_... */
  bool is_killed;          /* whole */
  const uint32_t *actions; /* of DC_BPF_CALL_MAX numbers; NULL: all allowed */
  uint32_t otherwise;      /* of the numbers above */
  const struct dc_bpf_rule *rules;
  size_t rule_count;
};

/* Append the program to B: instructions of 8 bytes in this machine's order.
 * OTHER is for architectures without a block.  0, or -1: DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_bpf_write (const struct dc_bpf_block *blocks, size_t count,
                  uint32_t other, struct dc_buffer *b, struct dc_error *err);

#endif
