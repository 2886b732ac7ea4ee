/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/source/guest.h"
#include "analyzer/source/volume.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static struct dc_volume items[] = {
  { .device = "/dev/sda1",
    .part = { .number = 1,
              .fstype = "vfat",
              .uuid = "ABCD-1234",
              .partuuid = "0bad1dea-01",
              .partlabel = "EFI System" } },
  { .device = "/dev/sda2",
    .part = { .number = 2, .fstype = "ext4", .label = "my \"root\"" } },
  { .device = "/dev/sda12", .part = { .number = 12, .fstype = "btrfs" } },
  { .device = "/dev/sdb", .part = { .fstype = "crypto_LUKS", .label = "a/b" } },
  { .device = "/dev/sdb3",
    .part = { .number = 3, .fstype = "LVM2_member", .uuid = "abc" } },
  { .device = "/dev/vg-one/my-root",
    .mapper = (char[]){ "vg--one-my--root" },
    .id = (char[]){ "gggrrr" },
    .part = { .fstype = "ext4", .uuid = "def" } },
  { .device = "/dev/sdc1",
    .group = (char[]){ "vg-one" },
    .part = { .number = 1, .fstype = "LVM2_member" } },
};
static const struct dc_volumes volumes = { items,
                                           sizeof items / sizeof items[0] };

static const struct {
  const char *spec, *device;
} specs[] = {
  { "/dev/sda1", "/dev/sda1" },
  { "/dev/vda1", "/dev/sda1" },
  { "/dev/hda12", "/dev/sda12" },
  { "/dev/xvda2", "/dev/sda2" },
  { "/dev/nvme0n1p2", "/dev/sda2" },
  { "/dev/nvme1n1p3", "/dev/sdb3" },
  { "/dev/mmcblk0p12", "/dev/sda12" },
  { "/dev/vdb", "/dev/sdb" },
  { "/dev/sda", NULL },
  { "/dev/sda3", NULL },
  { "/dev/sda1x", NULL },
  { "/dev/nvme0n1p2x", NULL },
  { "/dev/nvme0n1", NULL },
  { "/dev/mapper/vg-root", NULL },
  { "/dev/mapper/vg--one-my--root", "/dev/vg-one/my-root" },
  { "/dev/mapper/vg-one-my-root", NULL },
  { "/dev/vg-one/my-root", "/dev/vg-one/my-root" },
  { "/dev/sd-one/my-root", NULL },
  { "/dev/disk/by-id/dm-name-vg--one-my--root", "/dev/vg-one/my-root" },
  { "/dev/disk/by-id/dm-uuid-LVM-gggrrr", "/dev/vg-one/my-root" },
  { "UUID=def", "/dev/vg-one/my-root" },
  { "UUID=ABCD-1234", "/dev/sda1" },
  { "UUID=abcd-1234", "/dev/sda1" },
  { "UUID=\"ABCD-1234\"", "/dev/sda1" },
  { "UUID='ABCD-1234'", "/dev/sda1" },
  { "UUID=ABCD-123", NULL },
  { "UUID=", NULL },
  { "UUID=\"\"", NULL },
  { "PARTUUID=0BAD1DEA-01", "/dev/sda1" },
  { "PARTLABEL=\"EFI System\"", "/dev/sda1" },
  { "LABEL=my \"root\"", "/dev/sda2" },
  { "LABEL=MY \"ROOT\"", NULL },
  { "LABEL=\"", NULL },
  { "/dev/disk/by-uuid/ABCD-1234", "/dev/sda1" },
  { "/dev/disk/by-label/a\\x2fb", "/dev/sdb" },
  { "/dev/disk/by-label/a\\x2", NULL },
  { "/dev/disk/by-partlabel/EFI\\x20System", "/dev/sda1" },
  { "/dev/disk/by-partuuid/0bad1dea-01", "/dev/sda1" },
  { "LABEL=a\\x2fb", NULL },
  { "tmpfs", NULL },
  { "", NULL },
};

START_TEST (test_find)
{
  const struct dc_volume *volume = dc_volumes_find (&volumes, specs[_i].spec);

  if (specs[_i].device == NULL)
    ck_assert_msg (volume == NULL, "%s", specs[_i].spec);
  else {
    ck_assert_msg (volume != NULL, "%s", specs[_i].spec);
    ck_assert_str_eq (volume->device, specs[_i].device);
  }
}
END_TEST

START_TEST (test_kinds)
{
  static const int opaque[] = { 0, 1, 1, 1, 1, 1, 0 };
  struct dc_volume damaged = { .part = { .fstype = "ext4" },
                               .code = DC_ERR_INVALID,
                               .problem = items[0].part.uuid };

  for (size_t i = 0; i < volumes.count; i++) {
    ck_assert_int_eq (dc_volume_is_opaque (&items[i]), opaque[i]);
    ck_assert_int_eq (dc_volume_is_encrypted (&items[i]), i == 3);
  }
  ck_assert_int_eq (dc_volume_is_opaque (&damaged), 0);
  damaged.code = DC_ERR_APPLIANCE;
  ck_assert_int_eq (dc_volume_is_opaque (&damaged), 1);
}
END_TEST

static int
make_guest (struct dc_guest **out, struct dc_error *err)
{
  char text[] = "text", root[] = "/";
  const struct dc_guest_fs fs = { text, text, text, text, root, text, 42 };
  const struct dc_guest_fs other = { text, text, text, text, NULL, text, 0 };
  DC_AUTO (dc_guest) *guest = NULL;

  if (dc_guest_new ("ext", &guest, err) < 0 ||
      dc_guest_add (guest, &fs, err) < 0 ||
      dc_guest_add (guest, &other, err) < 0)
    return -1;
  text[0] = root[0] = 'X'; /* it has copies */
  *out = DC_TAKE (guest);
  return 0;
}

START_TEST (test_guest)
{
  struct dc_error err;
  struct dc_guest *guest = NULL;

  OOM_LOOP (status, make_guest (&guest, &err))
  {
    if (status < 0) {
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
      continue;
    }
    ck_assert_str_eq (guest->backend, "ext");
    ck_assert_uint_eq (guest->count, 2);
    ck_assert_str_eq (guest->items[0].mountpoint, "/");
    ck_assert_str_eq (guest->items[0].state, "text");
    ck_assert_uint_eq (guest->items[0].size, 42);
    ck_assert_ptr_null (guest->items[1].mountpoint);
    dc_guest_free (guest);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_find, 0, sizeof specs / sizeof specs[0]);
  tcase_add_test (tcase, test_kinds);
  tcase_add_test (tcase, test_guest);
}

int
main (void)
{
  return unit_run ("volume", add);
}
