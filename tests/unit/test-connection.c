/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/endpoint/connection.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define TCP(h, p, c, l)                                                        \
  {                                                                            \
    .protocol = DC_TCP, .host = (h), .port = (p), .proof = { "/f", l },        \
    .confidence = c                                                            \
  }

static const struct {
  const char *service;
  struct dc_target target;
} rows[] = {
  { "b", TCP ("db", 2, DC_DECLARED, 1) },
  { "a", { .protocol = DC_UNIX, .path = "/x", .confidence = DC_DECLARED } },
  { "b", TCP ("db", 1, DC_INFERRED, 2) },
  { "b", TCP ("cache", 3, DC_DECLARED, 3) },
  { "b", TCP ("db", 1, DC_DECLARED, 4) }, /* the better proof */
  { "b", TCP ("db", 1, DC_DECLARED, 5) }, /* no better */
};

static int
add_rows (struct dc_connections *connections, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (rows); i++)
    if (dc_connection_add (connections, rows[i].service, &rows[i].target, err) <
        0)
      return -1;
  dc_connections_sort (connections);
  return 0;
}

START_TEST (test_sorted_and_once)
{
  struct dc_error err;
  struct dc_connections c = { NULL, 0 };

  ck_assert_ok (add_rows (&c, &err));
  ck_assert_uint_eq (c.count, 4);
  ck_assert_str_eq (c.items[0].path, "/x");
  ck_assert_str_eq (c.items[1].host, "cache");
  ck_assert_uint_eq (c.items[2].port, 1);
  ck_assert_uint_eq (c.items[2].evidence.line, 4);
  ck_assert_int_eq (c.items[2].confidence, DC_DECLARED);
  ck_assert_uint_eq (c.items[3].port, 2);
  dc_connections_release (&c);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_connections c = { NULL, 0 };

  OOM_LOOP (status, add_rows (&c, &err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
    dc_connections_release (&c);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_sorted_and_once);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("connection", add);
}
