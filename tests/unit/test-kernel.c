/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

static const struct dc_memory_file files[] = {
  FOLDERS,
  FILE (USR "/default.target", "[Unit]\nWants=tunnel.service other.service\n"),
  FILE (USR "/tunnel.service",
        "[Service]\nDeviceAllow=/dev/null rw\nDeviceAllow=/dev/net/tun rw\n"
        "ExecStartPre=-/sbin/modprobe -q tun\n"
        "ExecStart=/usr/sbin/tunnel --card=/dev/crypto0 /dev/shm/x\n"),
  FILE (USR "/unused.service", "[Service]\nExecStart=/x /dev/kvm\n"),
  FILE ("etc/modules", "# c\nloop\n\nip_vs rr\n"),
  FILE ("etc/sysctl.conf", "net/ipv4/conf/eth0.1/rp_filter = 0\n"),
  DIR ("etc/sysctl.d"),
  FILE ("etc/sysctl.d/10.conf", "vm.swappiness=10\nkernel.sem = 1 2 3 4\n"),
  FILE ("etc/sysctl.d/20.conf", "; c\n-vm.swappiness = 20\nnonsense\n=x\n"),
  DIR ("usr/lib/modules"),
  DIR ("usr/lib/modules/6.1.0"),
  DIR ("usr/lib/modules/6.1.0/updates"),
  DIR ("usr/lib/modules/6.1.0/updates/dkms"),
  FILE ("usr/lib/modules/6.1.0/updates/dkms/zfs.ko.xz", "x"),
  DIR ("usr/lib/modules/6.1.0/kernel"),
  FILE ("usr/lib/modules/6.1.0/kernel/tun.ko", "x"),
};

/* The section as JSON text with ' for ". */
static int
read_section (char **out, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;
  DC_AUTO (dc_profile) *profile = NULL;

  if (dc_tree_memory (files, DC_COUNT (files), &tree, err) < 0 ||
      dc_guest_new ("memory", &guest, err) < 0 ||
      dc_profile_make (tree, guest, NULL, &dc_report_silent, &profile, err) < 0)
    return -1;
  guest = NULL;
  json_auto_t *json = dc_kernel_json (profile);
  *out = json != NULL ? json_dumps (json, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
  if (*out == NULL)
    return dc_fail (err, DC_ERR_SYSTEM, "no memory");
  for (char *p = *out; *p != '\0'; p++)
    if (*p == '"')
      *p = '\'';
  return 0;
}

static const char expected[] =
    "{'command_line':null,'devices':["
    "{'evidence':{'file':'/usr/lib/systemd/system/tunnel.service','line':3},"
    "'path':'/dev/net/tun','service':'tunnel.service'},"
    "{'evidence':{'file':'/usr/lib/systemd/system/tunnel.service','line':5},"
    "'path':'/dev/crypto0','service':'tunnel.service'}],"
    "'foreign_modules':['/usr/lib/modules/6.1.0/updates/dkms/zfs.ko.xz'],"
    "'modules':["
    "{'evidence':{'file':'/etc/modules','line':2},'name':'loop',"
    "'service':null},"
    "{'evidence':{'file':'/etc/modules','line':4},'name':'ip_vs',"
    "'service':null},"
    "{'evidence':{'file':'/usr/lib/systemd/system/tunnel.service','line':4},"
    "'name':'tun','service':'tunnel.service'}],"
    "'parameters':["
    "{'evidence':{'file':'/etc/sysctl.d/10.conf','line':2},"
    "'key':'kernel.sem','scope':'container','value':'1 2 3 4'},"
    "{'evidence':{'file':'/etc/sysctl.conf','line':1},"
    "'key':'net.ipv4.conf.eth0/1.rp_filter','scope':'container','value':'0'},"
    "{'evidence':{'file':'/etc/sysctl.d/20.conf','line':2},"
    "'key':'vm.swappiness','scope':'host','value':'20'}],"
    "'versions':['6.1.0']}";

START_TEST (test_section)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *text = NULL;

  ck_assert_ok (read_section (&text, &err));
  ck_assert_str_eq (text, expected);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  int failures = 0;
  char *text = NULL;

  OOM_LOOP (status, read_section (&text, &err))
  {
    failures += status < 0;
    ck_assert (status < 0 || strcmp (text, expected) == 0);
    free (DC_TAKE (text));
  }
  ck_assert_int_gt (failures, 100);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_section);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("kernel", add);
}
