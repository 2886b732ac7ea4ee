/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/configfile.h"
#include "analyzer/profile.h"
#include "analyzer/system/identitysection.h"
#include "analyzer/system/sudoers.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define FOLDERS_OF_ETC                                                         \
  DIR (""), DIR ("etc"), DIR ("etc/sudoers.d"), DIR ("etc/sssd"),              \
      DIR ("etc/samba"), DIR ("etc/cloud"), DIR ("etc/cloud/cloud.cfg.d"),     \
      DIR ("var"), DIR ("var/lib"), DIR ("var/lib/cloud"),                     \
      DIR ("var/lib/cloud/instance")

static const struct dc_memory_file member[] = {
  FOLDERS_OF_ETC,
  FILE ("etc/nsswitch.conf",
        "# x\npasswd: files sss # y\nhosts: dns\nsudoers:sss\n"),
  FILE ("etc/sssd/sssd.conf",
        "[sssd]\ndomains = corp.example\n[domain/corp.example]\n"
        "id_provider = ad\nad_server = dc1, dc2\nkrb5_realm=CORP.EXAMPLE\n"
        "ldap_default_authtok = secret\n[domain/two]\nid_provider=ldap\n"
        "ldap_uri=ldaps://l\n"),
  FILE ("etc/krb5.conf",
        "[libdefaults]\n default_realm = CORP.EXAMPLE\n[realms]\n X = {\n }\n"),
  FILE ("etc/nslcd.conf", "uid nslcd\nuri ldap://a ldap://b\nbase dc=e,dc=c\n"
                          "bindpw secret\n"),
  FILE ("etc/samba/smb.conf",
        "[global]\n workgroup = CORP\n Security = ADS\n realm = R\n[homes]\n"),
  FILE ("etc/sudoers",
        "Defaults env_reset\nUser_Alias ADMINS = a, b\n# me ALL=(ALL) ALL\n"
        "root\tALL=(ALL:ALL) ALL\n%sudo ALL=(ALL) \\\n  NOPASSWD: SETENV: "
        "/bin/a, /bin/b\n#1000 ALL = /bin/c\nbroken line\nx=1\n"
        "@includedir /etc/sudoers.d\n#include /etc/sudoers\n"),
  FILE ("etc/sudoers.d/10-ops", "alice, bob web=(deploy) /srv/run\n"),
  FILE ("etc/sudoers.d/readme.txt", "no ALL=ALL\n"),
  LINK ("etc/localtime", "../usr/share/zoneinfo/Europe/Berlin"),
  FILE ("etc/timezone", "UTC\n"),
  FILE ("etc/locale.conf", "LANG=\"de_DE.UTF-8\"\n"),
  FILE ("etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
  FILE ("etc/cloud/cloud.cfg", "users:\n - default\n"),
  FILE ("etc/cloud/cloud.cfg.d/90.cfg",
        "datasource_list: [ NoCloud, \"None\" ]\n"),
  FILE ("var/lib/cloud/instance/datasource",
        "DataSourceNoCloud: DataSourceNoCloud [seed=/dev/sr0]\n"),
};

static const struct dc_memory_file plain[] = {
  FOLDERS_OF_ETC,
  FILE ("etc/timezone", "# x\nEtc/UTC\n"),
  FILE ("etc/machine-id", "uninitialized\n"),
  FILE ("etc/samba/smb.conf", "[global]\nworkgroup = W\nsecurity = user\n"),
  FILE ("etc/cloud/cloud.cfg", ""),
  FILE ("etc/cloud/cloud-init.disabled", ""),
};

static struct dc_error err;

static json_t *
read_json (const struct dc_memory_file *files, size_t count,
           struct dc_profile *profile)
{
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (files, count, &tree, &err));
  ck_assert_ok (dc_identity_read (tree, profile, &err));
  json_t *json = dc_identity_json (profile);
  ck_assert_ptr_nonnull (json);
  return json;
}

/* Without the evidence of each, which has its own test. */
static void
check (json_t *json, const char *key, const char *expected)
{
  json_t *value = json_object_get (json, key);
  json_error_t ignored;
  json_auto_t *wanted =
      json_loads (expected, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &ignored);

  ck_assert_ptr_nonnull (wanted);
  for (size_t i = 0; json_is_array (value) && i < json_array_size (value); i++)
    if (json_is_object (json_array_get (value, i)))
      json_object_del (json_array_get (value, i), "evidence");
  AUTO_FREE char *text = json_dumps (value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
  ck_assert_msg (json_equal (value, wanted), "%s: %s", key, text);
}

START_TEST (test_member)
{
  struct dc_profile profile = { .findings = NULL };
  json_auto_t *json = read_json (member, DC_COUNT (member), &profile);

  const struct dc_identity *identity = &profile.identity;
  ck_assert_uint_eq (identity->lookups[1].line, 4);
  ck_assert_uint_eq (identity->directories[0].evidence.line, 4);
  ck_assert_uint_eq (identity->sudo[1].evidence.line, 6);
  ck_assert_str_eq (identity->sudo[3].evidence.file, "/etc/sudoers.d/10-ops");
  check (json, "lookups",
         "[{\"database\":\"passwd\",\"services\":[\"files\",\"sss\"]},"
         "{\"database\":\"sudoers\",\"services\":[\"sss\"]}]");
  check (json, "directories",
         "[{\"kind\":\"sssd\",\"domain\":\"corp.example\",\"provider\":\"ad\","
         "\"realm\":\"CORP.EXAMPLE\",\"servers\":[\"dc1\",\"dc2\"]},"
         "{\"kind\":\"sssd\",\"domain\":\"two\",\"provider\":\"ldap\","
         "\"realm\":null,\"servers\":[\"ldaps://l\"]},"
         "{\"kind\":\"kerberos\",\"domain\":null,\"provider\":null,"
         "\"realm\":\"CORP.EXAMPLE\",\"servers\":[]},"
         "{\"kind\":\"ldap\",\"domain\":\"dc=e,dc=c\",\"provider\":null,"
         "\"realm\":null,\"servers\":[\"ldap://a\",\"ldap://b\"]},"
         "{\"kind\":\"winbind\",\"domain\":\"CORP\",\"provider\":null,"
         "\"realm\":\"R\",\"servers\":[]}]");
  check (json, "time_zone",
         "{\"name\":\"Europe/Berlin\",\"evidence\":{\"file\":\"/etc/"
         "localtime\",\"line\":null}}");
  check (json, "locale",
         "{\"name\":\"de_DE.UTF-8\",\"evidence\":{\"file\":\"/etc/"
         "locale.conf\",\"line\":null}}");
  check (json, "machine_id", "\"set\"");
  check (json, "cloud_init",
         "{\"disabled\":false,\"datasource\":{\"name\":\"DataSourceNoCloud\","
         "\"evidence\":{\"file\":\"/var/lib/cloud/instance/datasource\","
         "\"line\":null}},\"datasources\":[\"NoCloud\",\"None\"]}");
  dc_identity_forget (&profile);
  dc_findings_release (&profile);
}
END_TEST

/* sudoers takes itself in, which changes nothing. */
START_TEST (test_sudo)
{
  struct dc_profile profile = { .findings = NULL };
  json_auto_t *json = read_json (member, DC_COUNT (member), &profile);

  ck_assert_uint_eq (profile.finding_count, 0);
  check (json, "sudo",
         "[{\"who\":\"root\",\"host\":\"ALL\",\"run_as\":\"ALL:ALL\","
         "\"commands\":\"ALL\",\"needs_password\":true},"
         "{\"who\":\"%sudo\",\"host\":\"ALL\",\"run_as\":\"ALL\",\"commands\":"
         "\"/bin/a, /bin/b\",\"needs_password\":false},"
         "{\"who\":\"#1000\",\"host\":\"ALL\",\"run_as\":null,\"commands\":"
         "\"/bin/c\",\"needs_password\":true},"
         "{\"who\":\"alice, bob\",\"host\":\"web\",\"run_as\":\"deploy\","
         "\"commands\":\"/srv/run\",\"needs_password\":true}]");
  dc_identity_forget (&profile);
  dc_findings_release (&profile);
}
END_TEST

START_TEST (test_plain)
{
  struct dc_profile profile = { .findings = NULL };
  json_auto_t *json = read_json (plain, DC_COUNT (plain), &profile);

  check (json, "lookups", "[]");
  check (json, "directories", "[]");
  check (json, "sudo", "[]");
  check (json, "time_zone",
         "{\"name\":\"Etc/UTC\",\"evidence\":{\"file\":"
         "\"/etc/timezone\",\"line\":null}}");
  check (json, "machine_id", "\"uninitialized\"");
  check (json, "cloud_init",
         "{\"disabled\":true,\"datasource\":null,\"datasources\":[]}");
  dc_identity_forget (&profile);
}
END_TEST

START_TEST (test_limit)
{
  static char text[DC_CONFIGFILE_SIZE_MAX + 2];
  struct dc_memory_file files[] = { DIR (""), DIR ("etc"),
                                    FILE ("etc/sudoers", text) };
  struct dc_profile profile = { .findings = NULL };

  for (size_t i = 0; i < DC_CONFIGFILE_SIZE_MAX; i++)
    text[i] = "a b=c\n"[i % 6];
  json_decref (read_json (files, DC_COUNT (files), &profile));
  ck_assert_uint_eq (profile.identity.sudo_count, DC_SUDO_MAX);
  ck_assert (unit_contains (profile.findings[0].text, "rules of sudo"));
  dc_identity_forget (&profile);
  dc_findings_release (&profile);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_profile profile = { .findings = NULL };
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (plain, DC_COUNT (plain), &tree, &err));
  OOM_LOOP (plain_status, dc_identity_read (tree, &profile, &err))
  {
    ck_assert_int_eq (plain_status < 0, oom_has_failed ());
    dc_identity_forget (&profile);
    dc_findings_release (&profile);
  }
  dc_tree_free (DC_TAKE (tree));
  ck_assert_ok (dc_tree_memory (member, DC_COUNT (member), &tree, &err));
  OOM_LOOP (status, dc_identity_read (tree, &profile, &err))
  {
    ck_assert_int_eq (status < 0, oom_has_failed ());
    dc_identity_forget (&profile);
    dc_findings_release (&profile);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_member);
  tcase_add_test (tcase, test_sudo);
  tcase_add_test (tcase, test_plain);
  tcase_add_test (tcase, test_limit);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("identity", add);
}
