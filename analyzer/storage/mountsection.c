/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* The mounts as a section of the profile. */

#include "analyzer/profilejson.h"
#include "analyzer/storage/mountsection.h"
#include "lib/json.h"
#include "templates/templates.h"

int
dc_mounts_read (struct dc_tree *tree, struct dc_profile *profile,
                struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_FSTAB_SIZE_MAX);

  if (dc_tree_read_file (tree, "/etc/fstab", &b, err) < 0)
    return -1;
  return dc_mounts_parse (dc_buffer_text (&b), b.size, &profile->mounts, err);
}

json_t *
dc_mounts_json (const struct dc_profile *profile)
{
  const struct dc_mounts *mounts = &profile->mounts;
  DC_AUTO (dc_storage_template) *template = NULL;
  struct dc_error err;

  if (dc_storage_template_load (&template, &err) < 0)
    return NULL; /* our own file is without mistakes, so: no memory */
  json_t *json = json_array ();

  for (size_t i = 0; i < mounts->count; i++) {
    const struct dc_mount *mount = &mounts->items[i];
    const struct dc_storage_mount_rule *rule =
        dc_storage_mount_rule (template, mount->type, mount->mountpoint);
    json_t *item = json_object ();
    dc_json_put_text (&item, "device", mount->device);
    dc_json_put_text (&item, "mountpoint", mount->mountpoint);
    dc_json_put_text (&item, "type", mount->type);
    dc_json_put_text (&item, "options", mount->options);
    dc_json_put_text (&item, "becomes", rule != NULL ? rule->becomes : NULL);
    dc_json_put_text (&item, "reason", rule != NULL ? rule->reason : NULL);
    dc_json_put (&item, "evidence",
                 dc_evidence_json ("/etc/fstab", mount->line));
    dc_json_push (&json, item);
  }
  return json;
}

int
dc_mounts_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "mounts");
  AUTO_COLUMNS struct dc_columns columns = { .count = 5 };

  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++) {
    const json_t *item = json_array_get (items, i);
    const char *const cells[] = { dc_page_text (item, "mountpoint"),
                                  dc_page_text (item, "type"),
                                  dc_page_text (item, "becomes"),
                                  dc_page_text (item, "device"),
                                  dc_page_text (item, "options") };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Mounts of fstab", &columns,
                        json_array_size (items), err);
}

void
dc_mounts_forget (struct dc_profile *profile)
{
  dc_mounts_release (&profile->mounts);
}
