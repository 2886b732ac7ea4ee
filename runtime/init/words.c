/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "runtime/init/words.h"

#define MODE_MAX 07777
#define ID_MAX 4294967294 /* one less than "no change" of chown(2) */
#define MS_MAX 1000000000000
#define COUNT_MAX 1000000
#define SIGNAL_MAX 64
#define STATUS_MAX 255
#define SIGNED_MAX 1000
#define PROGRAM_STEP 16 /* digits of an instruction */
#define PROGRAM_MAX (4096 * PROGRAM_STEP)

static const char tmpfile_letters[] = "dDfLpcbCwezZtTrR";
static const char tmpfile_flags[] = "+=-"; /* enum di_tmpfile_flag */
static const char *const types[] = { "simple",  "exec",   "forking",
                                     "oneshot", "notify", NULL };
static const char *const ties[] = { "wants",   "requires",  "binds",
                                    "part-of", "conflicts", "stops",
                                    "reloads", "upholds",   "failure",
                                    "success", NULL };
static const char *const tests[] = {
  "exists",         "glob",       "directory", "link",     "filled-directory",
  "filled-file",    "executable", "mount",     "writable", "outdated",
  "machine",        "kernel",     "memory",    "cpus",     "cpu",
  "capability",     "controller",

  "user-namespace", NULL
};
static const char *const kinds[] = { "runtime", "state",         "cache",
                                     "logs",    "configuration", NULL };
static const char *const preserves[] = { "no", "restart", "yes", NULL };
static const char *const phases[] = { "pre",       "start",     "post",
                                      "stop",      "stop-post", "reload",
                                      "condition", NULL };
static const char *const timeouts[] = { "terminate", "abort", "kill", NULL };
static const char *const senders[] = { "none", "main", "exec", "all", NULL };
static const char *const kill_modes[] = { "control-group", "mixed", "process",
                                          "none", NULL };
static const char *const restarts[] = { "no",          "on-success",
                                        "on-failure",  "on-abnormal",
                                        "on-watchdog", "on-abort",
                                        "always",      NULL };

static const char *const streams[] = { "null",     "log",  "inherit",
                                       "socket",   "file", "append",
                                       "truncate", "data", NULL };
static const char *const mounts[] = { "bind",   "bind-ro", "tmpfs", "private",
                                      "hide",   "ro",      "rw",    "exec",
                                      "noexec", NULL };
static const char *const credentials[] = { "file", "text", NULL };
/* As the kernel counts them. */
static const char *const schedulers[] = { "other", "fifo", "rr", "batch",
                                          "iso",   "idle", NULL };
static const char *const io_classes[] = { "none", "realtime", "best-effort",
                                          "idle", NULL };
static const char *const listens[] = { "stream",  "datagram", "seqpacket",
                                       "fifo",    "special",  "message-queue",
                                       "netlink", NULL };
static const char *const bases[] = { "boot", "active", "unit-active",
                                     "unit-inactive", NULL };
static const char *const events[] = { "exists",   "glob",   "changed",
                                      "modified", "filled", NULL };

/* In the order of the kernel's numbers, which are the same on every
 * architecture that musl has but alpha, mips and sparc.
 */
static const char *const resources[] = {
  [RLIMIT_CPU] = "cpu",           [RLIMIT_FSIZE] = "fsize",
  [RLIMIT_DATA] = "data",         [RLIMIT_STACK] = "stack",
  [RLIMIT_CORE] = "core",         [RLIMIT_RSS] = "rss",
  [RLIMIT_NPROC] = "nproc",       [RLIMIT_NOFILE] = "nofile",
  [RLIMIT_MEMLOCK] = "memlock",   [RLIMIT_AS] = "as",
  [RLIMIT_LOCKS] = "locks",       [RLIMIT_SIGPENDING] = "sigpending",
  [RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
  [RLIMIT_RTPRIO] = "rtprio",     [RLIMIT_RTTIME] = "rttime",
  [RLIMIT_RTTIME + 1] = NULL,
};

static const char *const signal_names[] = {
  [SIGHUP] = "HUP",       [SIGINT] = "INT",       [SIGQUIT] = "QUIT",
  [SIGILL] = "ILL",       [SIGTRAP] = "TRAP",     [SIGABRT] = "ABRT",
  [SIGBUS] = "BUS",       [SIGFPE] = "FPE",       [SIGKILL] = "KILL",
  [SIGUSR1] = "USR1",     [SIGSEGV] = "SEGV",     [SIGUSR2] = "USR2",
  [SIGPIPE] = "PIPE",     [SIGALRM] = "ALRM",     [SIGTERM] = "TERM",
  [SIGSTKFLT] = "STKFLT", [SIGCHLD] = "CHLD",     [SIGCONT] = "CONT",
  [SIGSTOP] = "STOP",     [SIGTSTP] = "TSTP",     [SIGTTIN] = "TTIN",
  [SIGTTOU] = "TTOU",     [SIGURG] = "URG",       [SIGXCPU] = "XCPU",
  [SIGXFSZ] = "XFSZ",     [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF",
  [SIGWINCH] = "WINCH",   [SIGIO] = "IO",         [SIGPWR] = "PWR",
  [SIGSYS] = "SYS",
};

/* FORM has a letter a word: b program, c choice, d a number that may be
 * negative, e
 * NAME=VALUE, f flags, g signal, i service name, l limit, m mode, n count, p
 * path, s status, t time in ms, u id, v type of a tmpfile, w
 * anything, x mask, y mode of a tmpfile, z its owner or group; the last may be
 * followed by + (one or more), * (any number) or ? (at most one).
 */
struct keyword {
  const char *name;
  const char *form;
  const char *const *choices;
  size_t field; /* in the struct of its block; 0: none, the line is kept */
  unsigned char blocks; /* where it stands; 0: in services */
};

#define FIELD(name) offsetof (struct di_service, name)
#define OF_TRIGGER(name) offsetof (struct di_trigger, name)
#define IN(block) (1U << (block))
#define IN_SOCKET IN (DI_OF_SOCKET)
#define IN_TIMER IN (DI_OF_TIMER)
#define IN_PATH IN (DI_OF_PATH)
#define IN_ANY 0xff

static const struct keyword keywords[] = {
  [DI_TMPFILE] = { "tmpfile", "vpyzzw?", NULL, 0, IN_ANY },
  [DI_JOURNAL] = { "journal", "", NULL, 0, IN_ANY },
  [DI_SERVICE] = { "service", "i", NULL, 0, IN_ANY },
  [DI_TYPE] = { "type", "c", types, FIELD (type) },
  [DI_ESSENTIAL] = { "essential", "", NULL, FIELD (is_essential) },
  [DI_AFTER] = { "after", "i+", NULL, 0 },
  [DI_NEEDS] = { "needs", "i+", NULL, 0 },
  [DI_ALIAS] = { "alias", "i+", NULL, 0 },
  [DI_ON_DEMAND] = { "on-demand", "", NULL, FIELD (is_on_demand) },
  [DI_TIE] = { "tie", "ci+", ties, 0 },
  [DI_CONDITION] = { "condition", "cfw", tests, 0 },
  [DI_ASSERTION] = { "assertion", "cfw", tests, 0 },
  [DI_USER] = { "user", "u", NULL, FIELD (user) },
  [DI_GROUP] = { "group", "u", NULL, FIELD (group) },
  [DI_GROUPS] = { "groups", "u*", NULL, 0 },
  [DI_UMASK] = { "umask", "m", NULL, FIELD (umask) },
  [DI_LIMIT] = { "limit", "cll", resources, 0 },
  [DI_CHDIR] = { "chdir", "fp", NULL, 0 },
  [DI_ENV] = { "env", "e+", NULL, 0 },
  [DI_ENVFILE] = { "envfile", "fp", NULL, 0 },
  [DI_PASSENV] = { "passenv", "w+", NULL, 0 },
  [DI_UNSETENV] = { "unsetenv", "w+", NULL, 0 },
  [DI_FOLDER] = { "folder", "cmp+", kinds, 0 },
  [DI_PRIVATE_FOLDERS] = { "private-folders", "", NULL,
                           FIELD (has_private_folders) },
  [DI_FOLDER_LINK] = { "folder-link", "pw", NULL, 0 },
  [DI_PRESERVE] = { "preserve", "c", preserves, FIELD (preserve) },
  [DI_EXEC] = { "exec", "cfpw+", phases, 0 },
  [DI_PIDFILE] = { "pidfile", "p", NULL, FIELD (pidfile) },
  [DI_NO_GUESS] = { "no-guess", "", NULL, FIELD (no_guess) },
  [DI_REMAIN] = { "remain", "", NULL, FIELD (remains) },
  [DI_NOTIFY] = { "notify", "c", senders, FIELD (notify) },
  [DI_KILL_SIGNAL] = { "kill-signal", "g", NULL, FIELD (kill_signal) },
  [DI_KILL_MODE] = { "kill-mode", "c", kill_modes, FIELD (kill_mode) },
  [DI_NO_SIGKILL] = { "no-sigkill", "", NULL, FIELD (no_sigkill) },
  [DI_SEND_SIGHUP] = { "send-sighup", "", NULL, FIELD (sends_sighup) },
  [DI_TIMEOUT_START] = { "timeout-start", "t", NULL, FIELD (timeout_start_ms) },
  [DI_TIMEOUT_STOP] = { "timeout-stop", "t", NULL, FIELD (timeout_stop_ms) },
  [DI_ON_START_TIMEOUT] = { "on-start-timeout", "c", timeouts,
                            FIELD (on_start_timeout) },
  [DI_ON_STOP_TIMEOUT] = { "on-stop-timeout", "c", timeouts,
                           FIELD (on_stop_timeout) },
  [DI_TIMEOUT_ABORT_KEY] = { "timeout-abort", "t", NULL,
                             FIELD (timeout_abort_ms) },
  [DI_WATCHDOG_KEY] = { "watchdog", "t", NULL, FIELD (watchdog_ms) },
  [DI_WATCHDOG_SIGNAL] = { "watchdog-signal", "g", NULL,
                           FIELD (watchdog_signal) },
  [DI_RUNTIME_MAX] = { "runtime-max", "t", NULL, FIELD (runtime_max_ms) },
  [DI_RELOAD_SIGNAL] = { "reload-signal", "g", NULL, FIELD (reload_signal) },
  [DI_RESTART] = { "restart", "c", restarts, FIELD (restart) },
  [DI_RESTART_DELAY] = { "restart-delay", "t", NULL, FIELD (restart_delay_ms) },
  [DI_START_LIMIT] = { "start-limit", "nt", NULL, FIELD (start_limit) },
  [DI_SUCCESS] = { "success", "s+", NULL, 0 },
  [DI_RESTART_PREVENT] = { "restart-prevent", "s+", NULL, 0 },
  [DI_RESTART_FORCE] = { "restart-force", "s+", NULL, 0 },
  [DI_SIGPIPE] = { "sigpipe", "", NULL, FIELD (has_sigpipe) },
  [DI_BOUND] = { "bound", "x", NULL, FIELD (bound) },
  [DI_AMBIENT] = { "ambient", "nw", NULL, 0 },
  [DI_SECUREBITS] = { "securebits", "x", NULL, FIELD (securebits) },
  [DI_NO_NEW_PRIVILEGES] = { "no-new-privileges", "", NULL,
                             FIELD (no_new_privileges) },
  [DI_NICE] = { "nice", "d", NULL, 0 },
  [DI_OOM_SCORE] = { "oom-score", "d", NULL, 0 },
  [DI_SCHEDULER] = { "scheduler", "cnn", schedulers, 0 },
  [DI_CPUS] = { "cpus", "n+", NULL, 0 },
  [DI_IO_PRIORITY] = { "io-priority", "cn", io_classes, 0 },
  [DI_TIMER_SLACK] = { "timer-slack", "l", NULL, 0 },
  [DI_PERSONALITY] = { "personality", "x", NULL, 0 },
  [DI_COREDUMP_FILTER] = { "coredump-filter", "x", NULL, 0 },
  [DI_STDIN] = { "stdin", "cw?", streams, 0 },
  [DI_STDOUT] = { "stdout", "cp?", streams, 0 },
  [DI_STDERR] = { "stderr", "cp?", streams, 0 },
  [DI_ACCOUNT] = { "account", "iu", NULL, 0, IN_ANY },
  [DI_OWN_GROUPS] = { "own-groups", "u*", NULL, 0 },
  [DI_ROOT] = { "root", "p", NULL, FIELD (root) },
  [DI_ISOLATE] = { "isolate", "x", NULL, FIELD (namespaces) },
  [DI_MOUNT] = { "mount", "cfpw?", mounts, 0 },
  [DI_CREDENTIAL] = { "credential", "cww", credentials, 0 },
  [DI_FILTER] = { "filter", "b", NULL, 0 },
  [DI_SOCKETS] = { "sockets", "i+", NULL, 0 },
  [DI_NON_BLOCKING] = { "non-blocking", "", NULL, FIELD (is_non_blocking) },
  [DI_SOCKET] = { "socket", "i", NULL, 0, IN_ANY },
  [DI_TIMER] = { "timer", "i", NULL, 0, IN_ANY },
  [DI_PATH] = { "path", "i", NULL, 0, IN_ANY },
  [DI_STARTS] = { "starts", "i", NULL, OF_TRIGGER (starts),
                  IN_SOCKET | IN_TIMER | IN_PATH },
  [DI_TRIGGER_LIMIT] = { "trigger-limit", "nt", NULL, OF_TRIGGER (limit),
                         IN_SOCKET | IN_PATH },
  [DI_FOLDER_MODE] = { "folder-mode", "m", NULL, OF_TRIGGER (folder_mode),
                       IN_SOCKET | IN_PATH },
  [DI_LISTEN] = { "listen", "cw", listens, 0, IN_SOCKET },
  [DI_DESCRIPTOR] = { "descriptor", "w", NULL, OF_TRIGGER (descriptor),
                      IN_SOCKET },
  [DI_SOCKET_MODE] = { "socket-mode", "m", NULL, OF_TRIGGER (mode), IN_SOCKET },
  [DI_SOCKET_OWNER] = { "socket-owner", "uu", NULL, OF_TRIGGER (owner),
                        IN_SOCKET },
  [DI_BACKLOG] = { "backlog", "n", NULL, OF_TRIGGER (backlog), IN_SOCKET },
  [DI_OPTION] = { "option", "ww", NULL, 0, IN_SOCKET },
  [DI_ACCEPT] = { "accept", "", NULL, OF_TRIGGER (accepts), IN_SOCKET },
  [DI_MAX_CONNECTIONS] = { "max-connections", "n", NULL,
                           OF_TRIGGER (max_connections), IN_SOCKET },
  [DI_MAX_PER_SOURCE] = { "max-per-source", "n", NULL,
                          OF_TRIGGER (max_per_source), IN_SOCKET },
  [DI_MESSAGE_LIMITS] = { "message-limits", "nn", NULL,
                          OF_TRIGGER (message_limits), IN_SOCKET },
  [DI_PIPE_SIZE] = { "pipe-size", "l", NULL, OF_TRIGGER (pipe_size),
                     IN_SOCKET },
  [DI_SYMLINK] = { "symlink", "p+", NULL, 0, IN_SOCKET },
  [DI_REMOVE_ON_STOP] = { "remove-on-stop", "", NULL, OF_TRIGGER (is_removed),
                          IN_SOCKET },
  [DI_FLUSH_PENDING] = { "flush-pending", "", NULL, OF_TRIGGER (is_flushed),
                         IN_SOCKET },
  [DI_WRITABLE] = { "writable", "", NULL, OF_TRIGGER (is_writable), IN_SOCKET },
  [DI_ELAPSE] = { "elapse", "ct", bases, 0, IN_TIMER },
  [DI_CALENDAR] = { "calendar", "wwwwwwww", NULL, 0, IN_TIMER },
  [DI_RANDOM_DELAY] = { "random-delay", "t", NULL, OF_TRIGGER (random_delay_ms),
                        IN_TIMER },
  [DI_FIXED_RANDOM] = { "fixed-random", "", NULL, OF_TRIGGER (has_fixed_random),
                        IN_TIMER },
  [DI_PERSISTENT] = { "persistent", "", NULL, OF_TRIGGER (is_persistent),
                      IN_TIMER },
  [DI_ON_CLOCK_CHANGE] = { "on-clock-change", "", NULL,
                           OF_TRIGGER (on_clock_change), IN_TIMER },
  [DI_ON_TIMEZONE_CHANGE] = { "on-timezone-change", "", NULL,
                              OF_TRIGGER (on_timezone_change), IN_TIMER },
  [DI_WATCH] = { "watch", "cp", events, 0, IN_PATH },
  [DI_MAKE_FOLDER] = { "make-folder", "", NULL, OF_TRIGGER (makes_folder),
                       IN_PATH },
};

/* How the letters that are numbers are read. */
static const struct number_form {
  char letter;
  unsigned char base;
  int64_t min, max;
  const char *word; /* a word for SPECIAL, NULL: none */
  int64_t special;
} number_forms[] = {
  { 'd', 10, -SIGNED_MAX, SIGNED_MAX, NULL, 0 },
  { 'g', 10, 1, SIGNAL_MAX, NULL, 0 },
  { 'l', 10, 0, INT64_MAX, "infinity", DI_LIMIT_INFINITY },
  { 'm', 8, 0, MODE_MAX, NULL, 0 },
  { 'n', 10, 0, COUNT_MAX, NULL, 0 },
  { 't', 10, 0, MS_MAX, "infinity", DI_NEVER },
  { 'u', 10, 0, ID_MAX, NULL, 0 },
  { 'x', 16, 0, INT64_MAX, NULL, 0 },
  { 'y', 8, 0, MODE_MAX, "-", DI_KEEP },
  { 'z', 10, 0, ID_MAX, "-", DI_KEEP },
};

int
di_keyword_find (const char *name)
{
  for (size_t i = 0; i < DI_COUNT (keywords); i++) {
    if (strcmp (keywords[i].name, name) == 0)
      return (int) i;
  }
  return -1;
}

bool
di_keyword_is_global (enum di_keyword keyword)
{
  return keyword == DI_TMPFILE || keyword == DI_ACCOUNT ||
         keyword == DI_JOURNAL;
}

bool
di_keyword_fits (enum di_keyword keyword, enum di_block block)
{
  const unsigned blocks = keywords[keyword].blocks;

  return ((blocks == 0 ? IN (DI_OF_SERVICE) : blocks) & IN (block)) != 0;
}

int
di_status_parse (const char *word, int *status)
{
  const bool is_signal = word[0] == 's';
  int64_t n;

  if (di_number_parse (word + is_signal, 10, is_signal,
                       is_signal ? SIGNAL_MAX : STATUS_MAX, &n) < 0)
    return -1;
  *status = is_signal ? (int) n : (int) n << 8; /* as wait(2) has it */
  return 0;
}

const char *
di_resource_name (int resource)
{
  return resources[resource];
}

const char *
di_signal_name (int signal)
{
  return signal > 0 && (size_t) signal < DI_COUNT (signal_names)
             ? signal_names[signal]
             : NULL;
}

int
di_signal_find (const char *word)
{
  int64_t number;

  if (di_number_parse (word, 10, 1, SIGNAL_MAX, &number) == 0)
    return (int) number;
  if (strncmp (word, "SIG", 3) == 0)
    word += 3;
  for (size_t i = 1; i < DI_COUNT (signal_names); i++) {
    if (signal_names[i] != NULL && strcmp (signal_names[i], word) == 0)
      return (int) i;
  }
  return -1;
}

static int
read_letters (const char *word, const char *letters, unsigned *flags)
{
  for (; *word != '\0'; word++) {
    const char *found = strchr (letters, *word);
    if (found == NULL)
      return -1;
    *flags |= 1U << (found - letters);
  }
  return 0;
}

static int
read_flags (const char *word, unsigned *flags)
{
  return strcmp (word, "-") == 0 ? 0 : read_letters (word, "inptu", flags);
}

/* The type of a tmpfile, and what may follow it. */
static bool
is_tmpfile_type (const char *word, struct di_line *line)
{
  const char *found = *word != '\0' ? strchr (tmpfile_letters, *word) : NULL;

  if (found == NULL)
    return false;
  line->choice = (int) (found - tmpfile_letters);
  return read_letters (word + 1, tmpfile_flags, &line->flags) == 0;
}

/* What stands before the mode, the owner, the group of a tmpfile. */
static const char *
read_prefix (const char *word, size_t number, unsigned *flags)
{
  for (; *word == ':' || (*word == '~' && number == 0); word++)
    *flags |= *word == '~' ? (unsigned) DI_TMP_MASK
                           : (unsigned) DI_TMP_NEW_MODE << number;
  return word;
}

static bool
is_name (const char *word)
{
  static const char name_bytes[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.:@\\-";
  const size_t size = strlen (word);

  /* It becomes part of a file name, the notify socket's. */
  return size > 0 && size <= DI_NAME_MAX && word[0] != '.' &&
         strspn (word, name_bytes) == size;
}

static bool
is_program (const char *word)
{
  const size_t size = strlen (word);

  return size > 0 && size % PROGRAM_STEP == 0 && size <= PROGRAM_MAX &&
         strspn (word, "0123456789abcdef") == size;
}

static bool
is_number (char letter, const char *word, int64_t *out)
{
  for (size_t i = 0; i < DI_COUNT (number_forms); i++) {
    const struct number_form *form = &number_forms[i];
    if (form->letter != letter)
      continue;
    if (form->word != NULL && strcmp (word, form->word) == 0) {
      *out = form->special;
      return true;
    }
    if (letter == 'l' && strcmp (word, "keep") == 0) {
      *out = DI_LIMIT_KEEP;
      return true;
    }
    const bool is_negative = form->min < 0 && word[0] == '-';
    if (di_number_parse (word + is_negative, form->base,
                         is_negative ? 1 : form->min, form->max, out) < 0)
      return false;
    if (is_negative)
      *out = -*out;
    return true;
  }
  return false;
}

/* Read one word of LINE by its LETTER; *NUMBER_COUNT numbers were before. */
static bool
is_read (struct di_line *line, char letter, const char *word,
         size_t *number_count)
{
  const struct keyword *keyword = &keywords[line->keyword];
  const char *equals = strchr (word, '=');
  int64_t number;
  int status;

  switch (letter) {
  case 'c':
    line->choice = di_choice (keyword->choices, word);
    return line->choice >= 0;
  case 'b':
    return is_program (word);
  case 'e':
    return equals != NULL && equals > word;
  case 'f':
    return read_flags (word, &line->flags) == 0;
  case 'i':
    return is_name (word);
  case 'p':
    return word[0] == '/';
  case 's':
    return di_status_parse (word, &status) == 0;
  case 'w':
    return true;
  case 'v':
    return is_tmpfile_type (word, line);
  case 'y':
  case 'z':
    word = read_prefix (word, *number_count, &line->flags);
    __attribute__ ((__fallthrough__));
  default:
    if (!is_number (letter, word, &number))
      return false;
    if (*number_count < DI_COUNT (line->numbers))
      line->numbers[(*number_count)++] = number;
    return true;
  }
}

/* Put a plain setting where the service or trigger has it. */
static void
store (const struct di_line *line, void *block, size_t number_count)
{
  const struct keyword *keyword = &keywords[line->keyword];
  char *field = (char *) block + keyword->field;
  const bool yes = true;

  if (keyword->field == 0)
    return;
  if (keyword->form[0] == '\0')
    memcpy (field, &yes, sizeof yes);
  else if (keyword->form[0] == 'c')
    memcpy (field, &line->choice, sizeof line->choice);
  else if (strchr ("ipw", keyword->form[0]) != NULL)
    memcpy (field, &line->words[0], sizeof line->words[0]);
  else
    memcpy (field, line->numbers, number_count * sizeof line->numbers[0]);
}

int
di_line_read (struct di_line *line, void *block, struct di_error *err)
{
  const struct keyword *keyword = &keywords[line->keyword];
  const char *form = keyword->form;
  size_t number_count = 0;
  size_t i = 0;

  for (; *form != '\0' && i < line->count; i++) {
    if (!is_read (line, *form, line->words[i], &number_count))
      return di_fail (err, keyword->name, " does not take '", line->words[i],
                      "'", NULL);
    if (form[1] != '+' && form[1] != '*')
      form++;
    if (*form == '?')
      form++;
  }
  /* What is left may be repeated or optional. */
  const bool is_whole = *form == '\0' || form[1] == '*' || form[1] == '?' ||
                        (form[1] == '+' && i > (size_t) (form - keyword->form));
  if (!is_whole)
    return di_fail (err, keyword->name, " needs more words", NULL);
  if (i < line->count)
    return di_fail (err, keyword->name, " does not take '", line->words[i], "'",
                    NULL);
  if (block != NULL)
    store (line, block, number_count);
  return 0;
}
