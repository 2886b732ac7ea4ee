/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "transform/select.h"
#include "transform/split.h"

#define FOLDER (S_IFDIR | 0755)
#define FILE_ (S_IFREG | 0644)

static const struct dc_memory_file files[] = {
  { "boot", FOLDER },
  { "boot/vmlinuz-6", FILE_, "k" },
  { "boot/grub", FOLDER },
  { "boot/grub/grub.cfg", FILE_, "g" },
  { "etc", FOLDER },
  { "etc/machine-id", FILE_, "m" },
  { "etc/app.conf", FILE_, "c" },
  { "etc/app.conf~", FILE_, "c" },
  { "etc/x", FOLDER },
  { "etc/x/y", FOLDER },
  { "etc/x/y/z.bak", FILE_, "c" },
  { "etc/x/z", FILE_, "c" },
  { "etc/ssh", FOLDER },
  { "etc/ssh/ssh_host_rsa_key", FILE_, "s" },
  { "etc/ssh/sshd_config", FILE_, "s" },
  { "home", FOLDER },
  { "home/me", FOLDER },
  { "home/me/.bash_history", FILE_, "h" },
  { "home/me/file", FILE_, "f" },
  { "usr", FOLDER },
  { "usr/bin", FOLDER },
  { "usr/bin/bash", FILE_, "b" },
  { "usr/bin/nginx", FILE_, "n" },
  { "usr/share", FOLDER },
  { "usr/share/kernel-image.txt", FILE_, "k" },
  { "var", FOLDER },
  { "var/log", FOLDER },
  { "var/log/nginx", FOLDER },
  { "var/log/nginx/access.log", FILE_, "l" },
  { "var/log/syslog", FILE_, "l" },
  { "var/tmp", FOLDER },
  { "var/tmp/x", FOLDER },
  { "var/tmp/x/y", FILE_, "t" },
};

static char bash[] = "bash", nginx[] = "nginx", kernel[] = "linux-image-6.1";
static struct dc_package items[] = {
  { .name = bash, .is_distribution = true },
  { .name = kernel },
  { .name = nginx },
};
static const struct dc_packages packages = { .items = items, .count = 3 };

static const struct {
  const char *path;
  bool is_kept;
  enum dc_layer layer;
} expected[] = {
  { "boot", true, DC_LAYER_SYSTEM },
  { "boot/vmlinuz-6", false, DC_LAYER_NONE },
  { "boot/grub/grub.cfg", false, DC_LAYER_NONE },
  { "etc", true, DC_LAYER_SYSTEM },
  { "etc/machine-id", false, DC_LAYER_NONE },
  { "etc/app.conf", true, DC_LAYER_SYSTEM },
  { "etc/app.conf~", false, DC_LAYER_NONE },
  { "etc/x/y", true, DC_LAYER_SYSTEM },
  { "etc/x/y/z.bak", false, DC_LAYER_NONE },
  { "etc/x/z", true, DC_LAYER_SYSTEM },
  { "etc/ssh/ssh_host_rsa_key", false, DC_LAYER_NONE },
  { "etc/ssh/sshd_config", true, DC_LAYER_SYSTEM },
  { "home/me/.bash_history", false, DC_LAYER_NONE },
  { "home/me/file", true, DC_LAYER_SYSTEM },
  { "", true, DC_LAYER_DISTRIBUTION },
  { "usr", true, DC_LAYER_DISTRIBUTION },
  { "usr/bin/bash", true, DC_LAYER_DISTRIBUTION },
  { "usr/bin/nginx", true, DC_LAYER_PACKAGES },
  { "usr/share", true, DC_LAYER_SYSTEM },
  { "usr/share/kernel-image.txt", false, DC_LAYER_NONE },
  { "var/log/nginx", true, DC_LAYER_SYSTEM },
  { "var/log/nginx/access.log", false, DC_LAYER_NONE },
  { "var/log/syslog", false, DC_LAYER_NONE },
  { "var/tmp", true, DC_LAYER_SYSTEM },
  { "var/tmp/x", false, DC_LAYER_NONE },
  { "var/tmp/x/y", false, DC_LAYER_NONE },
};

static struct dc_tree *tree;
static uint32_t *owners;

static void
setup (void)
{
  struct dc_error err;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  owners = calloc (tree->count, sizeof *owners);
  for (uint32_t i = 0; i < tree->count; i++)
    owners[i] = DC_TREE_NONE;
  owners[dc_tree_find (tree, "usr/bin/bash")] = 0;
  owners[dc_tree_find (tree, "usr/share/kernel-image.txt")] = 1;
  owners[dc_tree_find (tree, "usr/bin/nginx")] = 2;
}

static void
teardown (void)
{
  dc_tree_free (tree);
  free (owners);
}

START_TEST (test_what_is_kept_and_where_it_goes)
{
  struct dc_error err;
  DC_AUTO (dc_selection) *selection = NULL;
  AUTO_FREE uint8_t *layers = NULL;

  ck_assert_ok (dc_select (tree, &packages, owners, &selection, &err));
  ck_assert_ok (dc_split (tree, &packages, owners, selection, &layers, &err));
  for (size_t i = 0; i < DC_COUNT (expected); i++) {
    const uint32_t index = dc_tree_find (tree, expected[i].path);
    const char *reason = dc_selection_reason (selection, index);
    ck_assert_msg ((reason == NULL) == expected[i].is_kept, "%s: %s",
                   expected[i].path, reason != NULL ? reason : "kept");
    ck_assert_msg (layers[index] == expected[i].layer, "%s: layer %d",
                   expected[i].path, layers[index]);
  }
}
END_TEST

/* What a plan leaves out besides: "etc" is left out with all below it, "usr/bin"
 * stays and is emptied.
 */
static const struct {
  const char *path, *reason;
} left[] = {
  { "boot/vmlinuz-6", "the boot loader; a container is not booted" },
  { "etc", "not wanted" },
  { "etc/machine-id",
    "the machine's own identity, which must not exist twice" },
  { "etc/ssh", "not wanted" },
  { "etc/ssh/sshd_config", "not wanted" },
  { "home", "of people" },
  { "home/me/file", "of people" },
  { "usr/bin", NULL },
  { "usr/bin/bash", "not wanted" },
  { "usr/share", NULL },
  { "var/log/nginx", "not marked" },
};

START_TEST (test_what_a_plan_leaves_out)
{
  struct dc_error err;
  DC_AUTO (dc_selection) *selection = NULL;
  bool is_kept[64] = { false };

  ck_assert_ok (dc_select (tree, &packages, owners, &selection, &err));
  ck_assert_ok (dc_selection_leave (
      selection, tree, dc_tree_find (tree, "home"), "of people", &err));
  ck_assert_ok (
      dc_selection_leave_pattern (selection, tree, "/e*", "not wanted", &err));
  ck_assert_ok (dc_selection_leave_pattern (selection, tree, "usr/bin/**",
                                            "not wanted", &err));
  for (uint32_t i = 0; i < tree->count; i++)
    is_kept[i] = i < dc_tree_find (tree, "var");
  ck_assert_ok (dc_selection_keep (selection, is_kept, "not marked", &err));
  for (size_t i = 0; i < DC_COUNT (left); i++) {
    const char *reason =
        dc_selection_reason (selection, dc_tree_find (tree, left[i].path));
    ck_assert_msg ((reason == NULL) == (left[i].reason == NULL), "%s",
                   left[i].path);
    if (reason != NULL)
      ck_assert_str_eq (reason, left[i].reason);
  }
  ck_assert (dc_select_fits (tree, "/usr/*/bash"));
  ck_assert (dc_select_fits (tree, "/usr/bin/**"));
  ck_assert (!dc_select_fits (tree, "/usr/*/zsh"));
}
END_TEST

START_TEST (test_reasons_have_a_limit)
{
  struct dc_error err;
  DC_AUTO (dc_selection) *selection = NULL;
  char reasons[DC_SELECT_REASON_MAX][8];
  int status = 0;

  ck_assert_ok (dc_select (tree, &packages, owners, &selection, &err));
  for (unsigned i = 0; i < DC_SELECT_REASON_MAX && status == 0; i++) {
    (void) snprintf (reasons[i], sizeof reasons[i], "r%u", i);
    status =
        dc_selection_leave_pattern (selection, tree, "/x", reasons[i], &err);
  }
  ck_assert_int_eq (status, -1);
  ck_assert_int_eq (err.code, DC_ERR_LIMIT);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_selection *selection = NULL;
  int failures = 0;

  OOM_LOOP (status, dc_select (tree, &packages, owners, &selection, &err))
  {
    failures += status < 0;
    dc_selection_free (DC_TAKE (selection));
  }
  ck_assert_int_gt (failures, 100);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, test_what_is_kept_and_where_it_goes);
  tcase_add_test (tcase, test_what_a_plan_leaves_out);
  tcase_add_test (tcase, test_reasons_have_a_limit);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("select", add);
}
