/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/profilejson.h"
#include "analyzer/system/directory.h"
#include "analyzer/system/identitysection.h"
#include "analyzer/system/instance.h"
#include "analyzer/system/sudoers.h"
#include "lib/json.h"
#include "lib/quote.h"

static const struct {
  const char *path;
  int (*parse) (void *arg, const struct dc_configfile *file,
                struct dc_error *err);
} files[] = {
  { "/etc/nsswitch.conf", dc_directory_parse_nsswitch },
  { "/etc/sssd/sssd.conf", dc_directory_parse_sssd },
  { "/etc/krb5.conf", dc_directory_parse_krb5 },
  { "/etc/nslcd.conf", dc_directory_parse_ldap },
  { "/etc/ldap.conf", dc_directory_parse_ldap },
  { "/etc/libnss-ldap.conf", dc_directory_parse_ldap },
  { "/etc/samba/smb.conf", dc_directory_parse_smb },
};

int
dc_identity_read (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_error *err)
{
  static const char *const sssd[] = { "/etc/sssd/conf.d" };
  struct dc_configreader reader = { .tree = tree,
                                    .profile = profile,
                                    .finding = "identity.unreadable",
                                    .arg = &profile->identity };

  for (size_t i = 0; i < DC_COUNT (files); i++) {
    reader.parse = files[i].parse;
    if (dc_configfile_read (&reader, files[i].path, err) < 0)
      return -1;
  }
  reader.parse = dc_directory_parse_sssd;
  if (dc_configfile_read_folders (&reader, sssd, 1, ".conf", err) < 0 ||
      dc_sudoers_load (tree, profile, err) < 0)
    return -1;
  return dc_instance_read (tree, profile, err);
}

void
dc_identity_forget (struct dc_profile *profile)
{
  dc_identity_release (&profile->identity);
}

static json_t *
lookups_json (const struct dc_identity *identity)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < identity->lookup_count; i++) {
    json_t *item = json_object ();
    dc_json_put_text (&item, "database", identity->lookups[i].database);
    dc_json_put (&item, "services",
                 dc_json_words (&identity->lookups[i].services));
    dc_json_put (
        &item, "evidence",
        dc_evidence_json ("/etc/nsswitch.conf", identity->lookups[i].line));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
directories_json (const struct dc_identity *identity)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < identity->directory_count; i++) {
    const struct dc_directory *directory = &identity->directories[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "kind", directory->kind);
    dc_json_put_text (&item, "domain", directory->domain);
    dc_json_put_text (&item, "provider", directory->provider);
    dc_json_put_text (&item, "realm", directory->realm);
    dc_json_put (&item, "servers", dc_json_words (&directory->servers));
    dc_json_put (
        &item, "evidence",
        dc_evidence_json (directory->evidence.file, directory->evidence.line));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
sudo_json (const struct dc_identity *identity)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < identity->sudo_count; i++) {
    const struct dc_sudo *sudo = &identity->sudo[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "who", sudo->who);
    dc_json_put_text (&item, "host", sudo->host);
    dc_json_put_text (&item, "run_as", sudo->runas);
    dc_json_put_text (&item, "commands", sudo->commands);
    dc_json_put_bool (&item, "needs_password", !sudo->is_free);
    dc_json_put (&item, "evidence",
                 dc_evidence_json (sudo->evidence.file, sudo->evidence.line));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
said_json (const char *name, const char *file)
{
  if (name == NULL)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put_text (&json, "name", name);
  dc_json_put (&json, "evidence", dc_evidence_json (file, 0));
  return json;
}

static json_t *
cloud_json (const struct dc_identity *identity)
{
  if (!identity->has_cloud_init)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put_bool (&json, "disabled", identity->is_cloud_init_off);
  dc_json_put (&json, "datasource",
               said_json (identity->cloud_source, identity->cloud_source_file));
  dc_json_put (&json, "datasources", dc_json_words (&identity->cloud_sources));
  return json;
}

json_t *
dc_identity_json (const struct dc_profile *profile)
{
  const struct dc_identity *identity = &profile->identity;
  json_t *json = json_object ();

  dc_json_put (&json, "lookups", lookups_json (identity));
  dc_json_put (&json, "directories", directories_json (identity));
  dc_json_put (&json, "sudo", sudo_json (identity));
  dc_json_put (&json, "time_zone",
               said_json (identity->time_zone, identity->time_zone_file));
  dc_json_put (&json, "locale",
               said_json (identity->locale, identity->locale_file));
  dc_json_put_text (&json, "machine_id", identity->machine_id);
  dc_json_put (&json, "cloud_init", cloud_json (identity));
  return json;
}

static int
print_directories (struct dc_page *page, const json_t *identity,
                   struct dc_error *err)
{
  const json_t *items = json_object_get (identity, "directories");
  AUTO_COLUMNS struct dc_columns columns = { .count = 4 };

  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++) {
    const json_t *item = json_array_get (items, i);
    const char *const cells[] = { dc_page_text (item, "kind"),
                                  dc_page_text (item, "provider"),
                                  dc_page_text (item, "domain"),
                                  dc_page_text (item, "realm") };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Users from directories", &columns,
                        json_array_size (items), err);
}

/* Root may do all anyway. */
static int
print_sudo (struct dc_page *page, const json_t *identity, struct dc_error *err)
{
  const json_t *items = json_object_get (identity, "sudo");
  AUTO_COLUMNS struct dc_columns columns = { .count = 3 };
  size_t count = 0;

  for (size_t i = 0; i < json_array_size (items); i++) {
    const json_t *item = json_array_get (items, i);
    const char *who = dc_page_text (item, "who");
    if (who == NULL || strcmp (who, "root") == 0 || count++ >= DC_PAGE_LIST_MAX)
      continue;
    const char *const cells[] = {
      who,
      dc_page_is (item, "needs_password") ? "" : "no password",
      dc_page_text (item, "commands"),
    };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "May do with sudo", &columns, count, err);
}

int
dc_identity_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *identity = json_object_get (page->json, "identity");

  return print_directories (page, identity, err) < 0
             ? -1
             : print_sudo (page, identity, err);
}
