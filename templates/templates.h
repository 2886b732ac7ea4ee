/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TEMPLATES_TEMPLATES_H
#define DC_TEMPLATES_TEMPLATES_H

/* templates: the knowledge files of this folder, as structs.
 *
 * The YAML files are compiled into the program; what they mean is said at
 * the head of each.  A pattern is a path without a leading slash, in which
 * '*' and '?' stand for bytes of one component and a last component "**" for
 * everything below a folder, but not the folder itself.
 */

#include <stdbool.h>

#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/yaml.h"

/* distribution.yaml: which packages make up a distribution, a manager each. */
struct dc_distribution_rule {
  char *manager;                 /* "rpm" */
  struct dc_yaml_texts packages; /* shell patterns of package names */
  struct dc_yaml_texts vendors;  /* each a pattern of vendors that are one */
};
struct dc_distribution_template {
  struct dc_yaml_list distribution; /* of struct dc_distribution_rule */
};

/* select.yaml: what does not go into an image, and what is not made there when
 * it starts.
 */
struct dc_select_rule {
  char *reason;                  /* "the kernel: a container uses its host's" */
  struct dc_yaml_texts paths;    /* patterns */
  struct dc_yaml_texts packages; /* shell patterns of package names */
  bool only_files;               /* folders and links stay */
};
struct dc_select_template {
  struct dc_yaml_list leave_out; /* of struct dc_select_rule */
  struct dc_yaml_list not_made;  /* the same, of paths in tmpfiles.d */
};

/* services.yaml: which services a converted system does not start, and what
 * some need before their first start.
 */
struct dc_service_rule {
  char *reason;
  struct dc_yaml_texts units; /* shell patterns of unit names */
  bool with_systemd;          /* started where systemd is process 1 */
};
struct dc_service_prepare {
  char *reason;
  struct dc_yaml_texts units;
  struct dc_yaml_texts run; /* command lines, as in a unit's ExecStartPre= */
};
struct dc_services_template {
  struct dc_yaml_list leave_out; /* of struct dc_service_rule */
  struct dc_yaml_list prepare;   /* of struct dc_service_prepare */
};

/* keep.yaml: what every service needs, and what none does. */
struct dc_keep_rule {
  char *reason;
  struct dc_yaml_texts paths; /* shell patterns, with a leading slash */
};
struct dc_keep_template {
  struct dc_yaml_list always, never; /* of struct dc_keep_rule */
};

/* secrets.yaml: where secrets lie. */
struct dc_secret_file_rule {
  char *kind;                 /* "SSH host key" */
  struct dc_yaml_texts paths; /* shell patterns, with a leading slash */
  char *only_with;            /* bytes of the content; NULL: any */
  bool needs_value; /* it counts if dc_secret_value() finds some in it */
};
struct dc_secret_suffix_rule {
  char *suffix, *kind;
  char *only_with; /* NULL: any */
};
struct dc_secret_setting_rule {
  char *word, *kind;
};
struct dc_secrets_template {
  struct dc_yaml_list files;    /* of struct dc_secret_file_rule */
  struct dc_yaml_list suffixes; /* of struct dc_secret_suffix_rule */
  struct dc_yaml_list settings; /* of struct dc_secret_setting_rule */
  struct dc_yaml_texts settings_in, settings_files;
};

/* storage.yaml: what mounts become, and places that matter. */
struct dc_storage_mount_rule {
  char *becomes; /* "volume" */
  char *reason;
  struct dc_yaml_texts types, paths; /* patterns; none fit everything */
};
struct dc_storage_folder_rule {
  char *kind, *reason;
  struct dc_yaml_texts paths; /* patterns, with a leading slash */
};
struct dc_storage_file_rule {
  char *kind, *reason;
  struct dc_yaml_texts suffixes;
  int64_t min_mib;
};
struct dc_storage_template {
  struct dc_yaml_list mounts;  /* of struct dc_storage_mount_rule */
  struct dc_yaml_list folders; /* of struct dc_storage_folder_rule */
  struct dc_yaml_list files;   /* of struct dc_storage_file_rule */
};

/* syscalls.yaml: groups of system calls. */
struct dc_syscall_group {
  char *name;                 /* "@clock" */
  struct dc_yaml_texts calls; /* names, also of groups */
};
struct dc_syscalls_template {
  struct dc_yaml_list groups; /* of struct dc_syscall_group */
};

/* 0 and *OUT for the caller, or -1 with DC_ERR_INVALID (a mistake in the
 * file, with its place) or DC_ERR_SYSTEM.
 */
int dc_distribution_template_load (struct dc_distribution_template **out,
                                   struct dc_error *err);
void dc_distribution_template_free (struct dc_distribution_template *template);
DC_DEFINE_AUTO (dc_distribution_template)

int dc_select_template_load (struct dc_select_template **out,
                             struct dc_error *err);
void dc_select_template_free (struct dc_select_template *template);
DC_DEFINE_AUTO (dc_select_template)

int dc_services_template_load (struct dc_services_template **out,
                               struct dc_error *err);
/* Why a converted system does not start the unit NAME (a caller with aliases
 * asks for each); NULL: it does.  Borrowed.
 */
const char *dc_services_left_out (const struct dc_services_template *template,
                                  const char *name);
void dc_services_template_free (struct dc_services_template *template);
DC_DEFINE_AUTO (dc_services_template)

int dc_keep_template_load (struct dc_keep_template **out, struct dc_error *err);
void dc_keep_template_free (struct dc_keep_template *template);
DC_DEFINE_AUTO (dc_keep_template)

int dc_secrets_template_load (struct dc_secrets_template **out,
                              struct dc_error *err);
void dc_secrets_template_free (struct dc_secrets_template *template);
DC_DEFINE_AUTO (dc_secrets_template)

int dc_storage_template_load (struct dc_storage_template **out,
                              struct dc_error *err);
/* The first rule that fits a mount; NULL: none does. */
const struct dc_storage_mount_rule *
dc_storage_mount_rule (const struct dc_storage_template *template,
                       const char *type, const char *mountpoint);
void dc_storage_template_free (struct dc_storage_template *template);
DC_DEFINE_AUTO (dc_storage_template)

int dc_syscalls_template_load (struct dc_syscalls_template **out,
                               struct dc_error *err);
void dc_syscalls_template_free (struct dc_syscalls_template *template);
DC_DEFINE_AUTO (dc_syscalls_template)

#endif
