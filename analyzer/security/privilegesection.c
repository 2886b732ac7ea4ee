/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/profile.h"
#include "analyzer/profilejson.h"
#include "analyzer/profiletext.h"
#include "analyzer/security/privileges.h"
#include "lib/json.h"

static json_t *
caps_json (uint64_t set)
{
  json_t *json = json_array ();

  for (unsigned i = 0; i < 64; i++) {
    char number[8];
    const char *name = dc_capability_name (i);
    (void) snprintf (number, sizeof number, "%u", i);
    if ((set >> i & 1) != 0)
      dc_json_push (&json, dc_json_bytes (name != NULL ? name : number));
  }
  return json;
}

static json_t *
file_json (const struct dc_privileged *file)
{
  char mode[8];
  json_t *json = json_object (), *caps = json_null ();

  if (file->has_caps) {
    caps = json_object ();
    dc_json_put (&caps, "permitted", caps_json (file->caps.permitted));
    dc_json_put (&caps, "inheritable", caps_json (file->caps.inheritable));
    dc_json_put_bool (&caps, "is_effective", file->caps.is_effective);
    dc_json_put_number (&caps, "root", file->caps.root);
  }
  (void) snprintf (mode, sizeof mode, "%04o", (unsigned) file->mode);
  dc_json_put_text (&json, "path", file->path);
  dc_json_put_text (&json, "mode", mode);
  dc_json_put_number (&json, "uid", file->uid);
  dc_json_put_number (&json, "gid", file->gid);
  dc_json_put_bool (&json, "is_setuid", (file->mode & S_ISUID) != 0);
  dc_json_put_bool (&json, "is_setgid",
                    (file->mode & S_ISGID) != 0 && (file->mode & S_IXGRP) != 0);
  dc_json_put (&json, "capabilities", caps);
  return json;
}

static json_t *
selinux_json (const struct dc_security *security)
{
  if (security->selinux_mode == NULL && security->selinux_policy == NULL)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put_text (&json, "mode", security->selinux_mode);
  dc_json_put_text (&json, "policy", security->selinux_policy);
  dc_json_put (&json, "added_modules",
               dc_json_words (&security->selinux_modules));
  dc_json_put (&json, "evidence", dc_evidence_json ("/etc/selinux/config", 0));
  return json;
}

static json_t *
apparmor_json (const struct dc_security *security)
{
  if (!security->has_apparmor)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put (&json, "profiles", dc_json_words (&security->apparmor_profiles));
  dc_json_put (&json, "disabled", dc_json_words (&security->apparmor_disabled));
  dc_json_put (&json, "complaining",
               dc_json_words (&security->apparmor_complaining));
  return json;
}

json_t *
dc_security_json (const struct dc_profile *profile)
{
  const struct dc_security *security = &profile->security;
  json_t *json = json_object (), *files = json_array ();

  for (size_t i = 0; i < security->count; i++)
    dc_json_push (&files, file_json (&security->items[i]));
  dc_json_put (&json, "privileged_files", files);
  dc_json_put_number (&json, "privileged_files_left_out", security->lost);
  dc_json_put (&json, "selinux", selinux_json (security));
  dc_json_put (&json, "apparmor", apparmor_json (security));
  return json;
}

static int
print_files (struct dc_page *page, const json_t *files, const char *key,
             const char *label, struct dc_error *err)
{
  struct dc_page_list list = { .text = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX),
                               .max = DC_PAGE_LIST_MAX };
  int status = 0;

  for (size_t i = 0; status == 0 && i < json_array_size (files); i++) {
    const json_t *file = json_array_get (files, i);
    const json_t *value = json_object_get (file, key);
    const char *path = dc_page_text (file, "path");
    if ((json_is_true (value) || json_is_object (value)) && path != NULL)
      status = dc_page_add (&list, path, err);
  }
  if (status == 0)
    status = dc_page_print (page, label, &list, err);
  dc_buffer_release (&list.text);
  return status;
}

static int
print_words (struct dc_page *page, const char *label, const char *first,
             const json_t *names, struct dc_error *err)
{
  struct dc_page_list list = { .text = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX),
                               .max = DC_PAGE_LIST_MAX };
  int status = first != NULL ? dc_page_add (&list, first, err) : 0;

  for (size_t i = 0; status == 0 && i < json_array_size (names); i++)
    status =
        dc_page_add (&list, json_string_value (json_array_get (names, i)), err);
  if (status == 0)
    status = dc_page_print (page, label, &list, err);
  dc_buffer_release (&list.text);
  return status;
}

int
dc_security_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *security = json_object_get (page->json, "security");
  const json_t *files = json_object_get (security, "privileged_files");
  const json_t *selinux = json_object_get (security, "selinux");
  const json_t *apparmor = json_object_get (security, "apparmor");

  if (json_array_size (files) == 0 && !json_is_object (selinux) &&
      json_array_size (json_object_get (apparmor, "profiles")) == 0)
    return 0;
  if (dc_buffer_print (page->out, err, "\nSecurity\n") < 0 ||
      print_files (page, files, "is_setuid", "setuid", err) < 0 ||
      print_files (page, files, "is_setgid", "setgid", err) < 0 ||
      print_files (page, files, "capabilities", "capabilities", err) < 0 ||
      print_words (page, "SELinux", dc_page_text (selinux, "mode"),
                   json_object_get (selinux, "added_modules"), err) < 0)
    return -1;
  return print_words (page, "AppArmor disabled", NULL,
                      json_object_get (apparmor, "disabled"), err);
}
