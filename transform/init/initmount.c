/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/quote.h"
#include "transform/init/initcompiler.h"

#define ENTRY_MAX 1024 /* mounts of one service */

/* In the order in which those of one path are made. */
enum op {
  HIDE,
  BIND,
  BIND_READ_ONLY,
  PRIVATE,
  TMPFS,
  READ_ONLY,
  READ_WRITE,
  NO_EXEC,
  EXEC,
  STILL_WRITABLE, /* unless something else is said of it */
};

static const char *const op_words[] = {
  [HIDE] = "hide",         [BIND] = "bind",      [BIND_READ_ONLY] = "bind-ro",
  [PRIVATE] = "private",   [TMPFS] = "tmpfs",    [READ_ONLY] = "ro",
  [READ_WRITE] = "rw",     [NO_EXEC] = "noexec", [EXEC] = "exec",
  [STILL_WRITABLE] = "rw",
};

/* What a setting does when its value is VALUE (NULL: when it is true). */
static const struct rule {
  const char *key, *value;
  enum op op;
  const char *paths[14];
} rules[] = {
  { "PrivateTmp", NULL, PRIVATE, { "/tmp", "/var/tmp" } },
  { "PrivateTmp", "disconnected", PRIVATE, { "/tmp", "/var/tmp" } },
  { "ProtectSystem",
    NULL,
    READ_ONLY,
    { "/usr", "/boot", "/efi", "/lib", "/lib64", "/bin", "/sbin" } },
  { "ProtectSystem",
    "full",
    READ_ONLY,
    { "/usr", "/boot", "/efi", "/lib", "/lib64", "/bin", "/sbin", "/etc" } },
  { "ProtectSystem", "strict", READ_ONLY, { "/" } },
  { "ProtectSystem",
    "strict",
    STILL_WRITABLE,
    { "/proc", "/sys", "/dev", "/home", "/run/user", "/root" } },
  { "ProtectHome", NULL, HIDE, { "/home", "/run/user", "/root" } },
  { "ProtectHome", "read-only", READ_ONLY, { "/home", "/run/user", "/root" } },
  { "ProtectHome", "tmpfs", TMPFS, { "/home", "/run/user", "/root" } },
  { "ProtectKernelTunables",
    NULL,
    READ_ONLY,
    { "/proc/acpi", "/proc/apm", "/proc/asound", "/proc/bus", "/proc/fs",
      "/proc/irq", "/proc/latency_stats", "/proc/mtrr", "/proc/scsi",
      "/proc/sys", "/proc/sysrq-trigger", "/proc/timer_stats", "/sys" } },
  { "ProtectKernelTunables", NULL, HIDE, { "/proc/kallsyms", "/proc/kcore" } },
  { "ProtectKernelModules",
    NULL,
    HIDE,
    { "/lib/modules", "/usr/lib/modules" } },
  { "ProtectKernelLogs", NULL, HIDE, { "/proc/kmsg", "/dev/kmsg" } },
  { "ProtectControlGroups", NULL, READ_ONLY, { "/sys/fs/cgroup" } },
};

/* Settings that list paths; the older names are those of systemd 230. */
static const struct {
  const char *key;
  enum op op;
} lists[] = {
  { "ReadOnlyPaths", READ_ONLY },
  { "ReadOnlyDirectories", READ_ONLY },
  { "ReadWritePaths", READ_WRITE },
  { "ReadWriteDirectories", READ_WRITE },
  { "InaccessiblePaths", HIDE },
  { "InaccessibleDirectories", HIDE },
  { "ExecPaths", EXEC },
  { "NoExecPaths", NO_EXEC },
};

/* The folders of the service, which stay writable. */
static const struct {
  const char *key, *base;
} folders[] = {
  { "RuntimeDirectory", "/run" },
  { "StateDirectory", "/var/lib" },
  { "CacheDirectory", "/var/cache" },
  { "LogsDirectory", "/var/log" },
};

static const struct {
  const char *key;
  int flag;
} spaces[] = {
  { "PrivateMounts", CLONE_NEWNS },
  { "PrivateNetwork", CLONE_NEWNET },
  { "PrivateIPC", CLONE_NEWIPC },
  { "ProtectHostname", CLONE_NEWUTS },
};

struct entry {
  char *path;
  char *text; /* source or options, or NULL */
  enum op op;
  bool is_optional; /* PATH or the source may be missing */
  bool is_shallow;
};

struct entries {
  struct dc_initservice *service;
  const char *root; /* of the service, "" is ours */
  struct entry *items;
  size_t count;
};

static void
release (struct entries *entries)
{
  for (size_t i = 0; i < entries->count; i++) {
    free (entries->items[i].path);
    free (entries->items[i].text);
  }
  free (entries->items);
}
#define AUTO_ENTRIES __attribute__ ((__cleanup__ (release)))

/* TEXT may be NULL. */
static int
add (struct entries *entries, enum op op, const char *path, const char *text,
     bool is_optional, struct dc_error *err)
{
  if (DC_ARRAY_GROW (entries->items, entries->count, ENTRY_MAX,
                     "mounts of one service", err) < 0)
    return -1;
  struct entry *entry = &entries->items[entries->count];
  *entry = (struct entry){ .op = op, .is_optional = is_optional };
  entries->count++;
  if (asprintf (&entry->path, "%s%s", entries->root, path) < 0)
    entry->path = NULL;
  if (text != NULL)
    entry->text = strdup (text);
  if (entry->path == NULL || (text != NULL && entry->text == NULL))
    return dc_fail_errno (err, "cannot keep a mount");
  /* "/srv/" and "/srv" are one. */
  for (size_t size = strlen (entry->path);
       size > 1 && entry->path[size - 1] == '/';)
    entry->path[--size] = '\0';
  return 0;
}

/* What DynamicUser= sets where the unit does not say more. */
static const char *
value_of (const struct dc_initservice *service, const char *key)
{
  static const struct {
    const char *key, *value;
  } implied[] = {
    { "PrivateTmp", "yes" },
    { "ProtectHome", "read-only" },
    { "ProtectSystem", "strict" },
  };
  const char *value = dc_unit_value (service->unit, "Service", key, NULL);

  for (size_t i = 0; i < DC_COUNT (implied); i++) {
    if (strcmp (implied[i].key, key) == 0 &&
        dc_init_is (service, "DynamicUser") &&
        (value == NULL || strcmp (value, "no") == 0))
      return implied[i].value;
  }
  return value;
}

static bool
is_true (const char *value)
{
  static const char *const words[] = { "1", "yes", "y", "true", "t", "on" };

  for (size_t i = 0; value != NULL && i < DC_COUNT (words); i++) {
    if (strcmp (words[i], value) == 0)
      return true;
  }
  return false;
}

static int
add_rules (struct entries *entries, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (rules); i++) {
    const struct rule *rule = &rules[i];
    const char *value = value_of (entries->service, rule->key);
    const bool is_meant =
        rule->value == NULL ? is_true (value)
                            : value != NULL && strcmp (rule->value, value) == 0;
    for (size_t k = 0;
         is_meant && k < DC_COUNT (rule->paths) && rule->paths[k] != NULL;
         k++) {
      if (add (entries, rule->op, rule->paths[k],
               rule->op == TMPFS ? "mode=1777" : NULL, true, err) < 0)
        return -1;
    }
  }
  return 0;
}

static int
add_lists (struct entries *entries, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (lists); i++) {
    AUTO_WORDS struct dc_words words = { NULL, 0 };
    if (dc_init_words (entries->service, "Service", lists[i].key, &words, err) <
        0)
      return -1;
    for (size_t k = 0; k < words.count; k++) {
      /* Prefixes: "-" it may be missing, "+" below RootDirectory=. */
      const char *path = words.items[k] + strspn (words.items[k], "-+");
      if (path[0] == '/' && add (entries, lists[i].op, path, NULL,
                                 words.items[k][0] == '-', err) < 0)
        return -1;
    }
  }
  return 0;
}

static int
add_folders (struct entries *entries, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (folders); i++) {
    AUTO_WORDS struct dc_words names = { NULL, 0 };
    if (dc_init_words (entries->service, "Service", folders[i].key, &names,
                       err) < 0)
      return -1;
    for (size_t k = 0; k < names.count; k++) {
      AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
      const int size = (int) strcspn (names.items[k], ":");
      if (dc_buffer_print (&path, err, "%s/%.*s", folders[i].base, size,
                           names.items[k]) < 0 ||
          add (entries, READ_WRITE, dc_buffer_text (&path), NULL, true, err) <
              0)
        return -1;
    }
  }
  return 0;
}

/* One option of a tmpfs: those that the kernel takes as flags are entries. */
static int
add_option (struct entries *entries, const char *path, const char *option,
            struct dc_buffer *options, struct dc_error *err)
{
  static const char *const usual[] = { "rw",  "nodev", "nosuid",
                                       "dev", "suid",  "exec" };

  if (strcmp (option, "ro") == 0)
    return add (entries, READ_ONLY, path, NULL, false, err);
  if (strcmp (option, "noexec") == 0)
    return add (entries, NO_EXEC, path, NULL, false, err);
  for (size_t i = 0; i < DC_COUNT (usual); i++) {
    if (strcmp (usual[i], option) == 0)
      return 0;
  }
  return dc_buffer_print (options, err, ",%s", option);
}

/* "/path:options" */
static int
add_temporary (struct entries *entries, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (dc_init_words (entries->service, "Service", "TemporaryFileSystem", &words,
                     err) < 0)
    return -1;
  for (size_t i = 0; i < words.count; i++) {
    AUTO_BUFFER struct dc_buffer options = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
    char *rest = words.items[i];
    const char *path = strsep (&rest, ":"), *option;
    if (path[0] != '/')
      continue;
    if (dc_buffer_print (&options, err, "mode=0755") < 0)
      return -1;
    while ((option = strsep (&rest, ",")) != NULL) {
      if (add_option (entries, path, option, &options, err) < 0)
        return -1;
    }
    if (add (entries, TMPFS, path, dc_buffer_text (&options), false, err) < 0)
      return -1;
  }
  return 0;
}

/* "-/source:/path:norbind" */
static int
add_bind (struct entries *entries, enum op op, char *word, struct dc_error *err)
{
  const bool is_optional = word[0] == '-';
  char *rest = word + is_optional;
  const char *source = strsep (&rest, ":");
  const char *path = rest == NULL ? source : strsep (&rest, ":");

  if (source[0] != '/' || path[0] != '/')
    return 0;
  if (add (entries, op, path, source, is_optional, err) < 0)
    return -1;
  entries->items[entries->count - 1].is_shallow =
      rest != NULL && strcmp (rest, "norbind") == 0;
  if (strcmp (source, path) == 0 && entries->root[0] == '\0')
    return 0;
  return dc_init_note (entries->service->compiler, entries->service->unit, NULL,
                       err,
                       "expects '%s' at '%s': this needs CAP_SYS_ADMIN in the "
                       "container, or a mount of the container's own",
                       dc_quote (source).text, dc_quote (path).text);
}

static int
add_binds (struct entries *entries, struct dc_error *err)
{
  static const struct {
    const char *key;
    enum op op;
  } binds[] = {
    { "BindPaths", BIND },
    { "BindReadOnlyPaths", BIND_READ_ONLY },
  };

  for (size_t i = 0; i < DC_COUNT (binds); i++) {
    AUTO_WORDS struct dc_words words = { NULL, 0 };
    if (dc_init_words (entries->service, "Service", binds[i].key, &words, err) <
        0)
      return -1;
    for (size_t k = 0; k < words.count; k++) {
      if (add_bind (entries, binds[i].op, words.items[k], err) < 0)
        return -1;
    }
  }
  return 0;
}

/* A folder before what is in it: '/' goes before all other bytes. */
static int
compare_paths (const char *a, const char *b)
{
  while (*a != '\0' && *a == *b) {
    a++;
    b++;
  }
  if (*a == *b)
    return 0;
  if (*a == '\0' || *b == '\0')
    return *a == '\0' ? -1 : 1;
  if (*a == '/' || *b == '/')
    return *a == '/' ? -1 : 1;
  return (unsigned char) *a < (unsigned char) *b ? -1 : 1;
}

static int
compare (const void *a, const void *b)
{
  const struct entry *first = a, *second = b;
  const int order = compare_paths (first->path, second->path);

  return order != 0 ? order : (int) first->op - (int) second->op;
}

static bool
is_below (const char *path, const char *folder)
{
  const size_t size = strlen (folder);

  return strncmp (path, folder, size) == 0 && path[size] == '/';
}

/* What is hidden hides all in it; what is said twice is said. */
static bool
is_needless (const struct entries *entries, size_t index)
{
  const struct entry *entry = &entries->items[index];

  if (index > 0 && (entry->op == STILL_WRITABLE
                        ? compare_paths (entry->path, entry[-1].path) == 0
                        : compare (entry, entry - 1) == 0))
    return true;
  for (size_t i = 0; i < index; i++) {
    if (entries->items[i].op == HIDE &&
        is_below (entry->path, entries->items[i].path))
      return true;
  }
  return false;
}

static int
write_entry (const struct entries *entries, const struct entry *entry,
             struct dc_error *err)
{
  const char *flags = entry->is_optional && entry->is_shallow ? "in"
                      : entry->is_optional                    ? "i"
                      : entry->is_shallow                     ? "n"
                                                              : "-";

  return dc_initline (entries->service->lines, err, "mount",
                      op_words[entry->op], flags, entry->path, entry->text,
                      NULL);
}

static int
write_spaces (const struct entries *entries, struct dc_error *err)
{
  struct dc_init_number number;
  unsigned flags = entries->count > 0 ? CLONE_NEWNS : 0;

  for (size_t i = 0; i < DC_COUNT (spaces); i++) {
    if (dc_init_is (entries->service, spaces[i].key))
      flags |= (unsigned) spaces[i].flag;
  }
  if (flags == 0)
    return 0;
  (void) snprintf (number.text, sizeof number.text, "%x", flags);
  return dc_initline (entries->service->lines, err, "isolate", number.text,
                      NULL);
}

/* What a root of its own lacks, unless it is not wanted. */
static int
add_api (struct entries *entries, struct dc_error *err)
{
  static const char *const paths[] = { "/proc", "/sys", "/dev" };

  if (entries->root[0] == '\0' ||
      !dc_unit_is (entries->service->unit, "Service", "MountAPIVFS", true))
    return 0;
  for (size_t i = 0; i < DC_COUNT (paths); i++) {
    if (add (entries, BIND, paths[i], paths[i], false, err) < 0)
      return -1;
  }
  return 0;
}

/* The folder in RootDirectory=, without a slash at its end, for the caller;
 * NULL when there is none.
 */
static int
read_root (const struct dc_initservice *service, char **root,
           struct dc_error *err)
{
  AUTO_FREE char *value = NULL;
  const struct dc_setting *where = NULL;
  const int status =
      dc_init_value (service, "Service", "RootDirectory", &value, &where, err);

  if (status < 0)
    return -1;
  const char *path = value == NULL ? "" : value + (value[0] == '-');
  if (path[0] != '\0' && path[0] != '/') {
    if (dc_init_note_value (service, where, err) < 0)
      return -1;
    path = "";
  }
  size_t size = strlen (path);
  while (size > 0 && path[size - 1] == '/')
    size--;
  if (size == 0)
    return 0;
  *root = strndup (path, size);
  return *root == NULL ? dc_fail_errno (err, "cannot keep a root") : 0;
}

int
dc_init_mounts (struct dc_initservice *service, struct dc_error *err)
{
  AUTO_FREE char *root = NULL;
  AUTO_ENTRIES struct entries entries = { .service = service };

  if (read_root (service, &root, err) < 0 ||
      (root != NULL &&
       dc_initline (service->lines, err, "root", root, NULL) < 0))
    return -1;
  entries.root = root == NULL ? "" : root;
  if (add_rules (&entries, err) < 0 || add_lists (&entries, err) < 0 ||
      add_temporary (&entries, err) < 0 || add_binds (&entries, err) < 0 ||
      add_api (&entries, err) < 0)
    return -1;
  if (entries.count > 0 && add_folders (&entries, err) < 0)
    return -1;
  if (entries.count > 0)
    qsort (entries.items, entries.count, sizeof *entries.items, compare);
  if (write_spaces (&entries, err) < 0)
    return -1;
  for (size_t i = 0; i < entries.count; i++) {
    if (!is_needless (&entries, i) &&
        write_entry (&entries, &entries.items[i], err) < 0)
      return -1;
  }
  return 1;
}
