/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/profilejson.h"
#include "analyzer/section.h"
#include "lib/json.h"

static json_t *
secret_json (const struct dc_secret *secret)
{
  char mode[8];
  json_t *json = json_object ();

  (void) snprintf (mode, sizeof mode, "%04o", (unsigned) secret->mode);
  dc_json_put_text (&json, "kind", secret->kind);
  dc_json_put_text (&json, "name", secret->name);
  dc_json_put (&json, "evidence",
               dc_evidence_json (secret->path, secret->line));
  dc_json_put_number (&json, "uid", secret->uid);
  dc_json_put_text (&json, "mode", mode);
  dc_json_put_text (&json, "fingerprint",
                    secret->fingerprint[0] != '\0' ? secret->fingerprint
                                                   : NULL);
  return json;
}

json_t *
dc_secrets_json (const struct dc_profile *profile)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < profile->secrets.count; i++)
    dc_json_push (&json, secret_json (&profile->secrets.items[i]));
  return json;
}

int
dc_secrets_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "secrets");
  AUTO_COLUMNS struct dc_columns columns = { .count = 3 };

  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++) {
    const json_t *item = json_array_get (items, i);
    const char *const cells[] = {
      dc_page_text (item, "kind"), dc_page_text (item, "name"),
      dc_page_text (json_object_get (item, "evidence"), "file")
    };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Secrets", &columns, json_array_size (items),
                        err);
}
