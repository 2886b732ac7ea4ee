/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/machine/domain.h"
#include "analyzer/machine/manifest.h"
#include "analyzer/machine/ovf.h"
#include "analyzer/machine/quantity.h"
#include "analyzer/machine/vmx.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* Real definitions: tests/functional/test-machine-definitions.sh. */

typedef int parse (const char *text, size_t size, struct dc_machine **out,
                   struct dc_error *err);

#define ITEM(type, more)                                                       \
  "<Item><ResourceType>" type "</ResourceType>" more "</Item>"
#define OVF(files, disks, items)                                               \
  "<Envelope><References>" files "</References><DiskSection>" disks            \
  "</DiskSection><VirtualSystem id='a'><VirtualHardwareSection>" items         \
  "</VirtualHardwareSection></VirtualSystem></Envelope>"
#define FILE_1 "<File id='f' href='a.vmdk'/>"
#define DISK_1 "<Disk diskId='d' fileRef='f' capacity='1'/>"
#define USE_1 ITEM ("17", "<HostResource>ovf:/disk/d</HostResource>")

static const char ovf[] =
    OVF (FILE_1, DISK_1,
         ITEM ("3", "<VirtualQuantity>2</VirtualQuantity>")
             ITEM ("4", "<AllocationUnits>byte * 2^20</AllocationUnits>"
                        "<VirtualQuantity>3</VirtualQuantity>")
                 USE_1 ITEM ("10", "<Connection>net</Connection>"
                                   "<ResourceSubType>E1000</ResourceSubType>"));
static const char vmx[] =
    "config.version = \"8\"\nmemsize = \"3\"\nnumvcpus = \"2\"\n"
    "displayName = \"a\"\nscsi0:0.present = \"TRUE\"\n"
    "scsi0:0.fileName = \"a.vmdk\"\nethernet0.present = \"1\"\n"
    "ethernet0.networkName = \"net\"\nethernet0.virtualDev = \"E1000\"\n"
    "uuid.bios = \"00 11 22 33 44 55 66 77-88 99 aa bb cc dd ee ff\"\n";
static const char domain[] =
    "<domain><name>a</name><memory unit='MiB'>3</memory><vcpu>2</vcpu>"
    "<devices><disk type='file'><source file='a.vmdk'/></disk>"
    "<interface type='network'><source network='net'/>"
    "<model type='E1000'/></interface></devices></domain>";

static const struct {
  parse *parse;
  const char *text;
} good[] = {
  { dc_ovf_parse, ovf },
  { dc_vmx_parse, vmx },
  { dc_domain_parse, domain },
};

/* Three ways to say one thing, also with every allocation failing. */
START_TEST (test_good)
{
  struct dc_error err;
  struct dc_machine *m = NULL;
  const char *text = good[_i].text;

  OOM_LOOP (status, good[_i].parse (text, strlen (text), &m, &err))
  {
    if (status < 0) {
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
      continue;
    }
    ck_assert_str_eq (m->name, "a");
    ck_assert_uint_eq (m->cpus, 2);
    ck_assert_uint_eq (m->memory, 3 * 1024 * 1024);
    ck_assert_uint_eq (m->disk_count, 1);
    ck_assert_str_eq (m->disks[0].file, "a.vmdk");
    ck_assert_uint_eq (m->nic_count, 1);
    ck_assert_str_eq (m->nics[0].network, "net");
    ck_assert_str_eq (m->nics[0].model, "E1000");
    dc_machine_free (m);
  }
}
END_TEST

/* Whatever is cut off or changed, nothing worse than an error happens. */
START_TEST (test_damage)
{
  struct dc_error err;
  const size_t size = strlen (good[_i].text);

  for (size_t i = 0; i < size; i++)
    for (unsigned way = 0; way < 3; way++) {
      AUTO_FREE char *text = strdup (good[_i].text);
      struct dc_machine *m = NULL;
      if (way > 0)
        text[i] = "<=\"|9"[(i + way) % 5];
      if (good[_i].parse (text, way > 0 ? size : i, &m, &err) == 0)
        dc_machine_free (m);
    }
}
END_TEST

static const struct {
  parse *parse;
  const char *text;
  enum dc_code code;
  const char *words;
} bad[] = {
  { dc_ovf_parse, "<a/>", DC_ERR_INVALID, "no OVF" },
  { dc_ovf_parse, "<Envelope/>", DC_ERR_UNSUPPORTED, "0 machines" },
  { dc_ovf_parse, OVF ("", DISK_1, USE_1), DC_ERR_INVALID,
    "not among the references" },
  { dc_ovf_parse, OVF (FILE_1, "", USE_1), DC_ERR_INVALID,
    "not in the disk section" },
  { dc_ovf_parse,
    OVF (FILE_1, "<Disk diskId='d' fileRef='f' parentRef='e'/>", USE_1),
    DC_ERR_UNSUPPORTED, "delta" },
  { dc_ovf_parse,
    OVF ("<File id='f' href='a' compression='xz'/>", DISK_1, USE_1),
    DC_ERR_UNSUPPORTED, "'xz'" },
  { dc_vmx_parse, "a = \"b\n", DC_ERR_INVALID, "line 1: a value has no end" },
  { dc_vmx_parse, "a = \"|2\"\n", DC_ERR_INVALID, "no byte" },
  { dc_vmx_parse, "a = \"|00\"\n", DC_ERR_INVALID, "no byte" },
  { dc_vmx_parse, " = \"b\"\n", DC_ERR_INVALID, "no key" },
  { dc_vmx_parse, "config.version = \"8\"\nencryption.data = \"x\"\n",
    DC_ERR_ENCRYPTED, "encrypted" },
  { dc_domain_parse, "<a/>", DC_ERR_INVALID, "no domain" },
  { dc_domain_parse,
    "<domain><devices><disk type='volume'><target dev='vda'/></disk>"
    "</devices></domain>",
    DC_ERR_UNSUPPORTED, "disk 'vda' is of type 'volume'" },
};

START_TEST (test_bad)
{
  struct dc_error err;
  struct dc_machine *m = NULL;

  ck_assert_fails (
      bad[_i].parse (bad[_i].text, strlen (bad[_i].text), &m, &err),
      bad[_i].code, bad[_i].words);
  ck_assert_ptr_null (m);
}
END_TEST

static const struct {
  const char *number, *unit;
  uint64_t ovf, libvirt;
} quantities[] = {
  { "5", NULL, 5, 5 * 1024 },
  { " 5 ", "byte * 2^20", 5 << 20, 5 << 20 },
  { "5", "byte*10^3", 5000, 5000 },
  { "5", "MegaBytes", 5 << 20, 5 << 20 },
  { "5", "KB", 5 * 1024, 5000 },
  { "5", "b", 5, 5 },
  { "-5", "MB", 0, 0 },
  { "5", "byte * 3^2", 0, 0 },
  { "5", "byte * 2^90", 0, 0 },
  { "5", "hertz * 10^6", 0, 0 },
  { "9223372036854775807", "KiB", 0, 0 },
  { "${size}", "GB", 0, 0 },
  { NULL, "GB", 0, 0 },
};

START_TEST (test_quantity)
{
  const char *number = quantities[_i].number, *unit = quantities[_i].unit;

  ck_assert_uint_eq (dc_quantity_bytes (number, unit, DC_QUANTITY_OVF),
                     quantities[_i].ovf);
  ck_assert_uint_eq (dc_quantity_bytes (number, unit, DC_QUANTITY_LIBVIRT),
                     quantities[_i].libvirt);
}
END_TEST

#define SHA1 "a9993e364706816aba3e25717850c26c9cd0d89d"

static const struct {
  const char *text, *words; /* NULL: it is good */
} manifests[] = {
  { "SHA1(a)= " SHA1, NULL },
  { "\nSHA1 (a (b)=c)= " SHA1 "\r\n\n", NULL },
  { "SHA256(a)= " SHA1, "line 1: there is no digest of 32 bytes" },
  { "SHA1(a)= " SHA1 "0", "no digest" },
  { "SHA1(a)= " SHA1 "\nSHA1(a) " SHA1, "line 2: it is not" },
  { "MD5(a)= 00", "'MD5' is none of" },
  { "SHA1)a(= " SHA1, "it is not" },
};

START_TEST (test_manifest)
{
  struct dc_error err;
  struct dc_manifest *manifest = NULL;
  const char *text = manifests[_i].text;

  if (manifests[_i].words != NULL) {
    ck_assert_int_eq (dc_manifest_parse (text, strlen (text), &manifest, &err),
                      -1);
    ck_assert_msg (unit_contains (err.text, manifests[_i].words), "%s",
                   err.text);
    return;
  }
  OOM_LOOP (status, dc_manifest_parse (text, strlen (text), &manifest, &err))
  {
    if (status < 0) {
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
      continue;
    }
    ck_assert_uint_eq (manifest->count, 1);
    ck_assert_str_eq (manifest->items[0].hex, SHA1);
    ck_assert_str_eq (manifest->items[0].file, _i == 0 ? "a" : "a (b)=c");
    dc_manifest_free (manifest);
  }
}
END_TEST

#define LOOP(test, table)                                                      \
  tcase_add_loop_test (tcase, test, 0, sizeof (table) / sizeof (table)[0])

static void
add (TCase *tcase)
{
  LOOP (test_good, good);
  LOOP (test_damage, good);
  LOOP (test_bad, bad);
  LOOP (test_quantity, quantities);
  LOOP (test_manifest, manifests);
}

int
main (void)
{
  return unit_run ("machine", add);
}
