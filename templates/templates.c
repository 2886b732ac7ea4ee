/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/glob.h"
#include "templates/templates.h"

static const char distribution_yaml[] = {
#include "templates/distribution.inc"
};
static const char keep_yaml[] = {
#include "templates/keep.inc"
};
static const char secrets_yaml[] = {
#include "templates/secrets.inc"
};
static const char select_yaml[] = {
#include "templates/select.inc"
};
static const char services_yaml[] = {
#include "templates/services.inc"
};

static const char storage_yaml[] = {
#include "templates/storage.inc"
};

static const char syscalls_yaml[] = {
#include "templates/syscalls.inc"
};

static const struct dc_yaml_row syscall_group_rows[] = {
  DC_YAML_ROW ("name", DC_YAML_TEXT, DC_YAML_REQUIRED, struct dc_syscall_group,
               name),
  DC_YAML_ROW ("calls", DC_YAML_TEXTS, DC_YAML_REQUIRED,
               struct dc_syscall_group, calls),
  DC_YAML_END,
};
static const struct dc_yaml_row syscalls_rows[] = {
  DC_YAML_NEST ("groups", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_syscalls_template, groups, syscall_group_rows,
                struct dc_syscall_group),
  DC_YAML_END,
};

static const struct dc_yaml_row distribution_rule_rows[] = {
  DC_YAML_ROW ("manager", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_distribution_rule, manager),
  DC_YAML_ROW ("packages", DC_YAML_TEXTS, DC_YAML_REQUIRED,
               struct dc_distribution_rule, packages),
  DC_YAML_ROW ("vendors", DC_YAML_TEXTS, DC_YAML_OPTIONAL,
               struct dc_distribution_rule, vendors),
  DC_YAML_END,
};
static const struct dc_yaml_row distribution_rows[] = {
  DC_YAML_NEST ("distribution", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_distribution_template, distribution,
                distribution_rule_rows, struct dc_distribution_rule),
  DC_YAML_END,
};

static const struct dc_yaml_row keep_rule_rows[] = {
  DC_YAML_ROW ("reason", DC_YAML_TEXT, DC_YAML_REQUIRED, struct dc_keep_rule,
               reason),
  DC_YAML_ROW ("paths", DC_YAML_TEXTS, DC_YAML_REQUIRED, struct dc_keep_rule,
               paths),
  DC_YAML_END,
};
static const struct dc_yaml_row keep_rows[] = {
  DC_YAML_NEST ("always", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_keep_template, always, keep_rule_rows,
                struct dc_keep_rule),
  DC_YAML_NEST ("never", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_keep_template, never, keep_rule_rows,
                struct dc_keep_rule),
  DC_YAML_END,
};

static const struct dc_yaml_row secret_file_rows[] = {
  DC_YAML_ROW ("kind", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_secret_file_rule, kind),
  DC_YAML_ROW ("paths", DC_YAML_TEXTS, DC_YAML_REQUIRED,
               struct dc_secret_file_rule, paths),
  DC_YAML_ROW ("only_with", DC_YAML_TEXT, DC_YAML_OPTIONAL,
               struct dc_secret_file_rule, only_with),
  DC_YAML_ROW ("needs_value", DC_YAML_BOOL, DC_YAML_OPTIONAL,
               struct dc_secret_file_rule, needs_value),
  DC_YAML_END,
};
static const struct dc_yaml_row secret_suffix_rows[] = {
  DC_YAML_ROW ("suffix", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_secret_suffix_rule, suffix),
  DC_YAML_ROW ("kind", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_secret_suffix_rule, kind),
  DC_YAML_ROW ("only_with", DC_YAML_TEXT, DC_YAML_OPTIONAL,
               struct dc_secret_suffix_rule, only_with),
  DC_YAML_END,
};
static const struct dc_yaml_row secret_setting_rows[] = {
  DC_YAML_ROW ("word", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_secret_setting_rule, word),
  DC_YAML_ROW ("kind", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_secret_setting_rule, kind),
  DC_YAML_END,
};
static const struct dc_yaml_row secrets_rows[] = {
  DC_YAML_NEST ("files", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_secrets_template, files, secret_file_rows,
                struct dc_secret_file_rule),
  DC_YAML_NEST ("suffixes", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_secrets_template, suffixes, secret_suffix_rows,
                struct dc_secret_suffix_rule),
  DC_YAML_NEST ("settings", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_secrets_template, settings, secret_setting_rows,
                struct dc_secret_setting_rule),
  DC_YAML_ROW ("settings_in", DC_YAML_TEXTS, DC_YAML_REQUIRED,
               struct dc_secrets_template, settings_in),
  DC_YAML_ROW ("settings_files", DC_YAML_TEXTS, DC_YAML_REQUIRED,
               struct dc_secrets_template, settings_files),
  DC_YAML_END,
};

static const struct dc_yaml_row storage_mount_rows[] = {
  DC_YAML_ROW ("becomes", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_storage_mount_rule, becomes),
  DC_YAML_ROW ("reason", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_storage_mount_rule, reason),
  DC_YAML_ROW ("types", DC_YAML_TEXTS, DC_YAML_OPTIONAL,
               struct dc_storage_mount_rule, types),
  DC_YAML_ROW ("paths", DC_YAML_TEXTS, DC_YAML_OPTIONAL,
               struct dc_storage_mount_rule, paths),
  DC_YAML_END,
};
static const struct dc_yaml_row storage_folder_rows[] = {
  DC_YAML_ROW ("kind", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_storage_folder_rule, kind),
  DC_YAML_ROW ("reason", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_storage_folder_rule, reason),
  DC_YAML_ROW ("paths", DC_YAML_TEXTS, DC_YAML_REQUIRED,
               struct dc_storage_folder_rule, paths),
  DC_YAML_END,
};
static const struct dc_yaml_row storage_file_rows[] = {
  DC_YAML_ROW ("kind", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_storage_file_rule, kind),
  DC_YAML_ROW ("reason", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_storage_file_rule, reason),
  DC_YAML_ROW ("suffixes", DC_YAML_TEXTS, DC_YAML_REQUIRED,
               struct dc_storage_file_rule, suffixes),
  { .key = "min_mib",
    .kind = DC_YAML_NUMBER,
    .need = DC_YAML_REQUIRED,
    .target = offsetof (struct dc_storage_file_rule, min_mib),
    .min = 1,
    .max = 1024 * 1024 },
  DC_YAML_END,
};
static const struct dc_yaml_row storage_rows[] = {
  DC_YAML_NEST ("mounts", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_storage_template, mounts, storage_mount_rows,
                struct dc_storage_mount_rule),
  DC_YAML_NEST ("folders", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_storage_template, folders, storage_folder_rows,
                struct dc_storage_folder_rule),
  DC_YAML_NEST ("files", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_storage_template, files, storage_file_rows,
                struct dc_storage_file_rule),
  DC_YAML_END,
};

static const struct dc_yaml_row select_rule_rows[] = {
  DC_YAML_ROW ("reason", DC_YAML_TEXT, DC_YAML_REQUIRED, struct dc_select_rule,
               reason),
  DC_YAML_ROW ("paths", DC_YAML_TEXTS, DC_YAML_OPTIONAL, struct dc_select_rule,
               paths),
  DC_YAML_ROW ("packages", DC_YAML_TEXTS, DC_YAML_OPTIONAL,
               struct dc_select_rule, packages),
  DC_YAML_ROW ("only_files", DC_YAML_BOOL, DC_YAML_OPTIONAL,
               struct dc_select_rule, only_files),
  DC_YAML_END,
};
static const struct dc_yaml_row select_rows[] = {
  DC_YAML_NEST ("leave_out", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_select_template, leave_out, select_rule_rows,
                struct dc_select_rule),
  DC_YAML_NEST ("not_made", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_select_template, not_made, select_rule_rows,
                struct dc_select_rule),
  DC_YAML_END,
};

static const struct dc_yaml_row service_rule_rows[] = {
  DC_YAML_ROW ("reason", DC_YAML_TEXT, DC_YAML_REQUIRED, struct dc_service_rule,
               reason),
  DC_YAML_ROW ("with_systemd", DC_YAML_BOOL, DC_YAML_OPTIONAL,
               struct dc_service_rule, with_systemd),
  DC_YAML_ROW ("units", DC_YAML_TEXTS, DC_YAML_REQUIRED, struct dc_service_rule,
               units),
  DC_YAML_END,
};
static const struct dc_yaml_row prepare_rows[] = {
  DC_YAML_ROW ("reason", DC_YAML_TEXT, DC_YAML_REQUIRED,
               struct dc_service_prepare, reason),
  DC_YAML_ROW ("units", DC_YAML_TEXTS, DC_YAML_REQUIRED,
               struct dc_service_prepare, units),
  DC_YAML_ROW ("run", DC_YAML_TEXTS, DC_YAML_REQUIRED,
               struct dc_service_prepare, run),
  DC_YAML_END,
};
static const struct dc_yaml_row services_rows[] = {
  DC_YAML_NEST ("leave_out", DC_YAML_LIST, DC_YAML_REQUIRED,
                struct dc_services_template, leave_out, service_rule_rows,
                struct dc_service_rule),
  DC_YAML_NEST ("prepare", DC_YAML_LIST, DC_YAML_OPTIONAL,
                struct dc_services_template, prepare, prepare_rows,
                struct dc_service_prepare),
  DC_YAML_END,
};

int
dc_distribution_template_load (struct dc_distribution_template **out,
                               struct dc_error *err)
{
  DC_AUTO (dc_distribution_template) *template = calloc (1, sizeof *template);

  if (template == NULL)
    return dc_fail_errno (err, "cannot keep a template");
  if (dc_yaml_read (distribution_yaml, sizeof distribution_yaml,
                    "distribution.yaml", distribution_rows, template, err) < 0)
    return -1;
  *out = DC_TAKE (template);
  return 0;
}

void
dc_distribution_template_free (struct dc_distribution_template *template)
{
  if (template == NULL)
    return;
  dc_yaml_release (distribution_rows, template);
  free (template);
}

int
dc_select_template_load (struct dc_select_template **out, struct dc_error *err)
{
  DC_AUTO (dc_select_template) *template = calloc (1, sizeof *template);

  if (template == NULL)
    return dc_fail_errno (err, "cannot keep a template");
  if (dc_yaml_read (select_yaml, sizeof select_yaml, "select.yaml", select_rows,
                    template, err) < 0)
    return -1;
  *out = DC_TAKE (template);
  return 0;
}

void
dc_select_template_free (struct dc_select_template *template)
{
  if (template == NULL)
    return;
  dc_yaml_release (select_rows, template);
  free (template);
}

int
dc_services_template_load (struct dc_services_template **out,
                           struct dc_error *err)
{
  DC_AUTO (dc_services_template) *template = calloc (1, sizeof *template);

  if (template == NULL)
    return dc_fail_errno (err, "cannot keep a template");
  if (dc_yaml_read (services_yaml, sizeof services_yaml, "services.yaml",
                    services_rows, template, err) < 0)
    return -1;
  *out = DC_TAKE (template);
  return 0;
}

const char *
dc_services_left_out (const struct dc_services_template *template,
                      const char *name)
{
  const struct dc_service_rule *rules = template->leave_out.items;

  for (size_t i = 0; i < template->leave_out.count; i++)
    for (size_t j = 0; j < rules[i].units.count; j++)
      if (dc_glob_match (rules[i].units.items[j], name))
        return rules[i].reason;
  return NULL;
}

void
dc_services_template_free (struct dc_services_template *template)
{
  if (template == NULL)
    return;
  dc_yaml_release (services_rows, template);
  free (template);
}

int
dc_keep_template_load (struct dc_keep_template **out, struct dc_error *err)
{
  DC_AUTO (dc_keep_template) *template = calloc (1, sizeof *template);

  if (template == NULL)
    return dc_fail_errno (err, "cannot keep a template");
  if (dc_yaml_read (keep_yaml, sizeof keep_yaml, "keep.yaml", keep_rows,
                    template, err) < 0)
    return -1;
  *out = DC_TAKE (template);
  return 0;
}

void
dc_keep_template_free (struct dc_keep_template *template)
{
  if (template == NULL)
    return;
  dc_yaml_release (keep_rows, template);
  free (template);
}

int
dc_secrets_template_load (struct dc_secrets_template **out,
                          struct dc_error *err)
{
  DC_AUTO (dc_secrets_template) *template = calloc (1, sizeof *template);

  if (template == NULL)
    return dc_fail_errno (err, "cannot keep a template");
  if (dc_yaml_read (secrets_yaml, sizeof secrets_yaml, "secrets.yaml",
                    secrets_rows, template, err) < 0)
    return -1;
  *out = DC_TAKE (template);
  return 0;
}

void
dc_secrets_template_free (struct dc_secrets_template *template)
{
  if (template == NULL)
    return;
  dc_yaml_release (secrets_rows, template);
  free (template);
}

int
dc_storage_template_load (struct dc_storage_template **out,
                          struct dc_error *err)
{
  DC_AUTO (dc_storage_template) *template = calloc (1, sizeof *template);

  if (template == NULL)
    return dc_fail_errno (err, "cannot keep a template");
  if (dc_yaml_read (storage_yaml, sizeof storage_yaml, "storage.yaml",
                    storage_rows, template, err) < 0)
    return -1;
  *out = DC_TAKE (template);
  return 0;
}

static bool
fits (const struct dc_yaml_texts *patterns, const char *text)
{
  for (size_t i = 0; i < patterns->count; i++)
    if (dc_glob_match (patterns->items[i], text))
      return true;
  return patterns->count == 0;
}

const struct dc_storage_mount_rule *
dc_storage_mount_rule (const struct dc_storage_template *template,
                       const char *type, const char *mountpoint)
{
  const struct dc_storage_mount_rule *rules = template->mounts.items;

  for (size_t i = 0; i < template->mounts.count; i++)
    if (fits (&rules[i].types, type) && fits (&rules[i].paths, mountpoint))
      return &rules[i];
  return NULL;
}

void
dc_storage_template_free (struct dc_storage_template *template)
{
  if (template == NULL)
    return;
  dc_yaml_release (storage_rows, template);
  free (template);
}

int
dc_syscalls_template_load (struct dc_syscalls_template **out,
                           struct dc_error *err)
{
  DC_AUTO (dc_syscalls_template) *template = calloc (1, sizeof *template);

  if (template == NULL)
    return dc_fail_errno (err, "cannot keep a template");
  if (dc_yaml_read (syscalls_yaml, sizeof syscalls_yaml, "syscalls.yaml",
                    syscalls_rows, template, err) < 0)
    return -1;
  *out = DC_TAKE (template);
  return 0;
}

void
dc_syscalls_template_free (struct dc_syscalls_template *template)
{
  if (template == NULL)
    return;
  dc_yaml_release (syscalls_rows, template);
  free (template);
}
