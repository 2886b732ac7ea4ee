/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"
#include "transform/plan.h"
#include "transform/plan/planmade.h"

#define STARTED(name)                                                          \
  LINK (USR "/multi-user.target.wants/" name ".service", "../" name ".servic"  \
                                                         "e")
#define UNIT(name, text) FILE (USR "/" name ".service", "[Service]\n" text)

static const struct dc_memory_file files[] = {
  FOLDERS,
  MULTI,
  FILE ("etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:33:34::/:/bin/sh\n"),
  FILE ("etc/group", "root:x:0:\nweb:x:34:\nlog:x:50:web\n"),
  FILE ("etc/front.env", "FROM=file\nWORDS=a b\n"),
  DIR ("usr/sbin"),
  PROGRAM ("usr/sbin/front", "x"),
  PROGRAM ("usr/sbin/back", "x"),
  PROGRAM ("usr/sbin/other", "x"),
  STARTED ("front"),
  STARTED ("back"),
  STARTED ("back@one"),
  STARTED ("store"),
  STARTED ("lone"),
  UNIT ("front", "Type=forking\n"
                 "ExecStartPre=/usr/sbin/front -t\n"
                 "ExecStart=/usr/sbin/front -c $FROM $WORDS %p\n"
                 "Environment=A=b\n"
                 "EnvironmentFile=/etc/front.env\n"
                 "KillSignal=SIGINT\n"
                 "TimeoutStopSec=7\n"),
  UNIT ("back", "ExecStart=/usr/sbin/back\n"
                "User=web\nRuntimeDirectory=back\nWorkingDirectory=/etc\n"),
  UNIT ("back@one", "ExecStart=/usr/sbin/back\n"
                    "AmbientCapabilities=CAP_SYS_NICE CAP_NET_BIND_SERVICE\n"),
  UNIT ("store", "ExecStartPre=/usr/sbin/other\nExecStart=/usr/sbin/back\n"),
  UNIT ("lone", "Type=forking\nExecStart=/usr/sbin/other\n"),
  DIR (USR "/x"),
};

static char front[] = "front.service", back[] = "back.service",
            instance[] = "back@one.service", store[] = "store.service",
            host[] = "127.0.0.1", conf[] = "/etc/front.conf",
            socket_path[] = "/run/back/it.sock";

static struct dc_coupling edges[] = {
  { .kind = DC_COUPLING_PORT,
    .from = front,
    .to = store,
    .host = host,
    .port = 6379,
    .from_evidence = { conf, 3 } },
  { .kind = DC_COUPLING_SOCKET,
    .from = front,
    .to = back,
    .path = socket_path,
    .from_evidence = { conf, 4 } },
  { .kind = DC_COUPLING_OUTBOUND,
    .from = store,
    .host = host,
    .port = 5432,
    .from_evidence = { conf, 7 } },
  { .kind = DC_COUPLING_REQUIRES, .from = instance, .to = back },
};

static char *front_units[] = { front, NULL };
static char foreground[] = "-d 'stay here'", quit[] = "SIGQUIT";
static struct dc_app front_app = { .kind = DC_APP_WEB,
                                   .foreground = foreground,
                                   .stop_signal = quit };
static struct dc_application applications[] = {
  { .app = &front_app, .services = { front_units, 1 } },
};

static struct dc_tree *tree;
static struct dc_profile profile;

static void
setup (void)
{
  struct dc_error err;

  profile = (struct dc_profile){
    .couplings = { edges, DC_COUNT (edges) },
    .applications = { applications, DC_COUNT (applications) },
  };
  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (dc_units_load (tree, &profile.units, &err));
  ck_assert_ok (dc_users_load (tree, &profile.users, &err));
}

static void
teardown (void)
{
  dc_units_free (profile.units);
  dc_users_free (profile.users);
  dc_tree_free (tree);
}

/* The images of PLAN as "NAME: UNIT UNIT; ..." */
static void
check_images (const struct dc_plan *plan, const char *expected)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (4096);

  for (size_t i = 0; i < plan->images.count; i++) {
    const struct dc_plan_image *image = dc_plan_image (plan, i);
    const struct dc_plan_service *services = image->services.items;
    ck_assert_ok (
        dc_buffer_print (&text, &err, "%s%s:", i > 0 ? "; " : "", image->name));
    for (size_t j = 0; j < image->services.count; j++)
      ck_assert_ok (dc_buffer_print (&text, &err, " %s", services[j].unit));
  }
  ck_assert_str_eq (dc_buffer_text (&text), expected);
}

START_TEST (test_what_belongs_together)
{
  struct dc_error err;
  const struct dc_plan_options options = { .grouping = DC_PLAN_GROUPS,
                                           .name = "x" };
  DC_AUTO (dc_plan) *plan = NULL;

  ck_assert_ok (dc_plan_make (tree, &profile, &options, &plan, &err));
  check_images (plan, "x-back: back.service back@one.service; "
                      "x-front: front.service; x-lone: lone.service; "
                      "x-store: store.service");
  ck_assert_uint_eq (plan->pods.count, 1);
  const struct dc_plan_pod *pod = plan->pods.items;
  ck_assert_str_eq (pod->name, "pod-x-back");
  ck_assert_uint_eq (pod->members.count, 3);
  ck_assert_str_eq (pod->members.items[2], "x-store");
  ck_assert_uint_eq (pod->reasons.count, 2);
  ck_assert_str_eq (pod->reasons.items[0],
                    "front.service connects to 127.0.0.1:6379 of "
                    "store.service (/etc/front.conf:3)");
  for (size_t i = 0; i < 2; i++) { /* both sides of the socket */
    const struct dc_plan_image *image = dc_plan_image (plan, i);
    const struct dc_plan_volume *volume = image->volumes.items;
    ck_assert_uint_eq (image->volumes.count, 1);
    ck_assert_str_eq (volume->path, "/run/back");
    ck_assert_str_eq (volume->name, "run-back");
    ck_assert_int_eq (volume->data, DC_PLAN_DATA_EMPTY);
  }
}
END_TEST

START_TEST (test_what_is_chosen)
{
  struct dc_error err;
  AUTO_WORDS struct dc_words units = { NULL, 0 };
  const struct dc_plan_options options = { .units = &units };
  DC_AUTO (dc_plan) *plan = NULL;

  ck_assert_ok (dc_words_add (&units, "back@one", &err));
  ck_assert_ok (dc_plan_make (tree, &profile, &options, &plan, &err));
  check_images (plan, "latest: back.service back@one.service");
  const struct dc_plan_left *left = plan->services_left.items;
  ck_assert_uint_eq (plan->services_left.count, 1);
  ck_assert_str_eq (left->reason, "not chosen");
  ck_assert_uint_eq (left->names.count, 3);

  DC_AUTO (dc_plan) *none = NULL;
  ck_assert_ok (dc_words_add (&units, "nothing", &err));
  ck_assert_fails (dc_plan_make (tree, &profile, &options, &none, &err),
                   DC_ERR_NOTFOUND, "the guest has no service 'nothing'");
}
END_TEST

/* UNIT as process 1: the plan, or NULL and ERR. */
static struct dc_plan *
plan_service (char *unit, struct dc_error *err)
{
  char *items[] = { unit, NULL };
  const struct dc_words units = { items, 1 };
  const struct dc_plan_options options = { .units = &units,
                                           .init = DC_PLAN_INIT_SERVICE };
  struct dc_plan *plan = NULL;

  return dc_plan_make (tree, &profile, &options, &plan, err) == 0 ? plan : NULL;
}

START_TEST (test_a_daemon_as_process_1)
{
  struct dc_error err;
  static const char *const command[] = {
    "/usr/sbin/front", "-c", "file", "a", "b", "front", "-d", "stay here",
  };
  DC_AUTO (dc_plan) *plan = plan_service (front, &err);

  ck_assert_msg (plan != NULL, "%s", err.text);
  const struct dc_plan_image *image = dc_plan_image (plan, 0);
  ck_assert_uint_eq (image->command.count, DC_COUNT (command));
  for (size_t i = 0; i < DC_COUNT (command); i++)
    ck_assert_str_eq (image->command.items[i], command[i]);
  ck_assert_str_eq (image->stop_signal, "SIGQUIT"); /* what we know of it */
  ck_assert_int_eq (image->stop_timeout_s, 7);
  ck_assert_uint_eq (image->environment.count, 3);
  ck_assert_ptr_null (image->user);
}
END_TEST

START_TEST (test_a_user_and_its_folders)
{
  struct dc_error err;
  DC_AUTO (dc_plan) *plan = plan_service (back, &err);

  ck_assert_msg (plan != NULL, "%s", err.text);
  const struct dc_plan_image *image = dc_plan_image (plan, 0);
  ck_assert_str_eq (image->user, "33"); /* the runtime finds group log */
  ck_assert_str_eq (image->folder, "/etc");
  struct dc_plan_mades made = { .items = NULL };
  ck_assert_ok (dc_plan_service_made (tree, &profile, image, &made, &err));
  size_t i = 0;
  while (i < made.count && strcmp (made.items[i].path, "/run/back") != 0)
    i++;
  ck_assert_uint_lt (i, made.count);
  ck_assert_uint_eq (made.items[i].mode, S_IFDIR | 0755);
  ck_assert_uint_eq (made.items[i].uid, 33);
  ck_assert_uint_eq (made.items[i].gid, 34);
  dc_plan_mades_release (&made);
}
END_TEST

static const struct {
  char *unit;
  const char *words;
} refused[] = {
  { store, "'store.service' cannot be process 1 itself: it has commands that "
           "must run before or after its start" },
  { (char[]){ "lone" }, "it goes into the background, and what keeps it in the "
                        "foreground is not known" },
  { instance, "has 2 services, and only one can be process 1" },
};

START_TEST (test_what_cannot_be_process_1)
{
  struct dc_error err;

  ck_assert_ptr_null (plan_service (refused[_i].unit, &err));
  ck_assert_int_eq (err.code, DC_ERR_UNSUPPORTED);
  ck_assert_msg (unit_contains (err.text, refused[_i].words), "%s", err.text);
}
END_TEST

/* In a group that goes back to decant-init, and is said. */
START_TEST (test_a_group_falls_back)
{
  struct dc_error err;
  const struct dc_plan_options options = { .grouping = DC_PLAN_GROUPS,
                                           .init = DC_PLAN_INIT_SERVICE };
  DC_AUTO (dc_plan) *plan = NULL;

  ck_assert_ok (dc_plan_make (tree, &profile, &options, &plan, &err));
  const struct dc_plan_image *one = dc_plan_image (plan, 1);
  const struct dc_plan_image *last = dc_plan_image (plan, 3);
  ck_assert_int_eq (one->init, DC_PLAN_INIT_SERVICE);
  ck_assert_int_eq (last->init, DC_PLAN_INIT_DECANT);
  ck_assert (unit_contains (last->reason, "before or after its start"));
  ck_assert_uint_eq (last->command.count, 0);
}
END_TEST

/* What the machine was given, and who is needed elsewhere. */
START_TEST (test_resources_and_neighbours)
{
  struct dc_error err;
  const struct dc_plan_options defaults = { .name = NULL };
  struct dc_guest guest = {
    .machine = json_pack ("{s:I, s:i}", "memory_bytes", (json_int_t) 4294967296,
                          "cpus", 2),
  };
  DC_AUTO (dc_plan) *plan = NULL;
  AUTO_BUFFER struct dc_buffer yaml = DC_BUFFER_INIT (DC_PLAN_SIZE_MAX);

  profile.guest = &guest;
  ck_assert_ok (dc_plan_make (tree, &profile, &defaults, &plan, &err));
  ck_assert_ok (dc_plan_write (plan, &profile, &yaml, &err));
  ck_assert (unit_contains (dc_buffer_text (&yaml),
                            "    resources:                              # "
                            "what the machine had\n"
                            "      memory_bytes: 4294967296              # "
                            "4.3 GB\n"
                            "      milli_cpus: 2000\n"));
  ck_assert (
      unit_contains (dc_buffer_text (&yaml),
                     "# store.service needs 127.0.0.1:5432, which is elsewhere "
                     "(/etc/front.conf:7)\n"));
  json_decref (guest.machine);
}
END_TEST

/* What its services ask for beyond what every container has, and what the
 * administrator has set that a container can have for itself.
 */
START_TEST (test_privileges)
{
  static char queue[] = "net.core.somaxconn", many[] = "5000",
              all[] = "vm.swappiness", ten[] = "10",
              redirect[] = "net.ipv4.conf.all.x",
              budget[] = "net.core.netdev_budget",
              own[] = "/etc/sysctl.d/x.conf",
              usual[] = "/usr/lib/sysctl.d/y.conf", odd[] = "a\nb",
              unix_queue[] = "net.unix.max_dgram_qlen";
  static struct dc_kernel_fact facts[] = {
    { .name = queue, .value = many, .evidence = { own, 1 } },
    { .name = all, .value = ten, .evidence = { own, 2 } },
    { .name = redirect, .value = ten, .evidence = { usual, 1 } },
    { .name = budget, .value = ten, .evidence = { own, 3 } },
    { .name = unix_queue, .value = odd, .evidence = { own, 4 } },
  };
  struct dc_error err;
  const struct dc_plan_options defaults = { .name = NULL };
  DC_AUTO (dc_plan) *plan = NULL;

  profile.kernel.parameters =
      (struct dc_kernel_facts){ facts, DC_COUNT (facts) };
  ck_assert_ok (dc_plan_make (tree, &profile, &defaults, &plan, &err));
  const struct dc_plan_image *image = plan->images.items;
  ck_assert_uint_eq (image->capabilities.count, 1);
  ck_assert_str_eq (image->capabilities.items[0], "CAP_SYS_NICE");
  ck_assert_uint_eq (image->sysctls.count, 1);
  ck_assert_str_eq (image->sysctls.items[0], "net.core.somaxconn=5000");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  const struct dc_plan_options options = { .grouping = DC_PLAN_GROUPS,
                                           .init = DC_PLAN_INIT_SERVICE };
  struct dc_plan *plan = NULL;
  int failures = 0;

  OOM_LOOP (status, dc_plan_make (tree, &profile, &options, &plan, &err))
  {
    failures += status < 0;
    dc_plan_free (DC_TAKE (plan));
  }
  ck_assert_int_gt (failures, 50);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, test_what_belongs_together);
  tcase_add_test (tcase, test_what_is_chosen);
  tcase_add_test (tcase, test_a_daemon_as_process_1);
  tcase_add_test (tcase, test_a_user_and_its_folders);
  tcase_add_loop_test (tcase, test_what_cannot_be_process_1, 0,
                       (int) DC_COUNT (refused));
  tcase_add_test (tcase, test_a_group_falls_back);
  tcase_add_test (tcase, test_resources_and_neighbours);
  tcase_add_test (tcase, test_privileges);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("planmake", add);
}
