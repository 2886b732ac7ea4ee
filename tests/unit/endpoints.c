/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "analyzer/profile.h"
#include "analyzer/profilejson.h"
#include "lib/text.h"
#include "tests/unit/endpoints.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

/* The end of a line: what kind of socket, where, how sure, by which file. */
static int
print_socket (const struct dc_target *socket, struct dc_buffer *b,
              struct dc_error *err)
{
  const char *protocol = dc_protocol_name (socket->protocol);
  const char *host = socket->host != NULL ? socket->host : "";
  const int printed =
      socket->protocol == DC_UNIX
          ? dc_buffer_print (b, err, "%s %s", protocol, socket->path)
          : dc_buffer_print (b, err, "%s %s %u", protocol,
                             host[0] != '\0' ? host : "*",
                             (unsigned) socket->port);

  if (printed < 0)
    return -1;
  return dc_buffer_print (b, err, " %s %s:%u\n",
                          dc_confidence_name (socket->confidence),
                          socket->proof.file, socket->proof.line);
}

static int
print (const struct dc_profile *profile, struct dc_buffer *b,
       struct dc_error *err)
{
  dc_buffer_clear (b);
  for (size_t i = 0; i < profile->endpoints.count; i++) {
    const struct dc_endpoint *e = &profile->endpoints.items[i];
    const struct dc_target socket = { e->protocol,
                                      e->address,
                                      e->port,
                                      e->path,
                                      { e->evidence.file, e->evidence.line },
                                      e->confidence };
    if (dc_buffer_print (b, err, "%s ", e->service) < 0 ||
        print_socket (&socket, b, err) < 0)
      return -1;
  }
  for (size_t i = 0; i < profile->connections.count; i++) {
    const struct dc_connection *c = &profile->connections.items[i];
    const struct dc_target socket = { c->protocol,
                                      c->host,
                                      c->port,
                                      c->path,
                                      { c->evidence.file, c->evidence.line },
                                      c->confidence };
    if (dc_buffer_print (b, err, "%s -> ", c->service) < 0 ||
        print_socket (&socket, b, err) < 0)
      return -1;
  }
  for (size_t i = 0; i < profile->finding_count; i++) {
    const struct dc_finding *f = &profile->findings[i];
    if (dc_buffer_print (b, err, "%s %s:%u %s\n", f->id, f->evidence.file,
                         f->evidence.line, f->text) < 0)
      return -1;
  }
  return 0;
}

int
print_endpoints (const struct dc_memory_file *files, size_t count,
                 struct dc_buffer *b, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  char hostname[] = "host";
  struct dc_profile profile = { .hostname = hostname };

  int status = dc_tree_memory (files, count, &tree, err);
  if (status == 0)
    status = dc_units_load (tree, &profile.units, err);
  if (status == 0)
    status = dc_packages_load (tree, &profile.packages, err);
  if (status == 0)
    status = dc_endpoints_find (tree, &profile, err);
  if (status == 0) {
    dc_connections_sort (&profile.connections);
    status = print (&profile, b, err);
  }
  dc_units_free (profile.units);
  dc_packages_free (profile.packages);
  dc_endpoints_release (&profile.endpoints);
  dc_apps_release (&profile.apps);
  dc_connections_release (&profile.connections);
  dc_findings_release (&profile);
  return status;
}

void
check_endpoints (const struct dc_memory_file *files, size_t count,
                 const char *expected)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000000);

  ck_assert_ok (print_endpoints (files, count, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}

#define SMALL_MAX 400

int
print_guest (const struct small_guest *guest, struct dc_buffer *b,
             struct dc_error *err)
{
  struct dc_memory_file files[SMALL_MAX] = {
    FOLDERS,
    FILE (USR "/default.target", "[Unit]\nWants=s.service\n"),
    DIR ("etc/ssh"),
    DIR ("etc/nginx"),
    DIR ("etc/redis"),
  };
  size_t count = 0;
  AUTO_FREE char *unit = NULL;

  while (files[count].path != NULL)
    count++;
  assert (count + guest->more_count + 2 < SMALL_MAX);
  if (dc_text_print (&unit, err, "[Service]\n%s\n", guest->settings) < 0)
    return -1;
  files[count++] = (struct dc_memory_file) FILE (USR "/s.service", unit);
  for (size_t i = 0; i < guest->more_count; i++)
    files[count++] = guest->more[i];
  if (guest->path != NULL)
    files[count++] = (struct dc_memory_file) FILE (guest->path, guest->conf);
  return print_endpoints (files, count, b, err);
}

void
check_guest (const struct small_guest *guest, const char *expected)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000000);

  ck_assert_ok (print_guest (guest, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}

void
check_guest_no_memory (const struct small_guest *guest)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer expected = DC_BUFFER_INIT (1000000);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000000);
  int failures = 0;

  ck_assert_ok (print_guest (guest, &expected, &err));
  OOM_LOOP (status, print_guest (guest, &b, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    failures += status < 0;
  }
  ck_assert_int_gt (failures, 10);
  ck_assert_str_eq (dc_buffer_text (&b), dc_buffer_text (&expected));
}
