/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>

#include "lib/quote.h"
#include "transform/init/initcompiler.h"
#include "transform/init/unitvalue.h"

int
dc_init_expand (const struct dc_initservice *service,
                const struct dc_setting *setting, char **out,
                struct dc_error *err)
{
  if (dc_unit_expand (service->unit, setting->value,
                      service->compiler->hostname, out, err) == 0)
    return 1;
  if (err->code != DC_ERR_UNSUPPORTED)
    return -1;
  return dc_init_note (service->compiler, service->unit, setting, err,
                       "%s=: %s, ignoring it", dc_quote (setting->key).text,
                       err->text);
}

int
dc_init_value (const struct dc_initservice *service, const char *section,
               const char *key, char **out, const struct dc_setting **where,
               struct dc_error *err)
{
  const struct dc_setting *setting = NULL;

  if (dc_unit_value (service->unit, section, key, &setting) == NULL)
    return 0;
  if (where != NULL)
    *where = setting;
  return dc_init_expand (service, setting, out, err);
}

/* The words of one setting; as systemd, up to what cannot be read. */
static int
add_words (const struct dc_initservice *service,
           const struct dc_setting *setting, struct dc_words *words,
           struct dc_error *err)
{
  const char *s = setting->value;

  for (;;) {
    AUTO_FREE char *word = NULL;
    char *expanded = NULL;
    int status = dc_unit_word (&s, &word, err);
    if (status < 0 && err->code == DC_ERR_INVALID)
      return dc_init_note (service->compiler, service->unit, setting, err,
                           "%s=: %s, ignoring the rest",
                           dc_quote (setting->key).text, err->text);
    if (status <= 0)
      return status;
    const struct dc_setting one = { .section = setting->section,
                                    .key = setting->key,
                                    .value = word,
                                    .file = setting->file,
                                    .line = setting->line };
    status = dc_init_expand (service, &one, &expanded, err);
    if (status < 0 || (status == 1 && dc_words_take (words, expanded, err) < 0))
      return -1;
  }
}

int
dc_init_words (const struct dc_initservice *service, const char *section,
               const char *key, struct dc_words *words, struct dc_error *err)
{
  const struct dc_setting *setting;
  size_t position = 0;

  while (dc_unit_next (service->unit, section, key, &position, &setting) == 1) {
    if (add_words (service, setting, words, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_init_note_value (const struct dc_initservice *service,
                    const struct dc_setting *where, struct dc_error *err)
{
  return dc_init_note (service->compiler, service->unit, where, err,
                       "%s='%s' is not understood, ignoring it",
                       dc_quote (where->key).text,
                       dc_quote (where->value).text);
}

int
dc_init_mode (const struct dc_initservice *service, const char *key,
              char **mode, struct dc_error *err)
{
  const struct dc_setting *where;
  const char *value = dc_unit_value (service->unit, "Service", key, &where);
  unsigned number = 0755;

  if (value != NULL && dc_mode_parse (value, &number, err) < 0 &&
      dc_init_note_value (service, where, err) < 0)
    return -1;
  *mode = strdup (dc_init_octal (number).text);
  return *mode == NULL ? dc_fail_errno (err, "cannot keep a mode") : 0;
}

/* How the value of a plain setting becomes a word of the plan. */
enum form {
  CHOICE,   /* one of the rule's words */
  FLAG_ON,  /* no word; the keyword is written when it is true */
  FLAG_OFF, /* when it is false */
  MODE,
  SIGNAL,
};

static const struct rule {
  const char *key;
  enum form form;
  const char *keyword;
  const char *words[8]; /* equal in the unit and in the plan */
} rules[] = {
  { "GuessMainPID", FLAG_OFF, "no-guess" },
  { "IgnoreSIGPIPE", FLAG_OFF, "sigpipe" },
  { "KillMode",
    CHOICE,
    "kill-mode",
    { "control-group", "mixed", "process", "none" } },
  { "KillSignal", SIGNAL, "kill-signal" },
  { "RemainAfterExit", FLAG_ON, "remain" },
  { "Restart",
    CHOICE,
    "restart",
    { "no", "on-success", "on-failure", "on-abnormal", "on-watchdog",
      "on-abort", "always" } },
  { "SendSIGHUP", FLAG_ON, "send-sighup" },
  { "SendSIGKILL", FLAG_OFF, "no-sigkill" },
  { "TimeoutStartFailureMode",
    CHOICE,
    "on-start-timeout",
    { "terminate", "abort", "kill" } },
  { "TimeoutStopFailureMode",
    CHOICE,
    "on-stop-timeout",
    { "terminate", "abort", "kill" } },
  { "UMask", MODE, "umask" },
  { "WatchdogSignal", SIGNAL, "watchdog-signal" },
};

static bool
is_among (const char *const *words, const char *value)
{
  for (; *words != NULL; words++) {
    if (strcmp (*words, value) == 0)
      return true;
  }
  return false;
}

static int
apply_rule (const struct dc_initservice *service, const struct rule *rule,
            struct dc_error *err)
{
  const struct dc_unit *unit = service->unit;
  const struct dc_setting *where;
  const char *value = dc_unit_value (unit, "Service", rule->key, &where);
  unsigned number;

  if (value == NULL)
    return 0;
  switch (rule->form) {
  case FLAG_ON:
    if (!dc_unit_is (unit, "Service", rule->key, false))
      return 0;
    return dc_initline (service->lines, err, rule->keyword, NULL);
  case FLAG_OFF:
    if (dc_unit_is (unit, "Service", rule->key, true))
      return 0;
    return dc_initline (service->lines, err, rule->keyword, NULL);
  case CHOICE:
    if (is_among (rule->words, value))
      return dc_initline (service->lines, err, rule->keyword, value, NULL);
    return dc_init_note_value (service, where, err);
  case MODE:
    if (dc_mode_parse (value, &number, err) < 0)
      return dc_init_note_value (service, where, err);
    return dc_initline (service->lines, err, rule->keyword,
                        dc_init_octal (number).text, NULL);
  case SIGNAL:
    if (dc_signal_parse (value, &number, err) < 0)
      return dc_init_note_value (service, where, err);
    break;
  }
  return dc_initline (service->lines, err, rule->keyword,
                      dc_init_decimal (number).text, NULL);
}

static int
write_pidfile (const struct dc_initservice *service, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
  AUTO_BUFFER struct dc_buffer variable = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
  const int status =
      dc_init_value (service, "Service", "PIDFile", &path, NULL, err);

  if (status <= 0)
    return status;
  if (dc_buffer_print (&b, err, "%s%s", path[0] == '/' ? "" : "/run/", path) <
          0 ||
      dc_buffer_print (&variable, err, "PIDFILE=%s", dc_buffer_text (&b)) < 0 ||
      dc_initline (service->lines, err, "pidfile", dc_buffer_text (&b), NULL) <
          0)
    return -1;
  return dc_initline (service->lines, err, "env", dc_buffer_text (&variable),
                      NULL);
}

static int
write_folder (const struct dc_initservice *service, struct dc_error *err)
{
  AUTO_FREE char *value = NULL;
  const struct dc_setting *where = NULL;
  const int status = dc_init_value (service, "Service", "WorkingDirectory",
                                    &value, &where, err);
  if (status <= 0)
    return status;
  const bool is_optional = value[0] == '-';
  const char *path = value + is_optional;
  if (strcmp (path, "~") == 0)
    path = service->home;
  if (path[0] != '/')
    return dc_init_note_value (service, where, err);
  return dc_initline (service->lines, err, "chdir", is_optional ? "i" : "-",
                      path, NULL);
}

/* Whose messages are taken; of type notify the main process, at least. */
static int
write_notify (const struct dc_initservice *service, struct dc_error *err)
{
  static const char *const who[] = { "main", "exec", "all", NULL };
  const bool is_notify =
      strcmp (service->type, "notify") == 0 ||
      dc_unit_value (service->unit, "Service", "WatchdogSec", NULL) != NULL;
  const char *value =
      dc_unit_value (service->unit, "Service", "NotifyAccess", NULL);

  if (value != NULL && is_among (who, value))
    return dc_initline (service->lines, err, "notify", value, NULL);
  return is_notify ? dc_initline (service->lines, err, "notify", "main", NULL)
                   : 0;
}

/* Only a service of this type is reloaded by a signal. */
static int
write_reload_signal (const struct dc_initservice *service, struct dc_error *err)
{
  static const struct rule rule = {
    "ReloadSignal", SIGNAL, "reload-signal", { NULL }
  };
  const char *type = dc_unit_value (service->unit, "Service", "Type", NULL);

  if (type == NULL || strcmp (type, "notify-reload") != 0)
    return 0;
  if (dc_unit_value (service->unit, "Service", rule.key, NULL) != NULL)
    return apply_rule (service, &rule, err);
  return dc_initline (service->lines, err, rule.keyword,
                      dc_init_decimal (SIGHUP).text, NULL);
}

/* A boolean or "restart". */
static int
write_preserve (const struct dc_initservice *service, struct dc_error *err)
{
  static const char key[] = "RuntimeDirectoryPreserve";
  const char *value = dc_unit_value (service->unit, "Service", key, NULL);

  if (value == NULL)
    return 0;
  if (strcmp (value, "restart") != 0)
    value = dc_unit_is (service->unit, "Service", key, false) ? "yes" : "no";
  return dc_initline (service->lines, err, "preserve", value, NULL);
}

int
dc_init_settings (struct dc_initservice *service, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (rules); i++) {
    if (apply_rule (service, &rules[i], err) < 0)
      return -1;
  }
  if (write_pidfile (service, err) < 0 || write_folder (service, err) < 0 ||
      write_notify (service, err) < 0 ||
      write_reload_signal (service, err) < 0 ||
      write_preserve (service, err) < 0)
    return -1;
  return 1;
}
