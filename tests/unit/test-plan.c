/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/json.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"
#include "transform/plan/planrows.h"

/* A plan that says everything, as it is written. */
static const char full[] =
    "# A plan for 'decant image PLAN -o oci:FOLDER', made to be edited;\n"
    "# decant-plan(1) says what the keys mean.\n"
    "version: 1\n"
    "\n"
    "# What is converted: decant-analyze(1), SOURCE.\n"
    "source:\n"
    "  name: web.qcow2\n"
    "  add:\n"
    "    - data.raw\n"
    "  format: qcow2\n"
    "  root: /dev/sda2\n"
    "  connect: \"qemu:///system\"\n"
    "  allow_backing:\n"
    "    - /base/x.qcow2\n"
    "\n"
    "# Who the containers are.\n"
    "identity:\n"
    "  hostname: web1\n"
    "  timezone: Europe/Vienna\n"
    "  hosts:\n"
    "    - \"10.0.0.1 db\"\n"
    "  addresses:\n"
    "    - \"10.0.0.2\"\n"
    "\n"
    "# What becomes which image; the name is the tag.\n"
    "images:\n"
    "  - name: web\n"
    "    init: service                           # decant-init, service, "
    "systemd or none\n"
    "    reason: because\n"
    "    files: needed                           # system: all that is not "
    "left out; needed: what services need\n"
    "    services:\n"
    "      - unit: nginx.service\n"
    "        essential: true\n"
    "    command:\n"
    "      - /usr/sbin/nginx\n"
    "      - \"-g\"\n"
    "      - daemon off;\n"
    "    user: \"0:0\"\n"
    "    folder: /srv\n"
    "    stop_signal: SIGQUIT\n"
    "    stop_timeout_s: 5\n"
    "    environment:\n"
    "      - \"A=b \\\"c\\\"\\uEFFF\"\n"
    "    ports:\n"
    "      - {port: 80, service: nginx.service}\n"
    "      - {port: 443, protocol: udp}\n"
    "    volumes:\n"
    "      - path: \"/var/lib/\xc3\xbc\"\n"
    "        name: data\n"
    "        data: export\n"
    "        service: nginx.service\n"
    "        reason: data of x\n"
    "        bytes: 1234567                      # 1.2 MB\n"
    "    secrets:\n"
    "      - path: /etc/ssl/key\n"
    "        name: key\n"
    "        way: drop\n"
    "        kind: TLS private key\n"
    "    schedule:\n"
    "      - name: daily\n"
    "        when: \"*-*-* 00:00:00\"\n"
    "        user: root\n"
    "        command: /bin/true\n"
    "    capabilities:\n"
    "      - cap_net_raw\n"
    "    sysctls:\n"
    "      - net.core.somaxconn=1024\n"
    "    devices:\n"
    "      - /dev/fuse\n"
    "    resources:\n"
    "      memory_bytes: 2147483648              # 2.1 GB\n"
    "      milli_cpus: 2000\n"
    "      pids: 100\n"
    "\n"
    "# Images that share network and IPC, and why.\n"
    "pods:\n"
    "  - name: all\n"
    "    members:\n"
    "      - web\n"
    "    reasons:\n"
    "      - they talk\n"
    "\n"
    "# Services that the guest starts and no image does.  Move a unit here\n"
    "# to leave it out; each one stands here or in an image.\n"
    "services_left:\n"
    "  - reason: not wanted\n"
    "    units:\n"
    "      - redis.service\n"
    "\n"
    "# Paths that are left out, besides what no container needs\n"
    "# (decant image --explain shows that).\n"
    "paths_left:\n"
    "  - reason: too large\n"
    "    paths:\n"
    "      - /srv/**\n";

/* Both texts are the same, else the first line that is not is shown. */
static void
check_same (const char *a, const char *b)
{
  unsigned line = 1;

  for (; *a != '\0' && *a == *b; a++, b++)
    line += *a == '\n';
  ck_assert_msg (*a == *b, "line %u: '%.*s' is not '%.*s'", line,
                 (int) strcspn (a, "\n"), a, (int) strcspn (b, "\n"), b);
}

START_TEST (test_what_is_read_is_written)
{
  struct dc_error err;
  DC_AUTO (dc_plan) *plan = NULL;
  AUTO_BUFFER struct dc_buffer yaml = DC_BUFFER_INIT (DC_PLAN_SIZE_MAX);

  ck_assert_ok (dc_plan_read (full, strlen (full), "x.yaml", &plan, &err));
  const struct dc_plan_image *image = dc_plan_image (plan, 0);
  ck_assert_str_eq (image->environment.items[0], "A=b \"c\"\xff");
  ck_assert_int_eq (image->init, DC_PLAN_INIT_SERVICE);
  ck_assert (dc_plan_image_has (image, "nginx.service"));
  ck_assert (!dc_plan_image_has (image, "redis.service"));
  ck_assert_ok (dc_plan_write (plan, NULL, &yaml, &err));
  check_same (dc_buffer_text (&yaml), full);
}
END_TEST

#define HEAD "version: 1\nsource: {name: x}\n"
#define IMAGE "images:\n  - {name: a, init: none, files: system"

static const struct {
  const char *text;
  enum dc_code code;
  const char *words;
} bad[] = {
  { "", DC_ERR_INVALID, "x.yaml: the file is empty" },
  { "version: 2\n", DC_ERR_LIMIT, "x.yaml:1:10: version" },
  { HEAD "images: []\n", DC_ERR_INVALID, "x.yaml: there are no images" },
  { HEAD "imagse: []\n", DC_ERR_INVALID,
    "x.yaml:3:1: unknown key 'imagse', expected one of: version, source" },
  { HEAD IMAGE ", files: needed}\n", DC_ERR_INVALID,
    "x.yaml:4:42: key 'files' is given twice" },
  { HEAD IMAGE ", user: [a]}\n", DC_ERR_INVALID,
    "x.yaml:4:48: expected a text" },
  { HEAD "images:\n  - {name: a, init: upstart, files: system}\n",
    DC_ERR_INVALID,
    "x.yaml:4:21: init 'upstart' is none of: decant-init, service, systemd, "
    "none" },
  { HEAD IMAGE ", ports: [{port: 0}]}\n", DC_ERR_LIMIT, "x.yaml:4:57: port" },
  { HEAD IMAGE ", ports: [{port: 65536}]}\n", DC_ERR_LIMIT, "x.yaml:4:57" },
  { HEAD IMAGE ", ports: [{port: -1}]}\n", DC_ERR_INVALID, "x.yaml:4:57" },
  { HEAD IMAGE ", environment: [A]}\n", DC_ERR_INVALID,
    "x.yaml:4:56: 'A' is not NAME=VALUE" },
  { HEAD IMAGE ", services: [{unit: b}, {unit: b}]}\n", DC_ERR_INVALID,
    "x.yaml:4:71: the unit 'b' is there twice" },
  { HEAD IMAGE ", volumes: [{path: var, name: v, data: empty}]}\n",
    DC_ERR_INVALID, "x.yaml:4:59: 'var' is no path from the root" },
  { HEAD IMAGE ", volumes: [{path: /a/../b, name: v, data: empty}]}\n",
    DC_ERR_INVALID, "x.yaml:4:59: '/a/../b' is no path" },
  { HEAD IMAGE ", volumes: [{path: /, name: v, data: empty}]}\n",
    DC_ERR_INVALID, "'/' is no path" },
  { HEAD IMAGE ", volumes: [{path: /v, name: ../v, data: empty}]}\n",
    DC_ERR_INVALID, "x.yaml:4:69: '../v' is no name" },
  { HEAD IMAGE "}\n  - {name: a, init: none, files: system}\n", DC_ERR_INVALID,
    "x.yaml:5:12: the image 'a' is there twice" },
  { HEAD "images:\n  - {name: a/b, init: none, files: system}\n",
    DC_ERR_INVALID, "x.yaml:4:12: 'a/b' is no name" },
  { HEAD "images:\n  - {name: a, init: service, files: system}\n",
    DC_ERR_INVALID, "x.yaml:4:12: image 'a': init 'service' is for one" },
  { HEAD IMAGE "}\npods: [{name: p, members: [a, b]}]\n", DC_ERR_INVALID,
    "x.yaml:5:31: there is no image 'b'" },
  { HEAD IMAGE "}\npaths_left: [{reason: r, paths: [/a, b]}]\n", DC_ERR_INVALID,
    "x.yaml:5:38: 'b' is no path" },
  { HEAD IMAGE "}\nservices_left: [{units: [a]}]\n", DC_ERR_INVALID,
    "x.yaml:5:17: key 'reason' is missing" },
  { HEAD "images: &a\n  - *a\n", DC_ERR_INVALID,
    "x.yaml:3:9: anchors and aliases are refused" },
  { HEAD "images: !x []\n", DC_ERR_INVALID, "x.yaml:3:9: tags are refused" },
};

START_TEST (test_mistakes_have_a_place)
{
  struct dc_error err;
  struct dc_plan *plan = NULL;

  ck_assert_fails (
      dc_plan_read (bad[_i].text, strlen (bad[_i].text), "x.yaml", &plan, &err),
      bad[_i].code, bad[_i].words);
  ck_assert_ptr_null (plan);
}
END_TEST

static const struct dc_memory_file files[] = {
  FOLDERS,
  MULTI,
  LINK (USR "/multi-user.target.wants/a.service", "../a.service"),
  LINK (USR "/multi-user.target.wants/b.service", "../b.service"),
  LINK (USR "/multi-user.target.wants/getty@tty1.service", "../getty@.service"),
  FILE (USR "/a.service",
        "[Unit]\nDescription=The A\n[Service]\nExecStart=/a\n"),
  FILE (USR "/b.service",
        "[Unit]\nDescription=\x1b\n[Service]\nExecStart=/b\n"),
  FILE (USR "/getty@.service", "[Service]\nExecStart=/g\n"),
  DIR ("srv"),
};

/* What a profile has of the guest of FILES. */
static void
make_guest (struct dc_tree **tree, struct dc_profile *profile)
{
  struct dc_error err;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), tree, &err));
  ck_assert_ok (dc_units_load (*tree, &profile->units, &err));
}

START_TEST (test_default_plan)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_profile profile = { .arch = NULL };
  const struct dc_plan_options defaults = { .name = NULL };
  DC_AUTO (dc_plan) *plan = NULL, *again = NULL;
  AUTO_BUFFER struct dc_buffer yaml = DC_BUFFER_INIT (DC_PLAN_SIZE_MAX);

  make_guest (&tree, &profile);
  ck_assert_ok (dc_plan_make (tree, &profile, &defaults, &plan, &err));
  ck_assert_ok (dc_plan_write (plan, &profile, &yaml, &err));
  ck_assert (
      unit_contains (dc_buffer_text (&yaml),
                     "    services:\n"
                     "      - unit: a.service                     # The A\n"
                     "      - unit: b.service                     # \\x1B\n"
                     "\n"));
  ck_assert (unit_contains (dc_buffer_text (&yaml),
                            "  - reason: a login on a terminal that a "
                            "container does not have\n"
                            "    units:\n"
                            "      - getty@tty1.service\n"));
  ck_assert_ok (dc_plan_read (yaml.data, yaml.size, "x.yaml", &again, &err));
  ck_assert_ok (dc_plan_check (again, tree, &profile, &err));
  dc_units_free (profile.units);
}
END_TEST

#define START_IMAGE                                                            \
  "version: 1\n"                                                               \
  "source: {name: x}\n"                                                        \
  "images:\n"                                                                  \
  "  - name: a\n"                                                              \
  "    init: none\n"                                                           \
  "    files: system\n"
#define LEFT                                                                   \
  "services_left: [{reason: r, units: [getty@tty1.service, b.service]}]\n"
#define A "    services: [{unit: a.service}]\n"

static const struct {
  const char *text, *words; /* WORDS NULL: nothing is wrong */
} changed[] = {
  { START_IMAGE A LEFT, NULL },
  { START_IMAGE A "    volumes: [{path: /new, name: v, data: empty}]\n" LEFT,
    NULL },
  { START_IMAGE LEFT, "x.yaml: the guest starts 'a.service', which stands "
                      "neither in an image nor "
                      "in services_left" },
  { START_IMAGE "    services: [{unit: aa.service}]\n" LEFT,
    "x.yaml:7:23: the guest has no unit 'aa.service'; is it 'a.service'?" },
  { START_IMAGE A LEFT "paths_left: [{reason: r, paths: [/srv, /opt/*]}]\n",
    "x.yaml:9:40: the guest has nothing that '/opt/*' fits" },
  { START_IMAGE A "    volumes: [{path: /new, name: v, data: export}]\n" LEFT,
    "x.yaml:8:22: the guest has no '/new'" },
  { START_IMAGE A "    secrets: [{path: /key, name: v, way: drop}]\n" LEFT,
    "x.yaml:8:22: the guest has no '/key'" },
};

START_TEST (test_a_guest_that_changed)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_profile profile = { .arch = NULL };
  DC_AUTO (dc_plan) *plan = NULL;
  const char *text = changed[_i].text;

  make_guest (&tree, &profile);
  ck_assert_ok (dc_plan_read (text, strlen (text), "x.yaml", &plan, &err));
  if (changed[_i].words == NULL)
    ck_assert_ok (dc_plan_check (plan, tree, &profile, &err));
  else
    ck_assert_fails (dc_plan_check (plan, tree, &profile, &err), DC_ERR_INVALID,
                     changed[_i].words);
  dc_units_free (profile.units);
}
END_TEST

/* The schema has the keys of ROWS, and of the tables below them, with the same
 * ones required.
 */
static void
check_schema (const json_t *schema, const struct dc_yaml_row *rows)
{
  const json_t *properties = json_object_get (schema, "properties");
  const json_t *required = json_object_get (schema, "required");
  size_t count = 0, needed = 0;

  for (; rows[count].key != NULL; count++) {
    const json_t *property = json_object_get (properties, rows[count].key);
    ck_assert_msg (property != NULL, "'%s' is not in the schema",
                   rows[count].key);
    needed += rows[count].need == DC_YAML_REQUIRED;
    if (rows[count].kind == DC_YAML_STRUCT)
      check_schema (property, rows[count].rows);
    if (rows[count].kind == DC_YAML_LIST)
      check_schema (json_object_get (property, "items"), rows[count].rows);
  }
  ck_assert_uint_eq (json_object_size (properties), count);
  ck_assert_uint_eq (json_array_size (required), needed);
  ck_assert (json_is_false (json_object_get (schema, "additionalProperties")));
}

START_TEST (test_schema_has_the_same_keys)
{
  struct dc_error err;
  const char *folder = getenv ("top_srcdir");
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_PLAN_SIZE_MAX);
  json_auto_t *schema = NULL;
  char path[1024];

  (void) snprintf (path, sizeof path, "%s/doc/plan.schema.json",
                   folder != NULL ? folder : ".");
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, path, &err);
  ck_assert_int_ge (fd, 0);
  ck_assert_ok (dc_file_read_all (fd, &text, &err));
  ck_assert_ok (
      dc_json_parse (text.data, text.size, "the schema", &schema, &err));
  check_schema (schema, dc_plan_rows);
}
END_TEST

static int
read_and_write (struct dc_error *err)
{
  DC_AUTO (dc_plan) *plan = NULL;
  AUTO_BUFFER struct dc_buffer yaml = DC_BUFFER_INIT (DC_PLAN_SIZE_MAX);

  if (dc_plan_read (full, strlen (full), "x.yaml", &plan, err) < 0)
    return -1;
  return dc_plan_write (plan, NULL, &yaml, err);
}

START_TEST (test_no_memory)
{
  struct dc_error err;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_profile profile = { .arch = NULL };
  const struct dc_plan_options defaults = { .name = NULL };
  struct dc_plan *plan = NULL;
  int failures = 0;

  OOM_LOOP (status, read_and_write (&err))
  failures += status < 0;
  ck_assert_int_gt (failures, 50);
  make_guest (&tree, &profile);
  OOM_LOOP (status, dc_plan_make (tree, &profile, &defaults, &plan, &err))
  {
    failures += status < 0;
    dc_plan_free (DC_TAKE (plan));
  }
  ck_assert_int_gt (failures, 100);
  dc_units_free (profile.units);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_what_is_read_is_written);
  tcase_add_loop_test (tcase, test_mistakes_have_a_place, 0,
                       (int) DC_COUNT (bad));
  tcase_add_test (tcase, test_default_plan);
  tcase_add_loop_test (tcase, test_a_guest_that_changed, 0,
                       (int) DC_COUNT (changed));
  tcase_add_test (tcase, test_schema_has_the_same_keys);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("plan", add);
}
