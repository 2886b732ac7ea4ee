/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_TEXT_H
#define DC_INIT_TEXT_H

/* text: messages and numbers without printf, which would be a tenth of the
 * program.
 *
 * A message is a list of texts that ends in NULL; control characters in it
 * become '?', so that a plan or a service cannot drive a terminal.
 */

#include <stddef.h>
#include <stdint.h>

#define DI_NUMBER_SIZE 24 /* a sign, 20 digits, NUL */
#define DI_COUNT(array) (sizeof (array) / sizeof ((array)[0]))

struct di_error {
  char text[512]; /* one line, cut at the end if long */
};

/* Set ERR to the texts joined; return -1, so that a failure is one statement.
 * di_fail_errno() adds ": " and the message of errno, di_context() puts its
 * texts and ": " before what ERR says.
 */
int di_fail (struct di_error *err, ...) __attribute__ ((__sentinel__));
int di_fail_errno (struct di_error *err, ...) __attribute__ ((__sentinel__));
int di_context (struct di_error *err, ...) __attribute__ ((__sentinel__));

/* "decant-init: NAME: TEXTS", one line on stderr; NAME may be NULL.  It is
 * lost rather than waited for when nobody reads.
 */
void di_say (const char *name, ...) __attribute__ ((__sentinel__));

/* The texts as one line on stdout, whole or not at all. */
void di_print (const char *text, ...) __attribute__ ((__sentinel__));

/* The same on stderr, for programs that speak as systemctl does. */
void di_complain (const char *text, ...) __attribute__ ((__sentinel__));

/* Words of a plan or a request, in which %20 is a space and % alone the empty
 * word.  Unescape WORD where it stands: 0, or -1 with ERR.
 */
int di_unescape (char *word, struct di_error *err);
/* WORD escaped into the SIZE bytes at OUT, of which one more than needed must
 * be there: its end, or NULL.
 */
char *di_escape (const char *word, char *out, size_t size);
/* Split LINE at its blanks into at most MAX words and unescape them: their
 * number, or -1 with ERR.
 */
int di_split (char *line, char **words, size_t max, struct di_error *err);

/* TEXT, SIZE bytes, as a JSON string with its quotes into the ROOM bytes at
 * OUT: its end.  What does not fit is cut off, what is not UTF-8 replaced.
 */
char *di_json (const char *text, size_t size, char *out, size_t room);
#define DI_JSON_ROOM_MIN 16 /* bytes */

/* "2026-01-01T12:00:00.000Z" of MS since 1970. */
#define DI_TIME_SIZE 25
#define DI_TIME(ms) di_time ((char[DI_TIME_SIZE]){ 0 }, (ms))
const char *di_time (char *out, int64_t ms);

/* N in decimal, in memory that lives as long as the enclosing block. */
#define DI_NUMBER(n) di_number ((char[DI_NUMBER_SIZE]){ 0 }, (n))
const char *di_number (char *digits, int64_t n);

/* All of TEXT as a number of MIN to MAX in BASE (8, 10 or 16), digits only, in
 * lower case: 0 and *OUT, or -1.
 */
int di_number_parse (const char *text, unsigned base, int64_t min, int64_t max,
                     int64_t *out);

/* The index of WORD in NAMES, which ends in NULL, or -1. */
int di_choice (const char *const *names, const char *word);

/* Milliseconds of a clock that only goes forward. */
int64_t di_now_ms (void);
#define DI_NEVER INT64_MAX

/* The same of the clock on the wall, since 1970. */
int64_t di_wall_ms (void);

/* MS from now; DI_NEVER stays. */
int64_t di_in_ms (int64_t ms);

#endif
