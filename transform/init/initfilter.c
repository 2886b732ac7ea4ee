/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include "lib/quote.h"
#include "transform/init/callset.h"
#include "transform/init/initcompiler.h"
#include "transform/init/initmask.h"

#define RULE_MAX 512
#define FAMILY_MAX 64
#define PERSONALITY_32_BIT 8 /* PER_LINUX32 */
#define NAMESPACES UINT64_C (0x7e020000)

/* Where a row is meant. */
enum where { EVERYWHERE, NOT_ON_X86, ON_X86 };

struct row {
  const char *key; /* a boolean setting */
  const char *call;
  int code;
  enum where where;
  struct dc_bpf_condition conditions[2];
};

#define HAS(argument, bits)                                                    \
  {                                                                            \
    DC_BPF_HAS, (argument), (bits)                                             \
  }
#define IS(argument, value)                                                    \
  {                                                                            \
    DC_BPF_EQUAL, (argument), (value)                                          \
  }
/* A mode that makes what runs as somebody else. */
#define NO_SET_ID(call, argument)                                              \
  { "RestrictSUIDSGID",                                                        \
    (call),                                                                    \
    EPERM,                                                                     \
    EVERYWHERE,                                                                \
    { HAS ((argument), S_ISUID) } },                                           \
  {                                                                            \
    "RestrictSUIDSGID", (call), EPERM, EVERYWHERE,                             \
    {                                                                          \
      HAS ((argument), S_ISGID)                                                \
    }                                                                          \
  }
#define NO_SET_ID_MADE(call, argument)                                         \
  { "RestrictSUIDSGID",                                                        \
    (call),                                                                    \
    EPERM,                                                                     \
    EVERYWHERE,                                                                \
    { HAS ((argument), O_CREAT), HAS ((argument) + 1, S_ISUID) } },            \
  {                                                                            \
    "RestrictSUIDSGID", (call), EPERM, EVERYWHERE,                             \
    {                                                                          \
      HAS ((argument), O_CREAT), HAS ((argument) + 1, S_ISGID)                 \
    }                                                                          \
  }

/* What each setting denies.  Source: systemd.exec(5); which arguments, where
 * that is silent: probed under systemd 252.
 */
static const struct row rows[] = {
  { "ProtectHostname", "sethostname", EPERM, EVERYWHERE, { { 0 } } },
  { "ProtectHostname", "setdomainname", EPERM, EVERYWHERE, { { 0 } } },
  { "ProtectKernelLogs", "syslog", EPERM, EVERYWHERE, { { 0 } } },
  { "ProtectKernelTunables", "_sysctl", EPERM, EVERYWHERE, { { 0 } } },
  { "RestrictRealtime",
    "sched_setscheduler",
    EPERM,
    EVERYWHERE,
    { IS (1, SCHED_FIFO) } },
  { "RestrictRealtime",
    "sched_setscheduler",
    EPERM,
    EVERYWHERE,
    { IS (1, SCHED_RR) } },
  { "RestrictRealtime",
    "sched_setscheduler",
    EPERM,
    EVERYWHERE,
    { IS (1, 4) } }, /* SCHED_ISO, which does not exist */
  { "RestrictRealtime",
    "sched_setscheduler",
    EPERM,
    EVERYWHERE,
    { { DC_BPF_GREATER, 1, SCHED_IDLE } } },
  NO_SET_ID ("chmod", 1),
  NO_SET_ID ("fchmod", 1),
  NO_SET_ID ("fchmodat", 2),
  NO_SET_ID ("fchmodat2", 2),
  NO_SET_ID ("mkdir", 1),
  NO_SET_ID ("mkdirat", 2),
  NO_SET_ID ("mknod", 1),
  NO_SET_ID ("mknodat", 2),
  NO_SET_ID ("creat", 1),
  NO_SET_ID_MADE ("open", 1),
  NO_SET_ID_MADE ("openat", 2),
  /* Its mode is in memory, where a filter cannot look. */
  { "RestrictSUIDSGID", "openat2", ENOSYS, EVERYWHERE, { { 0 } } },
  { "MemoryDenyWriteExecute",
    "mmap",
    EPERM,
    NOT_ON_X86,
    { HAS (2, PROT_EXEC | PROT_WRITE) } },
  { "MemoryDenyWriteExecute",
    "mmap2",
    EPERM,
    EVERYWHERE,
    { HAS (2, PROT_EXEC | PROT_WRITE) } },
  { "MemoryDenyWriteExecute", "mmap", EPERM, ON_X86, { { 0 } } },
  { "MemoryDenyWriteExecute",
    "mprotect",
    EPERM,
    EVERYWHERE,
    { HAS (2, PROT_EXEC) } },
  { "MemoryDenyWriteExecute",
    "pkey_mprotect",
    EPERM,
    EVERYWHERE,
    { HAS (2, PROT_EXEC) } },
  { "MemoryDenyWriteExecute",
    "shmat",
    EPERM,
    NOT_ON_X86,
    { HAS (2, SHM_EXEC) } },
};

/* Settings that deny a group of calls. */
static const struct {
  const char *key, *group;
} groups[] = {
  { "PrivateDevices", "@raw-io" },
  { "ProtectClock", "@clock" },
  { "ProtectKernelModules", "@module" },
};

static const struct dc_mask_word families[] = {
  { "AF_UNIX", 1 },    { "AF_LOCAL", 1 },       { "AF_INET", 2 },
  { "AF_AX25", 3 },    { "AF_IPX", 4 },         { "AF_APPLETALK", 5 },
  { "AF_NETROM", 6 },  { "AF_BRIDGE", 7 },      { "AF_ATMPVC", 8 },
  { "AF_X25", 9 },     { "AF_INET6", 10 },      { "AF_ROSE", 11 },
  { "AF_DECnet", 12 }, { "AF_NETBEUI", 13 },    { "AF_SECURITY", 14 },
  { "AF_KEY", 15 },    { "AF_NETLINK", 16 },    { "AF_ROUTE", 16 },
  { "AF_PACKET", 17 }, { "AF_ASH", 18 },        { "AF_ECONET", 19 },
  { "AF_ATMSVC", 20 }, { "AF_RDS", 21 },        { "AF_SNA", 22 },
  { "AF_IRDA", 23 },   { "AF_PPPOX", 24 },      { "AF_WANPIPE", 25 },
  { "AF_LLC", 26 },    { "AF_IB", 27 },         { "AF_MPLS", 28 },
  { "AF_CAN", 29 },    { "AF_TIPC", 30 },       { "AF_BLUETOOTH", 31 },
  { "AF_IUCV", 32 },   { "AF_RXRPC", 33 },      { "AF_ISDN", 34 },
  { "AF_PHONET", 35 }, { "AF_IEEE802154", 36 }, { "AF_CAIF", 37 },
  { "AF_ALG", 38 },    { "AF_NFC", 39 },        { "AF_VSOCK", 40 },
  { "AF_KCM", 41 },    { "AF_QIPCRTR", 42 },    { "AF_SMC", 43 },
  { "AF_XDP", 44 },    { "AF_MCTP", 45 },
};
#define FAMILY_LAST 45

/* The rules so far, by name, and what the calls' numbers are answered with. */
struct filter {
  struct dc_initservice *service;
  struct row rules[RULE_MAX];
  size_t rule_count;
  struct dc_callset *set;
};

static int
add_rule (struct filter *filter, const struct row *row, struct dc_error *err)
{
  if (filter->rule_count == RULE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "too many rules for system calls");
  filter->rules[filter->rule_count++] = *row;
  return 0;
}

static int
add_rows (struct filter *filter, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (rows); i++) {
    const bool is_implied = strcmp (rows[i].key, "RestrictSUIDSGID") == 0 &&
                            dc_init_is (filter->service, "DynamicUser");
    if ((is_implied || dc_init_is (filter->service, rows[i].key)) &&
        add_rule (filter, &rows[i], err) < 0)
      return -1;
  }
  return 0;
}

static int
add_groups (struct filter *filter, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (groups); i++) {
    size_t count;
    char *const *calls;
    if (!dc_init_is (filter->service, groups[i].key))
      continue;
    const int status =
        dc_callset_group (filter->set, groups[i].group, &calls, &count, err);
    if (status <= 0)
      return status; /* our own groups are there */
    for (size_t k = 0; k < count; k++) {
      const struct row row = { .call = calls[k], .code = EPERM };
      if (add_rule (filter, &row, err) < 0)
        return -1;
    }
  }
  return 0;
}

/* All but the own personality. */
static int
add_personality (struct filter *filter, struct dc_error *err)
{
  const char *value =
      dc_unit_value (filter->service->unit, "Service", "Personality", NULL);
  const bool is_narrow = value != NULL && strcmp (value, "x86") == 0;
  const struct row row = {
    .call = "personality",
    .code = EPERM,
    .conditions = { { DC_BPF_OTHER, 0, is_narrow ? PERSONALITY_32_BIT : 0 } },
  };

  return dc_init_is (filter->service, "LockPersonality")
             ? add_rule (filter, &row, err)
             : 0;
}

/* The name spaces that it may make or join. */
static int
read_namespaces (const struct dc_initservice *service, uint64_t *kept,
                 struct dc_error *err)
{
  static const char key[] = "RestrictNamespaces";
  const bool is_true = dc_unit_is (service->unit, "Service", key, false);
  const bool is_not_false = dc_unit_is (service->unit, "Service", key, true);

  if (is_true == is_not_false) { /* a boolean */
    *kept = is_true ? 0 : NAMESPACES;
    return 0;
  }
  if (dc_unit_value (service->unit, "Service", key, NULL) == NULL) {
    *kept = NAMESPACES;
    return 0;
  }
  return dc_init_mask (service, key, &dc_mask_namespaces, NAMESPACES, kept,
                       err) < 0
             ? -1
             : 0;
}

static int
add_namespaces (struct filter *filter, struct dc_error *err)
{
  uint64_t kept;

  if (read_namespaces (filter->service, &kept, err) < 0)
    return -1;
  if ((kept & NAMESPACES) == NAMESPACES)
    return 0;
  /* Its flags are in memory; a library then takes the old call. */
  const struct row clone3 = { .call = "clone3", .code = ENOSYS };
  const bool keeps_any = (kept & NAMESPACES) != 0;
  const struct row join = {
    .call = "setns",
    .code = EPERM,
    .conditions = { { keeps_any ? DC_BPF_EQUAL : DC_BPF_ANY, 1, 0 } },
  };
  if (add_rule (filter, &clone3, err) < 0 || add_rule (filter, &join, err) < 0)
    return -1;
  for (unsigned i = 0; i < 32; i++) {
    const uint32_t bit = UINT32_C (1) << i;
    if ((NAMESPACES & bit) == 0 || (kept & bit) != 0)
      continue;
    const struct row denied[] = {
      { .call = "unshare", .code = EPERM, .conditions = { HAS (0, bit) } },
      { .call = "clone", .code = EPERM, .conditions = { HAS (0, bit) } },
      { .call = "setns", .code = EPERM, .conditions = { HAS (1, bit) } },
    };
    for (size_t k = 0; k < DC_COUNT (denied); k++) {
      if (add_rule (filter, &denied[k], err) < 0)
        return -1;
    }
  }
  return 0;
}

/* Address families as they are listed. */
struct listed {
  bool is_set, is_allowed;
  bool has[FAMILY_MAX];
};

static int
read_family (struct filter *filter, const struct dc_setting *setting,
             const char *word, bool is_denied, struct listed *listed,
             struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (families); i++) {
    if (strcmp (families[i].name, word) != 0)
      continue;
    listed->has[families[i].bits] = is_denied != listed->is_allowed;
    return 0;
  }
  return dc_init_note (filter->service->compiler, filter->service->unit,
                       setting, err, "%s=: '%s' is not known, ignoring it",
                       setting->key, dc_quote (word).text);
}

static int
read_families (struct filter *filter, const struct dc_setting *setting,
               struct listed *listed, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  const bool is_denied = setting->value[0] == '~';

  if (setting->value[0] == '\0') {
    *listed = (struct listed){ .is_set = false };
    return 0;
  }
  if (strcmp (setting->value, "none") == 0) {
    *listed = (struct listed){ .is_set = true, .is_allowed = true };
    return 0;
  }
  if (!listed->is_set)
    *listed = (struct listed){ .is_set = true, .is_allowed = !is_denied };
  if (dc_unit_words (setting->value + is_denied, &words, err) < 0)
    return err->code == DC_ERR_INVALID
               ? dc_init_note_value (filter->service, setting, err)
               : -1;
  for (size_t i = 0; i < words.count; i++) {
    if (read_family (filter, setting, words.items[i], is_denied, listed, err) <
        0)
      return -1;
  }
  return 0;
}

static int
add_family (struct filter *filter, enum dc_bpf_operator operator,
            uint32_t value, struct dc_error *err)
{
  const struct row row = { .call = "socket",
                           .code = EAFNOSUPPORT,
                           .where = NOT_ON_X86,
                           .conditions = { { operator, 0, value } } };

  return add_rule (filter, &row, err);
}

static int
add_families (struct filter *filter, struct dc_error *err)
{
  const struct dc_unit *unit = filter->service->unit;
  struct listed listed = { .is_set = false };

  for (size_t i = 0; i < unit->setting_count; i++) {
    const struct dc_setting *setting = &unit->settings[i];
    if (strcmp (setting->section, "Service") == 0 &&
        strcmp (setting->key, "RestrictAddressFamilies") == 0 &&
        read_families (filter, setting, &listed, err) < 0)
      return -1;
  }
  if (!listed.is_set)
    return 0;
  for (uint32_t i = 0; i <= FAMILY_LAST; i++) {
    if (listed.has[i] != listed.is_allowed &&
        add_family (filter, DC_BPF_EQUAL, i, err) < 0)
      return -1;
  }
  return listed.is_allowed
             ? add_family (filter, DC_BPF_GREATER, FAMILY_LAST, err)
             : 0;
}

/* Of the architecture with number ARCH. */
static size_t
number_rules (const struct filter *filter, uint32_t arch,
              struct dc_bpf_rule *rules)
{
  size_t count = 0;

  for (size_t i = 0; i < filter->rule_count; i++) {
    const struct row *row = &filter->rules[i];
    const bool is_x86 = arch == SCMP_ARCH_X86;
    if ((row->where == ON_X86 && !is_x86) ||
        (row->where == NOT_ON_X86 && is_x86))
      continue;
    rules[count++] = (struct dc_bpf_rule){
      .number = seccomp_syscall_resolve_name_arch (arch, row->call),
      .action = DC_BPF_ERRNO (row->code),
      .conditions = { row->conditions[0], row->conditions[1] },
    };
  }
  return count;
}

/* What a kernel of this architecture also runs. */
static uint32_t
other_architecture (uint32_t native)
{
  if (native == SCMP_ARCH_X86_64)
    return SCMP_ARCH_X86;
  return native == SCMP_ARCH_AARCH64 ? SCMP_ARCH_ARM : 0;
}

static const struct {
  const char *name;
  uint32_t arch;
} architectures[] = {
  { "x86", SCMP_ARCH_X86 },       { "x86-64", SCMP_ARCH_X86_64 },
  { "x32", SCMP_ARCH_X32 },       { "arm", SCMP_ARCH_ARM },
  { "arm64", SCMP_ARCH_AARCH64 },
};

/* May it use the calls of ARCH, which is not our own?  *IS_LIMITED: there is
 * a list at all.
 */
static int
read_architectures (const struct dc_initservice *service, uint32_t arch,
                    bool *is_limited, bool *is_allowed, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (dc_init_words (service, "Service", "SystemCallArchitectures", &words,
                     err) < 0)
    return -1;
  *is_limited = words.count > 0;
  *is_allowed = !*is_limited;
  for (size_t i = 0; i < words.count; i++) {
    for (size_t k = 0; k < DC_COUNT (architectures); k++) {
      if (architectures[k].arch == arch &&
          strcmp (architectures[k].name, words.items[i]) == 0)
        *is_allowed = true;
    }
  }
  return 0;
}

static int
write_program (struct filter *filter, struct dc_buffer *program,
               struct dc_error *err)
{
  const uint32_t native = seccomp_arch_native ();
  const uint32_t archs[] = { native, other_architecture (native) };
  AUTO_FREE uint32_t *actions = calloc (2 * DC_BPF_CALL_MAX, sizeof *actions);
  AUTO_FREE struct dc_bpf_rule *rules = calloc (2 * RULE_MAX, sizeof *rules);
  struct dc_bpf_block blocks[2];
  const bool has_set = dc_callset_is_set (filter->set);
  bool is_limited, is_allowed;

  if (actions == NULL || rules == NULL)
    return dc_fail_errno (err, "cannot keep a system call filter");
  if (read_architectures (filter->service, archs[1], &is_limited, &is_allowed,
                          err) < 0)
    return -1;
  if (!is_limited && !has_set && filter->rule_count == 0)
    return 0;
  const size_t count = archs[1] == 0 ? 1 : 2;
  for (size_t i = 0; i < count; i++) {
    struct dc_bpf_rule *own = rules + i * RULE_MAX;
    uint32_t *numbers = actions + i * DC_BPF_CALL_MAX;
    blocks[i] = (struct dc_bpf_block){
      .architecture = archs[i],
      .is_killed = i > 0 && !is_allowed,
      .actions = has_set ? numbers : NULL,
      .otherwise = dc_callset_actions (filter->set, archs[i], numbers),
      .rules = own,
      .rule_count = number_rules (filter, archs[i], own),
    };
  }
  return dc_bpf_write (blocks, count,
                       is_limited ? DC_BPF_KILL_THREAD : DC_BPF_ALLOW, program,
                       err) < 0
             ? -1
             : 1;
}

/* The bytes of the program in hexadecimal: one word. */
static int
write_line (struct dc_initservice *service, const struct dc_buffer *program,
            struct dc_error *err)
{
  static const char digits[] = "0123456789abcdef";
  AUTO_FREE char *word = malloc (2 * program->size + 1);

  if (word == NULL)
    return dc_fail_errno (err, "cannot keep a system call filter");
  for (size_t i = 0; i < program->size; i++) {
    const unsigned char byte = (unsigned char) program->data[i];
    word[2 * i] = digits[byte >> 4];
    word[2 * i + 1] = digits[byte & 15];
  }
  word[2 * program->size] = '\0';
  return dc_initline (service->lines, err, "filter", word, NULL);
}

static void
release_filter (struct filter **filter)
{
  if (*filter != NULL)
    dc_callset_free ((*filter)->set);
  free (*filter);
}

/* A limit of it would be a way around. */
static int
write_limit (const struct dc_initservice *service, struct dc_error *err)
{
  const bool is_limited =
      dc_unit_value (service->unit, "Service", "LimitRTPRIO", NULL) != NULL;

  return dc_init_is (service, "RestrictRealtime") && !is_limited
             ? dc_initline (service->lines, err, "limit", "rtprio", "0", "0",
                            NULL)
             : 0;
}

int
dc_init_filter (struct dc_initservice *service, struct dc_error *err)
{
  __attribute__ ((__cleanup__ (release_filter))) struct filter *filter =
      calloc (1, sizeof *filter);
  AUTO_BUFFER struct dc_buffer program = DC_BUFFER_INIT (DC_BPF_SIZE_MAX);

  if (filter == NULL)
    return dc_fail_errno (err, "cannot keep a system call filter");
  filter->service = service;
  if (dc_callset_make (service, &filter->set, err) < 0 ||
      add_rows (filter, err) < 0 || add_groups (filter, err) < 0 ||
      add_personality (filter, err) < 0 || add_namespaces (filter, err) < 0 ||
      add_families (filter, err) < 0)
    return -1;
  const int status = write_program (filter, &program, err);
  if (status < 0 || write_limit (service, err) < 0 ||
      (status == 1 && write_line (service, &program, err) < 0))
    return -1;
  return 1;
}
