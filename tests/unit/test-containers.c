/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/container/containers.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define DOCKER "var/lib/docker"
#define STORE "var/lib/containers/storage/overlay-containers"
#define QUADLETS "etc/containers/systemd"
#define HOME "home/bob"

static const struct dc_memory_file files[] = {
  FOLDERS,
  LINK (USR "/default.target", "multi-user.target"),
  FILE (USR "/multi-user.target",
        "[Unit]\nWants=docker.service\nDefaultDependencies=no\n"),
  FILE (USR "/docker.service", PLAIN),
  DIR (USR "-generators"),
  PROGRAM (USR "-generators/podman-system-generator", "x"),
  FILE ("etc/passwd", "root:x:0:0::/root:/bin/sh\n"
                      "bob:x:1000:1000::/home/bob:/bin/sh\n"
                      "eve:x:1001:1001::/home/eve:/bin/sh\n"),
  DIR ("var"),
  DIR ("var/lib"),
  DIR (DOCKER),
  DIR (DOCKER "/containers"),
  DIR (DOCKER "/containers/a"),
  FILE (DOCKER "/containers/a/config.v2.json",
        "{\"Name\":\"/web\",\"Config\":{\"Image\":\"nginx:1.25\"}}"),
  FILE (
      DOCKER "/containers/a/hostconfig.json",
      "{\"RestartPolicy\":{\"Name\":\"always\"},\"PortBindings\":{\"80/tcp\":["
      "{\"HostIp\":\"\",\"HostPort\":\"8080\"},{\"HostIp\":\"127.0.0.1\","
      "\"HostPort\":\"81\"}]}}"),
  DIR (DOCKER "/containers/b"),
  FILE (DOCKER "/containers/b/config.v2.json",
        "{\"Name\":\"/stopped\",\"HasBeenManuallyStopped\":true,"
        "\"Config\":{\"Image\":\"x\"}}"),
  FILE (DOCKER "/containers/b/hostconfig.json",
        "{\"RestartPolicy\":{\"Name\":\"unless-stopped\"}}"),
  DIR (DOCKER "/containers/c"),
  FILE (DOCKER "/containers/c/config.v2.json", "{\"Name\":\"/alone\"}"),
  DIR (DOCKER "/containers/d"),
  FILE (DOCKER "/containers/d/config.v2.json", "{\"Name\":"),
  DIR (DOCKER "/containers/e"),
  DIR ("var/lib/containers"),
  DIR ("var/lib/containers/storage"),
  DIR (STORE),
  FILE (STORE "/containers.json",
        "[{\"id\":\"1\",\"names\":[\"db\"],\"metadata\":"
        "\"{\\\"image-name\\\":\\\"docker.io/library/redis:7\\\"}\"},{}]"),
  DIR ("etc/containers"),
  DIR (QUADLETS),
  FILE (QUADLETS "/app.container",
        "[Container]\nContainerName=app\nImage=quay.io/a:1\n"
        "PublishPort=127.0.0.1:80:80\n[Service]\nRestart=always\n"
        "[Install]\nWantedBy=multi-user.target\n"),
  FILE (QUADLETS "/idle.container", "[Container]\nImage=b\n"),
  FILE (QUADLETS "/bad.container", "[Container\n"),
  DIR ("var/lib/systemd"),
  DIR ("var/lib/systemd/linger"),
  FILE ("var/lib/systemd/linger/bob", ""),
  DIR ("home"),
  DIR (HOME),
  DIR (HOME "/.config"),
  DIR (HOME "/.config/containers"),
  DIR (HOME "/.config/containers/systemd"),
  FILE (HOME "/.config/containers/systemd/mine.container",
        "[Container]\nImage=c\n[Install]\nWantedBy=default.target\n"),
};

static int
read_all (struct dc_tree *tree, struct dc_profile *profile,
          struct dc_error *err)
{
  return dc_users_load (tree, &profile->users, err) < 0 ||
                 dc_units_load (tree, &profile->units, err) < 0 ||
                 dc_containers_read (tree, profile, err) < 0
             ? -1
             : 0;
}

static void
forget (struct dc_profile *profile)
{
  dc_containers_forget (profile);
  dc_users_free (profile->users);
  dc_units_free (profile->units);
  dc_findings_release (profile);
  *profile = (struct dc_profile){ .guest = NULL };
}

/* "ENGINE NAME IMAGE RESTART USER START PORTS" */
START_TEST (test_containers)
{
  struct dc_error err;
  struct dc_profile profile = { .guest = NULL };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (read_all (tree, &profile, &err));
  for (size_t i = 0; i < profile.container_count; i++) {
    const struct dc_container *c = &profile.containers[i];
    ck_assert_ok (dc_buffer_print (
        &b, &err, "%d %s %s %s %s %d %s:%u", (int) c->engine,
        c->name != NULL ? c->name : "-", c->image != NULL ? c->image : "-",
        c->restart != NULL ? c->restart : "-", c->user, (int) c->start,
        strrchr (c->evidence.file, '/') + 1, c->evidence.line));
    for (size_t k = 0; k < c->ports.count; k++)
      ck_assert_ok (dc_buffer_print (&b, &err, " %s", c->ports.items[k]));
    ck_assert_ok (dc_buffer_print (&b, &err, "\n"));
  }
  ck_assert_str_eq (
      dc_buffer_text (&b),
      "0 web nginx:1.25 always root 1 config.v2.json:0 127.0.0.1:81:80/tcp "
      "8080:80/tcp\n"
      "0 stopped x unless-stopped root 0 config.v2.json:0\n"
      "0 alone - - root 2 config.v2.json:0\n"
      "1 db docker.io/library/redis:7 - root 2 containers.json:0\n"
      "1 - - - root 2 containers.json:0\n"
      "2 app quay.io/a:1 always root 1 app.container:3 127.0.0.1:80:80\n"
      "2 systemd-idle b - root 0 idle.container:2\n"
      "2 systemd-mine c - bob 1 mine.container:2\n");
  ck_assert_uint_eq (profile.finding_count, 2);
  ck_assert_str_eq (profile.findings[0].evidence.file,
                    "/" DOCKER "/containers/d/config.v2.json");
  ck_assert_str_eq (profile.findings[1].evidence.file,
                    "/" QUADLETS "/bad.container");
  forget (&profile);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_profile profile = { .guest = NULL };
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  OOM_LOOP (status, read_all (tree, &profile, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    forget (&profile);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_containers);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("containers", add);
}
