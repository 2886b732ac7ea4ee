/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_PLAN_H
#define DC_INIT_PLAN_H

/* plan: what decant-init does, as transform/init/initplan.c compiled it from the
 * guest's units.  This comment is the format; both sides are tested together.
 *
 *   decant-init 1                        the first line: format and version
 *   # a comment
 *   tmpfile d /run 0755 0 0
 *   service nginx
 *     type forking
 *     after redis
 *     env LANG=C.UTF-8
 *     exec start - /usr/sbin/nginx nginx -g daemon%20on;
 *
 *   plan    = "decant-init 1" LF *( [ line ] LF )
 *   line    = *blank ( "#" text / keyword *( 1*blank word ) ) *blank
 *   word    = "%"                        the empty word
 *           / 1*( byte / "%" 2HEX / "%{" live "}" )
 *   byte    = 0x21-0xff but "%" and 0x7f
 *   live    = "b" / "m" / "v"            known only at run time: live.h
 *   blank   = SP / TAB                   %00 is refused
 *
 * Lines belong to the last "service" above them; "tmpfile", "account" and
 * "journal" to
 * none.  An
 * unknown keyword, a word too many or too few, a value out of range: the plan
 * is refused with the number of the line, nothing is started.
 *
 * NAME     letters, digits and _ . : @ \ -, at most 255 bytes
 * PATH     absolute
 * MODE     octal, up to 07777
 * ID       decimal, up to 4294967294
 * MS       milliseconds in decimal, up to 10^12, or "infinity"
 * FLAGS    "-" for none, or of: i a failure is ignored, n no variables are
 *          replaced (exec) or the test is negated (condition), p privileged:
 *          user and group are not changed, t one of the alternatives
 *          (condition), of which one must be true, u unconfined: limits,
 *          capabilities and what else takes rights away are not applied
 * MASK     hexadecimal, in lower case
 * STATUS   an exit status 0-255, or "s" and the number of a signal: s15
 *
 * tmpfile TYPE PATH MODE ID ID [TEXT]  as tmpfiles.d(5), owner and group;
 *                         what is not set is "-", what is only for new ones
 *                         begins with ":", a MODE that is masked with "~".
 *                         TYPE d a folder, D one that is emptied, f a file
 *                         with TEXT unless there is one (f+: always), L a
 *                         link to TEXT, p a FIFO, c and b devices "MAJOR:
 *                         MINOR" (+: what is there gives way), C a copy of
 *                         TEXT, w writes TEXT into a file (w+: behind its
 *                         end); e, z, Z owner and mode of a folder, of
 *                         anything, of all in it; t and T set the attribute
 *                         NAME=VALUE likewise; r and R remove.  PATH is a
 *                         pattern for w e z Z t T r R.  Only PID 1 removes,
 *                         never across mounts.  Further modifiers: = removes
 *                         what is of another type, - keeps a failure quiet
 * account NAME ID         a user and group in /etc/passwd and /etc/group
 * journal                 listens where programs send logs (journal.h)
 * service NAME            begins a service
 * type TYPE               simple, exec, forking, oneshot, notify
 * essential               its failure stops everything, exit status 1
 * after NAME...           not started before these are started or failed
 * needs NAME...           the same, and not at all if one failed for good; a
 *                         tie of kind requires, too
 * alias NAME...           other names that it is asked for by
 * on-demand               not started at the beginning, but by an order, a
 *                         trigger or a tie
 * tie KIND NAME...        to other services of the plan; KIND is
 *                         one of tie.h
 * condition TEST FLAGS WORD    not started (no failure) unless true.  TEST is
 *     exists, glob, directory, link, filled-directory, filled-file,
 *     executable, mount, writable         of the PATH in WORD
 *     outdated            PATH/.updated is not there, or older than /usr
 *     machine             what uname(2) calls it matches a pattern
 *     kernel              its release; comparisons, separated by blanks, all
 *                         of which hold: < <= = != >= > (numbers by value),
 *                         $= !$= (a pattern), none: a pattern
 *     memory, cpus        one comparison, in bytes and by affinity
 *     cpu                 /proc/cpuinfo has this flag
 *     capability          this number is in our bounding set
 *     controller          the cgroup has these controllers
 *     user-namespace      yes: it is not the first one
 * assertion TEST FLAGS WORD    likewise, but then it fails, for those that need
 *                         it, without having been tried
 * user ID, group ID, groups ID...      groups: all supplementary ones
 * own-groups ID...        instead of groups, for commands with p
 * umask MODE              0022 if not given
 * limit RESOURCE SOFT HARD    numbers, "infinity" or "keep"
 * chdir FLAGS PATH        / if not given
 * env NAME=VALUE...       later ones win, also over what the init sets
 * envfile FLAGS PATH      a file or pattern, read at each start
 * passenv NAME...         taken from the init's own environment
 * unsetenv NAME...        or NAME=VALUE; applied last
 * folder KIND MODE PATH...    made before each start for the user, named in
 *                         KIND_DIRECTORY; KIND is runtime, state, cache,
 *                         logs, configuration
 * private-folders         of a dynamic user: "/var/lib/private/x" with a link
 *                         to it from "/var/lib/x", for state, cache, logs, and
 *                         runtime folders that are preserved
 * folder-link PATH TARGET a link beside the folders, made with them
 * credential SOURCE NAME VALUE    a file NAME for its user alone in the folder
 *                         $CREDENTIALS_DIRECTORY; SOURCE is file (VALUE is the
 *                         path of a file or folder) or text, which is taken
 *                         where that file is missing
 * preserve WHEN           runtime folders survive a stop: no, restart, yes
 * exec PHASE FLAGS PATH ARG0 ARG...    PHASE: pre, start, post, stop,
 *                         stop-post, reload, condition; in order of appearance.  $X and
 *                         ${X} in ARG... as systemd.service(5) has it
 * pidfile PATH            where a forking service writes its main process
 * no-guess                the main process is not guessed without pidfile
 * remain                  stays up after its processes ended
 * notify WHO              a socket in $NOTIFY_SOCKET, messages are taken from
 *                         main, exec or all processes
 * kill-signal N           15 if not given
 * kill-mode MODE          control-group (every descendant), mixed (signal to
 *                         the main process, SIGKILL to the rest), process
 *                         (the main process alone), none
 * no-sigkill, send-sighup
 * timeout-start MS, timeout-stop MS    of each step; 90000 if not given
 * on-start-timeout HOW, on-stop-timeout HOW    terminate, abort (the signal
 *                         of the watchdog), kill
 * timeout-abort MS        after that signal; timeout-stop if not given
 * watchdog MS             it says WATCHDOG=1 more often than that, or ends with
 * watchdog-signal N       6 if not given
 * runtime-max MS          it is stopped then, as a failure
 * reload-signal N         to its main process when it is reloaded
 * restart WHEN            no, on-success, on-failure, on-abnormal,
 *                         on-watchdog, on-abort, always
 * restart-delay MS        100 if not given
 * start-limit COUNT MS    at most COUNT starts in MS; COUNT 0: no limit
 * success STATUS...       that is success too
 * restart-prevent STATUS..., restart-force STATUS...
 * sigpipe                 SIGPIPE has its default action, else it is ignored
 * bound MASK              of the capabilities that it may have at all
 * ambient N NAME          a capability that it keeps when it is not root, N as
 *                         the kernel counts; the name is for messages
 * securebits MASK, no-new-privileges
 * root PATH               of its own; the paths of mounts are ours all the same
 * isolate MASK            name spaces of its own, flags of unshare(2); this and
 *                         mount only where we have CAP_SYS_ADMIN
 * mount OP FLAGS PATH [TEXT]   in its own name space, a parent before what is in
 *                         it; OP is bind and bind-ro (TEXT is the source; n:
 *                         not what is mounted in it), tmpfs (TEXT are its
 *                         options), private (a folder of its own, 1777), hide,
 *                         ro, rw, exec, noexec; i: PATH may be missing
 * filter PROGRAM          of system calls, classic BPF in hexadecimal: 16
 *                         digits an instruction, in this machine's byte order
 * nice N, oom-score N     -20 to 19, -1000 to 1000
 * scheduler POLICY N RESET    other, fifo, rr, batch, idle; its priority; 1:
 *                         its children have none of it
 * cpus N...               the processors it runs on, from 0
 * io-priority CLASS N     none, realtime, best-effort, idle; 0 to 7
 * timer-slack N           nanoseconds
 * personality MASK, coredump-filter MASK
 * stdin KIND [TEXT]       null if not given; file TEXT, data TEXT; socket, the
 *                         one that it gets
 * stdout KIND [PATH], stderr KIND [PATH]    log (to us) and inherit if not
 *                         given; null; inherit from stdin or stdout; socket;
 *                         file, append, truncate, all made if missing
 * sockets NAME...         it gets the descriptors of these, from 3 on, in this
 *                         order
 * non-blocking            and they are O_NONBLOCK
 *
 * socket NAME, timer NAME, path NAME    begin a trigger, which starts a service
 *                         that is down: on traffic, by the clock, when files
 *                         change.  Sockets are opened before the first start
 * starts NAME             that service
 * trigger-limit COUNT MS  more in MS and it is given up; COUNT 0: no limit;
 *                         of sockets and paths
 * folder-mode MODE        of folders it makes, 0755 if not given; likewise
 *
 * listen TYPE ADDRESS     of a socket; TYPE is stream, datagram, seqpacket,
 *                         fifo, special, message-queue, netlink; ADDRESS is a
 *                         PATH, @NAME (abstract), [IPV6]:PORT, IPV4:PORT, PORT
 *                         (IPv6 if there is any, else IPv4), of netlink
 *                         PROTOCOL:GROUPS
 * descriptor NAME         for LISTEN_FDNAMES; "unknown" if not given
 * socket-mode MODE, socket-owner ID ID    0666, and who we are
 * backlog N               4096 if not given
 * option NAME VALUE       of socket.c; one that fails is told, no more
 * accept                  each connection starts an instance of the service
 * max-connections N, max-per-source N    64, 0 (no limit) if not given
 * message-limits N N      messages in a queue and their size
 * pipe-size N             bytes
 * symlink PATH...         to its first path
 * remove-on-stop, flush-pending, writable
 *
 * elapse BASE MS          of a timer: MS after BASE, which is boot, active,
 *                         unit-active, unit-inactive
 * calendar ZONE WEEKDAYS YEARS MONTHS DAYS HOURS MINUTES SECONDS
 *                         at all times of these sets: ZONE a name or "-", the
 *                         container's; YEARS "*" or a hexadecimal digit for
 *                         each four from 1970 on, the first in its lowest bit;
 *                         else a hexadecimal number, whose bit N is value N
 *                         (weekday 0: Sunday); DAYS with "~" in front are
 *                         counted from the month's end
 * random-delay MS         at most so much later
 * fixed-random            by the same time each time
 * persistent              remembers over restarts, in
 *                         /var/lib/systemd/timers/stamp-NAME.timer
 * on-clock-change, on-timezone-change
 *
 * watch EVENT PATH        of a path; EVENT is exists, glob, changed, modified,
 *                         filled
 * make-folder             makes what it watches, but for exists and glob
 *
 * Symbols of decant-init begin with di_, because it is a program of its own
 * that includes nothing from outside this folder.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/init/text.h"
#include "runtime/init/tie.h"

#define DI_PLAN_PATH "/.decant/init.plan"
#define DI_PLAN_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */
#define DI_LINE_MAX 20000
#define DI_WORD_MAX 100000
#define DI_SERVICE_MAX 256
#define DI_TRIGGER_MAX 256
#define DI_EDGE_MAX 16384 /* and as many ties */
#define DI_NAME_MAX 255   /* bytes */
#define DI_ALIAS_MAX 16   /* names of a service that are told */

#define DI_KEEP (-1) /* an ID that is not changed */
#define DI_LIMIT_INFINITY (-1)
#define DI_LIMIT_KEEP (-2)

enum di_flag {
  DI_IGNORE = 1,      /* i */
  DI_NEGATED = 2,     /* n */
  DI_LITERAL = 2,     /* n, of a command */
  DI_PRIVILEGED = 4,  /* p */
  DI_ALTERNATIVE = 8, /* t */
  DI_UNCONFINED = 16, /* u */
};

enum di_keyword {
  DI_TMPFILE,
  DI_JOURNAL,
  DI_SERVICE,
  DI_TYPE,
  DI_ESSENTIAL,
  DI_AFTER,
  DI_NEEDS,
  DI_ALIAS,
  DI_ON_DEMAND,
  DI_TIE,
  DI_CONDITION,
  DI_ASSERTION,
  DI_USER,
  DI_GROUP,
  DI_GROUPS,
  DI_UMASK,
  DI_LIMIT,
  DI_CHDIR,
  DI_ENV,
  DI_ENVFILE,
  DI_PASSENV,
  DI_UNSETENV,
  DI_FOLDER,
  DI_PRIVATE_FOLDERS,
  DI_FOLDER_LINK,
  DI_PRESERVE,
  DI_EXEC,
  DI_PIDFILE,
  DI_NO_GUESS,
  DI_REMAIN,
  DI_NOTIFY,
  DI_KILL_SIGNAL,
  DI_KILL_MODE,
  DI_NO_SIGKILL,
  DI_SEND_SIGHUP,
  DI_TIMEOUT_START,
  DI_TIMEOUT_STOP,
  DI_ON_START_TIMEOUT,
  DI_ON_STOP_TIMEOUT,
  DI_TIMEOUT_ABORT_KEY,
  DI_WATCHDOG_KEY,
  DI_WATCHDOG_SIGNAL,
  DI_RUNTIME_MAX,
  DI_RELOAD_SIGNAL,
  DI_RESTART,
  DI_RESTART_DELAY,
  DI_START_LIMIT,
  DI_SUCCESS,
  DI_RESTART_PREVENT,
  DI_RESTART_FORCE,
  DI_SIGPIPE,
  DI_BOUND,
  DI_AMBIENT,
  DI_SECUREBITS,
  DI_NO_NEW_PRIVILEGES,
  DI_NICE,
  DI_OOM_SCORE,
  DI_SCHEDULER,
  DI_CPUS,
  DI_IO_PRIORITY,
  DI_TIMER_SLACK,
  DI_PERSONALITY,
  DI_COREDUMP_FILTER,
  DI_STDIN,
  DI_STDOUT,
  DI_STDERR,
  DI_FILTER,
  DI_SOCKETS,
  DI_NON_BLOCKING,
  DI_SOCKET,
  DI_TIMER,
  DI_PATH,
  DI_STARTS,
  DI_TRIGGER_LIMIT,
  DI_FOLDER_MODE,
  DI_LISTEN,
  DI_DESCRIPTOR,
  DI_SOCKET_MODE,
  DI_SOCKET_OWNER,
  DI_BACKLOG,
  DI_OPTION,
  DI_ACCEPT,
  DI_MAX_CONNECTIONS,
  DI_MAX_PER_SOURCE,
  DI_MESSAGE_LIMITS,
  DI_PIPE_SIZE,
  DI_SYMLINK,
  DI_REMOVE_ON_STOP,
  DI_FLUSH_PENDING,
  DI_WRITABLE,
  DI_ELAPSE,
  DI_CALENDAR,
  DI_RANDOM_DELAY,
  DI_FIXED_RANDOM,
  DI_PERSISTENT,
  DI_ON_CLOCK_CHANGE,
  DI_ON_TIMEZONE_CHANGE,
  DI_WATCH,
  DI_MAKE_FOLDER,
  DI_CREDENTIAL,
  DI_ACCOUNT,
  DI_OWN_GROUPS,
  DI_ROOT,
  DI_ISOLATE,
  DI_MOUNT,
};

/* In the order of the words above, or of the letters in words.c. */
enum di_tmpfile {
  DI_TMP_FOLDER,
  DI_TMP_EMPTY,
  DI_TMP_FILE,
  DI_TMP_LINK,
  DI_TMP_FIFO,
  DI_TMP_CHARACTER,
  DI_TMP_BLOCK,
  DI_TMP_COPY,
  DI_TMP_WRITE,
  DI_TMP_ADJUST_FOLDER,
  DI_TMP_ADJUST,
  DI_TMP_ADJUST_ALL,
  DI_TMP_ATTRIBUTE,
  DI_TMP_ATTRIBUTE_ALL,
  DI_TMP_REMOVE,
  DI_TMP_REMOVE_ALL,
};
enum di_tmpfile_flag {
  DI_TMP_FORCE = 1,   /* + */
  DI_TMP_REPLACE = 2, /* = */
  DI_TMP_QUIET = 4,   /* - */
  DI_TMP_MASK = 8,    /* ~ before the mode */
  /* : before the mode, and, shifted by one and two, owner and group */
  DI_TMP_NEW_MODE = 16,
};
enum di_type { DI_SIMPLE, DI_EXECD, DI_FORKING, DI_ONESHOT, DI_NOTIFIED };
enum di_test {
  DI_EXISTS,
  DI_GLOB,
  DI_IS_DIRECTORY,
  DI_IS_LINK,
  DI_FILLED_DIRECTORY,
  DI_FILLED_FILE,
  DI_EXECUTABLE,
  DI_TEST_MOUNT,
  DI_TEST_WRITABLE,
  DI_TEST_OUTDATED,
  DI_TEST_MACHINE,
  DI_TEST_KERNEL,
  DI_TEST_MEMORY,
  DI_TEST_CPUS,
  DI_TEST_CPU,
  DI_TEST_CAPABILITY,
  DI_TEST_CONTROLLER,
  DI_TEST_USER_NAMESPACE
};
enum di_kind { DI_RUNTIME, DI_STATE, DI_CACHE, DI_LOGS, DI_CONFIGURATION };
enum di_preserve { DI_PRESERVE_NO, DI_PRESERVE_RESTART, DI_PRESERVE_YES };
enum di_phase {
  DI_PHASE_PRE,
  DI_PHASE_START,
  DI_PHASE_POST,
  DI_PHASE_STOP,
  DI_PHASE_STOP_POST,
  DI_PHASE_RELOAD,
  DI_PHASE_CONDITION
};
enum di_timeout { DI_TIMEOUT_TERMINATE, DI_TIMEOUT_ABORT, DI_TIMEOUT_KILL };
enum di_who { DI_WHO_NONE, DI_WHO_MAIN, DI_WHO_EXEC, DI_WHO_ALL };
enum di_kill_mode {
  DI_KILL_GROUP,
  DI_KILL_MIXED,
  DI_KILL_PROCESS,
  DI_KILL_NONE,
};
enum di_stream {
  DI_STREAM_NULL,
  DI_STREAM_LOG,
  DI_STREAM_INHERIT,
  DI_STREAM_SOCKET,
  DI_STREAM_FILE,
  DI_STREAM_APPEND,
  DI_STREAM_TRUNCATE,
  DI_STREAM_DATA,
};
enum di_credential { DI_CREDENTIAL_FILE, DI_CREDENTIAL_TEXT };
enum di_mount {
  DI_MOUNT_BIND,
  DI_MOUNT_BIND_READ_ONLY,
  DI_MOUNT_TMPFS,
  DI_MOUNT_PRIVATE,
  DI_MOUNT_HIDE,
  DI_MOUNT_READ_ONLY,
  DI_MOUNT_READ_WRITE,
  DI_MOUNT_EXEC,
  DI_MOUNT_NO_EXEC,
};
enum di_restart {
  DI_RESTART_NO,
  DI_RESTART_ON_SUCCESS,
  DI_RESTART_ON_FAILURE,
  DI_RESTART_ON_ABNORMAL,
  DI_RESTART_ON_WATCHDOG,
  DI_RESTART_ON_ABORT,
  DI_RESTART_ALWAYS
};

/* What a line belongs to; the triggers are in the order of their words. */
enum di_block {
  DI_OF_PLAN,
  DI_OF_SERVICE,
  DI_OF_SOCKET,
  DI_OF_TIMER,
  DI_OF_PATH,
};
enum di_listen {
  DI_LISTEN_STREAM,
  DI_LISTEN_DATAGRAM,
  DI_LISTEN_SEQPACKET,
  DI_LISTEN_FIFO,
  DI_LISTEN_SPECIAL,
  DI_LISTEN_MQUEUE,
  DI_LISTEN_NETLINK,
};
enum di_base {
  DI_BASE_BOOT,
  DI_BASE_ACTIVE,
  DI_BASE_UNIT_ACTIVE,
  DI_BASE_UNIT_INACTIVE,
};
enum di_event {
  DI_EVENT_EXISTS,
  DI_EVENT_GLOB,
  DI_EVENT_CHANGED,
  DI_EVENT_MODIFIED,
  DI_EVENT_FILLED,
};

struct di_line {
  char **words;    /* after the keyword */
  size_t count;    /* of words */
  unsigned number; /* in the file, from 1 */
  enum di_keyword keyword;
  int choice;         /* TYPE, TEST, RESOURCE (of setrlimit), KIND, PHASE ... */
  unsigned flags;     /* enum di_flag, enum di_tmpfile_flag */
  int64_t numbers[3]; /* the first MODE, ID, SOFT, HARD of the line */
};

struct di_service {
  const char *name;
  const struct di_line *lines; /* those of the service */
  size_t line_count;
  int64_t user, group; /* DI_KEEP */
  int64_t umask;
  int64_t bound;      /* mask of capabilities, DI_KEEP */
  int64_t securebits; /* DI_KEEP */
  int64_t namespaces; /* flags of unshare(2) */
  int64_t timeout_start_ms, timeout_stop_ms, restart_delay_ms; /* DI_NEVER */
  int64_t start_limit[2];                                      /* starts, ms */
  int64_t timeout_abort_ms;               /* DI_NEVER, 0: the same as to stop */
  int64_t watchdog_ms;                    /* 0: none */
  int64_t runtime_max_ms;                 /* DI_NEVER */
  int64_t watchdog_signal, reload_signal; /* 0: none */
  int on_start_timeout, on_stop_timeout;  /* enum di_timeout */
  int64_t kill_signal;
  int type; /* enum di_type, and so on */
  int preserve;
  int notify;
  int kill_mode;
  int restart;
  const char *pidfile; /* NULL: none */
  const char *root;    /* NULL: ours */
  bool is_essential;
  bool is_on_demand;
  bool remains;
  bool no_guess;
  bool no_sigkill;
  bool sends_sighup;
  bool has_sigpipe;
  bool has_private_folders;
  bool no_new_privileges;
  bool is_non_blocking;
};

/* What starts a service. */
struct di_trigger {
  const char *name; /* "cups" of cups.socket */
  const struct di_line *lines;
  size_t line_count;
  enum di_block kind; /* DI_OF_SOCKET, DI_OF_TIMER or DI_OF_PATH */
  size_t service;     /* that it starts; index */
  const char *starts; /* and its name */
  int64_t limit[2];   /* starts, ms */
  int64_t folder_mode;
  /* Of a socket. */
  const char *descriptor;
  int64_t mode;
  int64_t owner[2]; /* user and group; DI_KEEP */
  int64_t backlog, max_connections, max_per_source, pipe_size;
  int64_t message_limits[2]; /* 0: the kernel's */
  bool accepts;
  bool is_removed;
  bool is_flushed;
  bool is_writable;
  /* Of a timer. */
  int64_t random_delay_ms;
  bool has_fixed_random;
  bool is_persistent;
  bool on_clock_change;
  bool on_timezone_change;
  /* Of a path. */
  bool makes_folder;
};

/* TO waits for FROM; both are indexes of services. */
struct di_edge {
  unsigned from, to;
  bool is_needed;
};

struct di_plan {
  struct di_line *lines;
  size_t line_count;
  char **words;
  char **made; /* words that are not in the text */
  size_t made_count;
  struct di_service *services;
  size_t service_count;
  struct di_trigger *triggers;
  size_t trigger_count;
  struct di_edge *edges;
  size_t edge_count;
  struct di_tie *ties;
  size_t tie_count;
};

/* Read SIZE bytes at TEXT, which are followed by a NUL, are changed, and must
 * outlive PLAN.  0, or -1 with ERR and an empty PLAN.
 */
int di_plan_parse (char *text, size_t size, struct di_plan *plan,
                   struct di_error *err);
void di_plan_release (struct di_plan *plan);

/* The index of the service NAME, or -1. */
int di_plan_find (const struct di_plan *plan, const char *name);

/* The lines of one keyword in order, from *POSITION = 0; NULL at the end. */
const struct di_line *di_next (const struct di_service *service,
                               enum di_keyword keyword, size_t *position);
const struct di_line *di_trigger_next (const struct di_trigger *trigger,
                                       enum di_keyword keyword,
                                       size_t *position);

#endif
