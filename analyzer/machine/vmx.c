/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/machine/vmx.h"
#include "lib/array.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"

#define MIB ((uint64_t) 1024 * 1024)
#define MEMORY_MAX ((uint64_t) 1 << 40) /* MiB, so that bytes fit */
#define CPU_MAX 65536

struct setting {
  char *key; /* in small letters */
  char *value;
  unsigned line;
};

struct vmx {
  struct setting *items; /* sorted by key, each key once */
  size_t count;
};

static void
release (struct vmx *vmx)
{
  for (size_t i = 0; i < vmx->count; i++) {
    free (vmx->items[i].key);
    free (vmx->items[i].value);
  }
  free (vmx->items);
}
#define AUTO_VMX __attribute__ ((__cleanup__ (release)))

/* Replace "|22" by the byte. */
static int
decode (char *text, struct dc_error *err)
{
  char *end = text;

  for (const char *p = text; *p != '\0'; p++) {
    unsigned byte = 0;
    if (*p != '|') {
      *end++ = *p;
      continue;
    }
    if (!isxdigit ((unsigned char) p[1]) || !isxdigit ((unsigned char) p[2]) ||
        sscanf (p + 1, "%2x", &byte) != 1 || byte == 0)
      return dc_fail (err, DC_ERR_INVALID, "'|' is followed by no byte");
    *end++ = (char) byte;
    p += 2;
  }
  *end = '\0';
  return 0;
}

/* KEY = "VALUE", with anything behind the value. */
static int
read_line (struct vmx *vmx, struct dc_span line, unsigned number,
           struct dc_error *err)
{
  struct dc_span key = { "", 0 }, before = { "", 0 }, value = { "", 0 };

  line = dc_span_trim (line);
  if (line.size == 0 || line.text[0] == '#')
    return 0;
  if (!dc_span_has (line, '=') || !dc_span_field (&line, '=', &key))
    return dc_fail (err, DC_ERR_INVALID, "there is no '='");
  key = dc_span_trim (key);
  value = dc_span_trim (line);
  if (dc_span_starts (value, "\"")) {
    (void) dc_span_field (&value, '"', &before); /* it is there */
    struct dc_span quoted = { "", 0 };
    if (!dc_span_has (value, '"') || !dc_span_field (&value, '"', &quoted))
      return dc_fail (err, DC_ERR_INVALID, "a value has no end");
    value = quoted;
  }
  if (key.size == 0)
    return dc_fail (err, DC_ERR_INVALID, "there is no key");
  if (DC_ARRAY_GROW (vmx->items, vmx->count, DC_VMX_LINE_MAX, "settings", err) <
      0)
    return -1;
  struct setting *setting = &vmx->items[vmx->count++];
  setting->line = number;
  if (dc_span_copy (key, &setting->key, err) < 0 ||
      dc_span_copy (value, &setting->value, err) < 0)
    return -1;
  for (char *p = setting->key; *p != '\0'; p++)
    *p = (char) tolower ((unsigned char) *p);
  return decode (setting->value, err);
}

/* The later one of two lines with one key comes first. */
static int
by_key (const void *a, const void *b)
{
  const struct setting *one = a, *other = b;
  const int order = strcmp (one->key, other->key);

  if (order != 0)
    return order;
  return one->line < other->line ? 1 : one->line > other->line ? -1 : 0;
}

static int
read_lines (struct vmx *vmx, struct dc_span rest, struct dc_error *err)
{
  struct dc_span line;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++)
    if (read_line (vmx, line, number, err) < 0)
      return dc_context (err, "line %u", number);
  if (vmx->count > 0)
    qsort (vmx->items, vmx->count, sizeof *vmx->items, by_key);
  return 0;
}

static const struct setting *
find (const struct vmx *vmx, const char *key)
{
  size_t low = 0, high = vmx->count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (strcmp (vmx->items[middle].key, key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < vmx->count && strcmp (vmx->items[low].key, key) == 0
             ? &vmx->items[low]
             : NULL;
}

/* The value of "DEVICE.NAME" or, without a device, of NAME; NULL. */
static const char *
value_of (const struct vmx *vmx, const char *device, const char *name)
{
  char key[128];

  if (device != NULL)
    (void) snprintf (key, sizeof key, "%s.%s", device, name);
  else
    (void) snprintf (key, sizeof key, "%s", name);
  const struct setting *setting = find (vmx, key);
  return setting == NULL ? NULL : setting->value;
}

static bool
is_true (const struct vmx *vmx, const char *device, const char *name)
{
  const char *value = value_of (vmx, device, name);

  return value != NULL &&
         (strcasecmp (value, "true") == 0 || strcmp (value, "1") == 0);
}

/* A hard disk, or a device that holds none.  A disk without a type is one
 * by its file's name, as for virt-v2v.
 */
static bool
is_hard_disk (const struct vmx *vmx, const char *device)
{
  static const char *const types[] = { "disk",         "scsi-hardDisk",
                                       "ata-hardDisk", "hardDisk",
                                       "plainDisk",    "rawDisk" };
  const char *type = value_of (vmx, device, "devicetype");
  const char *file = value_of (vmx, device, "filename");

  if (type == NULL) {
    const size_t size = file == NULL ? 0 : strlen (file);
    return size > 5 && strcasecmp (file + size - 5, ".vmdk") == 0;
  }
  for (size_t i = 0; i < DC_COUNT (types); i++)
    if (strcasecmp (type, types[i]) == 0)
      return file != NULL;
  return false;
}

/* A disk's place: the controllers in the order in which a guest usually finds
 * them, and the number of controller and unit.
 */
struct slot {
  unsigned bus, controller, unit;
  const struct setting *present;
};

static const char *const buses[] = { "scsi", "sata", "ide", "nvme" };

static int
by_place (const void *a, const void *b)
{
  const struct slot *one = a, *other = b;

  if (one->bus != other->bus)
    return one->bus < other->bus ? -1 : 1;
  if (one->controller != other->controller)
    return one->controller < other->controller ? -1 : 1;
  return one->unit < other->unit ? -1 : one->unit > other->unit;
}

/* Is this key "scsi0:1.present"? */
static bool
read_slot (const struct setting *setting, struct slot *slot)
{
  for (unsigned i = 0; i < DC_COUNT (buses); i++) {
    const size_t size = strlen (buses[i]);
    int end = 0;
    if (strncmp (setting->key, buses[i], size) == 0 &&
        isdigit ((unsigned char) setting->key[size]) &&
        sscanf (setting->key + size, "%4u:%4u.present%n", &slot->controller,
                &slot->unit, &end) == 2 &&
        end > 0 && setting->key[size + (size_t) end] == '\0') {
      slot->bus = i;
      slot->present = setting;
      return true;
    }
  }
  return false;
}

static int
add_disk (const struct vmx *vmx, const struct slot *slot,
          struct dc_machine *machine, struct dc_error *err)
{
  char device[32];
  struct dc_machine_disk *disk = NULL;

  (void) snprintf (device, sizeof device, "%s%u:%u", buses[slot->bus],
                   slot->controller, slot->unit);
  if (!is_true (vmx, device, "present") || !is_hard_disk (vmx, device))
    return 0;
  return dc_machine_add_disk (machine, slot->present->line, &disk, err) < 0 ||
                 dc_machine_set (&disk->target, device, err) < 0 ||
                 dc_machine_set (&disk->file,
                                 value_of (vmx, device, "filename"), err) < 0
             ? -1
             : 0;
}

static int
read_disks (const struct vmx *vmx, struct dc_machine *machine,
            struct dc_error *err)
{
  struct slot *items = NULL, slot;
  size_t count = 0;
  int status = 0;

  for (size_t i = 0; status == 0 && i < vmx->count; i++)
    if (read_slot (&vmx->items[i], &slot)) {
      status =
          DC_ARRAY_GROW (items, count, DC_MACHINE_DISK_MAX, "devices", err);
      if (status == 0)
        items[count++] = slot;
    }
  if (count > 0)
    qsort (items, count, sizeof *items, by_place);
  for (size_t i = 0; status == 0 && i < count; i++)
    if (i == 0 || by_place (&items[i - 1], &items[i]) != 0)
      status = add_disk (vmx, &items[i], machine, err);
  free (items);
  return status;
}

/* VMware has no word for the second of its three cards: the first one with
 * these features is it.
 */
static const char *
card_model (const struct vmx *vmx, const char *device)
{
  const char *model = value_of (vmx, device, "virtualdev");
  const char *features = value_of (vmx, device, "features");

  return model != NULL && strcasecmp (model, "vmxnet") == 0 &&
                 features != NULL && strcmp (features, "15") == 0
             ? "vmxnet2"
             : model;
}

static int
read_nic (const struct vmx *vmx, unsigned number, struct dc_machine *machine,
          struct dc_error *err)
{
  /* In this order: the name of a network says more than how it is made. */
  static const char *const networks[] = { "networkname", "dvs.portgroupid",
                                          "vnet", "connectiontype" };
  static const char *const macs[] = { "address", "generatedaddress" };
  char device[32], key[48];
  struct dc_machine_nic *nic = NULL;

  (void) snprintf (device, sizeof device, "ethernet%u", number);
  if (!is_true (vmx, device, "present"))
    return 0;
  (void) snprintf (key, sizeof key, "%s.present", device);
  if (dc_machine_add_nic (machine, find (vmx, key)->line, &nic, err) < 0 ||
      dc_machine_set (&nic->model, card_model (vmx, device), err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (macs); i++)
    if (dc_machine_set (&nic->mac, value_of (vmx, device, macs[i]), err) < 0)
      return -1;
  for (size_t i = 0; i < DC_COUNT (networks); i++)
    if (dc_machine_set (&nic->network, value_of (vmx, device, networks[i]),
                        err) < 0)
      return -1;
  return 0;
}

/* "56 4d 9b ef-..." as a UUID is written; other texts are none. */
static int
read_uuid (const struct vmx *vmx, char **out, struct dc_error *err)
{
  const char *text = value_of (vmx, NULL, "uuid.bios");
  char digits[33];
  size_t count = 0;

  for (const char *p = text; p != NULL && *p != '\0'; p++) {
    if (*p == ' ' || *p == '-')
      continue;
    if (!isxdigit ((unsigned char) *p) || count == 32)
      return 0;
    digits[count++] = (char) tolower ((unsigned char) *p);
  }
  if (count != 32)
    return 0;
  return dc_text_print (out, err, "%.8s-%.4s-%.4s-%.4s-%.12s", digits,
                        digits + 8, digits + 12, digits + 16, digits + 20);
}

static uint64_t
number_of (const struct vmx *vmx, const char *key, uint64_t max)
{
  struct dc_error ignored; /* unknown, then */
  uint64_t number = 0;

  (void) dc_number_parse (value_of (vmx, NULL, key), 1, max, &number,
                          &ignored); /* as above */
  return number;
}

static int
read_machine (const struct vmx *vmx, struct dc_machine *machine,
              struct dc_error *err)
{
  const char *name = value_of (vmx, NULL, "displayname");
  const char *firmware = value_of (vmx, NULL, "firmware");

  if (value_of (vmx, NULL, "encryption.data") != NULL)
    return dc_fail (err, DC_ERR_ENCRYPTED, "the machine is encrypted");
  if (vmx->count == 0 || (value_of (vmx, NULL, "config.version") == NULL &&
                          value_of (vmx, NULL, "virtualhw.version") == NULL))
    return dc_fail (err, DC_ERR_INVALID, "it is no VMware machine");
  machine->memory = number_of (vmx, "memsize", MEMORY_MAX) * MIB;
  machine->cpus = number_of (vmx, "numvcpus", CPU_MAX);
  if (dc_machine_set (&machine->name, name, err) < 0 ||
      dc_machine_set (&machine->firmware, firmware, err) < 0 ||
      dc_machine_set (&machine->os_hint, value_of (vmx, NULL, "guestos"), err) <
          0 ||
      read_uuid (vmx, &machine->uuid, err) < 0 ||
      read_disks (vmx, machine, err) < 0)
    return -1;
  for (unsigned i = 0; i < DC_MACHINE_NIC_MAX; i++)
    if (read_nic (vmx, i, machine, err) < 0)
      return -1;
  return 0;
}

int
dc_vmx_parse (const char *text, size_t size, struct dc_machine **out,
              struct dc_error *err)
{
  AUTO_VMX struct vmx vmx = { .items = NULL };
  DC_AUTO (dc_machine) *machine = NULL;

  if (size > DC_VMX_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a VMX of %zu bytes, limit %zu", size,
                    DC_VMX_SIZE_MAX);
  if (read_lines (&vmx, (struct dc_span){ text, size }, err) < 0 ||
      dc_machine_new ("vmx", &machine, err) < 0 ||
      read_machine (&vmx, machine, err) < 0)
    return -1;
  *out = DC_TAKE (machine);
  return 0;
}
