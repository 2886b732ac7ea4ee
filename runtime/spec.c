/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/run.h"
#include "runtime/spec.h"

static const char *const capabilities[] = {
  "CAP_AUDIT_WRITE",  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE", "CAP_FOWNER",
  "CAP_FSETID",       "CAP_KILL",
  "CAP_MKNOD",        "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",      "CAP_SETFCAP",
  "CAP_SETGID",       "CAP_SETPCAP",
  "CAP_SETUID",       "CAP_SYS_CHROOT",
};

static const char *const namespaces[] = {
  "pid", "network", "ipc", "uts", "mount",
};

static const char *const masked_paths[] = {
  "/proc/acpi",     "/proc/asound",        "/proc/kcore",
  "/proc/keys",     "/proc/latency_stats", "/proc/sched_debug",
  "/proc/scsi",     "/proc/timer_list",    "/proc/timer_stats",
  "/sys/dev/block", "/sys/firmware",
};

static const char *const readonly_paths[] = {
  "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static const struct {
  const char *target, *type, *source;
  const char *options[8];
} mounts[] = {
  { "/proc", "proc", "proc", { "nosuid", "noexec", "nodev" } },
  { "/dev",
    "tmpfs",
    "tmpfs",
    { "nosuid", "strictatime", "mode=755", "size=65536k" } },
  { "/dev/pts",
    "devpts",
    "devpts",
    { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
      "gid=5" } },
  { "/dev/shm",
    "tmpfs",
    "shm",
    { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" } },
  { "/dev/mqueue", "mqueue", "mqueue", { "nosuid", "noexec", "nodev" } },
  { "/sys", "sysfs", "sysfs", { "nosuid", "noexec", "nodev", "ro" } },
};

/* Files of the bundle that are mounted into the container. */
static const char *const bound_files[] = { "hosts", "hostname", "resolv.conf" };

static json_t *
texts (const char *const *items, size_t count)
{
  json_auto_t *list = json_array ();
  for (size_t i = 0; i < count && items[i] != NULL; i++)
    if (json_array_append_new (list, json_string (items[i])) < 0)
      return NULL;
  return json_incref (list);
}

static json_t *
namespaces_json (void)
{
  json_auto_t *list = json_array ();
  for (size_t i = 0; i < DC_COUNT (namespaces); i++)
    if (json_array_append_new (list,
                               json_pack ("{s:s}", "type", namespaces[i])) < 0)
      return NULL;
  return json_incref (list);
}

static json_t *
mounts_json (const char *bundle)
{
  json_auto_t *list = json_array ();
  for (size_t i = 0; i < DC_COUNT (mounts); i++)
    if (json_array_append_new (
            list,
            json_pack (
                "{s:s, s:s, s:s, s:o}", "destination", mounts[i].target, "type",
                mounts[i].type, "source", mounts[i].source, "options",
                texts (mounts[i].options, DC_COUNT (mounts[i].options)))) < 0)
      return NULL;
  for (size_t i = 0; i < DC_COUNT (bound_files); i++)
    if (json_array_append_new (
            list,
            json_pack ("{s:s+, s:s, s:s++, s:[s, s]}", "destination", "/etc/",
                       bound_files[i], "type", "bind", "source", bundle, "/",
                       bound_files[i], "options", "rbind", "rw")) < 0)
      return NULL;
  return json_incref (list);
}

/* "UID[:GID]"; nothing is root. */
static int
read_user (const char *text, uint64_t ids[2], struct dc_error *err)
{
  AUTO_FREE char *copy = strdup (text);

  ids[0] = ids[1] = 0;
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a user");
  if (copy[0] == '\0')
    return 0;
  char *colon = strchr (copy, ':');
  if (colon != NULL)
    *colon = '\0';
  struct dc_error ignored;
  if (dc_number_parse (copy, 0, UINT32_MAX - 1, &ids[0], &ignored) < 0 ||
      (colon != NULL &&
       dc_number_parse (colon + 1, 0, UINT32_MAX - 1, &ids[1], &ignored) < 0))
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "user '%s': without podman only numbers are understood",
                    dc_quote (text).text);
  return 0;
}

/* Add the words under KEY, if there are any, to LIST. */
static int
add_words (json_t *list, json_t *inner, const char *key, struct dc_error *err)
{
  json_t *words = json_object_get (inner, key);
  json_t *word = NULL;
  size_t i = 0;

  if (words != NULL && !json_is_null (words) && !json_is_array (words))
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no list", key);
  json_array_foreach (words, i, word)
  {
    if (!json_is_string (word))
      return dc_fail (err, DC_ERR_INVALID, "'%s' holds other than texts", key);
    if (json_array_append (list, word) < 0)
      return dc_json_no_memory (err);
  }
  return 0;
}

/* As podman and docker, where the image does not say. */
static int
add_path (json_t *env, struct dc_error *err)
{
  json_t *word = NULL;
  size_t i = 0;

  json_array_foreach (env, i, word)
  {
    if (strncmp (json_string_value (word), "PATH=", 5) == 0)
      return 0;
  }
  return json_array_append_new (env, json_string ("PATH=" DC_RUN_PATH)) < 0
             ? dc_json_no_memory (err)
             : 0;
}

/* The text under KEY, "" where there is none. */
static const char *
text_of (json_t *inner, const char *key)
{
  const char *text = json_string_value (json_object_get (inner, key));

  return text != NULL ? text : "";
}

static int
process_json (json_t *config, json_t **out, struct dc_error *err)
{
  json_t *inner = json_object_get (config, "config");
  const char *cwd = text_of (inner, "WorkingDir");
  json_auto_t *args = json_array ();
  json_auto_t *env = json_array ();
  json_auto_t *caps = texts (capabilities, DC_COUNT (capabilities));
  uint64_t ids[2];

  if (read_user (text_of (inner, "User"), ids, err) < 0 ||
      add_words (args, inner, "Entrypoint", err) < 0 ||
      add_words (args, inner, "Cmd", err) < 0 ||
      add_words (env, inner, "Env", err) < 0 || add_path (env, err) < 0)
    return -1;
  if (json_array_size (args) == 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "the image starts nothing");
  json_t *json =
      json_pack ("{s:b, s:{s:I, s:I}, s:O, s:O, s:s, s:{s:O, s:O, s:O}, s:b}",
                 "terminal", 0, "user", "uid", (json_int_t) ids[0], "gid",
                 (json_int_t) ids[1], "args", args, "env", env, "cwd",
                 cwd[0] == '/' ? cwd : "/", "capabilities", "bounding", caps,
                 "effective", caps, "permitted", caps, "noNewPrivileges", 0);
  if (json == NULL)
    return dc_json_no_memory (err);
  *out = json;
  return 0;
}

int
dc_spec_make (json_t *config, const char *bundle,
              const struct dc_started *started, json_t **out,
              struct dc_error *err)
{
  json_auto_t *process = NULL;

  if (process_json (config, &process, err) < 0)
    return dc_context (err, "the image's config");
  json_t *json =
      json_pack ("{s:s, s:{s:s, s:b}, s:s, s:O, s:o, s:{s:s+, s:o, s:o, s:o}}",
                 "ociVersion", "1.0.2", "root", "path", "rootfs", "readonly", 0,
                 "hostname", started->name, "process", process, "mounts",
                 mounts_json (bundle), "linux", "cgroupsPath", "/decant-",
                 started->id, "namespaces", namespaces_json (), "maskedPaths",
                 texts (masked_paths, DC_COUNT (masked_paths)), "readonlyPaths",
                 texts (readonly_paths, DC_COUNT (readonly_paths)));
  if (json == NULL)
    return dc_json_no_memory (err);
  *out = json;
  return 0;
}
