/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/json.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "transform/imageconfig.h"
#include "transform/services.h"

static char alias[] = "sshd.service";
static char *aliases[] = { alias };

#define UNIT(text, started)                                                    \
  {                                                                            \
    .name = (char[]){ text }, .is_started = (started)                          \
  }
static struct dc_unit items[] = {
  UNIT ("getty@tty1.service", true),
  UNIT ("multi-user.target", true),
  UNIT ("nginx.service", true),
  UNIT ("redis.service", false),
  { .name = (char[]){ "remote.service" },
    .is_started = true,
    .aliases = { aliases, 1 } },
  UNIT ("systemd-journald.service", true),
};
static struct dc_units units = { .items = items, .count = DC_COUNT (items) };

static const struct {
  const char *name;
  bool is_started, is_prepared;
} expected[] = {
  { "getty@tty1.service", false, false },
  { "nginx.service", true, false },
  { "remote.service", true, true },
  { "systemd-journald.service", false, false },
};

START_TEST (test_only_what_a_container_needs)
{
  struct dc_error err;
  DC_AUTO (dc_services) *services = NULL;

  ck_assert_ok (dc_services_choose (&units, &services, &err));
  ck_assert_uint_eq (services->count, DC_COUNT (expected));
  for (size_t i = 0; i < services->count; i++) {
    const struct dc_service_choice *choice = &services->items[i];
    ck_assert_str_eq (choice->unit->name, expected[i].name);
    ck_assert_msg ((choice->reason == NULL) == expected[i].is_started, "%s",
                   expected[i].name);
    ck_assert_msg ((choice->prepare != NULL) == expected[i].is_prepared, "%s",
                   expected[i].name);
  }
  /* Also what starts a service by the clock, but not what is systemd's own. */
  const struct dc_unit daily = { .name = (char[]){ "apt-daily.timer" } };
  const struct dc_unit clean = { .name = (char[]){ "systemd-clean.timer" } };
  ck_assert (dc_services_leaves (services, &daily));
  ck_assert (!dc_services_leaves (services, &clean));
}
END_TEST

static const struct {
  enum dc_protocol protocol;
  const char *address;
  uint16_t port;
  bool is_public;
} endpoints[] = {
  { DC_TCP, "", 80, true },           { DC_TCP, "0.0.0.0", 80, true },
  { DC_UDP, "::", 53, true },         { DC_TCP, "127.0.0.1", 80, false },
  { DC_TCP, "127.1.2.3", 80, false }, { DC_TCP, "::1", 80, false },
  { DC_TCP, "localhost", 80, false }, { DC_UNIX, "", 0, false },
};

START_TEST (test_which_ports_a_neighbour_can_reach)
{
  const struct dc_endpoint endpoint = {
    .protocol = endpoints[_i].protocol,
    .address = strdup (endpoints[_i].address),
    .port = endpoints[_i].port,
  };

  ck_assert (dc_endpoint_is_public (&endpoint) == endpoints[_i].is_public);
  free (endpoint.address);
}
END_TEST

START_TEST (test_config_exposes_ports_of_what_is_started)
{
  struct dc_error err;
  DC_AUTO (dc_services) *services = NULL;
  char nginx[] = "nginx.service", redis[] = "redis.service", any[] = "",
       arch[] = "amd64";
  struct dc_endpoint listening[] = {
    { .service = nginx, .address = any, .port = 80 },
    { .service = nginx, .protocol = DC_UDP, .address = any, .port = 443 },
    { .service = redis, .address = any, .port = 6379 },
  };
  const struct dc_profile profile = {
    .arch = arch,
    .units = &units,
    .endpoints = { .items = listening, .count = DC_COUNT (listening) },
  };
  json_auto_t *config = NULL;
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  const struct dc_plan_options defaults = { .name = NULL };
  DC_AUTO (dc_plan) *plan = NULL;

  ck_assert_ok (dc_plan_make (NULL, &profile, &defaults, &plan, &err));
  const struct dc_plan_image *image = dc_plan_image (plan, 0);
  ck_assert_ok (dc_services_planned (&units, plan, image, &services, &err));
  ck_assert_ok (dc_image_config (&profile, image, services, true,
                                 "2026-01-01T00:00:00Z", &config, &err));
  const json_t *inner = json_object_get (config, "config");
  ck_assert_ok (dc_json_canonical (json_object_get (inner, "ExposedPorts"),
                                   &text, &size, &err));
  ck_assert_str_eq (text, "{\"443/udp\":{},\"80/tcp\":{}}");
  ck_assert_str_eq (json_string_value (json_object_get (
                        json_object_get (inner, "Labels"), "decant.services")),
                    "nginx.service remote.service");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_services *services = NULL;
  int failures = 0;

  OOM_LOOP (status, dc_services_choose (&units, &services, &err))
  {
    failures += status < 0;
    dc_services_free (DC_TAKE (services));
  }
  ck_assert_int_gt (failures, 10);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_only_what_a_container_needs);
  tcase_add_loop_test (tcase, test_which_ports_a_neighbour_can_reach, 0,
                       (int) DC_COUNT (endpoints));
  tcase_add_test (tcase, test_config_exposes_ports_of_what_is_started);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("services", add);
}
