/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "lib/number.h"
#include "lib/quote.h"
#include "templates/templates.h"
#include "transform/init/callset.h"

#define DEPTH_MAX 4     /* of groups in groups */
#define ERRNO_MAX 4095  /* the kernel's */
#define ID_MAX 12000    /* libseccomp's numbers of calls, and below 0 */
#define CALL_MAX 2048   /* names that are told apart */
#define OF_THE_SET (-1) /* an error that is not given */
#define DEADLY (-2)

struct call {
  char *name;
  int error;
  bool is_listed;
};

struct dc_callset {
  const struct dc_initservice *service;
  struct dc_syscalls_template *template; /* NULL: not needed so far */
  bool is_set, is_allowed;               /* a list of what is allowed */
  int error;                             /* of what is denied */
  struct call calls[CALL_MAX];
  size_t call_count;
  uint16_t places[2 * ID_MAX]; /* in CALLS, plus 1, by libseccomp's number */
};

void
dc_callset_free (struct dc_callset *set)
{
  if (set == NULL)
    return;
  for (size_t i = 0; i < set->call_count; i++)
    free (set->calls[i].name);
  dc_syscalls_template_free (set->template);
  free (set);
}
DC_DEFINE_AUTO (dc_callset)

bool
dc_callset_is_set (const struct dc_callset *set)
{
  return set->is_set;
}

int
dc_callset_group (struct dc_callset *set, const char *group,
                  char *const **calls, size_t *count, struct dc_error *err)
{
  if (set->template == NULL &&
      dc_syscalls_template_load (&set->template, err) < 0)
    return -1;
  const struct dc_syscall_group *groups = set->template->groups.items;
  for (size_t i = 0; i < set->template->groups.count; i++) {
    if (strcmp (groups[i].name, group) != 0)
      continue;
    *calls = groups[i].calls.items;
    *count = groups[i].calls.count;
    return 1;
  }
  return 0;
}

/* The entry of the call NAME, made if need be: 1; 0 when nobody knows it. */
static int
find_call (struct dc_callset *set, const char *name, struct call **out,
           struct dc_error *err)
{
  const int id = seccomp_syscall_resolve_name (name);

  if (id == __NR_SCMP_ERROR || id <= -ID_MAX || id >= ID_MAX ||
      set->call_count == CALL_MAX)
    return 0;
  uint16_t *place = &set->places[id + ID_MAX];
  if (*place == 0) {
    char *copy = strdup (name);
    if (copy == NULL)
      return dc_fail_errno (err, "cannot keep a system call");
    set->calls[set->call_count++].name = copy;
    *place = (uint16_t) set->call_count;
  }
  *out = &set->calls[*place - 1];
  return 1;
}

/* A value of the setting while it is read. */
struct value {
  const struct dc_setting *setting;
  bool is_denied; /* it begins with ~ */
};

/* List NAME, or take it off the list; with an error of its own it stays on a
 * list of what is allowed, and is denied.  1; 0 when it is not known.
 */
static int
apply_call (struct dc_callset *set, const char *name, bool is_denied, int error,
            struct dc_error *err)
{
  struct call *call;
  const int status = find_call (set, name, &call, err);

  if (status <= 0)
    return status;
  call->is_listed = is_denied != set->is_allowed || error != OF_THE_SET;
  call->error = error;
  return 1;
}

/* Every call that has a number here. */
static int
apply_known (struct dc_callset *set, bool is_denied, int error,
             struct dc_error *err)
{
  for (int i = 0; i < DC_BPF_CALL_MAX; i++) {
    AUTO_FREE char *name =
        seccomp_syscall_resolve_num_arch (SCMP_ARCH_NATIVE, i);
    if (name != NULL && apply_call (set, name, is_denied, error, err) < 0)
      return -1;
  }
  return 1;
}

static int
apply (struct dc_callset *set, const char *name, bool is_denied, int error,
       unsigned depth, struct dc_error *err)
{
  char *const *calls;
  size_t count;

  if (name[0] != '@')
    return apply_call (set, name, is_denied, error, err);
  if (strcmp (name, "@known") == 0)
    return apply_known (set, is_denied, error, err);
  const int status = dc_callset_group (set, name, &calls, &count, err);
  if (status <= 0 || depth == DEPTH_MAX)
    return status;
  for (size_t i = 0; i < count; i++) {
    if (apply (set, calls[i], is_denied, error, depth + 1, err) < 0)
      return -1;
  }
  return 1;
}

/* "EPERM", "1" or "kill": 0, or -1 when it is none of them. */
static int
parse_error (const char *text, int *error)
{
  struct dc_error err;
  uint64_t number;

  if (strcmp (text, "kill") == 0) {
    *error = DEADLY;
    return 0;
  }
  for (int i = 1; i <= ERRNO_MAX; i++) {
    const char *name = strerrorname_np (i);
    if (name != NULL && strcmp (name, text) == 0) {
      *error = i;
      return 0;
    }
  }
  if (dc_number_parse (text, 0, ERRNO_MAX, &number, &err) < 0)
    return -1;
  *error = (int) number;
  return 0;
}

/* One word, "NAME" or "NAME:ERROR". */
static int
apply_word (struct dc_callset *set, const struct value *value, const char *word,
            struct dc_error *err)
{
  const size_t size = strcspn (word, ":");
  AUTO_FREE char *name = strndup (word, size);
  int error = OF_THE_SET;
  int status = 0;

  if (name == NULL)
    return dc_fail_errno (err, "cannot keep a system call");
  const bool has_error = word[size] == ':';
  /* An error is for what is denied. */
  if (!has_error ||
      (parse_error (word + size + 1, &error) == 0 && value->is_denied))
    status = apply (set, name, value->is_denied, error, 0, err);
  if (status != 0)
    return status < 0 ? -1 : 0;
  return dc_init_note (set->service->compiler, set->service->unit,
                       value->setting, err,
                       "%s=: '%s' is not known, ignoring it",
                       value->setting->key, dc_quote (word).text);
}

static void
reset (struct dc_callset *set)
{
  set->is_set = set->is_allowed = false;
  for (size_t i = 0; i < set->call_count; i++)
    set->calls[i].is_listed = false;
}

/* The first value says whether the list is of what is allowed. */
static int
read_value (struct dc_callset *set, const struct dc_setting *setting,
            struct dc_error *err)
{
  const struct value value = { setting, setting->value[0] == '~' };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (setting->value[0] == '\0') {
    reset (set);
    return 0;
  }
  if (!set->is_set) {
    set->is_set = true;
    set->is_allowed = !value.is_denied;
    if (set->is_allowed &&
        apply (set, "@default", false, OF_THE_SET, 0, err) < 0)
      return -1;
  }
  if (dc_unit_words (setting->value + value.is_denied, &words, err) < 0)
    return err->code == DC_ERR_INVALID
               ? dc_init_note_value (set->service, setting, err)
               : -1;
  for (size_t i = 0; i < words.count; i++) {
    if (apply_word (set, &value, words.items[i], err) < 0)
      return -1;
  }
  return 0;
}

static int
read_error (struct dc_callset *set, struct dc_error *err)
{
  const struct dc_setting *where;
  const char *value = dc_unit_value (set->service->unit, "Service",
                                     "SystemCallErrorNumber", &where);

  set->error = DEADLY;
  if (value == NULL || parse_error (value, &set->error) == 0)
    return 0;
  return dc_init_note_value (set->service, where, err);
}

int
dc_callset_make (const struct dc_initservice *service, struct dc_callset **out,
                 struct dc_error *err)
{
  const struct dc_unit *unit = service->unit;
  DC_AUTO (dc_callset) *set = calloc (1, sizeof *set);

  if (set == NULL)
    return dc_fail_errno (err, "cannot keep a system call filter");
  set->service = service;
  if (read_error (set, err) < 0)
    return -1;
  for (size_t i = 0; i < unit->setting_count; i++) {
    const struct dc_setting *setting = &unit->settings[i];
    if (strcmp (setting->section, "Service") == 0 &&
        strcmp (setting->key, "SystemCallFilter") == 0 &&
        read_value (set, setting, err) < 0)
      return -1;
  }
  *out = DC_TAKE (set);
  return 0;
}

static uint32_t
denial (int error)
{
  return error == DEADLY ? DC_BPF_KILL : DC_BPF_ERRNO (error);
}

uint32_t
dc_callset_actions (const struct dc_callset *set, uint32_t arch,
                    uint32_t actions[DC_BPF_CALL_MAX])
{
  const uint32_t otherwise =
      set->is_allowed ? denial (set->error) : DC_BPF_ALLOW;

  for (size_t i = 0; i < DC_BPF_CALL_MAX; i++)
    actions[i] = otherwise;
  for (size_t i = 0; i < set->call_count; i++) {
    const struct call *call = &set->calls[i];
    const int number = seccomp_syscall_resolve_name_arch (arch, call->name);
    if (!call->is_listed || number < 0 || number >= DC_BPF_CALL_MAX)
      continue;
    if (call->error != OF_THE_SET)
      actions[number] = denial (call->error);
    else
      actions[number] = set->is_allowed ? DC_BPF_ALLOW : denial (set->error);
  }
  return otherwise;
}
