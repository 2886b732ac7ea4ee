/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "templates/templates.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define DATED(p, t, m)                                                         \
  {                                                                            \
    .path = p, .mode = 0100644, .data = t, .mtime = m                          \
  }

static char dump[1024 * 1024 + 1];

static struct dc_memory_file files[] = {
  FOLDERS,
  FILE (USR "/default.target",
        "[Unit]\nWants=redis-server.service x.service\n"),
  FILE (USR "/redis-server.service",
        "[Service]\nExecStart=/usr/bin/redis-server\n"),
  FILE (USR "/x.service", "[Service]\nStateDirectory=x/y empty:link\n"
                          "ExecStart=/bin/x\n"),
  DIR ("srv"),
  { .path = "srv/all.sql", .mode = 0100600, .data = dump },
  DIR ("var"),
  DIR ("var/lib"),
  DIR ("var/lib/docker"),
  DIR ("var/lib/docker/overlay2"),
  DATED ("var/lib/docker/overlay2/layer", "12345", 20),
  DATED ("var/lib/docker/repositories.json", "{}", 10),
  DIR ("var/lib/redis"),
  DATED ("var/lib/redis/dump.rdb", "REDIS", 30),
  DIR ("var/lib/x"),
  DIR ("var/lib/x/y"),
  DATED ("var/lib/x/y/state", "abc", 5),
};

/* Lines "PATH KIND SIZE FILES NEWEST SERVICE", and the folders of the root. */
static int
print (struct dc_buffer *b, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;
  DC_AUTO (dc_profile) *profile = NULL;

  memset (dump, 'x', sizeof dump - 1);
  dc_buffer_clear (b);
  if (dc_tree_memory (files, DC_COUNT (files), &tree, err) < 0 ||
      dc_guest_new ("memory", &guest, err) < 0 ||
      dc_profile_make (tree, guest, NULL, &dc_report_silent, &profile, err) < 0)
    return -1;
  guest = NULL;
  for (size_t i = 0; i < profile->storage.count; i++) {
    const struct dc_storage_item *s = &profile->storage.items[i];
    if (dc_buffer_print (b, err, "%s %s %llu %llu %lld %s\n", s->path, s->kind,
                         (unsigned long long) s->size,
                         (unsigned long long) s->files, (long long) s->newest,
                         s->service != NULL ? s->service : "-") < 0)
      return -1;
  }
  for (size_t i = 0; i < profile->storage.top_count; i++)
    if (strcmp (profile->storage.top[i].path, "/usr") != 0 &&
        dc_buffer_print (b, err, "%s %llu\n", profile->storage.top[i].path,
                         (unsigned long long) profile->storage.top[i].size) < 0)
      return -1;
  return profile->storage.knows_sparse; /* memory does not */
}

static const char expected[] =
    "/srv/all.sql database dump 1048576 1 0 -\n"
    "/var/lib/docker container storage 7 2 20 -\n"
    "/var/lib/redis data 5 1 30 redis-server.service\n"
    "/var/lib/x/y data 3 1 5 x.service\n"
    "/srv 1048576\n"
    "/var 15\n";

START_TEST (test_places)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  ck_assert_ok (print (&b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  int failures = 0;

  OOM_LOOP (status, print (&b, &err))
  failures += status < 0;
  ck_assert_int_gt (failures, 100);
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}
END_TEST

static const struct {
  const char *type, *mountpoint, *becomes;
} mounts[] = {
  { "ext4", "/", "image" },
  { "xfs", "/srv/data", "volume" },
  { "ext4", "/var", "image" },
  { "ext4", "/var/lib/mysql", "volume" },
  { "nfs4", "/home", "volume over the network" },
  { "tmpfs", "/tmp", "tmpfs" },
  { "swap", "none", "nothing" },
  { "vfat", "/boot/efi", "nothing" },
  { "proc", "/proc", "runtime" },
  { "gfs2", "/shared", "not possible" },
  { "fuse.mergerfs", "/pool", "volume" },
  { "none", "/srv/chroot/etc", "volume" },
  { "mystery", "/x", NULL },
};

START_TEST (test_mount)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_storage_template) *template = NULL;

  ck_assert_ok (dc_storage_template_load (&template, &err));
  const struct dc_storage_mount_rule *rule =
      dc_storage_mount_rule (template, mounts[_i].type, mounts[_i].mountpoint);
  ck_assert_pstr_eq (rule != NULL ? rule->becomes : NULL, mounts[_i].becomes);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_places);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_loop_test (tcase, test_mount, 0, DC_COUNT (mounts));
}

int
main (void)
{
  return unit_run ("storage", add);
}
