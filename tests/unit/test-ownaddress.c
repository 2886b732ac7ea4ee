/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "transform/ownaddress.h"
#include "transform/plan/planidentity.h"

static char address[] = "10.1.2.3/24", loopback[] = "127.0.0.1/8";
static char *addresses[] = { address, loopback, NULL };
static struct dc_netif interfaces[] = { { .addresses = { addresses, 2 } } };

/* A guest with one file, and what is asked of it. */
struct guest {
  struct dc_tree *tree;
  struct dc_packages packages;
  struct dc_profile profile;
  struct dc_selection *selection;
  uint32_t owners[8];
};

static void
load (struct guest *guest, const char *text)
{
  static struct dc_memory_file files[] = {
    /* the tree borrows them */
    { .path = "", .mode = S_IFDIR | 0755 },
    { .path = "etc", .mode = S_IFDIR | 0755 },
    { .path = "etc/app.conf", .mode = S_IFREG | 0644 },
    { .path = "etc/hosts", .mode = S_IFREG | 0644, .data = "10.1.2.3 x\n" },
  };
  static char hostname[] = "web-1";
  struct dc_error err;

  files[2].data = text;
  *guest = (struct guest){ .profile = { .hostname = hostname,
                                        .network = { .interfaces = interfaces,
                                                     .interface_count = 1 } } };
  memset (guest->owners, 0xff, sizeof guest->owners); /* DC_TREE_NONE */
  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &guest->tree, &err));
  ck_assert_ok (dc_select (guest->tree, &guest->packages, guest->owners,
                           &guest->selection, &err));
}

static void
release (struct guest *guest)
{
  dc_selection_free (guest->selection);
  dc_tree_free (guest->tree);
}

static int
look (struct guest *guest, struct dc_words *findings, struct dc_error *err)
{
  return dc_ownaddress_find (guest->tree, &guest->profile, guest->owners,
                             guest->selection, findings, err);
}

static const struct {
  const char *line, *words; /* "": nothing is found */
} cases[] = {
  { "Listen 10.1.2.3:80", "write 0.0.0.0 there" },
  { "bind-address=10.1.2.3", "write 0.0.0.0 there" },
  { "url: http://10.1.2.3/x", "names 10.1.2.3, an address" },
  { "me = web-1.", "names web-1, the name" },
  { "# listen 10.1.2.3", "" },
  { "listen 10.1.2.30", "" },
  { "listen 210.1.2.3", "" },
  { "listen 10.1.2.3.4", "" },
  { "listen 127.0.0.1", "" },
  { "my-web-1", "" },
};

START_TEST (test_finds)
{
  struct dc_error err;
  struct guest guest;
  AUTO_WORDS struct dc_words findings = { NULL, 0 };

  load (&guest, cases[_i].line);
  ck_assert_ok (look (&guest, &findings, &err));
  ck_assert_uint_eq (findings.count, cases[_i].words[0] != '\0');
  if (findings.count > 0)
    ck_assert_msg (unit_contains (findings.items[0], cases[_i].words) &&
                       strncmp (findings.items[0], "/etc/app.conf:1: ", 17) ==
                           0,
                   "%s", findings.items[0]);
  release (&guest);
}
END_TEST

START_TEST (test_is_bounded)
{
  struct dc_error err;
  struct guest guest;
  AUTO_WORDS struct dc_words findings = { NULL, 0 };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_OWNADDRESS_SIZE_MAX);

  while (b.size + 16 < DC_OWNADDRESS_SIZE_MAX)
    ck_assert_ok (dc_buffer_print (&b, &err, "10.1.2.3\n"));
  load (&guest, dc_buffer_text (&b));
  ck_assert_ok (look (&guest, &findings, &err));
  ck_assert_uint_eq (findings.count, DC_OWNADDRESS_FINDING_MAX);
  release (&guest);
}
END_TEST

START_TEST (test_without_memory)
{
  struct dc_error err;
  struct guest guest;
  struct dc_words findings = { NULL, 0 };

  load (&guest, "listen 10.1.2.3\nname web-1\n");
  OOM_LOOP (status, look (&guest, &findings, &err))
  {
    ck_assert (status == 0 ? findings.count == 2 : err.code == DC_ERR_SYSTEM);
    dc_words_release (&findings);
  }
  release (&guest);
}
END_TEST

/* What a hosts file says that no hosts file may say stays behind. */
START_TEST (test_identity)
{
  static char one[] = "10.0.0.1", two[] = "10.0.0.2;x", three[] = "::5";
  static char db[] = "db", bad[] = "a\nb", own[] = "web-1.example",
              cache[] = "c";
  static char *first[] = { own, db, bad, NULL }, *third[] = { cache, NULL };
  static char zone[] = "Europe/Berlin";
  static struct dc_nethost hosts[] = {
    { .address = one, .names = { first, 3 } },
    { .address = two, .names = { third, 1 } },
    { .address = three, .names = { third, 1 } },
  };
  struct dc_error err;
  struct guest guest;

  load (&guest, "x");
  guest.profile.network.hosts = hosts;
  guest.profile.network.host_count = DC_COUNT (hosts);
  guest.profile.identity.time_zone = zone;
  struct dc_plan *plan = calloc (1, sizeof *plan);
  ck_assert_ptr_nonnull (plan);
  OOM_LOOP (status,
            dc_plan_identity_make (&guest.profile, &plan->identity, &err))
  {
    if (status < 0) {
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
      dc_plan_free (plan);
      plan = calloc (1, sizeof *plan);
      ck_assert_ptr_nonnull (plan);
      continue;
    }
    ck_assert_str_eq (plan->identity.hostname, "web-1");
    ck_assert_str_eq (plan->identity.timezone, "Europe/Berlin");
    ck_assert_uint_eq (plan->identity.hosts.count, 2);
    ck_assert_str_eq (plan->identity.hosts.items[0], "10.0.0.1 db");
    ck_assert_str_eq (plan->identity.hosts.items[1], "::5 c");
  }
  dc_plan_free (plan);
  release (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_finds, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_is_bounded);
  tcase_add_test (tcase, test_without_memory);
  tcase_add_test (tcase, test_identity);
}

int
main (void)
{
  return unit_run ("ownaddress", add);
}
