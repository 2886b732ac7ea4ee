/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "analyzer/network/network.h"
#include "analyzer/system/directory.h"
#include "lib/array.h"

static int
add_lookup (struct dc_identity *identity, struct dc_span database,
            struct dc_span services, unsigned line, struct dc_error *err)
{
  AUTO_FREE char *copy = NULL;

  if (DC_ARRAY_GROW (identity->lookups, identity->lookup_count, DC_LOOKUP_MAX,
                     "lines of nsswitch.conf", err) < 0 ||
      dc_span_copy (database, &copy, err) < 0)
    return -1;
  struct dc_lookup *lookup = &identity->lookups[identity->lookup_count++];
  *lookup = (struct dc_lookup){ .database = DC_TAKE (copy), .line = line };
  return dc_network_words (&lookup->services, services, "", err);
}

int
dc_directory_parse_nsswitch (void *arg, const struct dc_configfile *file,
                             struct dc_error *err)
{
  static const char *const databases[] = { "passwd",    "group",    "shadow",
                                           "sudoers",   "netgroup", "automount",
                                           "initgroups" };
  struct dc_span rest = { file->text, file->size }, line, key;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    const char *hash =
        line.size > 0 ? memchr (line.text, '#', line.size) : NULL;
    if (hash != NULL)
      line.size = (size_t) (hash - line.text);
    if (!dc_span_field (&line, ':', &key) || line.text == NULL)
      continue;
    key = dc_span_trim (key);
    for (size_t i = 0; i < DC_COUNT (databases); i++)
      if (dc_span_is (key, databases[i]) &&
          add_lookup (arg, key, line, number, err) < 0)
        return -1;
  }
  return 0;
}

/* Sections [domain/NAME]; what an application's section says is the same. */
int
dc_directory_parse_sssd (void *arg, const struct dc_configfile *file,
                         struct dc_error *err)
{
  static const char prefix[] = "domain/";
  struct dc_configlines lines = { .rest = { file->text, file->size } };
  struct dc_configline line;
  struct dc_directory *domain = NULL;
  const char *section = NULL;

  while (dc_configline_next (&lines, &line)) {
    if (!dc_span_starts (line.section, prefix))
      continue;
    if (line.section.text != section) {
      section = line.section.text;
      const struct dc_span name =
          dc_span_skip (line.section, sizeof prefix - 1);
      if (dc_identity_directory (arg, "sssd", file->path, line.line, &domain,
                                 err) < 0 ||
          dc_network_set (&domain->domain, name, err) < 0)
        return -1;
    }
    const struct {
      const char *key;
      char **text;
      struct dc_words *words;
    } rows[] = {
      { "id_provider", &domain->provider, NULL },
      { "krb5_realm", &domain->realm, NULL },
      { "ad_server", NULL, &domain->servers },
      { "ipa_server", NULL, &domain->servers },
      { "krb5_server", NULL, &domain->servers },
      { "ldap_uri", NULL, &domain->servers },
    };
    for (size_t i = 0; i < DC_COUNT (rows); i++) {
      if (!dc_span_is (line.key, rows[i].key))
        continue;
      const int status =
          rows[i].text != NULL
              ? dc_network_set (rows[i].text, line.value, err)
              : dc_network_words (rows[i].words, line.value, ",", err);
      if (status < 0)
        return -1;
    }
  }
  return 0;
}

/* The default realm; MIT's example file says EXAMPLE.COM or ATHENA.MIT.EDU. */
int
dc_directory_parse_krb5 (void *arg, const struct dc_configfile *file,
                         struct dc_error *err)
{
  struct dc_configlines lines = { .rest = { file->text, file->size } };
  struct dc_configline line;
  struct dc_directory *realm = NULL;

  while (dc_configline_next (&lines, &line)) {
    if (!dc_configline_is (&line, "libdefaults", "default_realm") ||
        line.value.size == 0)
      continue;
    return dc_identity_directory (arg, "kerberos", file->path, line.line,
                                  &realm, err) < 0
               ? -1
               : dc_network_set (&realm->realm, line.value, err);
  }
  return 0;
}

/* "uri ldap://a/ ldap://b/", "host a b", "base dc=example" */
int
dc_directory_parse_ldap (void *arg, const struct dc_configfile *file,
                         struct dc_error *err)
{
  struct dc_span rest = { file->text, file->size }, line, key;
  struct dc_directory *ldap = NULL;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    if (!dc_span_word (&line, &key) || dc_span_has (line, '\0'))
      continue;
    const bool is_base =
        key.size == 4 && strncasecmp (key.text, "base", 4) == 0;
    const bool is_server =
        (key.size == 3 && strncasecmp (key.text, "uri", 3) == 0) ||
        (key.size == 4 && strncasecmp (key.text, "host", 4) == 0);
    if (!is_base && !is_server)
      continue;
    if (ldap == NULL &&
        dc_identity_directory (arg, "ldap", file->path, number, &ldap, err) < 0)
      return -1;
    const int status =
        is_base ? dc_network_set (&ldap->domain, dc_span_trim (line), err)
                : dc_network_words (&ldap->servers, line, "", err);
    if (status < 0)
      return -1;
  }
  return 0;
}

static bool
is_word (struct dc_span value, const char *word)
{
  return value.size == strlen (word) &&
         strncasecmp (value.text, word, value.size) == 0;
}

/* A member of a domain: "security = ads" or "domain". */
int
dc_directory_parse_smb (void *arg, const struct dc_configfile *file,
                        struct dc_error *err)
{
  struct dc_configlines lines = { .rest = { file->text, file->size } };
  struct dc_configline line;
  struct dc_span workgroup = { NULL, 0 }, realm = { NULL, 0 };
  unsigned member = 0;
  struct dc_directory *domain = NULL;

  while (dc_configline_next (&lines, &line)) {
    if (!is_word (line.section, "global"))
      continue;
    if (is_word (line.key, "workgroup"))
      workgroup = line.value;
    else if (is_word (line.key, "realm"))
      realm = line.value;
    else if (is_word (line.key, "security"))
      member = is_word (line.value, "ads") || is_word (line.value, "domain")
                   ? line.line
                   : 0;
  }
  if (member == 0)
    return 0;
  if (dc_identity_directory (arg, "winbind", file->path, member, &domain, err) <
          0 ||
      dc_network_set (&domain->domain, workgroup, err) < 0)
    return -1;
  return dc_network_set (&domain->realm, realm, err);
}
