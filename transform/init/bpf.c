/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "transform/init/bpf.h"

#define X32_BIT UINT32_C (0x40000000)
#define AUDIT_ARCH_X86_64_ UINT32_C (0xc000003e)
#define ENOSYS_ 38

static int
emit (struct dc_buffer *b, unsigned code, uint32_t k, unsigned jt, unsigned jf,
      struct dc_error *err)
{
  const struct sock_filter instruction = {
    .code = (uint16_t) code, .jt = (uint8_t) jt, .jf = (uint8_t) jf, .k = k
  };

  assert (jt <= UINT8_MAX && jf <= UINT8_MAX);
  return dc_buffer_append (b, &instruction, sizeof instruction, err);
}

static int
emit_load (struct dc_buffer *b, size_t offset, struct dc_error *err)
{
  return emit (b, BPF_LD | BPF_W | BPF_ABS, (uint32_t) offset, 0, 0, err);
}

static int
emit_return (struct dc_buffer *b, uint32_t action, struct dc_error *err)
{
  return emit (b, BPF_RET | BPF_K, action, 0, 0, err);
}

static size_t
count (const struct dc_buffer *b)
{
  return b->size / sizeof (struct sock_filter);
}

/* Let the instruction at INDEX, a jump, go to the next that is written. */
static void
land (struct dc_buffer *b, size_t index)
{
  struct sock_filter instruction;
  char *at = b->data + index * sizeof instruction;

  memcpy (&instruction, at, sizeof instruction);
  instruction.k = (uint32_t) (count (b) - index - 1);
  memcpy (at, &instruction, sizeof instruction);
}

/* A comparison; it is true when the one that follows is run. */
struct test {
  unsigned code;
  uint32_t value;
  bool is_negated;
  size_t offset; /* in struct seccomp_data */
};

/* The words of an argument, little or big endian. */
static size_t
word_offset (unsigned argument, bool is_high)
{
  const uint16_t one = 1;
  const bool is_little = *(const uint8_t *) &one == 1;

  return offsetof (struct seccomp_data, args) + 8 * argument +
         (is_high == is_little ? 4 : 0);
}

/* Run on if CONDITION is true, else go over SKIPPED instructions more. */
static int
emit_condition (struct dc_buffer *b, const struct dc_bpf_condition *condition,
                unsigned skipped, struct dc_error *err)
{
  const size_t low = word_offset (condition->argument, false);
  const size_t high = word_offset (condition->argument, true);
  const uint32_t value = condition->value;

  switch (condition->operator) {
  case DC_BPF_ANY:
    return 0;
  case DC_BPF_HAS: /* ld low; and value; jeq value */
    if (emit_load (b, low, err) < 0 ||
        emit (b, BPF_ALU | BPF_AND | BPF_K, value, 0, 0, err) < 0)
      return -1;
    return emit (b, BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped, err);
  case DC_BPF_EQUAL: /* ld high; jeq 0; ld low; jeq value */
  case DC_BPF_LESS:
    if (emit_load (b, high, err) < 0 ||
        emit (b, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, skipped + 2, err) < 0 ||
        emit_load (b, low, err) < 0)
      return -1;
    return condition->operator== DC_BPF_EQUAL
               ? emit (b, BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped, err)
               : emit (b, BPF_JMP | BPF_JGE | BPF_K, value, skipped, 0, err);
  case DC_BPF_OTHER: /* ld high; jeq 0, else true; ld low; jeq value */
  case DC_BPF_GREATER:
    if (emit_load (b, high, err) < 0 ||
        emit (b, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, err) < 0 ||
        emit_load (b, low, err) < 0)
      return -1;
    return condition->operator== DC_BPF_OTHER
               ? emit (b, BPF_JMP | BPF_JEQ | BPF_K, value, skipped, 0, err)
               : emit (b, BPF_JMP | BPF_JGT | BPF_K, value, 0, skipped, err);
  }
  return 0;
}

/* How many instructions emit_condition() writes. */
static unsigned
condition_size (const struct dc_bpf_condition *condition)
{
  if (condition->operator== DC_BPF_ANY)
    return 0;
  return condition->operator== DC_BPF_HAS ? 3 : 4;
}

/* The number is loaded again for each: an argument was in its place. */
static int
emit_rule (struct dc_buffer *b, const struct dc_bpf_rule *rule,
           struct dc_error *err)
{
  const unsigned first = condition_size (&rule->conditions[0]);
  const unsigned second = condition_size (&rule->conditions[1]);

  if (rule->number < 0)
    return 0;
  if (emit_load (b, offsetof (struct seccomp_data, nr), err) < 0 ||
      emit (b, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t) rule->number, 0,
            first + second + 1, err) < 0 ||
      emit_condition (b, &rule->conditions[0], second + 1, err) < 0 ||
      emit_condition (b, &rule->conditions[1], 1, err) < 0)
    return -1;
  return emit_return (b, rule->action, err);
}

/* The end of the numbers from START on with one action. */
static size_t
run_end (const struct dc_bpf_block *block, size_t start)
{
  size_t end = start + 1;

  while (end < DC_BPF_CALL_MAX && block->actions[end] == block->actions[start])
    end++;
  return end;
}

/* Go to the rules where there are any. */
static int
emit_action (struct dc_buffer *b, uint32_t action, bool has_rules,
             size_t *jumps, size_t *jump_count, struct dc_error *err)
{
  if (action != DC_BPF_ALLOW || !has_rules)
    return emit_return (b, action, err);
  jumps[(*jump_count)++] = count (b);
  return emit (b, BPF_JMP | BPF_JA, 0, 0, 0, err);
}

static int
emit_actions (struct dc_buffer *b, const struct dc_bpf_block *block,
              struct dc_error *err)
{
  const bool has_rules = block->rule_count > 0;
  size_t jumps[DC_BPF_CALL_MAX + 1];
  size_t jump_count = 0;

  for (size_t i = 0; i < DC_BPF_CALL_MAX; i = run_end (block, i)) {
    if (emit (b, BPF_JMP | BPF_JGE | BPF_K, (uint32_t) run_end (block, i), 1, 0,
              err) < 0 ||
        emit_action (b, block->actions[i], has_rules, jumps, &jump_count, err) <
            0)
      return -1;
  }
  if (emit_action (b, block->otherwise, has_rules, jumps, &jump_count, err) < 0)
    return -1;
  for (size_t i = 0; i < jump_count; i++)
    land (b, jumps[i]);
  return 0;
}

static int
emit_block (struct dc_buffer *b, const struct dc_bpf_block *block,
            struct dc_error *err)
{
  if (block->is_killed)
    return emit_return (b, DC_BPF_KILL_THREAD, err);
  if (emit_load (b, offsetof (struct seccomp_data, nr), err) < 0)
    return -1;
  /* The kernels that run x32 programs are few: as on all others. */
  if (block->architecture == AUDIT_ARCH_X86_64_ &&
      (emit (b, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1, err) < 0 ||
       emit_return (b, DC_BPF_ERRNO (ENOSYS_), err) < 0))
    return -1;
  if (block->actions != NULL && emit_actions (b, block, err) < 0)
    return -1;
  for (size_t i = 0; i < block->rule_count; i++) {
    if (emit_rule (b, &block->rules[i], err) < 0)
      return -1;
  }
  return emit_return (b, DC_BPF_ALLOW, err);
}

int
dc_bpf_write (const struct dc_bpf_block *blocks, size_t block_count,
              uint32_t other, struct dc_buffer *b, struct dc_error *err)
{
  if (emit_load (b, offsetof (struct seccomp_data, arch), err) < 0)
    return -1;
  for (size_t i = 0; i < block_count; i++) {
    if (emit (b, BPF_JMP | BPF_JEQ | BPF_K, blocks[i].architecture, 0, 1, err) <
        0)
      return -1;
    const size_t jump = count (b);
    if (emit (b, BPF_JMP | BPF_JA, 0, 0, 0, err) < 0)
      return -1;
    (void) jump;
  }
  if (emit_return (b, other, err) < 0)
    return -1;
  /* The jump to block I is the instruction 2 * I + 2. */
  for (size_t i = 0; i < block_count; i++) {
    land (b, 2 * i + 2);
    if (emit_block (b, &blocks[i], err) < 0)
      return -1;
  }
  return 0;
}
