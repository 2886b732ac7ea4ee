/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/init/condition.h"
#include "runtime/init/pattern.h"
#include "runtime/init/text.h"

size_t
di_file_read (const char *path, char *text, size_t size)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC);
  size_t used = 0;
  ssize_t n = fd < 0 ? 0 : 1;

  while (n > 0 && used < size - 1) {
    n = read (fd, text + used, size - 1 - used);
    used += n > 0 ? (size_t) n : 0;
  }
  if (fd >= 0)
    close (fd);
  text[used] = '\0';
  return used;
}

/* Is WORD among those of TEXT, up to the end of its line? */
static bool
has_word (const char *text, const char *word)
{
  const size_t size = strlen (word);

  while (*text != '\0' && *text != '\n') {
    const size_t length = strcspn (text, " \t\n");
    if (length == size && memcmp (text, word, size) == 0)
      return true;
    text += length;
    text += strspn (text, " \t");
  }
  return false;
}

/* The longer ones first. */
enum relation { LESS = 1, EQUAL = 2, MORE = 4, PATTERN = 8, NOT = 16 };
static const struct {
  const char *sign;
  unsigned relation;
} relations[] = {
  { "!$=", PATTERN | NOT }, { "$=", PATTERN },      { "<>", LESS | MORE },
  { "<=", LESS | EQUAL },   { ">=", MORE | EQUAL }, { "==", EQUAL },
  { "!=", LESS | MORE },    { "<", LESS },          { ">", MORE },
  { "=", EQUAL },
};

/* The relation at *S, which moves behind it; OTHERWISE if there is none. */
static unsigned
read_relation (const char **s, unsigned otherwise)
{
  for (size_t i = 0; i < DI_COUNT (relations); i++) {
    const size_t size = strlen (relations[i].sign);
    if (strncmp (*s, relations[i].sign, size) == 0) {
      *s += size;
      return relations[i].relation;
    }
  }
  return otherwise;
}

/* Does RELATION hold for two whose comparison was ORDER? */
static bool
holds (unsigned relation, int order)
{
  const unsigned found = order < 0 ? LESS : order > 0 ? MORE : EQUAL;

  return (relation & found) != 0;
}

static bool
is_number (const char *comparison, uint64_t actual)
{
  const unsigned relation = read_relation (&comparison, MORE | EQUAL);
  int64_t wanted;

  if (di_number_parse (comparison, 10, 0, INT64_MAX, &wanted) < 0)
    return false;
  return holds (relation, actual < (uint64_t) wanted   ? -1
                          : actual > (uint64_t) wanted ? 1
                                                       : 0);
}

bool
di_is_machine (const char *pattern)
{
  struct utsname name;

  return uname (&name) == 0 && di_pattern_fits (pattern, name.machine);
}

bool
di_is_kernel (const char *comparisons)
{
  struct utsname name;

  if (uname (&name) < 0)
    return false;
  while (*comparisons != '\0') {
    const unsigned relation = read_relation (&comparisons, PATTERN);
    const size_t size = strcspn (comparisons, " ");
    char word[128];
    if (size >= sizeof word)
      return false;
    memcpy (word, comparisons, size);
    word[size] = '\0';
    const bool is_true =
        (relation & PATTERN) != 0
            ? di_pattern_fits (word, name.release) != ((relation & NOT) != 0)
            : holds (relation, strverscmp (name.release, word));
    if (!is_true)
      return false;
    comparisons += size;
    comparisons += strspn (comparisons, " ");
  }
  return true;
}

/* The machine's, or less by the container's own limit. */
bool
di_is_memory (const char *comparison)
{
  struct sysinfo info;
  char limit[32];
  int64_t bytes;

  if (sysinfo (&info) < 0)
    return false;
  uint64_t total = (uint64_t) info.totalram * info.mem_unit;
  (void) di_file_read ("/sys/fs/cgroup/memory.max", limit, sizeof limit);
  limit[strcspn (limit, "\n")] = '\0';
  if (di_number_parse (limit, 10, 0, INT64_MAX, &bytes) == 0 &&
      (uint64_t) bytes < total)
    total = (uint64_t) bytes;
  return is_number (comparison, total);
}

bool
di_is_cpus (const char *comparison)
{
  cpu_set_t set;

  return sched_getaffinity (0, sizeof set, &set) == 0 &&
         is_number (comparison, (uint64_t) CPU_COUNT (&set));
}

bool
di_has_cpu_flag (const char *flag)
{
  static char text[16384]; /* the first processor's part */
  const char *line;

  (void) di_file_read ("/proc/cpuinfo", text, sizeof text);
  line = strstr (text, "\nflags");
  line = line == NULL ? NULL : strchr (line, ':');
  return line != NULL && has_word (line + 1 + (line[1] == ' '), flag);
}

bool
di_has_capability (const char *number)
{
  int64_t capability;

  return di_number_parse (number, 10, 0, 63, &capability) == 0 &&
         prctl (PR_CAPBSET_READ, capability, 0, 0, 0) == 1;
}

/* In the unified hierarchy, or as a folder of its own in the old one. */
static bool
has_controller (const char *unified, const char *name)
{
  static const char root[] = "/sys/fs/cgroup/";
  char path[128];
  struct stat st;

  if (has_word (unified, name))
    return true;
  if (sizeof root + strlen (name) > sizeof path)
    return false;
  memcpy (path, root, sizeof root - 1);
  memcpy (path + sizeof root - 1, name, strlen (name) + 1);
  return stat (path, &st) == 0;
}

bool
di_has_controllers (const char *names)
{
  char unified[512], name[64];

  (void) di_file_read ("/sys/fs/cgroup/cgroup.controllers", unified,
                       sizeof unified);
  while (*names != '\0') {
    const size_t size = strcspn (names, " ");
    if (size >= sizeof name)
      return false;
    memcpy (name, names, size);
    name[size] = '\0';
    if (!has_controller (unified, name))
      return false;
    names += size;
    names += strspn (names, " ");
  }
  return true;
}

/* The first one maps every number to itself. */
bool
di_is_user_namespace (const char *word)
{
  static const char *const whole[] = { "0", "0", "4294967295" };
  char text[128], *s = text;

  if (di_file_read ("/proc/self/uid_map", text, sizeof text) == 0)
    return false;
  for (size_t i = 0; i < DI_COUNT (whole); i++) {
    s += strspn (s, " \t");
    const size_t size = strcspn (s, " \t\n");
    if (size != strlen (whole[i]) || memcmp (s, whole[i], size) != 0)
      return strcmp (word, "yes") == 0;
    s += size;
  }
  return strcmp (word, "yes") != 0;
}
