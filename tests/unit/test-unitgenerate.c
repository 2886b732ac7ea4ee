/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define GENERATORS USR "-generators"

/* As systemd-fstab-generator of 257 and 252 has them; what differs between
 * them is left out.
 */
static const struct dc_memory_file fstab_files[] = {
  FOLDERS,
  LINK (USR "/default.target", "local-fs.target"),
  FILE (USR "/local-fs.target",
        "[Unit]\nWants=remote-fs.target swap.target foo.service\n"),
  FILE (USR "/remote-fs.target", PLAIN),
  FILE (USR "/swap.target", PLAIN),
  FILE (USR "/foo.service", "[Unit]\nDefaultDependencies=no\n"),
  FILE (USR "/tmp.mount", PLAIN),
  FILE (USR "/systemd-remount-fs.service", "[Unit]\nDefaultDependencies=no\n"),
  FILE (ETC "/mine.mount", PLAIN),
  DIR (ETC "/srv.mount.d"),
  FILE (ETC "/srv.mount.d/x.conf", "[Mount]\nOptions=ro\n"),
  DIR ("mnt"),
  LINK ("data", "mnt"),
  FILE ("etc/fstab",
        "UUID=a-b / ext4 noauto,nofail 0 1\n"
        "/dev/sda2 none swap sw\n"
        "LABEL=d\\040x /srv/my\\040data ext4 nofail\n"
        "nas:/x /data/../data/nas nfs _netdev,noauto,x-systemd.automount,"
        "x-systemd.idle-timeout=1min\n"
        "tmpfs /tmp tmpfs size=1%\n"
        "/dev/sdb1 /noauto xfs noauto\n"
        "proc /proc proc defaults\n"
        "/dev/sdb2 rel ext4 defaults\n"
        "/dev/sdb3 /mine ext4 defaults\n"
        "/dev/sdb4 /srv ext4 auto,x-systemd.wanted-by=foo.service,"
        "x-systemd.after=/dev/sdx,x-systemd.requires=bar\n"
        "/dev/sdb5 /srv ext4 defaults\n")
};

START_TEST (test_fstab)
{
  check_units (fstab_files, DC_COUNT (fstab_files),
               "-.mount generated <- /etc/fstab:1\n"
               "dev-sda2.swap generated <- /etc/fstab:2\n"
               "foo.service static <- /" USR "/local-fs.target:2\n"
               "local-fs.target static <- /" USR
               "/default.target = default.target\n"
               "mine.mount static <- /etc/fstab:9\n"
               "mnt-nas.automount generated <- /etc/fstab:4\n"
               "mnt-nas.mount generated\n"
               "noauto.mount generated\n"
               "remote-fs.target static <- /" USR "/local-fs.target:2\n"
               "srv-my\\x20data.mount generated <- /etc/fstab:3\n"
               "srv.mount generated <- /etc/fstab:10\n"
               "swap.target static <- /" USR "/local-fs.target:2\n"
               "systemd-remount-fs.service static <- /etc/fstab:1\n"
               "tmp.mount generated <- /etc/fstab:5\n");
}
END_TEST

START_TEST (test_fstab_settings)
{
  static const struct {
    const char *unit, *settings;
  } cases[] = {
    { "mnt-nas.mount",
      "/etc/fstab remote-fs.target nas:/x /mnt/nas nfs "
      "_netdev,noauto,x-systemd.automount,x-systemd.idle-timeout=1min " },
    { "mnt-nas.automount", "/etc/fstab /mnt/nas 1min " },
    { "srv-my\\x20data.mount",
      "/etc/fstab blockdev@dev-disk-by\\x2dlabel-d\\x5cx20x.target "
      "/dev/disk/by-label/d\\x20x /srv/my data ext4 nofail " },
    { "srv.mount",
      "/etc/fstab dev-sdx.device bar.service bar.service no umount.target "
      "umount.target blockdev@dev-sdb4.target /dev/sdb4 /srv ext4 "
      "auto,x-systemd.wanted-by=foo.service,x-systemd.after=/dev/sdx,"
      "x-systemd.requires=bar ro " },
    { "tmp.mount", "/etc/fstab local-fs.target tmpfs /tmp tmpfs size=1%% " },
  };

  check_settings (fstab_files, DC_COUNT (fstab_files), cases[_i].unit,
                  cases[_i].settings);
}
END_TEST

/* The administrator's link to /dev/null keeps the generator from running. */
START_TEST (test_masked_generator)
{
  static const struct dc_memory_file files[] = {
    FOLDERS,
    FILE (USR "/local-fs.target", PLAIN),
    LINK (USR "/default.target", "local-fs.target"),
    DIR (ETC "-generators"),
    LINK (ETC "-generators/systemd-fstab-generator", "/dev/null"),
    FILE ("etc/fstab", "/dev/sda1 /x ext4 defaults\n"),
  };

  check_units (files, DC_COUNT (files),
               "local-fs.target static <- /" USR
               "/default.target = default.target\n");
}
END_TEST

#define INSTANCES                                                              \
  FOLDERS,                                                                     \
      FILE (USR "/a.target", "[Unit]\nWants=postgresql.service "               \
                             "openvpn.service tor.service getty.target\n"),    \
      LINK (USR "/default.target", "a.target"),                                \
      FILE (USR "/getty.target", PLAIN),                                       \
      FILE (USR "/serial-getty@.service", "[Unit]\nDefaultDependencies=no\n"), \
      FILE (USR "/postgresql.service", "[Unit]\nDefaultDependencies=no\n"),    \
      FILE (USR "/postgresql@.service", "[Unit]\nDefaultDependencies=no\n"),   \
      FILE (USR "/openvpn.service", "[Unit]\nDefaultDependencies=no\n"),       \
      FILE (USR "/openvpn@.service", "[Unit]\nDefaultDependencies=no\n"),      \
      DIR (GENERATORS), PROGRAM (GENERATORS "/postgresql-generator", "x"),     \
      PROGRAM (GENERATORS "/openvpn-generator", "x"), DIR ("etc/postgresql"),  \
      DIR ("etc/postgresql/15"), DIR ("etc/postgresql/15/main"),               \
      FILE ("etc/postgresql/15/main/postgresql.conf", "x"),                    \
      FILE ("etc/postgresql/15/main/start.conf", "# x\n\n auto # y\n"),        \
      DIR ("etc/postgresql/15/off"),                                           \
      FILE ("etc/postgresql/15/off/postgresql.conf", "x"),                     \
      FILE ("etc/postgresql/15/off/start.conf", "manual\n"),                   \
      DIR ("etc/postgresql/15/plain"),                                         \
      LINK ("etc/postgresql/15/plain/postgresql.conf", "/gone"),               \
      DIR ("etc/postgresql/9"), DIR ("etc/postgresql/9/gone"),                 \
      FILE ("etc/postgresql/9/gone/postgresql.conf", "x"),                     \
      DIR ("usr/lib/postgresql"), DIR ("usr/lib/postgresql/15"),               \
      DIR ("usr/lib/postgresql/15/bin"),                                       \
      PROGRAM ("usr/lib/postgresql/15/bin/postgres", "x"),                     \
      DIR ("etc/openvpn"), FILE ("etc/openvpn/home.conf", "x"),                \
      FILE ("etc/openvpn/office.conf", "x"), FILE ("etc/openvpn/x", "x")

#define COMMON                                                                 \
  "a.target static <- /" USR "/default.target = default.target\n"              \
  "getty.target static <- /" USR "/a.target:2\n"                               \
  "openvpn.service static <- /" USR "/a.target:2\n"                            \
  "openvpn@.service static\n"
#define CLUSTERS                                                               \
  "postgresql.service static <- /" USR "/a.target:2\n"                         \
  "postgresql@.service static\n"                                               \
  "postgresql@15-main.service static <- "                                      \
  "/etc/postgresql/15/main/start.conf:3\n"                                     \
  "postgresql@15-plain.service static <- "                                     \
  "/etc/postgresql/15/plain/start.conf\n"                                      \
  "serial-getty@.service static\n"

START_TEST (test_instances)
{
  static const struct dc_memory_file files[] = { INSTANCES };

  check_units (files, DC_COUNT (files),
               COMMON
               "openvpn@home.service static <- /etc/openvpn/home.conf\n"
               "openvpn@office.service static <- /etc/openvpn/office.conf\n" //
               CLUSTERS);
}
END_TEST

START_TEST (test_instances_that_are_listed)
{
  static const struct dc_memory_file files[] = {
    INSTANCES,
    DIR ("etc/default"),
    FILE ("etc/default/openvpn", "AUTOSTART=\"office missing\"\n"),
    DIR ("boot"),
    DIR ("boot/grub"),
    FILE ("boot/grub/grub.cfg",
          "menuentry 'x' {\n\tlinux /vmlinuz root=/dev/sda1 console=tty0 "
          "console=ttyS0,115200n8 console=tty1\n"),
  };

  check_units (
      files, DC_COUNT (files),
      COMMON "openvpn@office.service static <- /etc/default/openvpn\n" //
      CLUSTERS "serial-getty@ttyS0.service static <- /boot/grub/grub.cfg:2\n");
}
END_TEST

/* As postfix-instance-generator of postfix 3.7 makes them. */
#define POSTFIX                                                                \
  FOLDERS, FILE (USR "/default.target", "[Unit]\nWants=postfix.service\n"),    \
      FILE (USR "/postfix.service", "[Unit]\nDefaultDependencies=no\n"),       \
      FILE (USR "/postfix@.service", "[Unit]\nDefaultDependencies=no\n"),      \
      DIR (GENERATORS),                                                        \
      PROGRAM (GENERATORS "/postfix-instance-generator", "x"),                 \
      DIR ("etc/postfix"), DIR ("etc/postfix-b"), DIR ("etc/postfix-c"),       \
      FILE ("etc/postfix/main.cf",                                             \
            "# x\nmulti_instance_directories = /gone\n"                        \
            "multi_instance_directories=/etc/postfix-b\n\n# x\n"               \
            "  /etc/postfix-c /etc/postfix-d\nmultiple = /x\n"),               \
      FILE ("etc/postfix-b/main.cf", "multi_instance_name = postfix-b\n"),     \
      FILE ("etc/postfix-c/main.cf", "multi_instance_name =\n")

START_TEST (test_postfix)
{
  static const struct dc_memory_file files[] = { POSTFIX };

  check_units (files, DC_COUNT (files),
               "default.target static <- /" USR "/default.target\n"
               "postfix.service static <- /" USR "/default.target:2\n"
               "postfix@-.service static <- /etc/postfix/main.cf\n"
               "postfix@.service static\n"
               "postfix@postfix-b.service static <- /etc/postfix/main.cf:3\n");
}
END_TEST

/* Source: netplan(5), "renderer": networkd where nothing is said. */
START_TEST (test_netplan)
{
  static const struct dc_memory_file networkd[] = {
    FOLDERS,
    FILE (USR "/multi-user.target", PLAIN),
    LINK (USR "/default.target", "multi-user.target"),
    FILE (USR "/systemd-networkd.service", "[Unit]\nDefaultDependencies=no\n"),
    DIR (GENERATORS),
    PROGRAM (GENERATORS "/netplan", "x"),
    DIR ("etc/netplan"),
    FILE ("etc/netplan/00.yaml", "network:\n  version: 2\n"),
  };

  check_units (networkd, DC_COUNT (networkd),
               "multi-user.target static <- /" USR
               "/default.target = default.target\n"
               "systemd-networkd.service static <- /etc/netplan/00.yaml\n");
}
END_TEST

START_TEST (test_netplan_of_networkmanager)
{
  static const struct dc_memory_file managed[] = {
    FOLDERS,
    FILE (USR "/multi-user.target", PLAIN),
    LINK (USR "/default.target", "multi-user.target"),
    FILE (USR "/systemd-networkd.service", "[Unit]\nDefaultDependencies=no\n"),
    DIR (GENERATORS),
    PROGRAM (GENERATORS "/netplan", "x"),
    DIR ("etc/netplan"),
    FILE ("etc/netplan/00.yaml", "network:\n  renderer: NetworkManager\n"),
  };

  check_units (managed, DC_COUNT (managed),
               "multi-user.target static <- /" USR
               "/default.target = default.target\n"
               "systemd-networkd.service static\n");
}
END_TEST

START_TEST (test_no_memory)
{
  static const struct dc_memory_file files[] = {
    INSTANCES,
    PROGRAM (GENERATORS "/postfix-instance-generator", "x"),
    FILE (USR "/postfix.service", PLAIN),
    FILE (USR "/postfix@.service", PLAIN),
    DIR ("etc/postfix"),
    FILE ("etc/postfix/main.cf", "multi_instance_directories = /etc\n"),
    FILE ("etc/main.cf", "multi_instance_name = b\n"),
    FILE ("etc/fstab", "UUID=a / ext4 x-systemd.automount,x-systemd.after=b\n"
                       "//a /b cifs x-systemd.automount\n/c none swap sw\n"),
    DIR ("boot"),
    DIR ("boot/loader"),
    DIR ("boot/loader/entries"),
    FILE ("boot/loader/entries/a.conf", "options $kernelopts\n"),
    DIR ("boot/grub2"),
    FILE ("boot/grub2/grubenv", "kernelopts=console=hvc0\n"),
  };
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  struct dc_units *units = NULL;
  OOM_LOOP (status, dc_units_load (tree, &units, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    if (status == 0) {
      ck_assert_ptr_nonnull (dc_units_find (units, "b.automount"));
      ck_assert_ptr_nonnull (
          dc_units_find (units, "serial-getty@hvc0.service"));
      dc_units_free (units);
    }
  }
}
END_TEST

/* As `systemd-escape` and `systemd-escape -p` print them. */
START_TEST (test_escape)
{
  static const struct {
    const char *path, *escaped;
  } cases[] = {
    { "/", "-" },
    { "//a//b-c/", "a-b\\x2dc" },
    { "/.x/.y", "\\x2ex-.y" },
    { "/a b\\\303\244:_", "a\\x20b\\x5c\\xc3\\xa4:_" },
  };
  struct dc_error err;
  AUTO_FREE char *escaped = NULL;

  ck_assert_ok (dc_unit_escape_path (cases[_i].path, &escaped, &err));
  ck_assert_str_eq (escaped, cases[_i].escaped);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_fstab);
  tcase_add_loop_test (tcase, test_fstab_settings, 0, 5);
  tcase_add_test (tcase, test_masked_generator);
  tcase_add_test (tcase, test_instances);
  tcase_add_test (tcase, test_instances_that_are_listed);
  tcase_add_test (tcase, test_postfix);
  tcase_add_test (tcase, test_netplan);
  tcase_add_test (tcase, test_netplan_of_networkmanager);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_loop_test (tcase, test_escape, 0, 4);
}

int
main (void)
{
  return unit_run ("unitgenerate", add);
}
