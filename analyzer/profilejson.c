/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/package/packagesection.h"
#include "analyzer/profilejson.h"
#include "analyzer/section.h"
#include "lib/json.h"

const char *
dc_protocol_name (enum dc_protocol protocol)
{
  static const char *const names[] = { "tcp", "udp", "unix" };
  return names[protocol];
}

const char *
dc_confidence_name (enum dc_confidence confidence)
{
  static const char *const names[] = { "observed", "declared", "inferred",
                                       "unknown" };
  return names[confidence];
}

json_t *
dc_evidence_json (const char *file, unsigned line)
{
  if (file == NULL)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put_text (&json, "file", file);
  dc_json_put (&json, "line", line > 0 ? json_integer (line) : json_null ());
  return json;
}

static json_t *
decant_json (void)
{
  json_t *json = json_object ();

  dc_json_put_text (&json, "version", PACKAGE_VERSION);
  dc_json_put_number (&json, "profile_version", DC_PROFILE_VERSION);
  return json;
}

/* "" stands for what is not there in the structs that blkid's words fill. */
static void
put_or_null (json_t **json, const char *key, const char *text)
{
  dc_json_put_text (json, key, text != NULL && *text != '\0' ? text : NULL);
}

static json_t *
guest_json (const struct dc_guest *guest, const struct dc_storage *storage)
{
  json_t *json = json_object (), *filesystems = json_array ();

  for (size_t i = 0; i < guest->count; i++) {
    const struct dc_guest_fs *fs = &guest->items[i];
    json_t *item = json_object ();
    put_or_null (&item, "device", fs->device);
    put_or_null (&item, "type", fs->type);
    put_or_null (&item, "uuid", fs->uuid);
    put_or_null (&item, "label", fs->label);
    put_or_null (&item, "mountpoint", fs->mountpoint);
    put_or_null (&item, "state", fs->state);
    dc_json_put_number (&item, "size", fs->size);
    dc_json_push (&filesystems, item);
  }
  dc_json_put_text (&json, "backend", guest->backend);
  dc_json_put (&json, "filesystems", filesystems);
  dc_json_put (&json, "sparse_files", dc_storage_sparse_json (storage));
  return json;
}

static json_t *
os_json (const struct dc_osrel *os)
{
  if (os == NULL)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put_text (&json, "id", os->id);
  dc_json_put_text (&json, "id_like", os->id_like);
  dc_json_put_text (&json, "family", os->family);
  dc_json_put_text (&json, "kernel", os->kernel);
  dc_json_put_text (&json, "name", os->name);
  dc_json_put_text (&json, "version_id", os->version_id);
  dc_json_put_text (&json, "release", os->release);
  dc_json_put_text (&json, "codename", os->codename);
  dc_json_put_text (&json, "pretty_name", os->pretty_name);
  dc_json_put_text (&json, "confidence",
                    os->is_inferred ? "inferred" : "declared");
  dc_json_put (&json, "evidence", dc_evidence_json (os->file, 0));
  dc_json_put (&json, "release_evidence",
               dc_evidence_json (os->release_file, 0));
  return json;
}

static json_t *
users_json (const struct dc_users *users)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < users->user_count; i++) {
    const struct dc_user *user = &users->users[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "name", user->name);
    dc_json_put_number (&item, "uid", user->uid);
    dc_json_put_number (&item, "gid", user->gid);
    dc_json_put_text (&item, "home", user->home);
    dc_json_put_text (&item, "shell", user->shell);
    dc_json_put_bool (&item, "has_password", user->has_password);
    dc_json_put_bool (&item, "can_login", user->can_login);
    dc_json_put (&item, "evidence",
                 dc_evidence_json ("/etc/passwd", user->line));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
groups_json (const struct dc_users *users)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < users->group_count; i++) {
    const struct dc_group *group = &users->groups[i];
    json_t *item = json_object (), *members = json_array ();
    for (size_t k = 0; k < group->member_count; k++)
      dc_json_push (&members, dc_json_bytes (group->members[k]));
    dc_json_put_text (&item, "name", group->name);
    dc_json_put_number (&item, "gid", group->gid);
    dc_json_put (&item, "members", members);
    dc_json_put (&item, "evidence",
                 dc_evidence_json ("/etc/group", group->line));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
endpoint_json (const struct dc_endpoint *endpoint)
{
  const bool is_unix = endpoint->protocol == DC_UNIX;
  const char *address = endpoint->address;
  json_t *json = json_object ();

  if (address == NULL || *address == '\0')
    address = "*"; /* any, both families */
  dc_json_put_text (&json, "service", endpoint->service);
  dc_json_put_text (&json, "protocol", dc_protocol_name (endpoint->protocol));
  dc_json_put_text (&json, "address", is_unix ? NULL : address);
  dc_json_put (&json, "port",
               is_unix ? json_null () : json_integer (endpoint->port));
  dc_json_put_text (&json, "path", is_unix ? endpoint->path : NULL);
  dc_json_put_text (&json, "confidence",
                    dc_confidence_name (endpoint->confidence));
  dc_json_put (
      &json, "evidence",
      dc_evidence_json (endpoint->evidence.file, endpoint->evidence.line));
  return json;
}

static json_t *
endpoints_json (const struct dc_endpoints *endpoints)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < endpoints->count; i++)
    dc_json_push (&json, endpoint_json (&endpoints->items[i]));
  return json;
}

static json_t *
findings_json (const struct dc_profile *profile)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < profile->finding_count; i++) {
    const struct dc_finding *finding = &profile->findings[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "id", finding->id);
    dc_json_put_text (&item, "text", finding->text);
    dc_json_put (
        &item, "evidence",
        dc_evidence_json (finding->evidence.file, finding->evidence.line));
    dc_json_push (&json, item);
  }
  return json;
}

int
dc_profile_json (const struct dc_profile *profile, json_t **out,
                 struct dc_error *err)
{
  DC_AUTO (dc_services_template) *template = NULL;

  if (dc_services_template_load (&template, err) < 0)
    return -1;
  json_t *json = json_object ();
  dc_json_put (&json, "decant", decant_json ());
  dc_json_put (&json, "source", json_null ());
  dc_json_put (&json, "guest", guest_json (profile->guest, &profile->storage));
  dc_json_put (&json, "os", os_json (profile->os));
  dc_json_put_text (&json, "architecture", profile->arch);
  dc_json_put_text (&json, "architecture_variant", profile->arch_variant);
  dc_json_put_text (&json, "hostname", profile->hostname);
  dc_json_put (&json, "packages", dc_packages_json (profile));
  dc_json_put (&json, "users", users_json (profile->users));
  dc_json_put (&json, "groups", groups_json (profile->users));
  dc_json_put_text (&json, "default_target", profile->units->default_target);
  dc_json_put (&json, "services", dc_services_json (profile->units, template));
  dc_json_put (&json, "units", dc_units_json (profile->units));
  dc_json_put (&json, "endpoints", endpoints_json (&profile->endpoints));
  for (size_t i = 0; i < dc_section_count; i++)
    if (dc_sections[i].key != NULL)
      dc_json_put (&json, dc_sections[i].key, dc_sections[i].json (profile));
  dc_json_put (&json, "findings", findings_json (profile));
  dc_json_put_number (&json, "findings_left_out", profile->findings_lost);
  if (json == NULL)
    return dc_json_no_memory (err);
  *out = json;
  return 0;
}
