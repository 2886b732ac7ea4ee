/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "runtime/spec.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const struct dc_started started = { "web", "0123abcd" };

static int
make (const char *config, json_t **out, struct dc_error *err)
{
  json_auto_t *json = json_loads (config, 0, NULL);

  ck_assert_ptr_nonnull (json);
  return dc_spec_make (json, "/state/web", &started, out, err);
}

/* What a config must come to; the rest is the same for all. */
static const struct {
  const char *config, *process;
} good[] = {
  { "{\"config\":{\"Entrypoint\":[\"/init\",\"-x\"],\"Cmd\":[\"run\"],"
    "\"Env\":[\"A=b\",\"PATH=/x\"],\"User\":\"12:34\","
    "\"WorkingDir\":\"/srv\"}}",
    "{\"args\":[\"/init\",\"-x\",\"run\"],\"cwd\":\"/srv\","
    "\"env\":[\"A=b\",\"PATH=/x\"],\"user\":{\"gid\":34,\"uid\":12}}" },
  { "{\"config\":{\"Cmd\":[\"sh\"],\"Entrypoint\":null}}",
    "{\"args\":[\"sh\"],\"cwd\":\"/\",\"env\":[\"PATH=/usr/local/sbin:"
    "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"],"
    "\"user\":{\"gid\":0,\"uid\":0}}" },
  { "{\"config\":{\"Cmd\":[\"sh\"],\"User\":\"7\",\"WorkingDir\":\"x\","
    "\"Env\":[\"PATH=\"]}}",
    "{\"args\":[\"sh\"],\"cwd\":\"/\",\"env\":[\"PATH=\"],"
    "\"user\":{\"gid\":0,\"uid\":7}}" },
};

START_TEST (test_processes)
{
  struct dc_error err;
  json_auto_t *spec = NULL;
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  ck_assert_ok (make (good[_i].config, &spec, &err));
  json_t *process = json_object_get (spec, "process");
  ck_assert_uint_eq (
      json_array_size (json_object_get (
          json_object_get (process, "capabilities"), "bounding")),
      14);
  ck_assert_int_eq (json_object_del (process, "capabilities"), 0);
  ck_assert (json_is_false (json_object_get (process, "terminal")));
  ck_assert_int_eq (json_object_del (process, "terminal"), 0);
  ck_assert_int_eq (json_object_del (process, "noNewPrivileges"), 0);
  ck_assert_ok (dc_json_canonical (process, &text, &size, &err));
  ck_assert_str_eq (text, good[_i].process);
}
END_TEST

START_TEST (test_the_rest)
{
  struct dc_error err;
  json_auto_t *spec = NULL;
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  ck_assert_ok (make (good[0].config, &spec, &err));
  ck_assert_ok (dc_json_canonical (spec, &text, &size, &err));
  const char *const parts[] = {
    "\"hostname\":\"web\"",
    "\"root\":{\"path\":\"rootfs\",\"readonly\":false}",
    "\"cgroupsPath\":\"/decant-0123abcd\"",
    "{\"destination\":\"/etc/hosts\",\"options\":[\"rbind\",\"rw\"],"
    "\"source\":\"/state/web/hosts\",\"type\":\"bind\"}",
    "{\"destination\":\"/proc\",\"options\":[\"nosuid\",\"noexec\",\"nodev\"],"
    "\"source\":\"proc\",\"type\":\"proc\"}",
    "\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},"
    "{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"mount\"}]",
  };
  for (size_t i = 0; i < DC_COUNT (parts); i++)
    ck_assert_msg (unit_contains (text, parts[i]), "no %s in %s", parts[i],
                   text);
}
END_TEST

static const struct {
  const char *config;
  enum dc_code code;
  const char *words;
} bad[] = {
  { "{}", DC_ERR_UNSUPPORTED, "the image starts nothing" },
  { "{\"config\":{\"Cmd\":[]}}", DC_ERR_UNSUPPORTED, "starts nothing" },
  { "{\"config\":{\"Cmd\":\"sh\"}}", DC_ERR_INVALID, "'Cmd' is no list" },
  { "{\"config\":{\"Cmd\":[1]}}", DC_ERR_INVALID,
    "'Cmd' holds other than texts" },
  { "{\"config\":{\"Cmd\":[\"x\"],\"Env\":{}}}", DC_ERR_INVALID,
    "'Env' is no list" },
  { "{\"config\":{\"Cmd\":[\"x\"],\"User\":\"www-data\"}}", DC_ERR_UNSUPPORTED,
    "user 'www-data': without podman only numbers are understood" },
  { "{\"config\":{\"Cmd\":[\"x\"],\"User\":\"0:wheel\"}}", DC_ERR_UNSUPPORTED,
    "user '0:wheel'" },
  { "{\"config\":{\"Cmd\":[\"x\"],\"User\":\"4294967295\"}}",
    DC_ERR_UNSUPPORTED, "user '4294967295'" },
  { "{\"config\":{\"Cmd\":[\"x\"],\"User\":\"1:\"}}", DC_ERR_UNSUPPORTED,
    "user '1:'" },
};

START_TEST (test_bad)
{
  struct dc_error err;
  json_t *spec = NULL;

  ck_assert_fails (make (bad[_i].config, &spec, &err), bad[_i].code,
                   bad[_i].words);
  ck_assert_ptr_null (spec);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  json_auto_t *config = json_loads (good[0].config, 0, NULL);
  json_t *spec = NULL;

  OOM_LOOP (status, dc_spec_make (config, "/state/web", &started, &spec, &err))
  {
    if (status == 0)
      json_decref (DC_TAKE (spec));
    ck_assert_ptr_null (spec);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_processes, 0, DC_COUNT (good));
  tcase_add_test (tcase, test_the_rest);
  tcase_add_loop_test (tcase, test_bad, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("spec", add);
}
