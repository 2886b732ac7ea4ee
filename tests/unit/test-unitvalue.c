/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/cleanup.h"
#include "tests/unit/unit.h"
#include "transform/init/unitvalue.h"

#define S UINT64_C (1000000)

/* Those of systemd.time(7) among them. */
static const struct {
  const char *text;
  uint64_t us;
} spans[] = {
  { "0", 0 },
  { "5", 5 * S },
  { " 5 ", 5 * S },
  { "5min 20s", 320 * S },
  { "2 h", 7200 * S },
  { "2hours", 7200 * S },
  { "48hr", 172800 * S },
  { "1y 12month", 63115200 * S },
  { "55s500ms", 55500000 },
  { "300ms20s 5day", 432020300000 },
  { "0.5", 500000 },
  { "1.5min", 90 * S },
  { ".25s", 250000 },
  { "2.000001s", 2000001 },
  { "7us", 7 },
  { "7\xc2\xb5s", 7 },
  { "infinity", DC_INFINITE },
};

START_TEST (test_timespan)
{
  struct dc_error err;
  uint64_t us = 1;

  ck_assert_ok (dc_timespan_parse (spans[_i].text, S, &us, &err));
  ck_assert_uint_eq (us, spans[_i].us);
}
END_TEST

static const char *const bad_spans[] = {
  "",
  "  ",
  "s",
  "5 parsecs",
  "-5",
  "5s-",
  "5,5s",
  "5:30",
  "1e3",
  "99999999999999999999",
  "999999999999999y",
  "0x10",
  "5 s x",
};

START_TEST (test_bad_timespan)
{
  struct dc_error err;
  uint64_t us;

  ck_assert_fails (dc_timespan_parse (bad_spans[_i], S, &us, &err),
                   DC_ERR_INVALID, "is not a time span");
}
END_TEST

static const struct {
  const char *text;
  unsigned number; /* 0: refused */
} signals[] = {
  { "TERM", 15 },   { "SIGTERM", 15 },    { "15", 15 },
  { "SIGQUIT", 3 }, { "SIGWINCH", 28 },   { "SIGRTMIN+3", 37 },
  { "RTMIN", 34 },  { "SIGRTMAX-1", 63 }, { "RTMAX", 64 },
  { "64", 64 },     { "0", 0 },           { "65", 0 },
  { "term", 0 },    { "SIG15", 0 },       { "", 0 },
  { "RTMIN-1", 0 }, { "RTMIN+31", 0 },    { "RTMAX+1", 0 },
  { "RTMINx", 0 },  { "SIGSIGTERM", 0 },
};

START_TEST (test_signal)
{
  struct dc_error err;
  unsigned number = 0;
  const int status = dc_signal_parse (signals[_i].text, &number, &err);

  ck_assert_int_eq (status, signals[_i].number == 0 ? -1 : 0);
  ck_assert_uint_eq (number, signals[_i].number);
}
END_TEST

START_TEST (test_exit_status_and_mode)
{
  struct dc_error err;
  unsigned number;

  ck_assert_ok (dc_exit_status_parse ("TEMPFAIL", &number, &err));
  ck_assert_uint_eq (number, 75);
  ck_assert_ok (dc_exit_status_parse ("143", &number, &err));
  ck_assert_uint_eq (number, 143);
  ck_assert_fails (dc_exit_status_parse ("256", &number, &err), DC_ERR_INVALID,
                   "'256' is not an exit status");
  ck_assert_ok (dc_mode_parse ("2755", &number, &err));
  ck_assert_uint_eq (number, 02755);
  ck_assert_fails (dc_mode_parse ("755x", &number, &err), DC_ERR_INVALID,
                   "is not an octal mode");
  ck_assert_fails (dc_mode_parse ("10000", &number, &err), DC_ERR_INVALID, "");
  ck_assert_fails (dc_mode_parse ("", &number, &err), DC_ERR_INVALID, "");
}
END_TEST

static const struct {
  const char *key, *text, *name;
  uint64_t soft, hard;
} limits[] = {
  { "LimitNOFILE", "65535", "nofile", 65535, 65535 },
  { "LimitNOFILE", "1024:524288", "nofile", 1024, 524288 },
  { "LimitNOFILE", "infinity", "nofile", DC_INFINITE, DC_INFINITE },
  { "LimitAS", "4G:16G", "as", UINT64_C (4) << 30, UINT64_C (16) << 30 },
  { "LimitCORE", "0", "core", 0, 0 },
  { "LimitSTACK", "8M:infinity", "stack", 8 << 20, DC_INFINITE },
  { "LimitCPU", "1min", "cpu", 60, 60 },
  { "LimitCPU", "1500ms", "cpu", 2, 2 },
  { "LimitRTTIME", "7", "rttime", 7, 7 },
  { "LimitNICE", "+5", "nice", 15, 15 },
  { "LimitNICE", "-20", "nice", 40, 40 },
  { "LimitNICE", "30", "nice", 30, 30 },
};

START_TEST (test_limit)
{
  struct dc_error err;
  const char *name;
  uint64_t soft, hard;

  ck_assert_ok (dc_rlimit_parse (limits[_i].key, limits[_i].text, &name, &soft,
                                 &hard, &err));
  ck_assert_str_eq (name, limits[_i].name);
  ck_assert_uint_eq (soft, limits[_i].soft);
  ck_assert_uint_eq (hard, limits[_i].hard);
}
END_TEST

static const struct {
  const char *key, *text;
} bad_limits[] = {
  { "LimitNOFILE", "" },   { "LimitNOFILE", "2:1" },
  { "LimitNOFILE", "1k" }, { "LimitAS", "1.5G" },
  { "LimitAS", "1GB" },    { "LimitAS", "99999999999999E" },
  { "LimitNICE", "41" },   { "LimitNICE", "+20" },
  { "LimitFILES", "1" },   { "LimitCPU", "infinity:1" },
};

START_TEST (test_bad_limit)
{
  struct dc_error err;
  const char *name;
  uint64_t soft, hard;

  ck_assert_fails (dc_rlimit_parse (bad_limits[_i].key, bad_limits[_i].text,
                                    &name, &soft, &hard, &err),
                   DC_ERR_INVALID, "is not a limit");
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_timespan, 0, DC_COUNT (spans));
  tcase_add_loop_test (tcase, test_bad_timespan, 0, DC_COUNT (bad_spans));
  tcase_add_loop_test (tcase, test_signal, 0, DC_COUNT (signals));
  tcase_add_test (tcase, test_exit_status_and_mode);
  tcase_add_loop_test (tcase, test_limit, 0, DC_COUNT (limits));
  tcase_add_loop_test (tcase, test_bad_limit, 0, DC_COUNT (bad_limits));
}

int
main (void)
{
  return unit_run ("unitvalue", add);
}
