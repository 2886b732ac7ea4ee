/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/profile.h"
#include "lib/text.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define HEADER "decant-observed 1\n"

START_TEST (test_lines)
{
  static const char text[] =
      HEADER "hostname\tweb\nmemory\t100\t50\t\t\n"
             "listen\ttcp\t*\t80\tnginx\tnginx.service\n"
             "listen\tunix\t\t/run/a b\t-\t-\nmissing\tall else\nend\n";
  struct dc_error err;
  struct dc_observed observed = { .file = NULL };
  size_t position = 0;

  ck_assert_ok (
      dc_observed_parse (text, sizeof text - 1, "r", &observed, &err));
  ck_assert_uint_eq (observed.damaged, 0);
  ck_assert (observed.is_complete);
  ck_assert_str_eq (dc_observed_text (&observed, DC_SEEN_HOSTNAME), "web");
  ck_assert_ptr_null (dc_observed_text (&observed, DC_SEEN_TIME));
  const struct dc_observed_row *row =
      dc_observed_next (&observed, DC_SEEN_LISTEN, &position);
  ck_assert_uint_eq (row->line, 4);
  ck_assert_uint_eq (dc_observed_number (row, 2), 80);
  row = dc_observed_next (&observed, DC_SEEN_LISTEN, &position);
  ck_assert_str_eq (row->fields[2], "/run/a b");
  ck_assert_ptr_null (dc_observed_next (&observed, DC_SEEN_LISTEN, &position));
  position = 0;
  row = dc_observed_next (&observed, DC_SEEN_MEMORY, &position);
  json_auto_t *bytes = dc_observed_bytes (row, 1);
  json_auto_t *none = dc_observed_bytes (row, 2);
  ck_assert_int_eq (json_integer_value (bytes), 51200);
  ck_assert (json_is_null (none));
  dc_observed_release (&observed);
}
END_TEST

static const char *const damaged[] = {
  "nothing\tx",
  "hostname",
  "hostname\ta\tb",
  "cpus\t-1",
  "cpus\t1x",
  "cpus\t99999999999999999999",
  "listen\ttcp\t\t80\tx\t-",
  "listen\ttcp\t*\t0\tx\t-",
  "listen\ttcp\t*\t65536\tx\t-",
  "listen\tsctp\t*\t80\tx\t-",
  "listen\tunix\t\t\tx\t-",
  "connect\tup\ttcp\ta\t1\t-\t1",
  "connect\tin\tunix\ta\t1\t-\t1",
  "unit\tx",
  "",
  "mount\ta\t/\text4\trw\tmuch\t2",
};

START_TEST (test_damaged)
{
  struct dc_error err;
  struct dc_observed observed = { .file = NULL };
  AUTO_FREE char *text = NULL;

  ck_assert_ok (dc_text_print (&text, &err, HEADER "%s\ncpus\t2", damaged[_i]));
  ck_assert_ok (dc_observed_parse (text, strlen (text), "r", &observed, &err));
  ck_assert_uint_eq (observed.damaged, 1);
  ck_assert_uint_eq (observed.count, 1);
  ck_assert (!observed.is_complete);
  dc_observed_release (&observed);
}
END_TEST

START_TEST (test_refused)
{
  static char large[DC_OBSERVED_SIZE_MAX + 1];
  struct dc_error err;
  struct dc_observed observed = { .file = NULL };

  ck_assert_fails (dc_observed_parse ("", 0, "r", &observed, &err),
                   DC_ERR_INVALID, "no record");
  ck_assert_fails (dc_observed_parse ("ELF", 3, "r", &observed, &err),
                   DC_ERR_INVALID, "no record");
  ck_assert_fails (
      dc_observed_parse ("decant-observed 2\n", 18, "r", &observed, &err),
      DC_ERR_UNSUPPORTED, "another version");
  ck_assert_fails (
      dc_observed_parse (large, sizeof large, "r", &observed, &err),
      DC_ERR_LIMIT, "limit 16777216");
}
END_TEST

#define SERVICE(name, program)                                                 \
  FILE (USR "/" name, "[Service]\nExecStart=" program "\n" WANTED),            \
      LINK (ETC "/multi-user.target.wants/" name, "/" USR "/" name)

static const struct dc_memory_file guest_files[] = {
  FOLDERS,
  MULTI,
  FILE ("etc/hostname", "web\n"),
  FILE ("etc/os-release", "ID=debian\nVERSION_ID=12\n"),
  FILE ("etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
  DIR ("etc/redis"),
  FILE ("etc/redis/redis.conf", "port 6379\nunixsocket /var/run/r.sock\n"),
  SERVICE ("redis.service", "/usr/bin/redis-server /etc/redis/redis.conf"),
  SERVICE ("own.service", "/opt/own/daemon"),
};

static int
make (const char *record, struct dc_profile **out, struct dc_error *err)
{
  const struct dc_profile_options options = { .observed = record,
                                              .observed_name = "web.rec",
                                              .observed_size =
                                                  strlen (record) };
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;

  if (dc_tree_memory (guest_files, DC_COUNT (guest_files), &tree, err) < 0 ||
      dc_guest_new ("memory", &guest, err) < 0 ||
      dc_profile_make (tree, guest, &options, &dc_report_silent, out, err) < 0)
    return -1;
  (void) DC_TAKE (guest);
  return 0;
}

/* "service protocol:address:port:path confidence file:line; " each. */
static char *
print_endpoints (const struct dc_profile *profile)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (10000);

  for (size_t i = 0; i < profile->endpoints.count; i++) {
    const struct dc_endpoint *endpoint = &profile->endpoints.items[i];
    ck_assert_ok (dc_buffer_print (
        &b, &err, "%s %s:%u %s:%u; ", endpoint->service,
        endpoint->path != NULL ? endpoint->path : endpoint->address,
        endpoint->port,
        endpoint->confidence == DC_OBSERVED ? endpoint->evidence.file : "-",
        endpoint->confidence == DC_OBSERVED ? endpoint->evidence.line : 0));
  }
  return dc_buffer_take (&b);
}

static size_t
count_findings (const struct dc_profile *profile, const char *id,
                const char *words)
{
  size_t count = 0;

  for (size_t i = 0; i < profile->finding_count; i++)
    count += strcmp (profile->findings[i].id, id) == 0 &&
             unit_contains (profile->findings[i].text, words);
  return count;
}

static const char record[] =
    HEADER "hostname\tweb.example.org\nos\tdebian\t12\n"
           "machine-id\t0123456789abcdef0123456789abcdef\n"
           "listen\ttcp\t127.0.0.1\t6379\tredis-server\tredis.service\n"
           "listen\tunix\t\t/run/r.sock\tredis-server\tredis.service\n"
           "listen\ttcp\t*\t9000\tdaemon\town.service\n"
           "listen\tudp\t0.0.0.0\t40000\tdaemon\town.service\n"
           "listen\ttcp\t0.0.0.0\t99\tnc\tsession-1.scope\n"
           "connect\tout\ttcp\t10.1.2.3\t6379\town.service\t3\n"
           "connect\tout\ttcp\t192.0.2.7\t443\town.service\t1\n"
           "connect\tout\ttcp\t192.0.2.7\t22\tsession-1.scope\t1\n"
           "address\teth0\t10.1.2.3/24\nend\n";

START_TEST (test_merge)
{
  struct dc_error err;
  DC_AUTO (dc_profile) *profile = NULL;

  ck_assert_ok (make (record, &profile, &err));
  AUTO_FREE char *endpoints = print_endpoints (profile);
  ck_assert (unit_contains (endpoints, "own.service :9000 web.rec:7; "));
  ck_assert (unit_contains (endpoints, "redis.service 127.0.0.1:6379 "
                                       "web.rec:5; "));
  ck_assert (unit_contains (endpoints, "redis.service /var/run/r.sock:0 "
                                       "web.rec:6; "));
  ck_assert (!unit_contains (endpoints, "40000"));
  ck_assert (!unit_contains (endpoints, ":99 "));
  ck_assert_uint_eq (count_findings (profile, "observed.listener", "'nc'"), 1);
  ck_assert_uint_eq (count_findings (profile, "observed.other_host", ""), 0);
  ck_assert_uint_eq (count_findings (profile, "endpoint.unknown", "own"), 0);

  size_t inside = 0, outside = 0;
  for (size_t i = 0; i < profile->couplings.count; i++) {
    const struct dc_coupling *coupling = &profile->couplings.items[i];
    if (coupling->confidence != DC_OBSERVED)
      continue;
    inside +=
        coupling->to != NULL && strcmp (coupling->to, "redis.service") == 0;
    outside += coupling->kind == DC_COUPLING_OUTBOUND;
  }
  ck_assert_uint_eq (inside, 1);
  ck_assert_uint_eq (outside, 1);
}
END_TEST

START_TEST (test_other_host)
{
  struct dc_error err;
  DC_AUTO (dc_profile) *profile = NULL;

  ck_assert_ok (make (HEADER "hostname\tdb\nos\tdebian\t11\n"
                             "machine-id\t1123456789abcdef0123456789abcdef\n"
                             "listen\ttcp\t*\t22\tsshd\t-\nx\n",
                      &profile, &err));
  ck_assert_uint_eq (count_findings (profile, "observed.other_host", "'db'"),
                     1);
  ck_assert_uint_eq (count_findings (profile, "observed.other_host", "'11'"),
                     1);
  ck_assert_uint_eq (
      count_findings (profile, "observed.other_host", "machine id"), 1);
  ck_assert_uint_eq (count_findings (profile, "observed.damaged", "1 line"), 1);
  ck_assert_uint_eq (count_findings (profile, "observed.incomplete", ""), 1);
  ck_assert_uint_ge (
      count_findings (profile, "endpoint.unseen", "redis.service"), 1);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;

  struct dc_observed observed = { .file = NULL };
  OOM_LOOP (status,
            dc_observed_parse (record, sizeof record - 1, "r", &observed, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_observed_release (&observed);
  }
}
END_TEST

START_TEST (test_merge_no_memory)
{
  struct dc_error err;
  DC_AUTO (dc_profile) *profile = NULL;
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (make (HEADER "end\n", &profile, &err));
  ck_assert_ok (
      dc_tree_memory (guest_files, DC_COUNT (guest_files), &tree, &err));
  dc_observed_forget (profile);
  profile->options.observed = record;
  profile->options.observed_size = sizeof record - 1;
  OOM_LOOP (status, dc_observed_read (tree, profile, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_observed_forget (profile);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_lines);
  tcase_add_loop_test (tcase, test_damaged, 0, DC_COUNT (damaged));
  tcase_add_test (tcase, test_refused);
  tcase_add_test (tcase, test_merge);
  tcase_add_test (tcase, test_other_host);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_test (tcase, test_merge_no_memory);
}

int
main (void)
{
  return unit_run ("observed", add);
}
