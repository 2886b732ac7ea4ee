/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

/* The first process as a section of the profile. */

#include "analyzer/init/initsection.h"
#include "analyzer/profilejson.h"
#include "lib/json.h"
#include "lib/quote.h"

int
dc_init_read (struct dc_tree *tree, struct dc_profile *profile,
              struct dc_error *err)
{
  const struct dc_init *init = &profile->init;

  (void) tree; /* it was read with the services */
  if (init->program != NULL && !init->is_known)
    return dc_profile_note (profile, "init.unknown", init->program, 0, err,
                            "'%s', the first process, is no manager of "
                            "services that we know",
                            dc_quote (init->program).text);
  if (init->program == NULL && init->is_known &&
      init->manager != DC_MANAGER_SYSTEMD)
    return dc_profile_note (profile, "init.unclear", init->evidence.file, 0,
                            err,
                            "there is no first process, the services are read "
                            "as %s would",
                            dc_manager_name (init->manager));
  return 0;
}

json_t *
dc_init_json (const struct dc_profile *profile)
{
  const struct dc_init *init = &profile->init;
  json_t *json = json_object ();

  dc_json_put_text (&json, "manager",
                    init->is_known ? dc_manager_name (init->manager) : NULL);
  dc_json_put_text (&json, "program", init->program);
  dc_json_put_text (&json, "runlevel", init->runlevel);
  dc_json_put (&json, "evidence",
               dc_evidence_json (init->evidence.file, init->evidence.line));
  return json;
}

void
dc_init_forget (struct dc_profile *profile)
{
  dc_init_release (&profile->init);
}

/* "Started by openrc below /bin/busybox, run level default". */
int
dc_init_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *init = json_object_get (page->json, "init");
  const char *manager = dc_page_text (init, "manager");
  const char *program = dc_page_text (init, "program");
  const char *level = dc_page_text (init, "runlevel");

  if (manager == NULL || strcmp (manager, "systemd") == 0)
    return 0;
  if (dc_buffer_print (page->out, err, "\nServices are started by %s",
                       dc_quote (manager).text) < 0 ||
      (program != NULL && dc_buffer_print (page->out, err, " below %s",
                                           dc_quote (program).text) < 0) ||
      (level != NULL && dc_buffer_print (page->out, err, ", run level %s",
                                         dc_quote (level).text) < 0))
    return -1;
  return dc_buffer_print (page->out, err, "\n");
}
