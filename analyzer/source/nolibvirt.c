/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* In place of libvirt.c where there is no libvirt. */

#include "analyzer/source/libvirt.h"

int
dc_libvirt_open (const char *uri, const char *domain, struct dc_libvirt **out,
                 struct dc_error *err)
{
  (void) uri;
  (void) domain;
  (void) out;
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "this decant was built without libvirt");
}

const char *
dc_libvirt_xml (const struct dc_libvirt *libvirt)
{
  (void) libvirt;
  return "";
}

bool
dc_libvirt_is_active (const struct dc_libvirt *libvirt)
{
  (void) libvirt;
  return false;
}

int
dc_libvirt_freeze (struct dc_libvirt *libvirt, const json_t *machine,
                   const struct dc_report *report, struct dc_error *err)
{
  (void) libvirt;
  (void) machine;
  (void) report;
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "this decant was built without libvirt");
}

const char *
dc_libvirt_socket (const struct dc_libvirt *libvirt)
{
  (void) libvirt;
  return NULL;
}

void
dc_libvirt_free (struct dc_libvirt *libvirt)
{
  (void) libvirt; /* there never is one */
}
