/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/array.h"
#include "lib/number.h"
#include "lib/span.h"
#include "lib/words.h"
#include "runtime/probe/dialog.h"
#include "runtime/verify/states.h"

#define ASK_TIMEOUT_MS 2000
#define SUFFIX ".service"

/* service NAME STANDING STATE MAINPID SINCE RESTARTS RESULT STATUS FLAGS TEXT
 */
enum {
  WORD_KIND,
  WORD_NAME,
  WORD_STANDING,
  WORD_STATE,
  WORD_PID,
  WORD_SINCE,
  WORD_RESTARTS,
  WORD_RESULT,
  WORD_STATUS,
  WORD_FLAGS,
  WORD_TEXT,
  WORD_COUNT,
};

/* In the order of enum di_standing. */
static const enum dc_state_kind kinds[] = {
  DC_STATE_DOWN,   DC_STATE_COMING, DC_STATE_COMING, DC_STATE_COMING,
  DC_STATE_UP,     DC_STATE_IDLE,   DC_STATE_COMING, DC_STATE_COMING,
  DC_STATE_FAILED, DC_STATE_ENDED,  DC_STATE_FAILED,
};

static int
hex_digit (char c)
{
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/* "%20" is a space, "%" alone the empty word. */
static int
take_word (struct dc_span word, char **out, struct dc_error *err)
{
  AUTO_FREE char *copy = NULL;
  size_t used = 0;

  if (dc_span_copy (word, &copy, err) < 0)
    return -1;
  for (size_t i = 0; i < word.size; i++) {
    const int high = i + 2 < word.size ? hex_digit (copy[i + 1]) : -1;
    const int low = i + 2 < word.size ? hex_digit (copy[i + 2]) : -1;
    if (copy[i] != '%')
      copy[used++] = copy[i];
    else if (high >= 0 && low >= 0 && high + low > 0) {
      copy[used++] = (char) (high << 4 | low);
      i += 2;
    }
  }
  copy[used] = '\0';
  *out = DC_TAKE (copy);
  return 0;
}

/* Digits, or "-1". */
static int
take_number (struct dc_span word, int64_t *out, struct dc_error *err)
{
  uint64_t number = 0;

  *out = -1;
  if (dc_span_is (word, "-1"))
    return 0;
  if (dc_number_parse_bytes (word.text, word.size, 0, INT64_MAX, &number, err) <
      0)
    return -1;
  *out = (int64_t) number;
  return 0;
}

static void
release_state (struct dc_state *state)
{
  free (state->name);
  free (state->result);
  free (state->text);
}

static int
fill_state (struct dc_state *state, const struct dc_span *words,
            struct dc_error *err)
{
  int64_t standing = 0;

  if (take_number (words[WORD_STANDING], &standing, err) < 0 ||
      take_number (words[WORD_PID], &state->main_pid, err) < 0 ||
      take_number (words[WORD_RESTARTS], &state->restarts, err) < 0 ||
      take_number (words[WORD_STATUS], &state->status, err) < 0)
    return -1;
  if (standing < 0 || standing >= (int64_t) DC_COUNT (kinds))
    return dc_fail (err, DC_ERR_INVALID, "an unknown standing");
  state->kind = kinds[standing];
  state->is_on_demand = dc_span_has (words[WORD_FLAGS], 'o');
  if (take_word (words[WORD_NAME], &state->name, err) < 0 ||
      take_word (words[WORD_RESULT], &state->result, err) < 0)
    return -1;
  return take_word (words[WORD_TEXT], &state->text, err);
}

static int
read_line (struct dc_states *states, struct dc_span line, struct dc_error *err)
{
  struct dc_span words[WORD_COUNT];

  for (size_t i = 0; i < WORD_COUNT; i++)
    if (!dc_span_word (&line, &words[i]))
      return i > 0 && dc_span_is (words[0], "service")
                 ? dc_fail (err, DC_ERR_INVALID, "a line that is too short")
                 : 0;
  if (!dc_span_is (words[0], "service"))
    return 0;
  if (DC_ARRAY_GROW (states->items, states->count, DC_STATE_MAX, "services",
                     err) < 0)
    return -1;
  struct dc_state state = { .main_pid = 0 };
  if (fill_state (&state, words, err) < 0) {
    release_state (&state);
    return -1;
  }
  states->items[states->count++] = state;
  return 0;
}

int
dc_states_parse (struct dc_states *states, const char *text, size_t size,
                 struct dc_error *err)
{
  struct dc_span rest = { text, size }, line;

  if (!dc_span_line (&rest, &line) || !dc_span_starts (line, "0"))
    return dc_fail (err, DC_ERR_INVALID, "its init does not say how it is");
  while (dc_span_line (&rest, &line))
    if (read_line (states, line, err) < 0)
      return dc_context (err, "what its init says");
  return 0;
}

int
dc_states_ask (struct dc_states *states, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer answer = DC_BUFFER_INIT (DC_STATES_SIZE_MAX);
  DC_AUTO (dc_dialog) *dialog = NULL;
  struct dc_place place = { .type = SOCK_STREAM };
  int more = 1;

  if (dc_place_local (DC_STATES_PATH, &place, err) < 0)
    return -1;
  if (dc_dialog_open (&place, ASK_TIMEOUT_MS, &dialog, err) < 0 ||
      dc_dialog_say (dialog, "status\n", 7, err) < 0)
    return err->sys_errno == ENOMEM ? -1 : 0;
  while (more > 0)
    more = dc_dialog_hear (dialog, &answer, err);
  if (more < 0)
    return err->sys_errno == ENOMEM ? -1 : 0;
  return dc_states_parse (states, dc_buffer_text (&answer), answer.size, err) <
                 0
             ? -1
             : 1;
}

const struct dc_state *
dc_states_find (const struct dc_states *states, const char *unit)
{
  const size_t size = strlen (unit);
  const size_t suffix = strlen (SUFFIX);
  const size_t name =
      size > suffix && strcmp (unit + size - suffix, SUFFIX) == 0
          ? size - suffix
          : size;

  for (size_t i = 0; i < states->count; i++)
    if (strlen (states->items[i].name) == name &&
        memcmp (states->items[i].name, unit, name) == 0)
      return &states->items[i];
  return NULL;
}

void
dc_states_release (struct dc_states *states)
{
  for (size_t i = 0; i < states->count; i++)
    release_state (&states->items[i]);
  free (states->items);
  *states = (struct dc_states){ .items = NULL };
}
