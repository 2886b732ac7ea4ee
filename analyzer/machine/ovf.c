/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "analyzer/machine/ovf.h"
#include "analyzer/machine/quantity.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/xml.h"

/* CIM_ResourceAllocationSettingData.ResourceType */
enum { PROCESSOR = 3, MEMORY = 4, ETHERNET = 10, HARD_DISK = 17 };

#define CPU_MAX 65536

struct reading {
  const struct dc_xml_element *envelope;
  const char *configuration; /* the default one; NULL */
  struct dc_machine *machine;
};

/* The text of the child called NAME; NULL: there is none. */
static const char *
text_of (const struct dc_xml_element *element, const char *name)
{
  const struct dc_xml_element *child = dc_xml_child (element, name);

  return child == NULL ? NULL : dc_buffer_text (&child->text);
}

static bool
is_value (const struct dc_xml_element *element, const char *name,
          const char *value)
{
  const char *own = dc_xml_value (element, name);

  return own != NULL && strcmp (own, value) == 0;
}

/* The child SECTION of the envelope has a child ITEM whose NAME is VALUE. */
static const struct dc_xml_element *
find (const struct reading *reading, const char *section, const char *item,
      const char *name, const char *value)
{
  const struct dc_xml_element *list = dc_xml_child (reading->envelope, section);
  const struct dc_xml_element *found =
      list == NULL ? NULL : dc_xml_child (list, item);

  while (found != NULL && !is_value (found, name, value))
    found = dc_xml_next (found, item);
  return found;
}

static void
choose_configuration (struct reading *reading)
{
  const struct dc_xml_element *section =
      dc_xml_child (reading->envelope, "DeploymentOptionSection");
  const struct dc_xml_element *item =
      section == NULL ? NULL : dc_xml_child (section, "Configuration");

  if (item != NULL)
    reading->configuration = dc_xml_value (item, "id");
  for (; item != NULL; item = dc_xml_next (item, "Configuration"))
    if (is_value (item, "default", "true"))
      reading->configuration = dc_xml_value (item, "id");
}

/* "small large": does the default configuration have this item? */
static bool
is_configured (const struct reading *reading, const struct dc_xml_element *item)
{
  const char *names = dc_xml_value (item, "configuration");
  struct dc_span rest, word;

  if (names == NULL)
    return true;
  rest = dc_span_of (names);
  while (reading->configuration != NULL && dc_span_word (&rest, &word))
    if (dc_span_is (word, reading->configuration))
      return true;
  return false;
}

/* What is called gzip'd or split is in no disk's format. */
static int
read_file (const struct dc_xml_element *file, struct dc_machine_disk *disk,
           struct dc_error *err)
{
  const char *compression = dc_xml_value (file, "compression");

  if (dc_xml_value (file, "chunkSize") != NULL)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "the disk '%s' is split into chunks; join them first",
                    dc_quote (disk->file).text);
  if (compression == NULL || strcmp (compression, "identity") == 0 ||
      compression[0] == '\0')
    return 0;
  if (strcmp (compression, "gzip") != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "the disk '%s' is compressed with '%s', only gzip is known",
                    dc_quote (disk->file).text, dc_quote (compression).text);
  disk->is_compressed = true;
  return 0;
}

/* A Disk of the DiskSection.  Its format is a URI that makers get wrong:
 * "...vmdk.html#streamOptimized" beside a raw file; so the file's own name
 * and header decide.
 */
static int
add_disk (struct reading *reading, const struct dc_xml_element *element,
          const char *target, unsigned line, struct dc_error *err)
{
  const char *reference = dc_xml_value (element, "fileRef");
  struct dc_machine_disk *disk = NULL;

  if (dc_machine_add_disk (reading->machine, line, &disk, err) < 0)
    return -1;
  disk->capacity = dc_quantity_bytes (
      dc_xml_value (element, "capacity"),
      dc_xml_value (element, "capacityAllocationUnits"), DC_QUANTITY_OVF);
  if (dc_machine_set (&disk->target, target, err) < 0)
    return -1;
  if (dc_xml_value (element, "parentRef") != NULL)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "the disk '%s' is a delta of another one",
                    dc_quote (target).text);
  if (reference == NULL || reference[0] == '\0')
    return 0; /* it starts empty */
  const struct dc_xml_element *file =
      find (reading, "References", "File", "id", reference);
  if (file == NULL || dc_xml_value (file, "href") == NULL)
    return dc_fail (err, DC_ERR_INVALID,
                    "line %u: the disk '%s' refers to the file '%s', which is "
                    "not among the references",
                    element->line, dc_quote (target).text,
                    dc_quote (reference).text);
  if (dc_machine_set (&disk->file, dc_xml_value (file, "href"), err) < 0)
    return -1;
  if (disk->file == NULL)
    return dc_fail (err, DC_ERR_INVALID, "line %u: a file has no name",
                    file->line);
  return read_file (file, disk, err);
}

/* The id in "ovf:/disk/vmdisk1", "/disk/vmdisk1" or "disk/vmdisk1". */
static const char *
disk_id (const char *resource)
{
  const char *slash = resource == NULL ? NULL : strstr (resource, "disk/");

  return slash == NULL ? NULL : slash + strlen ("disk/");
}

static int
read_disk (struct reading *reading, const struct dc_xml_element *item,
           struct dc_error *err)
{
  const char *resource = text_of (item, "HostResource");
  const char *id = disk_id (resource);

  if (id == NULL)
    return 0; /* an empty slot, or a device of the host */
  const struct dc_xml_element *disk =
      find (reading, "DiskSection", "Disk", "diskId", id);
  if (disk == NULL)
    return dc_fail (err, DC_ERR_INVALID,
                    "line %u: the disk '%s' is not in the disk section",
                    item->line, dc_quote (id).text);
  return add_disk (reading, disk, id, item->line, err);
}

static int
read_nic (struct reading *reading, const struct dc_xml_element *item,
          struct dc_error *err)
{
  struct dc_machine_nic *nic = NULL;

  return dc_machine_add_nic (reading->machine, item->line, &nic, err) < 0 ||
                 dc_machine_set (&nic->mac, text_of (item, "Address"), err) <
                     0 ||
                 dc_machine_set (&nic->network, text_of (item, "Connection"),
                                 err) < 0 ||
                 dc_machine_set (&nic->model, text_of (item, "ResourceSubType"),
                                 err) < 0
             ? -1
             : 0;
}

static int
read_item (struct reading *reading, const struct dc_xml_element *item,
           struct dc_error *err)
{
  struct dc_machine *machine = reading->machine;
  const char *type = text_of (item, "ResourceType");
  const char *quantity = text_of (item, "VirtualQuantity");
  struct dc_error ignored; /* unknown, then */
  uint64_t kind = 0;

  if (!is_configured (reading, item) ||
      dc_number_parse (type, 0, UINT32_MAX, &kind, &ignored) < 0)
    return 0;
  if (kind == PROCESSOR && machine->cpus == 0)
    (void) dc_number_parse (quantity, 1, CPU_MAX, &machine->cpus,
                            &ignored); /* as above */
  if (kind == MEMORY && machine->memory == 0)
    machine->memory = dc_quantity_bytes (
        quantity, text_of (item, "AllocationUnits"), DC_QUANTITY_OVF);
  if (kind == ETHERNET)
    return read_nic (reading, item, err);
  return kind == HARD_DISK ? read_disk (reading, item, err) : 0;
}

/* VMware's settings that the standard has no place for. */
static int
read_settings (struct reading *reading, const struct dc_xml_element *hardware,
               struct dc_error *err)
{
  const struct {
    const char *key;
    char **field;
  } settings[] = {
    { "firmware", &reading->machine->firmware },
    { "uuid", &reading->machine->uuid },
  };

  for (const struct dc_xml_element *config = dc_xml_child (hardware, "Config");
       config != NULL; config = dc_xml_next (config, "Config"))
    for (size_t i = 0; i < DC_COUNT (settings); i++)
      if (is_value (config, "key", settings[i].key) &&
          dc_machine_set (settings[i].field, dc_xml_value (config, "value"),
                          err) < 0)
        return -1;
  return 0;
}

/* Items have three names: those of disks and cards may be their own. */
static int
read_hardware (struct reading *reading, const struct dc_xml_element *hardware,
               struct dc_error *err)
{
  static const char *const names[] = { "Item", "StorageItem",
                                       "EthernetPortItem" };

  for (const struct dc_xml_element *item = dc_xml_child (hardware, NULL);
       item != NULL; item = dc_xml_next (item, NULL))
    for (size_t i = 0; i < DC_COUNT (names); i++)
      if (strcmp (item->name, names[i]) == 0 &&
          read_item (reading, item, err) < 0)
        return -1;
  return read_settings (reading, hardware, err);
}

static int
read_system (struct reading *reading, const struct dc_xml_element *system,
             struct dc_error *err)
{
  struct dc_machine *machine = reading->machine;
  const struct dc_xml_element *os =
      dc_xml_child (system, "OperatingSystemSection");
  const struct dc_xml_element *hardware =
      dc_xml_child (system, "VirtualHardwareSection");

  machine->line = system->line;
  if (dc_machine_set (&machine->name, text_of (system, "Name"), err) < 0 ||
      dc_machine_set (&machine->name, dc_xml_value (system, "id"), err) < 0)
    return -1;
  if (os != NULL && (dc_machine_set (&machine->os_hint,
                                     dc_xml_value (os, "osType"), err) < 0 ||
                     dc_machine_set (&machine->os_hint,
                                     text_of (os, "Description"), err) < 0))
    return -1;
  return hardware == NULL ? 0 : read_hardware (reading, hardware, err);
}

/* The machines below ELEMENT; the last one found in *SYSTEM. */
static size_t
count_systems (const struct dc_xml_element *element,
               const struct dc_xml_element **system)
{
  size_t count = 0;

  for (const struct dc_xml_element *child = dc_xml_child (element, NULL);
       child != NULL; child = dc_xml_next (child, NULL))
    if (strcmp (child->name, "VirtualSystem") == 0) {
      *system = child;
      count++;
    } else if (strcmp (child->name, "VirtualSystemCollection") == 0) {
      count += count_systems (child, system); /* XML is 100 deep at most */
    } else if (strcmp (child->name, "Content") == 0 &&
               dc_xml_value (child, "type") != NULL &&
               strstr (dc_xml_value (child, "type"), "VirtualSystem_Type")) {
      *system = child; /* OVF 0.9 */
      count++;
    }
  return count;
}

/* An OVF whose machine has no items: its disks as they are listed. */
static int
read_loose_disks (struct reading *reading, struct dc_error *err)
{
  const struct dc_xml_element *section =
      dc_xml_child (reading->envelope, "DiskSection");

  if (section == NULL || reading->machine->disk_count > 0)
    return 0;
  for (const struct dc_xml_element *disk = dc_xml_child (section, "Disk");
       disk != NULL; disk = dc_xml_next (disk, "Disk")) {
    const char *id = dc_xml_value (disk, "diskId");
    if (add_disk (reading, disk, id != NULL ? id : "", disk->line, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_ovf_parse (const char *text, size_t size, struct dc_machine **out,
              struct dc_error *err)
{
  DC_AUTO (dc_xml_element) *envelope = NULL;
  DC_AUTO (dc_machine) *machine = NULL;
  const struct dc_xml_element *system = NULL;

  if (size > DC_OVF_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "an OVF of %zu bytes, limit %zu", size,
                    DC_OVF_SIZE_MAX);
  if (dc_xml_parse (text, size, &envelope, err) < 0 ||
      dc_machine_new ("ovf", &machine, err) < 0)
    return -1;
  if (strcmp (envelope->name, "Envelope") != 0)
    return dc_fail (err, DC_ERR_INVALID, "it is no OVF but a '%s'",
                    dc_quote (envelope->name).text);
  const size_t count = count_systems (envelope, &system);
  if (count != 1)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "it describes %zu machines, not one", count);
  struct reading reading = { .envelope = envelope, .machine = machine };
  choose_configuration (&reading);
  if (read_system (&reading, system, err) < 0 ||
      read_loose_disks (&reading, err) < 0)
    return -1;
  *out = DC_TAKE (machine);
  return 0;
}
