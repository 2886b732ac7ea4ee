/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/profile.h"
#include "lib/json.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

static const struct dc_memory_file files[] = {
  FOLDERS,
  FILE (USR "/default.target", "[Unit]\nWants=redis@a.service own.service\n"),
  FILE (USR "/redis@.service", "[Service]\nExecStart=/usr/bin/redis-server\n"),
  FILE (USR "/own.service", "[Service]\nExecStart=/opt/bin/nginx -c /x\n"),
  FILE (USR "/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D\n"),
  FILE (USR "/other.service", "[Service]\nExecStart=/opt/other\n"),
  DIR ("etc/redis"),
  FILE ("etc/redis/redis.conf", ""),
  DIR ("etc/ssh"),
  FILE ("etc/ssh/ssh_host_rsa_key", ""),
  FILE ("etc/ssh/ssh_host_ed25519_key", ""),
  DIR ("var"),
  DIR ("var/lib"),
  DIR ("var/lib/redis"),
};

/* The applications of the guest as compact JSON. */
static int
describe (char **out, struct dc_error *err)
{
  char name[] = "openssh-server", version[] = "1:9.2", file[] = "/status";
  struct dc_package package = {
    .name = name, .version = version, .file = file, .line = 7
  };
  struct dc_packages packages = { .items = &package, .count = 1 };
  struct dc_profile profile = { .packages = &packages };
  DC_AUTO (dc_tree) *tree = NULL;
  json_auto_t *json = NULL;
  size_t size = 0;

  int status = dc_tree_memory (files, DC_COUNT (files), &tree, err);
  if (status == 0)
    status = dc_units_load (tree, &profile.units, err);
  if (status == 0)
    status = dc_applications_read (tree, &profile, err);
  if (status == 0) {
    json = dc_applications_json (&profile);
    status = json == NULL ? dc_json_no_memory (err)
                          : dc_json_canonical (json, out, &size, err);
  }
  dc_applications_forget (&profile);
  dc_units_free (profile.units);
  dc_apps_release (&profile.apps);
  dc_findings_release (&profile);
  return status;
}

/* By the package alone, by the unit's name, by the program that runs. */
START_TEST (test_whole)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *text = NULL;
  static const char *const expected[] = {
    "\"name\":\"nginx\",\"notes\":null,\"package\":null,\"secrets\":[{",
    "\"evidence\":{\"file\":\"/usr/lib/systemd/system/own.service\",\"line\":"
    "null}",
    "\"services\":[\"own.service\"],\"sockets\":[],\"started\":true",
    "\"evidence\":{\"file\":\"/status\",\"line\":7}",
    "\"kind\":\"login\",\"logs\":[],\"name\":\"openssh\",\"notes\":null,"
    "\"package\":\"openssh-server\",\"secrets\":[{\"kind\":\"private key\","
    "\"path\":\"/etc/ssh/ssh_host_ed25519_key\",\"setting\":null},{\"kind\":"
    "\"private key\",\"path\":\"/etc/ssh/ssh_host_rsa_key\",\"setting\":null}]"
    ",\"services\":[\"ssh.service\"],\"sockets\":[],\"started\":false,"
    "\"stop_signal\":null,\"title\":\"OpenSSH server\",\"version\":\"1:9.2\"",
    "\"configuration\":[\"/etc/redis/redis.conf\"],\"data\":["
    "\"/var/lib/redis\"]",
    "\"health\":{\"command\":\"redis-cli ping\",\"http\":null,\"tcp\":6379}",
    "\"services\":[\"redis@a.service\"]",
    "{\"kind\":\"password\",\"path\":null,\"setting\":\"requirepass\"}",
  };

  ck_assert_ok (describe (&text, &err));
  for (size_t i = 0; i < DC_COUNT (expected); i++)
    ck_assert_msg (unit_contains (text, expected[i]), "no %s in %s",
                   expected[i], text);
  ck_assert (!unit_contains (text, "other.service"));
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err = { .code = DC_OK };
  int failures = 0;

  char *text = NULL;
  OOM_LOOP (status, describe (&text, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    failures += status < 0;
    free (DC_TAKE (text));
  }
  ck_assert_int_gt (failures, 50);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_whole);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("applications", add);
}
