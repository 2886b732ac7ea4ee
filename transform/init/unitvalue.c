/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "transform/init/unitvalue.h"

#define SECOND_US UINT64_C (1000000)
#define SIGNAL_MAX 64
#define GLIBC_RTMIN 34
#define STATUS_MAX 255
#define MODE_MAX 07777

static const struct {
  const char *names[5];
  uint64_t us;
} time_units[] = {
  { { "us", "usec", "\xc2\xb5s", "\xce\xbcs" }, 1 }, /* micro sign, mu */
  { { "ms", "msec" }, 1000 },
  { { "s", "sec", "second", "seconds" }, SECOND_US },
  { { "m", "min", "minute", "minutes" }, 60 * SECOND_US },
  { { "h", "hr", "hour", "hours" }, 3600 * SECOND_US },
  { { "d", "day", "days" }, 86400 * SECOND_US },
  { { "w", "week", "weeks" }, 7 * 86400 * SECOND_US },
  { { "M", "month", "months" }, UINT64_C (2629800) * SECOND_US },
  { { "y", "year", "years" }, UINT64_C (31557600) * SECOND_US },
};

static int
fail_value (struct dc_error *err, const char *text, const char *what)
{
  return dc_fail (err, DC_ERR_INVALID, "'%s' is not %s", dc_quote (text).text,
                  what);
}

/* The length of the unit of SIZE bytes at NAME, 0 when there is none such. */
static uint64_t
unit_length_us (const char *name, size_t size)
{
  for (size_t i = 0; i < DC_COUNT (time_units); i++) {
    for (const char *const *known = time_units[i].names; *known != NULL;
         known++) {
      if (strlen (*known) == size && memcmp (*known, name, size) == 0)
        return time_units[i].us;
    }
  }
  return 0;
}

static const char digits[] = "0123456789";
static const char blanks[] = " \t\n\r";

/* One number at *S with its fraction, in millionths of whatever it counts. */
static int
read_number (const char **s, uint64_t *whole, uint64_t *millionths,
             struct dc_error *err)
{
  const size_t size = strspn (*s, digits);
  uint64_t scale = SECOND_US / 10;

  *whole = 0;
  *millionths = 0;
  if (size > 0 && dc_number_parse_bytes (*s, size, 0, UINT64_MAX / SECOND_US,
                                         whole, err) < 0)
    return -1;
  *s += size;
  if (**s == '.') {
    for (++*s; **s >= '0' && **s <= '9'; ++*s, scale /= 10)
      *millionths += (uint64_t) (**s - '0') * scale;
  } else if (size == 0) {
    return fail_value (err, *s, "a number");
  }
  return 0;
}

int
dc_timespan_parse (const char *text, uint64_t unit_us, uint64_t *us,
                   struct dc_error *err)
{
  uint64_t sum = 0;
  const char *s = text + strspn (text, blanks);

  if (strcmp (s, "infinity") == 0) {
    *us = DC_INFINITE;
    return 0;
  }
  if (*s == '\0')
    return fail_value (err, text, "a time span");
  while (*s != '\0') {
    uint64_t whole, millionths, part;
    if (read_number (&s, &whole, &millionths, err) < 0)
      return fail_value (err, text, "a time span");
    s += strspn (s, blanks);
    const size_t name_size = strcspn (s, " \t\n\r0123456789.");
    const uint64_t length_us =
        name_size == 0 ? unit_us : unit_length_us (s, name_size);
    if (length_us == 0 || __builtin_mul_overflow (whole, length_us, &part) ||
        __builtin_add_overflow (sum, part, &sum) ||
        __builtin_add_overflow (sum,
                                length_us / SECOND_US * millionths +
                                    length_us % SECOND_US * millionths /
                                        SECOND_US,
                                &sum))
      return fail_value (err, text, "a time span");
    s += name_size;
    s += strspn (s, blanks);
  }
  *us = sum;
  return 0;
}

/* Without the prefix SIG. */
static const struct {
  const char *name;
  unsigned number;
} signals[] = {
  { "ABRT", SIGABRT },   { "ALRM", SIGALRM }, { "BUS", SIGBUS },
  { "CHLD", SIGCHLD },   { "CONT", SIGCONT }, { "FPE", SIGFPE },
  { "HUP", SIGHUP },     { "ILL", SIGILL },   { "INT", SIGINT },
  { "IO", SIGIO },       { "KILL", SIGKILL }, { "PIPE", SIGPIPE },
  { "PROF", SIGPROF },   { "PWR", SIGPWR },   { "QUIT", SIGQUIT },
  { "SEGV", SIGSEGV },   { "STOP", SIGSTOP }, { "SYS", SIGSYS },
  { "TERM", SIGTERM },   { "TRAP", SIGTRAP }, { "TSTP", SIGTSTP },
  { "TTIN", SIGTTIN },   { "TTOU", SIGTTOU }, { "URG", SIGURG },
  { "USR1", SIGUSR1 },   { "USR2", SIGUSR2 }, { "VTALRM", SIGVTALRM },
  { "WINCH", SIGWINCH }, { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ },
};

/* "RTMIN+3", "RTMAX-1", or one of the two alone. */
static int
parse_realtime (const char *name, unsigned *signal, struct dc_error *err)
{
  const unsigned base = name[3] == 'I' ? GLIBC_RTMIN : SIGNAL_MAX;
  const char sign = base == GLIBC_RTMIN ? '+' : '-';
  uint64_t offset = 0;

  if (name[5] != '\0' &&
      (name[5] != sign ||
       dc_number_parse (name + 6, 0, SIGNAL_MAX - GLIBC_RTMIN, &offset, err) <
           0))
    return -1;
  *signal = sign == '+' ? base + (unsigned) offset : base - (unsigned) offset;
  return 0;
}

int
dc_signal_parse (const char *text, unsigned *signal, struct dc_error *err)
{
  const char *name = strncmp (text, "SIG", 3) == 0 ? text + 3 : text;
  uint64_t number;

  if (dc_number_parse (text, 1, SIGNAL_MAX, &number, err) == 0) {
    *signal = (unsigned) number;
    return 0;
  }
  for (size_t i = 0; i < DC_COUNT (signals); i++) {
    if (strcmp (signals[i].name, name) == 0) {
      *signal = signals[i].number;
      return 0;
    }
  }
  const bool is_realtime =
      strncmp (name, "RTMIN", 5) == 0 || strncmp (name, "RTMAX", 5) == 0;
  if (!is_realtime || parse_realtime (name, signal, err) < 0)
    return fail_value (err, text, "a signal");
  return 0;
}

/* The LSB's and the BSD's; those from 200 on are of systemd's own failures,
 * which do not occur here.
 */
static const struct {
  const char *name;
  unsigned status;
} statuses[] = {
  { "SUCCESS", 0 },        { "FAILURE", 1 },      { "INVALIDARGUMENT", 2 },
  { "NOTIMPLEMENTED", 3 }, { "NOPERMISSION", 4 }, { "NOTINSTALLED", 5 },
  { "NOTCONFIGURED", 6 },  { "NOTRUNNING", 7 },   { "USAGE", 64 },
  { "DATAERR", 65 },       { "NOINPUT", 66 },     { "NOUSER", 67 },
  { "NOHOST", 68 },        { "UNAVAILABLE", 69 }, { "SOFTWARE", 70 },
  { "OSERR", 71 },         { "OSFILE", 72 },      { "CANTCREAT", 73 },
  { "IOERR", 74 },         { "TEMPFAIL", 75 },    { "PROTOCOL", 76 },
  { "NOPERM", 77 },        { "CONFIG", 78 },
};

int
dc_exit_status_parse (const char *text, unsigned *status, struct dc_error *err)
{
  uint64_t number;

  for (size_t i = 0; i < DC_COUNT (statuses); i++) {
    if (strcmp (statuses[i].name, text) == 0) {
      *status = statuses[i].status;
      return 0;
    }
  }
  if (dc_number_parse (text, 0, STATUS_MAX, &number, err) < 0)
    return fail_value (err, text, "an exit status");
  *status = (unsigned) number;
  return 0;
}

int
dc_mode_parse (const char *text, unsigned *mode, struct dc_error *err)
{
  unsigned sum = 0;
  const char *s = text;

  for (; *s >= '0' && *s <= '7' && sum <= MODE_MAX; s++)
    sum = sum * 8 + (unsigned) (*s - '0');
  if (s == text || *s != '\0' || sum > MODE_MAX)
    return fail_value (err, text, "an octal mode");
  *mode = sum;
  return 0;
}

/* What the number of a limit counts. */
enum measure { COUNT, BYTES, SECONDS, MICROSECONDS, NICE };

static const struct {
  const char *key, *name;
  enum measure measure;
} limits[] = {
  { "LimitAS", "as", BYTES },
  { "LimitCORE", "core", BYTES },
  { "LimitCPU", "cpu", SECONDS },
  { "LimitDATA", "data", BYTES },
  { "LimitFSIZE", "fsize", BYTES },
  { "LimitLOCKS", "locks", COUNT },
  { "LimitMEMLOCK", "memlock", BYTES },
  { "LimitMSGQUEUE", "msgqueue", BYTES },
  { "LimitNICE", "nice", NICE },
  { "LimitNOFILE", "nofile", COUNT },
  { "LimitNPROC", "nproc", COUNT },
  { "LimitRSS", "rss", BYTES },
  { "LimitRTPRIO", "rtprio", COUNT },
  { "LimitRTTIME", "rttime", MICROSECONDS },
  { "LimitSIGPENDING", "sigpending", COUNT },
  { "LimitSTACK", "stack", BYTES },
};

/* "16G"; "1.5G" is refused: nobody writes it and systemd rounds it. */
int
dc_bytes_parse (const char *text, uint64_t *out, struct dc_error *err)
{
  static const char suffixes[] = "BKMGTPE";
  const size_t size = strspn (text, digits);
  uint64_t number;

  if (dc_number_parse_bytes (text, size, 0, UINT64_MAX, &number, err) < 0)
    return -1;
  const char *rest = text + size + strspn (text + size, blanks);
  const char *suffix = *rest == '\0' ? suffixes : strchr (suffixes, *rest);
  if (suffix == NULL || (*rest != '\0' && rest[1] != '\0') ||
      __builtin_mul_overflow (number,
                              UINT64_C (1) << (10 * (suffix - suffixes)), out))
    return dc_fail (err, DC_ERR_INVALID, "no size");
  return 0;
}

/* "+5" and "-5" are nice values; RLIMIT_NICE counts from 20 down. */
static int
parse_nice (const char *text, uint64_t *out, struct dc_error *err)
{
  const bool is_nice = text[0] == '+' || text[0] == '-';
  uint64_t number;

  if (dc_number_parse (text + is_nice, 0, 40, &number, err) < 0)
    return -1;
  if (text[0] == '+' && number > 19)
    return dc_fail (err, DC_ERR_INVALID, "no nice value");
  if (text[0] == '+')
    number = 20 - number;
  else if (text[0] == '-')
    number = number > 20 ? 40 : 20 + number;
  *out = number;
  return 0;
}

static int
parse_limit (enum measure measure, const char *text, uint64_t *out,
             struct dc_error *err)
{
  uint64_t us;

  if (strcmp (text, "infinity") == 0) {
    *out = DC_INFINITE;
    return 0;
  }
  switch (measure) {
  case COUNT:
    return dc_number_parse (text, 0, INT64_MAX, out, err);
  case BYTES:
    return dc_bytes_parse (text, out, err);
  case MICROSECONDS:
    return dc_timespan_parse (text, 1, out, err);
  case NICE:
    return parse_nice (text, out, err);
  case SECONDS:
    break;
  }
  if (dc_timespan_parse (text, SECOND_US, &us, err) < 0)
    return -1;
  *out = us / SECOND_US + (us % SECOND_US != 0);
  return 0;
}

int
dc_rlimit_parse (const char *key, const char *text, const char **name,
                 uint64_t *soft, uint64_t *hard, struct dc_error *err)
{
  const char *colon = strchr (text, ':');
  size_t i = 0;

  while (i < DC_COUNT (limits) && strcmp (limits[i].key, key) != 0)
    i++;
  if (i == DC_COUNT (limits))
    return fail_value (err, key, "a limit");
  AUTO_FREE char *first =
      strndup (text, colon == NULL ? strlen (text) : (size_t) (colon - text));
  if (first == NULL)
    return dc_fail_errno (err, "cannot keep a limit");
  if (parse_limit (limits[i].measure, first, soft, err) < 0 ||
      parse_limit (limits[i].measure, colon == NULL ? first : colon + 1, hard,
                   err) < 0 ||
      *soft > *hard)
    return fail_value (err, text, "a limit");
  *name = limits[i].name;
  return 0;
}
