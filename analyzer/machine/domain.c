/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/machine/domain.h"
#include "analyzer/machine/quantity.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/xml.h"

#define CPU_MAX 65536

/* The value NAME of the child CHILD; NULL: there is none. */
static const char *
value_of (const struct dc_xml_element *element, const char *child,
          const char *name)
{
  const struct dc_xml_element *found = dc_xml_child (element, child);

  return found == NULL ? NULL : dc_xml_value (found, name);
}

static const char *
text_of (const struct dc_xml_element *element, const char *name)
{
  const struct dc_xml_element *child = dc_xml_child (element, name);

  return child == NULL ? NULL : dc_buffer_text (&child->text);
}

static bool
is_value (const char *value, const char *wanted)
{
  return value != NULL && strcmp (value, wanted) == 0;
}

/* Where the bytes of a disk are, by its type. */
static const char *
find_source (const struct dc_xml_element *disk)
{
  const char *type = dc_xml_value (disk, "type");

  if (is_value (type, "file"))
    return value_of (disk, "source", "file");
  return is_value (type, "block") ? value_of (disk, "source", "dev") : NULL;
}

static int
read_disk (const struct dc_xml_element *element, struct dc_machine *machine,
           struct dc_error *err)
{
  const char *device = dc_xml_value (element, "device");
  const char *target = value_of (element, "target", "dev");
  const char *type = dc_xml_value (element, "type");
  struct dc_machine_disk *disk = NULL;

  if (device != NULL && strcmp (device, "disk") != 0)
    return 0; /* a CD, a floppy */
  if (!is_value (type, "file") && !is_value (type, "block"))
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "its disk '%s' is of type '%s', only files and block "
                    "devices can be read",
                    dc_quote (target != NULL ? target : "").text,
                    dc_quote (type != NULL ? type : "").text);
  return dc_machine_add_disk (machine, element->line, &disk, err) < 0 ||
                 dc_machine_set (&disk->target, target, err) < 0 ||
                 dc_machine_set (&disk->format,
                                 value_of (element, "driver", "type"),
                                 err) < 0 ||
                 dc_machine_set (&disk->file, find_source (element), err) < 0
             ? -1
             : 0;
}

/* A network, a bridge or a device of the host; one of them. */
static int
read_nic (const struct dc_xml_element *element, struct dc_machine *machine,
          struct dc_error *err)
{
  static const char *const sources[] = { "network", "bridge", "dev", "name" };
  struct dc_machine_nic *nic = NULL;

  if (dc_machine_add_nic (machine, element->line, &nic, err) < 0 ||
      dc_machine_set (&nic->mac, value_of (element, "mac", "address"), err) <
          0 ||
      dc_machine_set (&nic->model, value_of (element, "model", "type"), err) <
          0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (sources); i++)
    if (dc_machine_set (&nic->network, value_of (element, "source", sources[i]),
                        err) < 0)
      return -1;
  return dc_machine_set (&nic->network, dc_xml_value (element, "type"), err);
}

static int
read_devices (const struct dc_xml_element *devices, struct dc_machine *machine,
              struct dc_error *err)
{
  for (const struct dc_xml_element *child = dc_xml_child (devices, NULL);
       child != NULL; child = dc_xml_next (child, NULL))
    if ((strcmp (child->name, "disk") == 0 &&
         read_disk (child, machine, err) < 0) ||
        (strcmp (child->name, "interface") == 0 &&
         read_nic (child, machine, err) < 0))
      return -1;
  return 0;
}

/* UEFI is asked for by name, or by a loader in flash. */
static int
read_firmware (const struct dc_xml_element *domain, struct dc_machine *machine,
               struct dc_error *err)
{
  const struct dc_xml_element *os = dc_xml_child (domain, "os");

  if (os == NULL)
    return 0;
  if (is_value (value_of (os, "loader", "type"), "pflash") &&
      dc_machine_set (&machine->firmware, "efi", err) < 0)
    return -1;
  return dc_machine_set (&machine->firmware, dc_xml_value (os, "firmware"),
                         err);
}

/* libosinfo's id, which tools leave among the metadata. */
static int
read_hint (const struct dc_xml_element *domain, struct dc_machine *machine,
           struct dc_error *err)
{
  const struct dc_xml_element *metadata = dc_xml_child (domain, "metadata");
  const struct dc_xml_element *libosinfo =
      metadata == NULL ? NULL : dc_xml_child (metadata, "libosinfo");

  return libosinfo == NULL
             ? 0
             : dc_machine_set (&machine->os_hint,
                               value_of (libosinfo, "os", "id"), err);
}

int
dc_domain_parse (const char *text, size_t size, struct dc_machine **out,
                 struct dc_error *err)
{
  DC_AUTO (dc_xml_element) *domain = NULL;
  DC_AUTO (dc_machine) *machine = NULL;
  struct dc_error ignored; /* unknown, then */

  if (size > DC_DOMAIN_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a definition of %zu bytes, limit %zu",
                    size, DC_DOMAIN_SIZE_MAX);
  if (dc_xml_parse (text, size, &domain, err) < 0 ||
      dc_machine_new ("libvirt", &machine, err) < 0)
    return -1;
  if (strcmp (domain->name, "domain") != 0)
    return dc_fail (err, DC_ERR_INVALID, "it is no domain but a '%s'",
                    dc_quote (domain->name).text);
  const struct dc_xml_element *devices = dc_xml_child (domain, "devices");
  machine->line = domain->line;
  machine->memory = dc_quantity_bytes (text_of (domain, "memory"),
                                       value_of (domain, "memory", "unit"),
                                       DC_QUANTITY_LIBVIRT);
  (void) dc_number_parse (text_of (domain, "vcpu"), 1, CPU_MAX, &machine->cpus,
                          &ignored); /* as above */
  if (dc_machine_set (&machine->name, text_of (domain, "name"), err) < 0 ||
      dc_machine_set (&machine->uuid, text_of (domain, "uuid"), err) < 0 ||
      read_firmware (domain, machine, err) < 0 ||
      read_hint (domain, machine, err) < 0 ||
      (devices != NULL && read_devices (devices, machine, err) < 0))
    return -1;
  *out = DC_TAKE (machine);
  return 0;
}
