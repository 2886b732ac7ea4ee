/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SECURITY_SECRETS_H
#define DC_ANALYZER_SECURITY_SECRETS_H

/* secrets: where a guest keeps secrets, and of which kind; never what they
 * are.
 *
 * Found by place, by name and content of files, by the names of settings, and
 * as password hashes in /etc/shadow (templates/secrets.yaml,
 * templates/apps/).  A fingerprint says only whether two secrets are the
 * same: HMAC-SHA256 under a key that stays on the host which made the profile.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "analyzer/evidence.h"
#include "lib/span.h"
#include "lib/tree/tree.h"

#define DC_SECRET_KEY_SIZE 32                          /* bytes */
#define DC_SECRET_COUNT_MAX ((size_t) 10000)           /* of one guest */
#define DC_SECRET_FILE_MAX 5000                        /* files looked into */
#define DC_SECRET_FILE_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of each */
#define DC_SECRET_FINGERPRINT_SIZE 33 /* 32 hex digits and NUL */

struct dc_secret {
  char *path;    /* "/etc/ssh/ssh_host_rsa_key" */
  unsigned line; /* 0: the whole file */
  char *kind;    /* "SSH host key", "password" */
  char *name;    /* of the setting or the user; NULL */
  uint32_t uid;  /* owner of the file */
  uint16_t mode; /* permission bits */
  char fingerprint[DC_SECRET_FINGERPRINT_SIZE]; /* "" none */
  char *value; /* of a setting: for whoever looks for it elsewhere; it never
                  leaves the process; NULL: the whole file, or it has a NUL */
};

struct dc_secrets {
  struct dc_secret *items; /* sorted by path, line, name */
  size_t count;
};

/* secretvalue.c: what of LINE of a file of passwords may be one: *VALUE, the
 * setting's, without quotes, or the line if it is no setting (htpasswd(1),
 * netrc(5)).  False: a comment, the head of a section, an empty setting, or
 * one whose name does not speak of a secret ("host = localhost").
 */
bool dc_secret_value (struct dc_span line, struct dc_span *value);

struct dc_profile;
struct dc_page;
/* As struct dc_section has it. */
int dc_secrets_read (struct dc_tree *tree, struct dc_profile *profile,
                     struct dc_error *err);
json_t *dc_secrets_json (const struct dc_profile *profile);
int dc_secrets_text (struct dc_page *page, struct dc_error *err);
void dc_secrets_forget (struct dc_profile *profile);

#endif
