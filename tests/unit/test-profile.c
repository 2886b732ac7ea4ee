/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/profile.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define FOLDER(name)                                                           \
  {                                                                            \
    .path = (name), .mode = S_IFDIR | 0755                                     \
  }
#define FILE_OF(name, text)                                                    \
  {                                                                            \
    .path = (name), .mode = S_IFREG | 0644, .data = (text)                     \
  }

static const struct dc_memory_file healthy[] = {
  FOLDER (""),
  FOLDER ("bin"),
  FILE_OF ("bin/web", "a program"),
  FOLDER ("dev"),
  { .path = "dev/console", .mode = S_IFCHR | 0600 },
  { .path = "dev/null", .mode = S_IFCHR | 0600 },
  { .path = "dev/log", .mode = S_IFSOCK | 0600 },
  FOLDER ("etc"),
  FILE_OF ("etc/fstab", "/dev/sda1 / ext4\n"),
  FILE_OF ("etc/hostname", "# set by me\n\n web-1.example.org \nother\n"),
  FILE_OF ("etc/os-release", "ID=debian\n"),
  FILE_OF ("etc/passwd", "root:x:0:0::/root:/bin/bash\n"),
  FOLDER ("usr"),
  FOLDER ("usr/lib"),
  FOLDER ("usr/lib/systemd"),
  FOLDER ("usr/lib/systemd/system"),
  { .path = "usr/lib/systemd/system/default.target",
    .mode = S_IFLNK | 0777,
    .data = "multi-user.target" },
  FILE_OF ("usr/lib/systemd/system/multi-user.target",
           "[Unit]\nWants=web.service\n"),
  FILE_OF ("usr/lib/systemd/system/web.service",
           "[Service]\nExecStart=/bin/web\n"),
  FOLDER ("var"),
  FOLDER ("var/lib"),
  FOLDER ("var/lib/dpkg"),
  FILE_OF ("var/lib/dpkg/status", "Package: web\nVersion: 1\n"),
};

/* Everything is there, but each file is broken in its own way. */
static char large[DC_USERS_SIZE_MAX + 1];
static const struct dc_memory_file broken[] = {
  FOLDER (""),
  FOLDER ("etc"),
  { .path = "etc/fstab",
    .mode = S_IFREG | 0644,
    .data = large,
    .size = DC_FSTAB_SIZE_MAX + 1 },
  FILE_OF ("etc/hostname", "no host name\n"),
  { .path = "etc/os-release",
    .mode = S_IFREG | 0644,
    .data = large,
    .size = DC_OSREL_SIZE_MAX + 1 },
  { .path = "etc/passwd",
    .mode = S_IFREG | 0644,
    .data = large,
    .size = DC_USERS_SIZE_MAX + 1 },
  { .path = "etc/shadow", .mode = S_IFLNK | 0777, .data = "shadow" },
  FOLDER ("var"),
  FOLDER ("var/lib"),
  FOLDER ("var/lib/dpkg"),
  FILE_OF ("var/lib/dpkg/status", "Package: web\nStatus: install ok installed"),
};

static const struct dc_memory_file nothing[] = { FOLDER ("") };

static const struct {
  const struct dc_memory_file *files;
  size_t count;
  const char *findings; /* id, file: text; one a line */
} guests[] = {
  { healthy, DC_COUNT (healthy),
    "architecture.unknown: no program of a known machine is there\n"
    "endpoint.unknown /usr/lib/systemd/system/web.service:2: web.service: "
    "what it runs is no application that we know, so whether it listens cannot "
    "be told\n"
    "tree.note /dev/console: '/dev/console' is a device node, left out "
    "(and 1 more)\n"
    "tree.note /dev/log: '/dev/log' is a socket, left out\n" },
  { broken, DC_COUNT (broken),
    "os.unreadable: cannot read 'etc/os-release': 65537 bytes, limit 65536\n"
    "architecture.unknown: no program of a known machine is there\n"
    "hostname.invalid /etc/hostname:1: 'no host name' is no host name\n"
    "packages.damaged /var/lib/dpkg/status: 1 damaged records are left out\n"
    "users.unreadable: cannot read 'etc/passwd': 33554433 bytes, limit "
    "33554432\n"
    "units.unknown: there is no manager of services that we know, so no "
    "service is known\n"
    "mounts.unreadable /etc/fstab: cannot read 'etc/fstab': 1048577 bytes, "
    "limit 1048576\n"
    "tree.link /etc/shadow: '/etc/shadow' is a link that leads nowhere\n" },
  { nothing, DC_COUNT (nothing),
    "os.unknown: no file says which distribution and release this is\n"
    "architecture.unknown: no program of a known machine is there\n"
    "packages.unknown: there is no package database of dpkg, apk, pacman or "
    "rpm\n"
    "units.unknown: there is no manager of services that we know, so no "
    "service is known\n" },
};

static void
print_findings (const struct dc_profile *profile, struct dc_buffer *b)
{
  struct dc_error err;

  for (size_t i = 0; i < profile->finding_count; i++) {
    const struct dc_finding *finding = &profile->findings[i];
    ck_assert_ok (dc_buffer_print (b, &err, "%s", finding->id));
    if (finding->evidence.file != NULL)
      ck_assert_ok (dc_buffer_print (b, &err, " %s", finding->evidence.file));
    if (finding->evidence.line > 0)
      ck_assert_ok (dc_buffer_print (b, &err, ":%u", finding->evidence.line));
    ck_assert_ok (dc_buffer_print (b, &err, ": %s\n", finding->text));
  }
}

static void
make (size_t n, struct dc_tree **tree, struct dc_profile **profile)
{
  struct dc_error err;
  struct dc_guest *guest = NULL;

  ck_assert_ok (dc_tree_memory (guests[n].files, guests[n].count, tree, &err));
  ck_assert_ok (dc_guest_new ("memory", &guest, &err));
  ck_assert_ok (
      dc_profile_make (*tree, guest, NULL, &dc_report_silent, profile, &err));
}

START_TEST (test_findings)
{
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_profile) *profile = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);

  make ((size_t) _i, &tree, &profile);
  print_findings (profile, &b);
  ck_assert_str_eq (dc_buffer_text (&b), guests[_i].findings);
  ck_assert_ptr_nonnull (profile->packages);
  ck_assert_ptr_nonnull (profile->users);
  ck_assert_ptr_nonnull (profile->units);
}
END_TEST

START_TEST (test_healthy)
{
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_profile) *profile = NULL;

  make (0, &tree, &profile);
  ck_assert_str_eq (profile->guest->backend, "memory");
  ck_assert_str_eq (profile->os->id, "debian");
  ck_assert_str_eq (profile->hostname, "web-1.example.org");
  ck_assert_str_eq (profile->packages->items[0].name, "web");
  ck_assert_str_eq (profile->users->users[0].name, "root");
  ck_assert (dc_units_find (profile->units, "web.service")->is_started);
  ck_assert_str_eq (profile->mounts.items[0].device, "/dev/sda1");
}
END_TEST

/* A medium that fails: CODE decides whether the profile goes on. */
static enum dc_code medium_code;

static int
fail_to_read (struct dc_tree *tree, const struct dc_entry *entry,
              uint64_t offset, void *bytes, size_t size, struct dc_error *err)
{
  (void) tree, (void) entry, (void) offset, (void) bytes, (void) size;
  return dc_fail (err, medium_code, "block 7 is bad");
}

START_TEST (test_bad_medium)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_profile) *profile = NULL;
  DC_AUTO (dc_guest) *guest = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);

  ck_assert_ok (dc_tree_memory (healthy, DC_COUNT (healthy), &tree, &err));
  ck_assert_ok (dc_guest_new ("memory", &guest, &err));
  const struct dc_tree_ops *good = tree->ops;
  struct dc_tree_ops bad = *good;
  bad.read = fail_to_read;
  tree->ops = &bad;

  medium_code = DC_ERR_SYSTEM;
  ck_assert_fails (
      dc_profile_make (tree, guest, NULL, &dc_report_silent, &profile, &err),
      DC_ERR_SYSTEM, "block 7 is bad");
  ck_assert_ptr_null (profile);

  medium_code = DC_ERR_INVALID;
  ck_assert_ok (
      dc_profile_make (tree, guest, NULL, &dc_report_silent, &profile, &err));
  guest = NULL; /* taken */
  tree->ops = good;
  print_findings (profile, &b);
  ck_assert (unit_contains (b.data, "os.unreadable: cannot read "
                                    "'etc/os-release': block 7 is bad\n"));
  ck_assert (unit_contains (b.data, "mounts.unreadable /etc/fstab: cannot"));
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;
  struct dc_profile *profile = NULL;
  int failures = 0;

  ck_assert_ok (dc_tree_memory (healthy, DC_COUNT (healthy), &tree, &err));
  ck_assert_ok (dc_guest_new ("memory", &guest, &err));
  OOM_LOOP (status, dc_profile_make (tree, guest, NULL, &dc_report_silent,
                                     &profile, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    failures += status < 0;
  }
  guest = NULL; /* taken */
  dc_profile_free (profile);
  ck_assert_int_gt (failures, 50);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_findings, 0, (int) DC_COUNT (guests));
  tcase_add_test (tcase, test_healthy);
  tcase_add_test (tcase, test_bad_medium);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("profile", add);
}
