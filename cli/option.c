/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/option.h"
#include "lib/number.h"
#include "lib/quote.h"

#define ROW_MAX 40
#define LONG_BASE 1000 /* what getopt returns for row 0 */

static int
take_number (const struct dc_option *row, const char *text, unsigned *target,
             struct dc_error *err)
{
  uint64_t number = 0;

  if (dc_number_parse (text, row->min, row->max, &number, err) < 0)
    return dc_context (err, "--%s", row->name);
  *target = (unsigned) number;
  return 0;
}

static int
take_choice (const struct dc_option *row, const char *text, int *target,
             struct dc_error *err)
{
  char words[128] = "";
  size_t used = 0;

  for (int i = 0; row->choices[i] != NULL; i++) {
    if (strcmp (row->choices[i], text) == 0) {
      *target = i;
      return 0;
    }
    used += (size_t) snprintf (words + used, sizeof words - used, "%s%s",
                               i > 0 ? ", " : "", row->choices[i]);
    assert (used < sizeof words);
  }
  return dc_fail (err, DC_ERR_INVALID, "--%s: '%s' is none of: %s", row->name,
                  dc_quote (text).text, words);
}

static int
take_text (const struct dc_option *row, const char *text,
           struct dc_option_texts *target, struct dc_error *err)
{
  if (target->count == DC_OPTION_TEXTS_MAX)
    return dc_fail (err, DC_ERR_INVALID, "--%s is given more than %d times",
                    row->name, DC_OPTION_TEXTS_MAX);
  target->items[target->count++] = text;
  return 0;
}

static int
take (const struct dc_option *row, const char *text, char *target,
      struct dc_error *err)
{
  void *const at = target + row->target;

  switch (row->kind) {
  case DC_OPTION_FLAG:
    *(bool *) at = true;
    return 0;
  case DC_OPTION_TEXT:
    *(const char **) at = text;
    return 0;
  case DC_OPTION_TEXTS:
    return take_text (row, text, at, err);
  case DC_OPTION_NUMBER:
    return take_number (row, text, at, err);
  case DC_OPTION_CHOICE:
    return take_choice (row, text, at, err);
  }
  return dc_fail (err, DC_ERR_INVALID, "no such kind of option");
}

/* What getopt_long() stumbled over, named. */
static int
refuse (const struct dc_option *rows, int returned, char *const *argv,
        struct dc_error *err)
{
  const char *word = argv[optind - 1];

  if (returned == ':' && optopt >= LONG_BASE)
    return dc_fail (err, DC_ERR_INVALID, "option '--%s' needs %s",
                    rows[optopt - LONG_BASE].name,
                    rows[optopt - LONG_BASE].argument);
  if (returned == ':')
    return dc_fail (err, DC_ERR_INVALID, "option '-%c' needs an argument",
                    optopt);
  if (optopt >= LONG_BASE)
    return dc_fail (err, DC_ERR_INVALID, "option '--%s' takes no argument",
                    rows[optopt - LONG_BASE].name);
  if (optopt != 0)
    return dc_fail (err, DC_ERR_INVALID, "unknown option '-%c'", optopt);
  return dc_fail (err, DC_ERR_INVALID, "unknown option '%s'",
                  dc_quote (word).text);
}

/* The table in getopt's own form. */
static void
prepare (const struct dc_option *rows, struct option *longs, char *shorts)
{
  *shorts++ = ':';
  for (int i = 0; rows[i].name != NULL; i++) {
    assert (i < ROW_MAX);
    const int has_argument =
        rows[i].kind == DC_OPTION_FLAG ? no_argument : required_argument;
    *longs++ =
        (struct option){ rows[i].name, has_argument, NULL, LONG_BASE + i };
    if (rows[i].letter == 0)
      continue;
    *shorts++ = rows[i].letter;
    if (has_argument == required_argument)
      *shorts++ = ':';
  }
  *longs = (struct option){ NULL, 0, NULL, 0 };
  *shorts = '\0';
}

static const struct dc_option *
find_row (const struct dc_option *rows, int returned)
{
  if (returned >= LONG_BASE)
    return &rows[returned - LONG_BASE];
  while (rows->letter != returned)
    rows++;
  return rows;
}

int
dc_options_parse (const struct dc_option *rows, int argc, char **argv,
                  void *target, int *first, struct dc_error *err)
{
  struct option longs[ROW_MAX + 1];
  char shorts[2 * ROW_MAX + 2];

  prepare (rows, longs, shorts);
  optind = 0; /* also forgets an earlier table; GNU getopt(3), NOTES */
  opterr = 0;
  for (;;) {
    const int returned = getopt_long (argc, argv, shorts, longs, NULL);
    if (returned == -1)
      break;
    if (returned == '?' || returned == ':')
      return refuse (rows, returned, argv, err);
    if (take (find_row (rows, returned), optarg, target, err) < 0)
      return -1;
  }
  *first = optind;
  return 0;
}

int
dc_options_print (const struct dc_option *rows)
{
  for (; rows->name != NULL; rows++) {
    char left[64];
    const int size = snprintf (
        left, sizeof left, "  %c%c%s --%s%s%s", rows->letter != 0 ? '-' : ' ',
        rows->letter != 0 ? rows->letter : ' ', rows->letter != 0 ? "," : " ",
        rows->name, rows->argument != NULL ? " " : "",
        rows->argument != NULL ? rows->argument : "");
    assert (size > 0 && (size_t) size < sizeof left);
    if (printf ("%-28s%s%s\n", left,
                size >= 28 ? "\n                            " : "",
                rows->help) < 0)
      return -1;
  }
  return 0;
}
