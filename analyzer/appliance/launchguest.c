/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "analyzer/appliance/launchdevices.h"
#include "analyzer/appliance/launcher.h"
#include "analyzer/appliance/launchguest.h"
#include "analyzer/appliance/launchmounts.h"
#include "lib/quote.h"

/* "'/dev/sda1', '/dev/sdb1'" */
static int
list_names (char *const *names, struct dc_buffer *b, struct dc_error *err)
{
  for (size_t i = 0; names[i] != NULL; i++)
    if (dc_buffer_print (b, err, "%s'%s'", i > 0 ? ", " : "",
                         dc_quote (names[i]).text) < 0)
      return -1;
  return 0;
}

/* Which of ROOTS is meant. */
static int
choose_root (char *const *roots, const char *wanted,
             const struct dc_launchdevices *devices, const char **out,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer names = DC_BUFFER_INIT (64 * 1024);

  for (size_t i = 0; roots[0] == NULL && i < devices->count; i++)
    if (devices->items[i].state == DC_LAUNCHDEVICE_LOCKED)
      return dc_fail (err, DC_ERR_ENCRYPTED,
                      "'%s' is encrypted, and no key that was given opens it",
                      dc_quote (devices->items[i].name).text);
  if (roots[0] == NULL)
    return dc_fail (err, DC_ERR_NOTFOUND, "no operating system found");
  if (list_names (roots, &names, err) < 0)
    return -1;
  for (size_t i = 0; wanted != NULL && roots[i] != NULL; i++)
    if (strcmp (roots[i], wanted) == 0) {
      *out = roots[i];
      return 0;
    }
  if (wanted != NULL)
    return dc_fail (err, DC_ERR_NOTFOUND,
                    "no operating system on '%s', only on %s",
                    dc_quote (wanted).text, names.data);
  if (roots[1] != NULL)
    return dc_fail (err, DC_ERR_INVALID,
                    "there are several operating systems: %s", names.data);
  *out = roots[0];
  return 0;
}

static int
check_type (guestfs_h *g, const char *root, struct dc_error *err)
{
  AUTO_FREE char *type = guestfs_inspect_get_type (g, root);

  if (type == NULL)
    return dc_launcher_fail (g, err, "cannot ask what is on '%s'", root);
  if (strcmp (type, "linux") == 0)
    return 0;
  AUTO_FREE char *product = guestfs_inspect_get_product_name (g, root);
  const bool has_product =
      product != NULL && *product != '\0' && strcmp (product, "unknown") != 0;
  return dc_fail (
      err, DC_ERR_UNSUPPORTED,
      "the guest on '%s' is no Linux system but '%s' (%s), which is "
      "not analysed further",
      dc_quote (root).text, dc_quote (has_product ? product : type).text,
      dc_quote (type).text);
}

int
dc_launchguest_open (guestfs_h *g, const struct dc_appliance_guest *guest,
                     const struct dc_report *report, json_t **out,
                     struct dc_error *err)
{
  DC_AUTO (dc_launchdevices) *devices = NULL;
  const char *root = NULL;

  if (dc_launchdevices_find (g, guest->keys, &devices, err) < 0)
    return -1;
  AUTO_STRINGS char **roots = guestfs_inspect_os (g);
  if (roots == NULL)
    return dc_launcher_fail (g, err, "cannot look for an operating system");
  if (choose_root (roots, guest->root, devices, &root, err) < 0 ||
      check_type (g, root, err) < 0)
    return -1;
  return dc_launchmounts_make (g, devices, root, report, out, err);
}
