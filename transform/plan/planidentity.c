/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/text.h"
#include "transform/plan/planidentity.h"

#define NAME_BYTES                                                             \
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
#define NAME_SIZE_MAX 253  /* bytes: RFC 1035, 2.3.4, as text */
#define LINE_SIZE_MAX 1024 /* bytes: what a run takes */

static bool
is_name (const char *text)
{
  const size_t size = strlen (text);

  return size > 0 && size <= NAME_SIZE_MAX && text[0] != '-' &&
         strspn (text, NAME_BYTES) == size;
}

static bool
is_address (const char *text)
{
  const size_t size = strlen (text);

  return size > 0 && size < 64 &&
         strspn (text, "0123456789abcdefABCDEF.:") == size;
}

/* Does HOST name the guest itself?  The runtime writes that line. */
static bool
is_own (const struct dc_profile *profile, const char *name)
{
  const char *own = profile->hostname;

  if (own == NULL)
    return false;
  const size_t size = strcspn (own, ".");
  return strcmp (own, name) == 0 || (strncmp (own, name, size) == 0 &&
                                     (name[size] == '\0' || name[size] == '.'));
}

/* "ADDRESS NAME...", less the guest's own names. */
static int
add_host (const struct dc_profile *profile, const struct dc_nethost *host,
          struct dc_plan_identity *out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (LINE_SIZE_MAX);
  bool has_name = false;

  if (!is_address (host->address))
    return 0;
  if (dc_buffer_print (&b, err, "%s", host->address) < 0)
    return -1;
  for (size_t i = 0; i < host->names.count; i++) {
    const char *name = host->names.items[i];
    if (!is_name (name) || is_own (profile, name) ||
        b.size + 1 + strlen (name) >= LINE_SIZE_MAX)
      continue;
    if (dc_buffer_print (&b, err, " %s", name) < 0)
      return -1;
    has_name = true;
  }
  return has_name ? dc_yaml_texts_add (&out->hosts, dc_buffer_text (&b), err)
                  : 0;
}

int
dc_plan_identity_make (const struct dc_profile *profile,
                       struct dc_plan_identity *out, struct dc_error *err)
{
  const struct dc_network *network = &profile->network;
  const char *zone = profile->identity.time_zone;

  if (profile->hostname != NULL && is_name (profile->hostname) &&
      dc_text_copy (profile->hostname, &out->hostname, err) < 0)
    return -1;
  if (zone != NULL && strspn (zone, NAME_BYTES "/+") == strlen (zone) &&
      dc_text_copy (zone, &out->timezone, err) < 0)
    return -1;
  for (size_t i = 0; i < network->host_count && i < DC_PLAN_HOST_MAX; i++)
    if (add_host (profile, &network->hosts[i], out, err) < 0)
      return -1;
  return 0;
}
