/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unitenv.h"
#include "lib/quote.h"
#include "lib/tree/glob.h"
#include "transform/init/initcompiler.h"

#define LOCALE_SIZE_MAX ((size_t) 64 * 1024) /* bytes of the file */

/* Source: systemd.exec(5), "Environment Variables in Spawned Processes"; the
 * folders are those of a system where /bin is not /usr/bin, too.
 */
#define PATH_VARIABLE                                                          \
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool
is_locale (const char *variable)
{
  return strncmp (variable, "LANG=", 5) == 0 ||
         strncmp (variable, "LANGUAGE=", 9) == 0 ||
         strncmp (variable, "LC_", 3) == 0;
}

int
dc_init_locale (struct dc_initcompiler *compiler, struct dc_error *err)
{
  /* locale.conf(5); Debian's name for it comes second, as in its systemd. */
  static const char *const paths[] = { "etc/locale.conf",
                                       "etc/default/locale" };
  AUTO_WORDS struct dc_words variables = { NULL, 0 };
  int status = 0;

  for (size_t i = 0; i < DC_COUNT (paths) && status == 0; i++) {
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (LOCALE_SIZE_MAX);
    status = dc_tree_read_file (compiler->tree, paths[i], &b, err);
    if (status == 1)
      status =
          dc_environment_parse (dc_buffer_text (&b), b.size, &variables, err);
    if (status < 0 && err->code != DC_ERR_INVALID && err->code != DC_ERR_LIMIT)
      return -1;
  }
  /* As systemd does since 246. */
  if (dc_environment_get (&variables, "LANG", 4) == NULL &&
      dc_words_add (&compiler->locale, "LANG=C.UTF-8", err) < 0)
    return -1;
  for (size_t i = 0; i < variables.count; i++) {
    if (is_locale (variables.items[i]) &&
        dc_words_add (&compiler->locale, variables.items[i], err) < 0)
      return -1;
  }
  return 0;
}

/* A line of KEYWORD and WORDS, none if there are no words. */
static int
write_words (struct dc_initservice *service, const char *keyword,
             const struct dc_words *words, struct dc_error *err)
{
  if (words->count == 0)
    return 0;
  if (dc_initline_begin (service->lines, keyword, err) < 0)
    return -1;
  for (size_t i = 0; i < words->count; i++) {
    if (dc_initline_word (service->lines, words->items[i], err) < 0)
      return -1;
  }
  return dc_initline_end (service->lines, err);
}

int
dc_init_defaults (struct dc_initservice *service, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  const struct dc_words *locale = &service->compiler->locale;

  if (dc_words_add (&words, PATH_VARIABLE, err) < 0)
    return -1;
  for (size_t i = 0; i < locale->count; i++) {
    if (dc_words_add (&words, locale->items[i], err) < 0)
      return -1;
  }
  /* Unless its parent is process 1, a script of Debian or Red Hat would call
   * systemctl, which would start the script.
   */
  if (dc_unit_is_script (service->unit) &&
      dc_words_add (&words, "SYSTEMCTL_SKIP_REDIRECT=1", err) < 0)
    return -1;
  return write_words (service, "env", &words, err) < 0 ? -1 : 1;
}

static int
write_variables (struct dc_initservice *service, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 }, variables = { NULL, 0 };

  if (dc_init_words (service, "Service", "Environment", &words, err) < 0)
    return -1;
  for (size_t i = 0; i < words.count; i++) {
    if (dc_environment_set (&variables, words.items[i], err) < 0)
      return -1;
  }
  return write_words (service, "env", &variables, err);
}

static int
write_file (struct dc_initservice *service, const struct dc_setting *setting,
            const char *pattern, struct dc_error *err)
{
  const bool is_optional = pattern[0] == '-';
  const char *path = pattern + is_optional;
  AUTO_WORDS struct dc_words found = { NULL, 0 };

  if (path[0] != '/')
    return dc_init_note (service->compiler, service->unit, setting, err,
                         "'%s' is not an absolute path, ignoring it",
                         dc_quote (path).text);
  if (!is_optional) {
    if (dc_tree_glob (service->compiler->tree, path, &found, err) < 0)
      return -1;
    if (found.count == 0 &&
        dc_init_note (service->compiler, service->unit, setting, err,
                      "environment file '%s' does not exist, it will not start",
                      dc_quote (path).text) < 0)
      return -1;
  }
  return dc_initline (service->lines, err, "envfile", is_optional ? "i" : "-",
                      path, NULL);
}

static int
write_files (struct dc_initservice *service, struct dc_error *err)
{
  const struct dc_setting *setting;
  size_t position = 0;

  while (dc_unit_next (service->unit, "Service", "EnvironmentFile", &position,
                       &setting) == 1) {
    AUTO_FREE char *pattern = NULL;
    int status = dc_init_expand (service, setting, &pattern, err);
    if (status == 1)
      status = write_file (service, setting, pattern, err);
    if (status < 0)
      return -1;
  }
  return 0;
}

int
dc_init_env (struct dc_initservice *service, struct dc_error *err)
{
  static const struct {
    const char *key, *keyword;
  } lists[] = {
    { "PassEnvironment", "passenv" },
    { "UnsetEnvironment", "unsetenv" },
  };

  if (write_variables (service, err) < 0 || write_files (service, err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (lists); i++) {
    AUTO_WORDS struct dc_words words = { NULL, 0 };
    if (dc_init_words (service, "Service", lists[i].key, &words, err) < 0 ||
        write_words (service, lists[i].keyword, &words, err) < 0)
      return -1;
  }
  return 1;
}
