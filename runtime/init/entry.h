/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_ENTRY_H
#define DC_INIT_ENTRY_H

/* entry: a message of a log, out of the forms that programs send it in, and
 * as the lines that we write.
 *
 *   sshd: Accepted publickey for root
 *   {"time":"2026-01-01T12:00:00.000Z","service":"sshd","priority":6, ...}
 *
 * The second form is chosen by DECANT_LOG=json in our environment.
 *
 * Source: syslog(3), RFC 3164 and 5424; "Native Journal Protocol" and
 * sd_journal_stream_fd(3) of systemd; sd-daemon(3) for "<3>".
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DI_TAG_MAX 63          /* bytes of a name, the rest is cut */
#define DI_LINE_SIZE_MAX 4096  /* bytes that we write, one line */
#define DI_ENTRY_TEXT_MAX 3072 /* of a message in one line */
#define DI_PRIORITY_DEFAULT 6  /* info */
#define DI_LOG_VARIABLE "DECANT_LOG"

struct di_entry {
  int priority; /* 0 to 7 */
  pid_t pid;    /* 0: not known */
  char tag[DI_TAG_MAX + 1];
  const char *text; /* SIZE bytes, may hold newlines; borrowed */
  size_t size;
};

/* From the SIZE bytes at TEXT, a datagram of syslog(3). */
void di_entry_syslog (const char *text, size_t size, struct di_entry *entry);
/* From a datagram of the journal's protocol; false: it has no message. */
bool di_entry_native (const char *text, size_t size, struct di_entry *entry);
/* Take "<3>" from the front of the text; its priority. */
void di_entry_level (struct di_entry *entry);

/* The piece of ENTRY's text that makes the next line, moving on: true, and
 * a line with its newline in the DI_LINE_SIZE_MAX bytes at OUT, *USED of
 * them.  SERVICE: of which service it is known to be, or NULL.
 */
bool di_entry_line (struct di_entry *entry, const char *service, char *out,
                    size_t *used);
/* Is DECANT_LOG=json? */
bool di_log_is_json (void);

#endif
