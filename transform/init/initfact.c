/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/security/privileges.h"
#include "analyzer/unit/unitenv.h"
#include "lib/glob.h"
#include "lib/number.h"
#include "transform/init/initfact.h"

#define OS_RELEASE_SIZE_MAX ((size_t) 64 * 1024) /* bytes */
#define MACHINE_ID_SIZE_MAX ((size_t) 4 * 1024)  /* likewise */
#define CAPABILITY_MAX 63
#define CPU_MAX 1000000

/* How a condition is answered; always, if there is no function. */
struct rule {
  const char *name;
  int (*answer) (const struct dc_initservice *service, struct dc_fact *fact,
                 struct dc_error *err);
  const char *test;      /* of ASK, if the function does not say else */
  enum dc_answer always; /* without a function */
};

static int
put (struct dc_fact *fact, const char *text, struct dc_error *err)
{
  return dc_buffer_print (&fact->word, err, "%s", text) < 0 ? -1
                                                            : DC_ANSWER_ASK;
}

static int
ask (struct dc_fact *fact, const char *test, const char *word,
     struct dc_error *err)
{
  fact->test = test;
  return put (fact, word, err);
}

static int
ask_path (const struct dc_initservice *service, struct dc_fact *fact,
          struct dc_error *err)
{
  (void) service;
  return fact->value[0] != '/' ? DC_ANSWER_NO_PATH
                               : put (fact, fact->value, err);
}

static int
ask_word (const struct dc_initservice *service, struct dc_fact *fact,
          struct dc_error *err)
{
  (void) service;
  return put (fact, fact->value, err);
}

static bool
is_among (const char *const *words, const char *value)
{
  for (; *words != NULL; words++) {
    if (strcasecmp (*words, value) == 0)
      return true;
  }
  return false;
}

static const char *const yes[] = { "1", "yes", "y", "true", "t", "on", NULL };
static const char *const no[] = { "0", "no", "n", "false", "f", "off", NULL };

/* A boolean that says what IS_TRUE says. */
static int
answer_boolean (const struct dc_fact *fact, bool is_true)
{
  if (is_among (yes, fact->value))
    return is_true ? DC_ANSWER_TRUE : DC_ANSWER_FALSE;
  if (is_among (no, fact->value))
    return is_true ? DC_ANSWER_FALSE : DC_ANSWER_TRUE;
  return DC_ANSWER_WRONG;
}

/* A server's machine does not run on a battery. */
static int
answer_power (const struct dc_initservice *service, struct dc_fact *fact,
              struct dc_error *err)
{
  (void) service;
  (void) err;
  return answer_boolean (fact, true);
}

static int
answer_first_boot (const struct dc_initservice *service, struct dc_fact *fact,
                   struct dc_error *err)
{
  (void) service;
  (void) err;
  return answer_boolean (fact, false);
}

/* systemd's names and patterns of what uname(2) says. */
static int
answer_architecture (const struct dc_initservice *service, struct dc_fact *fact,
                     struct dc_error *err)
{
  static const struct {
    const char *name, *pattern;
  } machines[] = {
    { "alpha", "alpha" },
    { "arc", "arc" },
    { "arc-be", "arceb" },
    { "arm", "armv[4-8]*l" },
    { "arm-be", "armv*b" },
    { "arm64", "aarch64" },
    { "arm64-be", "aarch64_be" },
    { "ia64", "ia64" },
    { "loongarch64", "loongarch64" },
    { "m68k", "m68k" },
    { "mips64", "mips64" },
    { "ppc64", "ppc64" },
    { "ppc64-le", "ppc64le" },
    { "riscv32", "riscv32" },
    { "riscv64", "riscv64" },
    { "s390", "s390" },
    { "s390x", "s390x" },
    { "sparc64", "sparc64" },
    { "x86", "i[3-6]86" },
    { "x86-64", "x86_64" },
  };

  (void) service;
  if (strcmp (fact->value, "native") == 0)
    return DC_ANSWER_TRUE;
  for (size_t i = 0; i < DC_COUNT (machines); i++) {
    if (strcmp (machines[i].name, fact->value) == 0)
      return put (fact, machines[i].pattern, err);
  }
  return DC_ANSWER_WRONG;
}

static int
answer_capability (const struct dc_initservice *service, struct dc_fact *fact,
                   struct dc_error *err)
{
  (void) service;
  for (unsigned i = 0; i <= CAPABILITY_MAX; i++) {
    const char *name = dc_capability_name (i);
    if (name != NULL && strncasecmp (fact->value, "CAP_", 4) == 0 &&
        strcasecmp (name + (strncasecmp (name, "CAP_", 4) == 0 ? 4 : 0),
                    fact->value + 4) == 0)
      return put (fact, dc_init_decimal (i).text, err);
  }
  return DC_ANSWER_WRONG;
}

/* What systemd does not know as a controller is passed over; without any,
 * there is nothing that is not fulfilled.
 */
static int
answer_controller (const struct dc_initservice *service, struct dc_fact *fact,
                   struct dc_error *err)
{
  static const char unified[] = "/sys/fs/cgroup/cgroup.controllers";
  static const char *const known[] = {
    "blkio", "cpu",    "cpuacct", "cpuset", "devices",
    "io",    "memory", "pids",    NULL,
  };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  (void) service;
  fact->is_opposite = strcmp (fact->value, "v1") == 0;
  if (fact->is_opposite || strcmp (fact->value, "v2") == 0)
    return ask (fact, "exists", unified, err);
  if (dc_unit_words (fact->value, &words, err) < 0)
    return err->code == DC_ERR_INVALID ? DC_ANSWER_WRONG : -1;
  for (size_t i = 0; i < words.count; i++) {
    if (is_among (known, words.items[i]) &&
        dc_buffer_print (&fact->word, err, "%s%s",
                         fact->word.size > 0 ? " " : "", words.items[i]) < 0)
      return -1;
  }
  return fact->word.size > 0 ? DC_ANSWER_ASK : DC_ANSWER_TRUE;
}

/* Of systemd itself: its path and the language. */
static int
answer_environment (const struct dc_initservice *service, struct dc_fact *fact,
                    struct dc_error *err)
{
  const struct dc_words *locale = &service->compiler->locale;
  const size_t size = strcspn (fact->value, "=");

  (void) err;
  if (strcmp (fact->value, "PATH") == 0)
    return DC_ANSWER_TRUE;
  for (size_t i = 0; i < locale->count; i++) {
    const char *item = locale->items[i];
    if (strcmp (item, fact->value) == 0 ||
        (fact->value[size] == '\0' && strncmp (item, fact->value, size) == 0 &&
         item[size] == '='))
      return DC_ANSWER_TRUE;
  }
  return DC_ANSWER_FALSE;
}

/* The system's manager is root. */
static int
answer_user (const struct dc_initservice *service, struct dc_fact *fact,
             struct dc_error *err)
{
  static const char *const words[] = { "root", "0", "@system", NULL };

  (void) service;
  (void) err;
  return is_among (words, fact->value) ? DC_ANSWER_TRUE : DC_ANSWER_FALSE;
}

static int
answer_group (const struct dc_initservice *service, struct dc_fact *fact,
              struct dc_error *err)
{
  static const char *const words[] = { "root", "0", NULL };

  (void) service;
  (void) err;
  return is_among (words, fact->value) ? DC_ANSWER_TRUE : DC_ANSWER_FALSE;
}

static void
lower (char *text)
{
  for (; *text != '\0'; text++)
    *text = (char) tolower ((unsigned char) *text);
}

static bool
is_machine_id (const char *text)
{
  return strlen (text) == 32 && strspn (text, "0123456789abcdefABCDEF") == 32;
}

/* By its name, whatever the case, or by its number: the guest's own. */
static int
answer_host (const struct dc_initservice *service, struct dc_fact *fact,
             struct dc_error *err)
{
  const struct dc_initcompiler *compiler = service->compiler;
  AUTO_FREE char *pattern = strdup (fact->value), *host = NULL;

  if (pattern == NULL)
    return dc_fail_errno (err, "cannot keep a host name");
  if (is_machine_id (pattern)) {
    AUTO_BUFFER struct dc_buffer id = DC_BUFFER_INIT (MACHINE_ID_SIZE_MAX);
    const int status =
        dc_tree_read_file (compiler->tree, "etc/machine-id", &id, err);
    if (status < 0 && err->code != DC_ERR_LIMIT)
      return -1;
    return status == 1 && id.size >= 32 &&
                   strncasecmp (dc_buffer_text (&id), pattern, 32) == 0
               ? DC_ANSWER_TRUE
               : DC_ANSWER_FALSE;
  }
  if (compiler->hostname == NULL)
    return DC_ANSWER_UNKNOWN;
  host = strdup (compiler->hostname);
  if (host == NULL)
    return dc_fail_errno (err, "cannot keep a host name");
  lower (pattern);
  lower (host);
  return dc_glob_match (pattern, host) ? DC_ANSWER_TRUE : DC_ANSWER_FALSE;
}

/* A container, by whoever runs it. */
static int
answer_virtualization (const struct dc_initservice *service,
                       struct dc_fact *fact, struct dc_error *err)
{
  (void) service;
  if (is_among (yes, fact->value) || strcmp (fact->value, "container") == 0)
    return DC_ANSWER_TRUE;
  if (strcmp (fact->value, "podman") == 0)
    return ask (fact, "exists", "/run/.containerenv", err);
  if (strcmp (fact->value, "docker") == 0)
    return ask (fact, "exists", "/.dockerenv", err);
  if (strcmp (fact->value, "private-users") == 0)
    return ask (fact, "user-namespace", "yes", err);
  return DC_ANSWER_FALSE;
}

/* The signs of comparisons, the longer ones first. */
static const struct sign {
  const char *text;
  bool is_pattern, is_less, is_equal, is_more;
} signs[] = {
  { "!$=", true, false, false, false }, { "$=", true, false, true, false },
  { "<>", false, true, false, true },   { "<=", false, true, true, false },
  { ">=", false, false, true, true },   { "==", false, false, true, false },
  { "!=", false, true, false, true },   { "<", false, true, false, false },
  { ">", false, false, false, true },   { "=", false, false, true, false },
};

/* The sign at *S, which moves behind it; NULL when there is none. */
static const struct sign *
read_sign (const char **s)
{
  for (size_t i = 0; i < DC_COUNT (signs); i++) {
    const size_t size = strlen (signs[i].text);
    if (strncmp (*s, signs[i].text, size) == 0) {
      *s += size;
      return &signs[i];
    }
  }
  return NULL;
}

/* One comparison with a number, which may have one of the units in SUFFIXES,
 * each 1024 times the one before.
 */
static int
ask_number (struct dc_fact *fact, const char *suffixes, uint64_t max,
            struct dc_error *err)
{
  const char *s = fact->value;
  const struct sign *sign = read_sign (&s);
  uint64_t number;

  if (sign != NULL && sign->is_pattern)
    return DC_ANSWER_WRONG;
  s += strspn (s, " \t");
  const size_t size = strspn (s, "0123456789");
  const char *suffix = s[size] == '\0' ? NULL : strchr (suffixes, s[size]);
  if (dc_number_parse_bytes (s, size, 0, max, &number, err) < 0 ||
      (s[size] != '\0' && (suffix == NULL || s[size + 1] != '\0')))
    return DC_ANSWER_WRONG;
  for (ptrdiff_t i = 0; suffix != NULL && i < suffix - suffixes; i++) {
    if (__builtin_mul_overflow (number, UINT64_C (1024), &number))
      return DC_ANSWER_WRONG;
  }
  if (number > INT64_MAX)
    number = INT64_MAX;
  return dc_buffer_print (&fact->word, err, "%s%s",
                          sign == NULL ? "" : sign->text,
                          dc_init_decimal (number).text) < 0
             ? -1
             : DC_ANSWER_ASK;
}

static int
answer_memory (const struct dc_initservice *service, struct dc_fact *fact,
               struct dc_error *err)
{
  (void) service;
  return ask_number (fact, "BKMGTPE", INT64_MAX, err);
}

static int
answer_cpus (const struct dc_initservice *service, struct dc_fact *fact,
             struct dc_error *err)
{
  (void) service;
  return ask_number (fact, "", CPU_MAX, err);
}

/* Words that each begin with a sign, but for the first, whose sign may also
 * stand alone.
 */
static int
answer_kernel (const struct dc_initservice *service, struct dc_fact *fact,
               struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  (void) service;
  if (dc_unit_words (fact->value, &words, err) < 0)
    return err->code == DC_ERR_INVALID ? DC_ANSWER_WRONG : -1;
  for (size_t i = 0; i < words.count; i++) {
    const char *s = words.items[i];
    const struct sign *sign = read_sign (&s);
    const bool is_split = i == 0 && *s == '\0' && words.count > 1;
    if ((sign == NULL && i > 0) || (*s == '\0' && !is_split) ||
        strchr (s, ' ') != NULL)
      return DC_ANSWER_WRONG;
    if (is_split)
      s = words.items[++i];
    if (dc_buffer_print (&fact->word, err, "%s%s%s",
                         fact->word.size > 0 ? " " : "",
                         sign == NULL ? "" : sign->text, s) < 0)
      return -1;
  }
  return fact->word.size > 0 ? DC_ANSWER_ASK : DC_ANSWER_WRONG;
}

/* Does the field of os-release compare as WORD says: 1, 0; -1 for nonsense. */
static int
is_release (const struct dc_words *fields, const char *word)
{
  const size_t size = strcspn (word, "!<=>$");
  const char *s = word + size;
  const struct sign *sign = read_sign (&s);

  if (size == 0 || sign == NULL)
    return -1;
  const char *value = dc_environment_get (fields, word, size);
  if (value == NULL)
    value = "";
  if (sign->is_pattern)
    return dc_glob_match (s, value) == sign->is_equal;
  const int order = sign->is_less == sign->is_more ? strcmp (value, s)
                                                   : strverscmp (value, s);
  return order < 0 ? sign->is_less : order > 0 ? sign->is_more : sign->is_equal;
}

/* Into the compiler, at the first question. */
static int
read_release (struct dc_initcompiler *compiler, struct dc_error *err)
{
  static const char *const paths[] = { "etc/os-release", "usr/lib/os-release" };

  for (size_t i = 0; i < DC_COUNT (paths) && !compiler->has_release; i++) {
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (OS_RELEASE_SIZE_MAX);
    int status = dc_tree_read_file (compiler->tree, paths[i], &b, err);
    if (status == 1 && dc_environment_parse (dc_buffer_text (&b), b.size,
                                             &compiler->release, err) < 0)
      status = -1;
    if (status < 0 && err->code != DC_ERR_INVALID && err->code != DC_ERR_LIMIT)
      return -1;
    compiler->has_release = status == 1;
  }
  compiler->has_release = true;
  return 0;
}

static int
answer_release (const struct dc_initservice *service, struct dc_fact *fact,
                struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  int answer = DC_ANSWER_TRUE;

  if (read_release (service->compiler, err) < 0)
    return -1;
  if (dc_unit_words (fact->value, &words, err) < 0)
    return err->code == DC_ERR_INVALID ? DC_ANSWER_WRONG : -1;
  for (size_t i = 0; i < words.count && answer == DC_ANSWER_TRUE; i++) {
    const int is_true =
        is_release (&service->compiler->release, words.items[i]);
    answer = is_true < 0    ? DC_ANSWER_WRONG
             : is_true == 1 ? DC_ANSWER_TRUE
                            : DC_ANSWER_FALSE;
  }
  return answer;
}

static const struct rule rules[] = {
  { "ACPower", answer_power, NULL, 0 },
  { "Architecture", answer_architecture, "machine", 0 },
  { "CPUFeature", ask_word, "cpu", 0 },
  { "CPUPressure", NULL, NULL, DC_ANSWER_UNKNOWN },
  { "CPUs", answer_cpus, "cpus", 0 },
  { "Capability", answer_capability, "capability", 0 },
  { "ControlGroupController", answer_controller, "controller", 0 },
  { "Credential", NULL, NULL, DC_ANSWER_FALSE },
  { "DirectoryNotEmpty", ask_path, "filled-directory", 0 },
  { "Environment", answer_environment, NULL, 0 },
  { "FileIsExecutable", ask_path, "executable", 0 },
  { "FileNotEmpty", ask_path, "filled-file", 0 },
  { "Firmware", NULL, NULL, DC_ANSWER_FALSE },
  { "FirstBoot", answer_first_boot, NULL, 0 },
  { "Group", answer_group, NULL, 0 },
  { "Host", answer_host, NULL, 0 },
  { "IOPressure", NULL, NULL, DC_ANSWER_UNKNOWN },
  { "KernelCommandLine", NULL, NULL, DC_ANSWER_FALSE },
  { "KernelVersion", answer_kernel, "kernel", 0 },
  { "Memory", answer_memory, "memory", 0 },
  { "MemoryPressure", NULL, NULL, DC_ANSWER_UNKNOWN },
  { "NeedsUpdate", ask_path, "outdated", 0 },
  { "OSRelease", answer_release, NULL, 0 },
  { "PathExists", ask_path, "exists", 0 },
  { "PathExistsGlob", ask_path, "glob", 0 },
  { "PathIsDirectory", ask_path, "directory", 0 },
  { "PathIsEncrypted", NULL, NULL, DC_ANSWER_FALSE },
  { "PathIsMountPoint", ask_path, "mount", 0 },
  { "PathIsReadWrite", ask_path, "writable", 0 },
  { "PathIsSymbolicLink", ask_path, "link", 0 },
  { "Security", NULL, NULL, DC_ANSWER_FALSE },
  { "User", answer_user, NULL, 0 },
  { "Virtualization", answer_virtualization, NULL, 0 },
};

int
dc_init_answer (const struct dc_initservice *service, struct dc_fact *fact,
                struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (rules); i++) {
    if (strcmp (rules[i].name, fact->name) != 0)
      continue;
    fact->test = rules[i].test;
    return rules[i].answer == NULL ? (int) rules[i].always
                                   : rules[i].answer (service, fact, err);
  }
  return DC_ANSWER_UNKNOWN;
}
