/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "analyzer/unit/unitscript.h"
#include "lib/buffer.h"
#include "lib/text.h"

#define SCRIPT_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */

struct script {
  struct dc_loader *loader;
  uint32_t unit;
  const char *path;          /* "/etc/init.d/x" */
  struct dc_words *provides; /* its other names */
  unsigned line;             /* the one being read */
  bool is_in_lsb, has_lsb;   /* the comments of the Linux Standard Base */
  bool has_pidfile, can_reload;
};

static int
set (const struct script *script, const char *section, const char *key,
     const char *value, struct dc_error *err)
{
  const struct dc_setting setting = {
    .section = section,
    .key = key,
    .value = value,
    .file = script->path,
    .line = script->line,
  };
  return dc_unit_set (&script->loader->units->items[script->unit], &setting,
                      err);
}

int
dc_script_unit_name (struct dc_span name, char **unit, struct dc_error *err)
{
  static const struct {
    const char *facility, *unit;
  } facilities[] = {
    { "$local_fs", NULL },
    { "$named", "nss-lookup.target" },
    { "$network", "network-online.target" },
    { "$portmap", "rpcbind.target" },
    { "$remote_fs", "remote-fs.target" },
    { "$syslog", NULL },
    { "$time", "time-sync.target" },
  };
  AUTO_FREE char *made = NULL;

  for (size_t i = 0; i < DC_COUNT (facilities); i++) {
    if (!dc_span_is (name, facilities[i].facility))
      continue;
    if (facilities[i].unit == NULL)
      return 0;
    return dc_text_print (unit, err, "%s", facilities[i].unit) < 0 ? -1 : 1;
  }
  const bool is_facility = dc_span_starts (name, "$");
  name = dc_span_skip (name, is_facility);
  if (name.size > DC_UNIT_NAME_MAX)
    return 0;
  if (!is_facility && name.size > 3 &&
      memcmp (name.text + name.size - 3, ".sh", 3) == 0)
    name.size -= 3;
  if (dc_text_print (&made, err, "%.*s.%s", (int) name.size, name.text,
                     is_facility ? "target" : "service") < 0)
    return -1;
  if (dc_unit_kind (made) == DC_NAME_BAD)
    return 0;
  *unit = DC_TAKE (made);
  return 1;
}

/* The facilities that a script needs, or must precede. */
static int
read_order (struct script *script, const char *key, struct dc_span names,
            struct dc_error *err)
{
  const char *own = script->loader->units->items[script->unit].name;
  struct dc_span name;

  while (dc_span_word (&names, &name)) {
    AUTO_FREE char *unit = NULL;
    const int status = dc_script_unit_name (name, &unit, err);
    if (status < 0)
      return -1;
    if (status == 0 || strcmp (unit, own) == 0)
      continue;
    if (set (script, "Unit", key, unit, err) < 0)
      return -1;
    if (strcmp (key, "After") == 0 &&
        strcmp (unit, "network-online.target") == 0 &&
        set (script, "Unit", "Wants", unit, err) < 0)
      return -1;
  }
  return 0;
}

/* A service that a script provides is another name of it; a target it pulls
 * in and precedes.
 */
static int
read_provides (struct script *script, struct dc_span names,
               struct dc_error *err)
{
  struct dc_span name;

  while (dc_span_word (&names, &name)) {
    AUTO_FREE char *unit = NULL;
    const int status = dc_script_unit_name (name, &unit, err);
    if (status < 0)
      return -1;
    if (status == 0)
      continue;
    if (dc_unit_has_type (unit, "service")) {
      if (dc_words_add (script->provides, unit, err) < 0)
        return -1;
    } else if (set (script, "Unit", "Before", unit, err) < 0 ||
               set (script, "Unit", "Wants", unit, err) < 0) {
      return -1;
    }
  }
  return 0;
}

/* COMMENT is a line without its '#'. */
static int
read_lsb (struct script *script, struct dc_span comment, struct dc_error *err)
{
  static const struct {
    const char *header, *key; /* NULL: what the script provides */
  } headers[] = {
    { "Provides:", NULL },           { "Required-Start:", "After" },
    { "Should-Start:", "After" },    { "X-Start-After:", "After" },
    { "X-Start-Before:", "Before" },
  };
  static const char description[] = "Short-Description:";

  for (size_t i = 0; i < DC_COUNT (headers); i++) {
    const size_t size = strlen (headers[i].header);
    if (comment.size < size ||
        strncasecmp (comment.text, headers[i].header, size) != 0)
      continue;
    const struct dc_span rest = dc_span_skip (comment, size);
    return headers[i].key == NULL
               ? read_provides (script, rest, err)
               : read_order (script, headers[i].key, rest, err);
  }
  const size_t size = strlen (description);
  if (comment.size < size || strncasecmp (comment.text, description, size) != 0)
    return 0;
  AUTO_FREE char *text = NULL;
  AUTO_FREE char *value = NULL;
  const struct dc_span rest = dc_span_trim (dc_span_skip (comment, size));
  if (dc_span_copy (rest, &text, err) < 0 ||
      dc_text_print (&value, err, "LSB: %s", text) < 0)
    return -1;
  return set (script, "Unit", "Description", value, err);
}

static int
read_pidfile (struct script *script, struct dc_span path, struct dc_error *err)
{
  AUTO_FREE char *text = NULL;

  path = dc_span_trim (path);
  if (!dc_span_starts (path, "/"))
    return 0;
  if (dc_span_copy (path, &text, err) < 0)
    return -1;
  script->has_pidfile = true;
  return set (script, "Service", "PIDFile", text, err);
}

/* A script says in its usage message that it can reload, as one of the words
 * in "{start|stop|reload}".
 */
static bool
is_usage_of_reload (struct dc_span line)
{
  static const char word[] = "reload";
  const size_t size = strlen (word);

  if (line.size == 0 || memmem (line.text, line.size, "sage:", 5) == NULL)
    return false;
  for (size_t i = 1; i + size < line.size; i++)
    if (memcmp (line.text + i, word, size) == 0 &&
        strchr ("{|", line.text[i - 1]) != NULL &&
        strchr ("|}\"", line.text[i + size]) != NULL)
      return true;
  return false;
}

static int
read_line (struct script *script, struct dc_span line, struct dc_error *err)
{
  static const char pidfile[] = "pidfile:";

  line = dc_span_trim (line);
  if (dc_span_is (line, "### BEGIN INIT INFO"))
    script->is_in_lsb = script->has_lsb = true;
  else if (dc_span_is (line, "### END INIT INFO"))
    script->is_in_lsb = false;
  if (!dc_span_starts (line, "#")) {
    script->can_reload = script->can_reload || is_usage_of_reload (line);
    return 0;
  }
  line = dc_span_trim (dc_span_skip (line, 1));
  if (script->is_in_lsb)
    return read_lsb (script, line, err);
  if (line.size >= strlen (pidfile) &&
      strncasecmp (line.text, pidfile, strlen (pidfile)) == 0)
    return read_pidfile (script, dc_span_skip (line, strlen (pidfile)), err);
  return 0;
}

static int
set_command (const struct script *script, const char *key, const char *verb,
             struct dc_error *err)
{
  AUTO_FREE char *command = NULL;

  if (dc_text_print (&command, err, "%s %s", script->path, verb) < 0)
    return -1;
  return set (script, "Service", key, command, err);
}

/* What the generator writes for every script. */
static int
set_service (struct script *script, struct dc_error *err)
{
  static const struct {
    const char *section, *key, *value;
  } settings[] = {
    { "Service", "Type", "forking" },     { "Service", "Restart", "no" },
    { "Service", "TimeoutSec", "5min" },  { "Service", "IgnoreSIGPIPE", "no" },
    { "Service", "KillMode", "process" }, { "Service", "GuessMainPID", "no" },
  };

  script->line = 0;
  for (size_t i = 0; i < DC_COUNT (settings); i++)
    if (set (script, settings[i].section, settings[i].key, settings[i].value,
             err) < 0)
      return -1;
  if (set (script, "Unit", "SourcePath", script->path, err) < 0 ||
      set (script, "Service", "RemainAfterExit",
           script->has_pidfile ? "no" : "yes", err) < 0 ||
      (script->has_lsb &&
       set (script, "Service", "SuccessExitStatus", "5 6", err) < 0))
    return -1;
  if (set_command (script, "ExecStart", "start", err) < 0 ||
      set_command (script, "ExecStop", "stop", err) < 0)
    return -1;
  return script->can_reload ? set_command (script, "ExecReload", "reload", err)
                            : 0;
}

int
dc_script_read (struct dc_loader *loader, uint32_t unit, const char *path,
                struct dc_words *provides, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (SCRIPT_SIZE_MAX);
  struct script script = {
    .loader = loader,
    .unit = unit,
    .path = path,
    .provides = provides,
  };
  struct dc_span line;

  if (dc_tree_read_file (loader->tree, path, &b, err) < 0 &&
      err->code == DC_ERR_SYSTEM)
    return -1;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  if (dc_span_has (rest, '\0'))
    rest.size = 0; /* a program */
  for (script.line = 1; dc_span_line (&rest, &line); script.line++)
    if (read_line (&script, line, err) < 0)
      return -1;
  return set_service (&script, err);
}
