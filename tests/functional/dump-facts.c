/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* dump-facts FOLDER WHAT: one fact of the guest in FOLDER as lines of
 * fields with "|" between them, to be compared with what other tools say.
 *
 *   os        id version_id codename pretty_name file; nothing when unknown
 *   release   id family kernel name release like confidence
 *   arch      architecture variant
 *   packages  name version arch manual distribution
 *   owners    path package, of the entries that have one
 *   users     name uid gid home shell has_password can_login
 *   groups    name gid members, comma between them
 *   endpoints service protocol address port path confidence file line, of
 *             what starts; then finding id file line text
 *
 * and, as they are: json, the profile; text, the profile for people.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/profile.h"
#include "lib/json.h"
#include "lib/tree/backends.h"

static const char *
text_of (const char *text)
{
  return text != NULL ? text : "";
}

static int
dump_os (struct dc_tree *tree, struct dc_error *err)
{
  DC_AUTO (dc_osrel) *os = NULL;
  const int found = dc_osrel_load (tree, &os, err);

  if (found > 0)
    printf ("%s|%s|%s|%s|%s\n", text_of (os->id), text_of (os->version_id),
            text_of (os->codename), text_of (os->pretty_name), os->file);
  return found < 0 ? -1 : 0;
}

static int
dump_release (struct dc_tree *tree, struct dc_error *err)
{
  DC_AUTO (dc_osrel) *os = NULL;
  const int found = dc_osrel_load (tree, &os, err);

  if (found > 0)
    printf ("%s|%s|%s|%s|%s|%s|%s\n", os->id, text_of (os->family), os->kernel,
            text_of (os->name), text_of (os->release), text_of (os->id_like),
            os->is_inferred ? "inferred" : "declared");
  return found < 0 ? -1 : 0;
}

static int
dump_arch (struct dc_tree *tree, struct dc_error *err)
{
  AUTO_FREE char *arch = NULL, *variant = NULL;
  const int found = dc_elf_arch (tree, &arch, &variant, err);

  if (found > 0)
    printf ("%s|%s\n", arch, text_of (variant));
  return found < 0 ? -1 : 0;
}

static int
dump_packages (struct dc_tree *tree, struct dc_error *err)
{
  DC_AUTO (dc_packages) *packages = NULL;

  if (dc_packages_load (tree, &packages, err) < 0)
    return -1;
  for (size_t i = 0; i < packages->count; i++) {
    const struct dc_package *package = &packages->items[i];
    printf ("%s|%s|%s|%d|%d\n", package->name, package->version, package->arch,
            package->manual == DC_ANSWER_YES, package->is_distribution);
  }
  return 0;
}

static int
dump_owners (struct dc_tree *tree, struct dc_error *err)
{
  DC_AUTO (dc_packages) *packages = NULL;
  AUTO_FREE uint32_t *owners = NULL;
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  if (dc_packages_load (tree, &packages, err) < 0 ||
      dc_packages_owners (packages, tree, &owners, err) < 0)
    return -1;
  for (uint32_t i = 0; i < tree->count; i++) {
    if (owners[i] == DC_TREE_NONE)
      continue;
    if (dc_tree_path (tree, i, &path, err) < 0)
      return -1;
    printf ("/%s|%s\n", dc_buffer_text (&path),
            packages->items[owners[i]].name);
  }
  return 0;
}

static int
dump_users (struct dc_tree *tree, struct dc_error *err)
{
  DC_AUTO (dc_users) *users = NULL;

  if (dc_users_load (tree, &users, err) < 0)
    return -1;
  for (size_t i = 0; i < users->user_count; i++) {
    const struct dc_user *user = &users->users[i];
    printf ("%s|%u|%u|%s|%s|%d|%d\n", user->name, user->uid, user->gid,
            user->home, user->shell, user->has_password, user->can_login);
  }
  return 0;
}

static int
dump_groups (struct dc_tree *tree, struct dc_error *err)
{
  DC_AUTO (dc_users) *users = NULL;

  if (dc_users_load (tree, &users, err) < 0)
    return -1;
  for (size_t i = 0; i < users->group_count; i++) {
    const struct dc_group *group = &users->groups[i];
    printf ("%s|%u|", group->name, group->gid);
    for (size_t k = 0; k < group->member_count; k++)
      printf ("%s%s", k > 0 ? "," : "", group->members[k]);
    putchar ('\n');
  }
  return 0;
}

static void
print_endpoint (const struct dc_endpoint *endpoint)
{
  static const char *const protocols[] = { "tcp", "udp", "unix" };
  static const char *const confidences[] = { "observed", "declared", "inferred",
                                             "unknown" };

  printf ("%s|%s|%s|%u|%s|%s|%s|%u\n", endpoint->service,
          protocols[endpoint->protocol], text_of (endpoint->address),
          (unsigned) endpoint->port, text_of (endpoint->path),
          confidences[endpoint->confidence], endpoint->evidence.file,
          endpoint->evidence.line);
}

static int
dump_endpoints (struct dc_tree *tree, struct dc_error *err)
{
  struct dc_profile profile = { .hostname = NULL };

  int status = dc_units_load (tree, &profile.units, err);
  if (status == 0)
    status = dc_endpoints_find (tree, &profile, err);
  for (size_t i = 0; i < profile.endpoints.count; i++)
    print_endpoint (&profile.endpoints.items[i]);
  for (size_t i = 0; i < profile.finding_count; i++)
    printf ("finding|%s|%s|%u|%s\n", profile.findings[i].id,
            text_of (profile.findings[i].evidence.file),
            profile.findings[i].evidence.line, profile.findings[i].text);
  dc_units_free (profile.units);
  dc_endpoints_release (&profile.endpoints);
  dc_apps_release (&profile.apps);
  dc_findings_release (&profile);
  return status;
}

static int
make_json (struct dc_tree *tree, json_t **json, struct dc_error *err)
{
  DC_AUTO (dc_guest) *guest = NULL;
  DC_AUTO (dc_profile) *profile = NULL;

  if (dc_guest_new (tree->ops->name, &guest, err) < 0 ||
      dc_profile_make (tree, guest, NULL, &dc_report_silent, &profile, err) < 0)
    return -1;
  guest = NULL; /* taken */
  return dc_profile_json (profile, json, err);
}

static int
dump_json (struct dc_tree *tree, struct dc_error *err)
{
  json_auto_t *json = NULL;
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  if (make_json (tree, &json, err) < 0 ||
      dc_json_pretty (json, &text, &size, err) < 0)
    return -1;
  fputs (text, stdout);
  return 0;
}

static int
dump_text (struct dc_tree *tree, struct dc_error *err)
{
  json_auto_t *json = NULL;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT ((size_t) 1024 * 1024);

  if (make_json (tree, &json, err) < 0 ||
      dc_profile_text (json, 80, &text, err) < 0)
    return -1;
  fputs (dc_buffer_text (&text), stdout);
  return 0;
}

static const struct {
  const char *what;
  int (*dump) (struct dc_tree *tree, struct dc_error *err);
} facts[] = {
  { "arch", dump_arch },     { "endpoints", dump_endpoints },
  { "groups", dump_groups }, { "json", dump_json },
  { "os", dump_os },         { "release", dump_release },
  { "owners", dump_owners }, { "packages", dump_packages },
  { "text", dump_text },     { "users", dump_users },
};

static int
dump (const char *folder, const char *what, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_CLOSE const int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return dc_fail_errno (err, "cannot open '%s'", folder);
  if (dc_tree_dir (fd, &tree, err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (facts); i++)
    if (strcmp (what, facts[i].what) == 0)
      return facts[i].dump (tree, err);
  return dc_fail (err, DC_ERR_INVALID, "no such fact: '%s'", what);
}

int
main (int argc, char **argv)
{
  struct dc_error err;

  if (argc != 3) {
    fputs ("usage: dump-facts FOLDER WHAT\n", stderr);
    return 2;
  }
  if (dump (argv[1], argv[2], &err) < 0) {
    fprintf (stderr, "dump-facts: %s\n", err.text);
    return 1;
  }
  return fflush (stdout) == 0 ? 0 : 1;
}
