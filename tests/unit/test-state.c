/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"
#include "transform/state/secret.h"
#include "transform/state/volume.h"

#define KEY "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n"

static const struct dc_memory_file files[] = {
  FOLDERS,
  FILE ("etc/environment",
        "API_TOKEN=abcdef0123456789\nURL=postgres://u:hunter2@db/x\n"),
  FILE ("etc/fstab", "/dev/sda1 / ext4 defaults 0 1\n"
                     "/dev/sdb1 /srv/files xfs defaults 0 2\n"
                     "/dev/sdc1 /usr/local ext4 defaults 0 2\n"
                     "/dev/sdd1 /srv/gone ext4 defaults 0 2\n"),
  FILE ("etc/shadow", "root:$y$j9T$aaaa$bbbb:19000:0:99999:7:::\n"),
  DIR ("etc/ssh"),
  FILE ("etc/ssh/ssh_host_rsa_key", KEY),
  DIR ("etc/ssl"),
  DIR ("etc/ssl/private"),
  { .path = "etc/ssl/private/web.key",
    .mode = 0100600,
    .data = KEY,
    .link_group = 7 },
  FILE (USR "/default.target",
        "[Unit]\nWants=redis-server.service x.service nginx.service "
        "mosquitto.service\n"),
  FILE (USR "/mosquitto.service", "[Service]\nExecStart=/usr/sbin/mosquitto\n"),
  FILE (USR "/nginx.service", "[Service]\nExecStart=/usr/sbin/nginx\n"),
  FILE (USR "/redis-server.service",
        "[Service]\nExecStart=/usr/bin/redis-server\n"),
  FILE (USR "/x.service", "[Service]\nStateDirectory=x/y empty:link redis/in\n"
                          "ExecStart=/bin/x\n"),
  DIR ("opt"),
  DIR ("opt/test"),
  FILE ("opt/test/example.key", KEY),
  DIR ("srv"),
  DIR ("srv/files"),
  { .path = "srv/web.key", .mode = 0100600, .data = KEY, .link_group = 7 },
  DIR ("var"),
  DIR ("var/lib"),
  DIR ("var/lib/dpkg"),
  FILE ("var/lib/dpkg/status", "Package: web\nStatus: install ok installed\n"
                               "Version: 1\nArchitecture: all\n"),
  DIR ("var/lib/dpkg/info"),
  FILE ("var/lib/dpkg/info/web.list", "/opt/test/example.key\n"),
  DIR ("var/lib/empty"),
  DIR ("var/lib/mosquitto"), /* empty so far */
  DIR ("var/lib/redis"),
  FILE ("var/lib/redis/dump.rdb", "REDIS"),
  DIR ("var/lib/redis/in"),
  DIR ("var/lib/x"),
  DIR ("var/lib/x/y"),
  DIR ("var/www"),
  FILE ("var/www/index.html", "hello"),
};

struct chosen {
  struct dc_yaml_list volumes, secrets;
};

static void
release_chosen (struct chosen *chosen)
{
  struct dc_plan_volume *volumes = chosen->volumes.items;
  struct dc_plan_secret *secrets = chosen->secrets.items;

  for (size_t i = 0; i < chosen->volumes.count; i++) {
    free (volumes[i].path);
    free (volumes[i].name);
    free (volumes[i].service);
    free (volumes[i].reason);
  }
  for (size_t i = 0; i < chosen->secrets.count; i++) {
    free (secrets[i].path);
    free (secrets[i].name);
    free (secrets[i].kind);
  }
  free (volumes);
  free (secrets);
}

/* Lines "PATH NAME BYTES SERVICE" and "PATH NAME WAY KIND". */
static int
print_chosen (const struct chosen *chosen, struct dc_buffer *b,
              struct dc_error *err)
{
  const struct dc_plan_volume *volumes = chosen->volumes.items;
  const struct dc_plan_secret *secrets = chosen->secrets.items;

  for (size_t i = 0; i < chosen->volumes.count; i++)
    if (dc_buffer_print (b, err, "%s %s %lld %s\n", volumes[i].path,
                         volumes[i].name, (long long) volumes[i].bytes,
                         volumes[i].service != NULL ? volumes[i].service
                                                    : "-") < 0)
      return -1;
  for (size_t i = 0; i < chosen->secrets.count; i++)
    if (dc_buffer_print (b, err, "%s %s %d %s\n", secrets[i].path,
                         secrets[i].name, secrets[i].way, secrets[i].kind) < 0)
      return -1;
  return 0;
}

/* A guest and what is known of it. */
struct guest {
  struct dc_tree *tree;
  struct dc_profile *profile;
  uint32_t *owners;
};

static void
read_guest (struct guest *out)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_guest *guest = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &out->tree, &err));
  ck_assert_ok (dc_guest_new ("memory", &guest, &err));
  ck_assert_ok (dc_profile_make (out->tree, guest, NULL, &dc_report_silent,
                                 &out->profile, &err));
  ck_assert_ok (dc_packages_owners (out->profile->packages, out->tree,
                                    &out->owners, &err));
}

static void
release_guest (struct guest *guest)
{
  free (guest->owners);
  dc_profile_free (guest->profile);
  dc_tree_free (guest->tree);
}

static int
choose (const struct guest *guest, const struct dc_words *units,
        struct dc_buffer *b, struct dc_error *err)
{
  __attribute__ ((__cleanup__ (
      release_chosen))) struct chosen chosen = { .volumes = { NULL, 0 } };

  dc_buffer_clear (b);
  if (dc_volumes_choose (guest->tree, guest->profile, units,
                         DC_PLAN_DATA_EXPORT, &chosen.volumes, err) < 0 ||
      dc_secrets_choose (guest->tree, guest->profile, guest->owners,
                         DC_PLAN_SECRET_EXPORT, &chosen.secrets, err) < 0)
    return -1;
  return print_chosen (&chosen, b, err);
}

/* /var/www is served, /usr/local installed, /srv/gone not there; what a
 * package brought is no secret.
 */
static const char expected[] =
    "/srv/files srv-files 0 -\n"
    "/var/lib/empty var-lib-empty 0 x.service\n"
    "/var/lib/mosquitto var-lib-mosquitto 0 mosquitto.service\n"
    "/var/lib/redis var-lib-redis 5 redis-server.service\n"
    "/var/lib/x/y var-lib-x-y 0 x.service\n"
    "/etc/environment etc-environment 0 token\n"
    "/etc/shadow etc-shadow 0 password hash\n"
    "/etc/ssh/ssh_host_rsa_key etc-ssh-ssh_host_rsa_key 3 SSH host key\n"
    "/etc/ssl/private/web.key etc-ssl-private-web.key 0 TLS private key\n"
    "/srv/web.key srv-web.key 0 TLS private key\n";

START_TEST (test_all)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  struct guest guest = { NULL, NULL, NULL };

  read_guest (&guest);
  ck_assert_ok (choose (&guest, NULL, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), expected);
  release_guest (&guest);
}
END_TEST

START_TEST (test_of_one_service)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  AUTO_WORDS struct dc_words units = { NULL, 0 };

  ck_assert_ok (dc_words_add (&units, "redis-server.service", &err));
  struct guest guest = { NULL, NULL, NULL };
  read_guest (&guest);
  ck_assert_ok (choose (&guest, &units, &b, &err));
  release_guest (&guest);
  ck_assert (strstr (dc_buffer_text (&b), "/var/lib/redis ") != NULL);
  ck_assert (strstr (dc_buffer_text (&b), "/srv/files ") != NULL);
  ck_assert (strstr (dc_buffer_text (&b), "/var/lib/empty ") == NULL);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  int failures = 0;

  struct guest guest = { NULL, NULL, NULL };
  read_guest (&guest);
  OOM_LOOP (status, choose (&guest, NULL, &b, &err))
  failures += status < 0;
  ck_assert_int_gt (failures, 20);
  ck_assert_str_eq (dc_buffer_text (&b), expected);
  release_guest (&guest);
}
END_TEST

static const struct {
  const char *path, *name;
} names[] = {
  { "/var/lib/redis", "var-lib-redis" },
  { "/", "data-8a5edab282632443" },
  { "/srv/a b\n:c", "srv-a-b--c" },
  { "/.hidden", "hidden" },
  { "/srv/"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "srv-"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaa-709841e77d813f9c" },
};

START_TEST (test_names)
{
  struct dc_error err = { .code = DC_OK };

  AUTO_FREE char *name = NULL;
  ck_assert_ok (dc_state_name (names[_i].path, &name, &err));
  ck_assert_str_eq (name, names[_i].name);
  ck_assert_uint_le (strlen (name), DC_STATE_NAME_MAX);
}
END_TEST

static const struct {
  const char *text;
  int way, result;
} plans[] = {
  { "  env LANG=C API_TOKEN=%20x\n", DC_PLAN_SECRET_EXPORT, 1 },
  { "  exec start - /x x --token=abcdef0123456789\n", DC_PLAN_SECRET_EXPORT,
    1 },
  { "  env MY_API_TOKEN=1 API_TOKENS=2\n", DC_PLAN_SECRET_EXPORT, 0 },
  { "  env API_TOKEN=x\n", DC_PLAN_SECRET_IMAGE, 0 },
  { "  env API_TOKEN=x\n", DC_PLAN_SECRET_DROP, -1 },
  { "", DC_PLAN_SECRET_DROP, 0 },
};

START_TEST (test_plan)
{
  struct dc_error err = { .code = DC_OK };
  struct guest guest = { NULL, NULL, NULL };
  __attribute__ ((__cleanup__ (
      release_chosen))) struct chosen chosen = { .volumes = { NULL, 0 } };
  const char *text = plans[_i].text;
  int failures = 0;

  read_guest (&guest);
  ck_assert_ok (dc_secrets_choose (guest.tree, guest.profile, guest.owners,
                                   (enum dc_plan_secret_way) plans[_i].way,
                                   &chosen.secrets, &err));
  const struct dc_plan_image image = { .secrets = chosen.secrets };
  OOM_LOOP (status, dc_secret_in_plan (guest.profile, &image, text,
                                       strlen (text), &err) < 0 &&
                            err.code == DC_ERR_SYSTEM
                        ? -1
                        : 0)
  failures += status < 0;
  ck_assert_int_gt (failures, 0);
  ck_assert_int_eq (
      dc_secret_in_plan (guest.profile, &image, text, strlen (text), &err),
      plans[_i].result);
  release_guest (&guest);
}
END_TEST

START_TEST (test_assigned)
{
  struct guest guest = { NULL, NULL, NULL };

  read_guest (&guest);
  ck_assert (dc_secret_assigned (guest.profile, "API_TOKEN=x") != NULL);
  ck_assert (dc_secret_assigned (guest.profile, "X_API_TOKEN=x") == NULL);
  ck_assert (dc_secret_assigned (guest.profile, "API_TOKEN") == NULL);
  ck_assert (dc_secret_assigned (guest.profile, "DB=x://u:hunter2@h") != NULL);
  ck_assert (dc_secret_assigned (guest.profile, "DB=x://u:hunter3@h") == NULL);
  release_guest (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_all);
  tcase_add_test (tcase, test_of_one_service);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_loop_test (tcase, test_plan, 0, DC_COUNT (plans));
  tcase_add_test (tcase, test_assigned);
  tcase_add_loop_test (tcase, test_names, 0, DC_COUNT (names));
}

int
main (void)
{
  return unit_run ("state", add);
}
