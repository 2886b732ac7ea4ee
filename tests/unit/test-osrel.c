/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/system/osrel.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text, *id, *version_id, *codename;
} texts[] = {
  { "", NULL, NULL, NULL },
  { "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n", "debian", "12",
    "bookworm" },
  { "ID_LIKE=rhel\n", NULL, NULL, NULL },
  { "ID=\nVERSION_ID=''\nVERSION=\"8 (x)\"\nVERSION_CODENAME=\n", "", "", "" },
  { "VERSION=\"7 (Core)\"", NULL, NULL, "Core" },
  { "VERSION=\"14.04.3 LTS, Trusty Tahr\"", NULL, NULL, "Trusty Tahr" },
  { "VERSION=\"7 (open\"", NULL, NULL, NULL },
  { "VERSION=\"1 (a)\"\nUBUNTU_CODENAME=b\n", NULL, NULL, "b" },
  { "VERSION_CODENAME=c\nUBUNTU_CODENAME=b\n", NULL, NULL, "c" },
  { "ID=\"bad\nID=good\nVERSION_ID=`reboot`\n", "good", "`reboot`", NULL },
};

START_TEST (test_parse)
{
  struct dc_error err;
  DC_AUTO (dc_osrel) *osrel = NULL;

  ck_assert_ok (
      dc_osrel_parse (texts[_i].text, strlen (texts[_i].text), &osrel, &err));
  ck_assert_pstr_eq (osrel->id, texts[_i].id);
  ck_assert_pstr_eq (osrel->version_id, texts[_i].version_id);
  ck_assert_pstr_eq (osrel->codename, texts[_i].codename);
}
END_TEST

START_TEST (test_limit)
{
  static char text[DC_OSREL_SIZE_MAX + 1];
  struct dc_error err;
  DC_AUTO (dc_osrel) *osrel = NULL;

  memset (text, '#', sizeof text);
  ck_assert_ok (dc_osrel_parse (text, DC_OSREL_SIZE_MAX, &osrel, &err));
  ck_assert_fails (dc_osrel_parse (text, sizeof text, &osrel, &err),
                   DC_ERR_LIMIT, "os-release is 65537 bytes, limit 65536");
}
END_TEST

#define DEBIAN "ID=debian\nVERSION_ID=12\nPRETTY_NAME='Debian 12'\n"
#define FOLDER(name)                                                           \
  {                                                                            \
    .path = (name), .mode = S_IFDIR | 0755                                     \
  }

/* What is in a guest, and ID|VERSION_ID|codename|PRETTY_NAME|file of it. */
static const struct {
  struct {
    const char *path, *data;
  } files[3];
  const char *link;
  const char *expected;
} guests[] = {
  { { { NULL, NULL } }, NULL, NULL },
  { { { "etc/os-release", DEBIAN } },
    NULL,
    "debian|12|-|Debian 12|/etc/os-release" },
  { { { "usr/lib/os-release", DEBIAN } },
    NULL,
    "debian|12|-|Debian 12|/usr/lib/os-release" },
  { { { "usr/lib/os-release", DEBIAN } },
    "../usr/lib/os-release",
    "debian|12|-|Debian 12|/etc/os-release" },
  { { { "etc/os-release", "NAME=x\n" }, { "usr/lib/os-release", DEBIAN } },
    NULL,
    "debian|12|-|Debian 12|/usr/lib/os-release" },
  { { { "etc/alpine-release", "3.10.9\n" } },
    NULL,
    "alpine|3.10.9|-|Alpine Linux 3.10.9|/etc/alpine-release" },
  { { { "etc/oracle-release", "Oracle Linux Server release 6.10\n" },
      { "etc/redhat-release", "Red Hat Enterprise Linux Server release 6.10 "
                              "(Santiago)\n" } },
    NULL,
    "ol|6.10|-|Oracle Linux Server release 6.10|/etc/oracle-release" },
  { { { "etc/redhat-release",
        "Red Hat Enterprise Linux Server release 5.11 (Tikanga)\n" } },
    NULL,
    "rhel|5.11|Tikanga|Red Hat Enterprise Linux Server release 5.11 "
    "(Tikanga)|/etc/redhat-release" },
  { { { "etc/redhat-release", "CloudLinux release 7.3 (Yury Malyshev)" } },
    NULL,
    "cloudlinux|7.3|Yury Malyshev|CloudLinux release 7.3 (Yury Malyshev)|"
    "/etc/redhat-release" },
  { { { "etc/system-release", "Amazon Linux AMI release 2014.03" } },
    NULL,
    "amzn|2014.03|-|Amazon Linux AMI release 2014.03|/etc/system-release" },
  { { { "etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\n"
                            "VERSION = 11\nPATCHLEVEL = 4\n" } },
    NULL,
    "sles|11.4|-|SUSE Linux Enterprise Server 11 (x86_64)|/etc/SuSE-release" },
  { { { "etc/SuSE-release", "openSUSE 13.1 (i586)\nVERSION = 13.1\n"
                            "CODENAME = Bottle\nPATCHLEVEL = 0\n" } },
    NULL,
    "opensuse|13.1|-|openSUSE 13.1 (i586)|/etc/SuSE-release" },
  { { { "etc/SuSE-release",
        "SUSE Linux Enterprise Server 12\nVERSION = 12\nPATCHLEVEL = 0\n" } },
    NULL,
    "sles|12|-|SUSE Linux Enterprise Server 12|/etc/SuSE-release" },
  { { { "etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\n"
                           "DISTRIB_CODENAME=precise\n"
                           "DISTRIB_DESCRIPTION=\"Ubuntu 12.04.5 LTS\"\n" },
      { "etc/debian_version", "wheezy/sid\n" } },
    NULL,
    "ubuntu|12.04|precise|Ubuntu 12.04.5 LTS|/etc/lsb-release" },
  { { { "etc/lsb-release", "LSB_VERSION=base-4.0-amd64\n" },
      { "etc/debian_version", "6.0.10\n" } },
    NULL,
    "debian|6|-|Debian GNU/Linux 6.0.10|/etc/debian_version" },
  { { { "etc/debian_version", "trixie/sid\n" } },
    NULL,
    "debian|-|trixie|Debian GNU/Linux trixie/sid|/etc/debian_version" },
  { { { "etc/arch-release", "" } },
    NULL,
    "arch|-|-|Arch Linux|/etc/arch-release" },
  { { { "etc/redhat-release", "\n" } }, NULL, NULL },
  { { { "etc/slackware-version", "Slackware 14.1\n" } },
    NULL,
    "slackware|14.1|-|Slackware 14.1|/etc/slackware-version" },
  { { { "etc/redhat-release", "Red Hat Linux release 9 (Shrike)\n" } },
    NULL,
    "redhat|9|Shrike|Red Hat Linux release 9 (Shrike)|/etc/redhat-release" },
  { { { "etc/foo-release", "Foo Linux release 2.1 (Bar)\n" } },
    NULL,
    "foo|2.1|Bar|Foo Linux release 2.1 (Bar)|/etc/foo-release" },
  { { { "etc/product_version", "4.2.0\n" }, { "etc/ec2_version", "Linux 1" } },
    NULL,
    NULL },
  { { { "etc/issue", "\nUbuntu 6.06.2 LTS \\n \\l\n" } },
    NULL,
    "ubuntu|6.06.2|-|Ubuntu 6.06.2 LTS|/etc/issue" },
  { { { "etc/issue", "Authorised users only\n" } }, NULL, NULL },
};

static struct dc_memory_file files[8] = { FOLDER (""), FOLDER ("etc"),
                                          FOLDER ("usr"), FOLDER ("usr/lib") };

static void
make_guest (size_t n, struct dc_tree **tree)
{
  struct dc_error err;
  size_t count = 4;

  for (size_t i = 0; i < 3 && guests[n].files[i].path != NULL; i++)
    files[count++] = (struct dc_memory_file){ .path = guests[n].files[i].path,
                                              .mode = S_IFREG | 0644,
                                              .data = guests[n].files[i].data };
  if (guests[n].link != NULL)
    files[count++] = (struct dc_memory_file){ .path = "etc/os-release",
                                              .mode = S_IFLNK | 0777,
                                              .data = guests[n].link };
  ck_assert_ok (dc_tree_memory (files, count, tree, &err));
}

static const char *
or_dash (const char *text)
{
  return text != NULL ? text : "-";
}

START_TEST (test_load)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_osrel) *osrel = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);

  make_guest ((size_t) _i, &tree);
  const int found = dc_osrel_load (tree, &osrel, &err);
  ck_assert_msg (found >= 0, "%s", err.text);
  ck_assert_int_eq (found, guests[_i].expected != NULL);
  if (found == 0)
    return;
  ck_assert_ok (
      dc_buffer_print (&b, &err, "%s|%s|%s|%s|%s", or_dash (osrel->id),
                       or_dash (osrel->version_id), or_dash (osrel->codename),
                       or_dash (osrel->pretty_name), or_dash (osrel->file)));
  ck_assert_str_eq (dc_buffer_text (&b), guests[_i].expected);
}
END_TEST

/* What else there is to know: ID|FAMILY|RELEASE|CODENAME|FILE OF RELEASE. */
static const struct {
  const char *osrelease, *file, *text, *expected;
} details[] = {
  { "ID=debian\nVERSION_ID=12\n", "etc/debian_version", "12.5\n",
    "debian|debian|12.5|-|/etc/debian_version" },
  { "ID=debian\nVERSION_ID=12\n", "etc/debian_version", "13.1\n",
    "debian|debian|12|-|/etc/os-release" },
  { "ID=debian\n", "etc/debian_version", "trixie/sid\n",
    "debian|debian|trixie/sid|trixie|/etc/debian_version" },
  { "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=14.04\nVERSION=\"14.04.3 LTS\"\n",
    "etc/debian_version", "jessie/sid\n",
    "ubuntu|debian|14.04.3|-|/etc/os-release" },
  { "ID=centos\nVERSION_ID=7\n", "etc/centos-release",
    "CentOS Linux release 7.9.2009 (Core)\n",
    "centos|rhel|7.9.2009|Core|/etc/centos-release" },
  { "ID=manjaro\nID_LIKE=arch\n", "etc/lsb-release",
    "DISTRIB_ID=ManjaroLinux\nDISTRIB_RELEASE=15.12\n"
    "DISTRIB_CODENAME=Capella\n",
    "manjaro|arch|15.12|Capella|/etc/lsb-release" },
  { "ID=newone\nID_LIKE=\"other rocky\"\nVERSION_ID=1\n", "etc/x", "",
    "newone|rhel|1|-|/etc/os-release" },
  { "ID=newone\nVERSION_ID=\n", "etc/x", "", "newone|-|-|-|-" },
};

START_TEST (test_details)
{
  const struct dc_memory_file all[] = {
    FOLDER (""),
    FOLDER ("etc"),
    { .path = "etc/os-release",
      .mode = S_IFREG | 0644,
      .data = details[_i].osrelease },
    { .path = details[_i].file,
      .mode = S_IFREG | 0644,
      .data = details[_i].text },
  };
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);
  struct dc_osrel *osrel = NULL;

  ck_assert_ok (dc_tree_memory (all, DC_COUNT (all), &tree, &err));
  ck_assert_int_eq (dc_osrel_load (tree, &osrel, &err), 1);
  ck_assert_ok (dc_buffer_print (
      &b, &err, "%s|%s|%s|%s|%s", or_dash (osrel->id), or_dash (osrel->family),
      or_dash (osrel->release), or_dash (osrel->codename),
      or_dash (osrel->release_file)));
  ck_assert_str_eq (dc_buffer_text (&b), details[_i].expected);
  dc_osrel_free (DC_TAKE (osrel));
  OOM_LOOP (status, dc_osrel_load (tree, &osrel, &err))
  {
    ck_assert_int_eq (status < 0, oom_has_failed ());
    dc_osrel_free (DC_TAKE (osrel));
  }
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_osrel *osrel = NULL;

  make_guest ((size_t) _i, &tree);
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
  tcase_add_loop_test (tcase, test_parse, 0, (int) DC_COUNT (texts));
  tcase_add_test (tcase, test_limit);
  tcase_add_loop_test (tcase, test_load, 0, (int) DC_COUNT (guests));
  tcase_add_loop_test (tcase, test_details, 0, (int) DC_COUNT (details));
  tcase_add_loop_test (tcase, test_no_memory, 0, (int) DC_COUNT (guests));
}

int
main (void)
{
  return unit_run ("osrel", add);
}
