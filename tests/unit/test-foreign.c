/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "lib/json.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define FILES_MAX 12

/* What is in a guest, and ID VERSION_ID FAMILY KERNEL NAME of it. */
static const struct {
  struct dc_memory_file files[FILES_MAX];
  const char *expected;
} guests[] = {
  { { DIR (""), DIR ("bin"),
      FILE ("bin/freebsd-version",
            "#!/bin/sh\nset -e\nUSERLAND_VERSION=\"12.4-RELEASE-p2\"\n") },
    "freebsd 12.4-RELEASE-p2 bsd freebsd FreeBSD" },
  { { DIR (""), DIR ("etc"),
      FILE ("etc/os-release", "NAME=FreeBSD\nVERSION=13.2-RELEASE\n"
                              "VERSION_ID=13.2\nID=freebsd\n") },
    "freebsd 13.2 bsd freebsd FreeBSD" },
  { { DIR (""), FILE ("bsd", "\x7f"), DIR ("etc"), FILE ("etc/myname", "a\n"),
      FILE ("etc/motd", "OpenBSD 7.3 (GENERIC.MP) #1125: Sat Mar 25\n\nHi\n") },
    "openbsd 7.3 bsd openbsd OpenBSD" },
  { { DIR (""), DIR ("etc"), FILE ("etc/rc.conf", ""),
      FILE ("etc/release", "NetBSD 9.3/amd64\n"), FILE ("netbsd", "\x7f") },
    "netbsd 9.3 bsd netbsd NetBSD" },
  { { DIR (""), DIR ("etc"),
      FILE ("etc/release", "             OmniOS v11 r151046\n  Copyright\n"),
      FILE ("etc/vfstab", "") },
    "omnios v11 solaris illumos OmniOS" },
  { { DIR (""), DIR ("etc"),
      FILE ("etc/release", "  Oracle Solaris 11.4 X86\n"),
      FILE ("etc/vfstab", "") },
    "solaris 11.4 solaris solaris Solaris" },
  { { DIR (""), DIR ("etc"), FILE ("etc/rc", ""),
      FILE ("etc/version", "3.3.0\n"), DIR ("service"),
      FILE ("service/vm", "") },
    "minix 3.3.0 minix minix MINIX" },
  { { DIR (""), DIR ("WINDOWS"), DIR ("WINDOWS/system32"),
      FILE ("WINDOWS/system32/ntoskrnl.exe", "MZ") },
    "windows - windows windows Windows" },
  { { DIR (""), DIR ("reactos"), DIR ("reactos/system32") },
    "reactos - windows reactos ReactOS" },
  { { DIR (""), FILE ("COMMAND.COM", ""), FILE ("kernel.sys", "") },
    "freedos - dos dos FreeDOS" },
  { { DIR (""), FILE ("io.sys", ""), FILE ("msdos.sys", "") },
    "dos - dos dos DOS" },
  { { DIR (""), DIR ("System"), DIR ("System/Library"),
      DIR ("System/Library/CoreServices"),
      FILE ("System/Library/CoreServices/SystemVersion.plist",
            "<dict>\n<key>ProductName</key><string>macOS</string>\n"
            "<key>ProductVersion</key>\n\t<string>13.4.1</string>\n</dict>") },
    "macos 13.4.1 macos darwin macOS" },
  { { DIR (""), DIR ("System"), DIR ("System/Library"),
      DIR ("System/Library/CoreServices"),
      FILE ("System/Library/CoreServices/SystemVersion.plist",
            "<key>ProductVersion</key>") },
    "macos - macos darwin macOS" },
};

static size_t
count_files (const struct dc_memory_file *files)
{
  size_t count = 0;

  while (count < FILES_MAX && files[count].path != NULL)
    count++;
  return count;
}

static int
make_profile (size_t n, struct dc_profile **out, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;

  if (dc_tree_memory (guests[n].files, count_files (guests[n].files), &tree,
                      err) < 0 ||
      dc_guest_new ("memory", &guest, err) < 0 ||
      dc_profile_make (tree, guest, NULL, &dc_report_silent, out, err) < 0)
    return -1;
  guest = NULL; /* the profile's now */
  return 0;
}

/* Named, a finding with what proves it, and nothing else of the guest read. */
START_TEST (test_guests)
{
  struct dc_error err;
  DC_AUTO (dc_profile) *profile = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  ck_assert_ok (make_profile ((size_t) _i, &profile, &err));
  const struct dc_osrel *os = profile->os;
  ck_assert_ptr_nonnull (os);
  ck_assert_ok (dc_buffer_print (&b, &err, "%s %s %s %s %s", os->id,
                                 os->version_id != NULL ? os->version_id : "-",
                                 os->family, os->kernel, os->name));
  ck_assert_str_eq (dc_buffer_text (&b), guests[_i].expected);
  ck_assert_uint_eq (profile->finding_count, 1);
  ck_assert_str_eq (profile->findings[0].id, "os.foreign");
  ck_assert_str_eq (profile->findings[0].evidence.file, os->file);
  ck_assert (
      unit_contains (profile->findings[0].text, ", not analysed further"));
}
END_TEST

START_TEST (test_text)
{
  struct dc_error err;
  DC_AUTO (dc_profile) *profile = NULL;
  json_auto_t *json = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  ck_assert_ok (make_profile (2, &profile, &err));
  ck_assert_ok (dc_profile_json (profile, &json, &err));
  ck_assert_ok (dc_profile_text (json, 80, &b, &err));
  ck_assert (
      unit_contains (dc_buffer_text (&b), "OpenBSD 7.3 (GENERIC.MP) #1125"));
  ck_assert (
      unit_contains (dc_buffer_text (&b), "OpenBSD, not analysed further"));
}
END_TEST

/* A Linux with such files is a Linux. */
START_TEST (test_linux)
{
  static const struct dc_memory_file files[] = {
    DIR (""),
    FILE ("bsd", ""),
    DIR ("etc"),
    FILE ("etc/debian_version", "12.5\n"),
    FILE ("etc/myname", ""),
    DIR ("WINDOWS"),
    DIR ("WINDOWS/system32"),
    FILE ("WINDOWS/system32/ntoskrnl.exe", ""),
  };
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_osrel) *osrel = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_int_eq (dc_osrel_load (tree, &osrel, &err), 1);
  ck_assert (dc_osrel_is_linux (osrel));
  ck_assert_str_eq (osrel->release, "12.5");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_osrel *osrel = NULL;

  ck_assert_ok (dc_tree_memory (guests[_i].files,
                                count_files (guests[_i].files), &tree, &err));
  OOM_LOOP (status, dc_osrel_load (tree, &osrel, &err))
  {
    ck_assert_int_eq (status < 0, oom_has_failed ());
    dc_osrel_free (DC_TAKE (osrel));
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_guests, 0, (int) DC_COUNT (guests));
  tcase_add_test (tcase, test_text);
  tcase_add_test (tcase, test_linux);
  tcase_add_loop_test (tcase, test_no_memory, 0, (int) DC_COUNT (guests));
}

int
main (void)
{
  return unit_run ("foreign", add);
}
