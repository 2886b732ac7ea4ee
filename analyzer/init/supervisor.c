/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/init/initload.h"
#include "lib/array.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "lib/tree/glob.h"

/* Source: the chapter "Configuration File" of supervisor 4.2; measured with
 * `supervisorctl status` of 4.2.5.
 *
 * A process is "supervisor-NAME", where NAME is what supervisorctl shows of
 * it behind its group, so that it cannot be taken for a service of the guest.
 */

#define SIZE_MAX_FILE ((size_t) 1024 * 1024) /* bytes of one file */
#define FILE_COUNT_MAX 1000                  /* files included */
#define VALUE_COUNT_MAX 10000                /* options of all files */
#define TOTAL_MAX 2000                       /* processes of all programs */
#define PROCESS_MAX 256 /* of one program; further ones are not listed */

struct option {
  char *section, *key, *value;
  struct dc_proof proof; /* FILES own the name */
};

struct conf {
  struct dc_initload *load;
  struct option *items;
  size_t count;
  struct dc_words files;
  size_t processes; /* made so far */
  const char *here; /* folder of the file that is read; borrowed */
};

static void
release (struct conf *conf)
{
  for (size_t i = 0; i < conf->count; i++) {
    free (conf->items[i].section);
    free (conf->items[i].key);
    free (conf->items[i].value);
  }
  free (conf->items);
  dc_words_release (&conf->files);
}

/* The last one wins, as in Python's configparser. */
static const struct option *
find (const struct conf *conf, const char *section, const char *key)
{
  for (size_t i = conf->count; i > 0; i--)
    if (strcmp (conf->items[i - 1].key, key) == 0 &&
        strcmp (conf->items[i - 1].section, section) == 0)
      return &conf->items[i - 1];
  return NULL;
}

/* VALUE less a comment: a semicolon behind a blank. */
static struct dc_span
without_comment (struct dc_span value)
{
  for (size_t i = 1; i < value.size; i++)
    if (value.text[i] == ';' && strchr (" \t", value.text[i - 1]) != NULL)
      value.size = i;
  return dc_span_trim (value);
}

static int
add_option (struct conf *conf, struct dc_span section, struct dc_span key,
            struct dc_span value, unsigned line, struct dc_error *err)
{
  if (DC_ARRAY_GROW (conf->items, conf->count, VALUE_COUNT_MAX,
                     "options of supervisord", err) < 0)
    return -1;
  struct option *option = &conf->items[conf->count++];
  option->proof =
      (struct dc_proof){ conf->files.items[conf->files.count - 1], line };
  return dc_span_copy (section, &option->section, err) < 0 ||
                 dc_span_copy (key, &option->key, err) < 0 ||
                 dc_span_copy (without_comment (value), &option->value, err) < 0
             ? -1
             : 0;
}

/* A line that is indented goes on with the value before. */
static int
extend (struct option *option, struct dc_span line, struct dc_error *err)
{
  AUTO_FREE char *joined = NULL;

  line = without_comment (line);
  if (strlen (option->value) + line.size > DC_UNIT_SIZE_MAX / 16)
    return 0;
  if (dc_text_print (&joined, err, "%s%s%.*s", option->value,
                     option->value[0] != '\0' ? "\n" : "", (int) line.size,
                     line.text) < 0)
    return -1;
  free (option->value);
  option->value = DC_TAKE (joined);
  return 0;
}

static int
read_line (struct conf *conf, struct dc_span line, struct dc_span *section,
           unsigned number, size_t first, struct dc_error *err)
{
  const struct dc_span all = line;
  const bool is_indented = line.size > 0 && strchr (" \t", *line.text) != NULL;

  line = dc_span_trim (line);
  if (line.size == 0 || *line.text == ';' || *line.text == '#')
    return 0;
  if (is_indented && conf->count > first)
    return extend (&conf->items[conf->count - 1], line, err);
  if (*all.text == '[') {
    const char *close = memchr (all.text, ']', all.size);
    *section =
        close == NULL
            ? (struct dc_span){ "", 0 }
            : (struct dc_span){ all.text + 1, (size_t) (close - all.text) - 1 };
    return 0;
  }
  size_t size = 0;
  while (size < line.size && strchr ("=:", line.text[size]) == NULL)
    size++;
  if (size == line.size)
    return 0;
  return add_option (conf, *section,
                     dc_span_trim ((struct dc_span){ line.text, size }),
                     dc_span_skip (line, size + 1), number, err);
}

/* 1; 0 when there is no such file; -1. */
static int
read_file (struct conf *conf, const char *path, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (SIZE_MAX_FILE);
  struct dc_span section = { "", 0 }, line;
  const size_t first = conf->count;

  const int found = dc_initload_read (conf->load, path, &b, err);
  if (found <= 0)
    return found;
  if (dc_words_add (&conf->files, path, err) < 0)
    return -1;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  for (unsigned number = 1; dc_span_line (&rest, &line); number++)
    if (read_line (conf, line, &section, number, first, err) < 0)
      return -1;
  return 1;
}

/* The names that an expression may use. */
struct names {
  const struct conf *conf;
  const char *program, *group;
  unsigned process, count;
};

/* Append what %(NAME)FORMAT stands for: 1; 0 when only the running one knows.
 */
static int
add_name (const struct names *names, struct dc_span name, struct dc_span format,
          struct dc_buffer *out, struct dc_error *err)
{
  const char *hostname = names->conf->load->profile->hostname;
  const struct {
    const char *name, *value;
  } texts[] = {
    { "program_name", names->program },
    { "group_name", names->group },
    { "here", names->conf->here },
    { "host_node_name", hostname },
  };

  for (size_t i = 0; i < DC_COUNT (texts); i++)
    if (dc_span_is (name, texts[i].name))
      return texts[i].value == NULL
                 ? 0
                 : (dc_buffer_print (out, err, "%s", texts[i].value) < 0 ? -1
                                                                         : 1);
  const bool is_process = dc_span_is (name, "process_num");
  if (!is_process && !dc_span_is (name, "numprocs"))
    return 0;
  const int width = format.size == 3 && format.text[0] == '0' &&
                            format.text[1] >= '1' && format.text[1] <= '9'
                        ? format.text[1] - '0'
                        : 0;
  return dc_buffer_print (out, err, "%0*u", width,
                          is_process ? names->process : names->count) < 0
             ? -1
             : 1;
}

/* VALUE with its expressions put in: 1 and *OUT; 0 when one is not known. */
static int
expand (const struct names *names, const char *value, char **out,
        struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);

  for (const char *p = value; *p != '\0'; p++) {
    int status = 1;
    if (p[0] == '%' && p[1] == '(') {
      const char *close = strchr (p, ')');
      if (close == NULL)
        return 0;
      const struct dc_span name = { p + 2, (size_t) (close - p) - 2 };
      const size_t size = strcspn (close + 1, "sd") + 1;
      const struct dc_span format = { close + 1, size };
      if (close[size] == '\0' || size > 3)
        return 0;
      status = add_name (names, name, format, &b, err);
      p = close + size;
    } else {
      p += p[0] == '%' && p[1] == '%';
      status = dc_buffer_append (&b, p, 1, err) < 0 ? -1 : 1;
    }
    if (status <= 0)
      return status;
  }
  *out = dc_buffer_take (&b);
  return *out != NULL ? 1 : dc_fail_errno (err, "cannot keep a value");
}

/* The files that [include] of the main file names, beside it. */
static int
read_includes (struct conf *conf, struct dc_error *err)
{
  const struct option *files = find (conf, "include", "files");
  AUTO_WORDS struct dc_words patterns = { NULL, 0 };
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  AUTO_FREE char *value = NULL;
  const struct names names = { .conf = conf };

  if (files == NULL)
    return 0;
  const int known = expand (&names, files->value, &value, err);
  if (known <= 0)
    return known;
  if (dc_unit_words (value, &patterns, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  for (size_t i = 0; i < patterns.count; i++) {
    AUTO_FREE char *full = NULL;
    const bool is_full = patterns.items[i][0] == '/';
    if (dc_text_print (&full, err, "%s%s%s", is_full ? "" : conf->here,
                       is_full ? "" : "/", patterns.items[i]) < 0 ||
        dc_tree_glob (conf->load->tree, full, &paths, err) < 0)
      return -1;
  }
  for (size_t i = 0; i < paths.count && i < FILE_COUNT_MAX; i++)
    if (read_file (conf, paths.items[i], err) < 0)
      return -1;
  return 0;
}

/* A process while its unit is made. */
struct process {
  struct conf *conf;
  const char *section; /* "program:web" */
  struct names names;
  uint32_t unit;
};

/* The setting KEY from the option OPTION, when it is set and known. */
static int
set_from (struct process *process, const char *key, const char *option,
          struct dc_error *err)
{
  const struct option *found = find (process->conf, process->section, option);
  AUTO_FREE char *value = NULL;

  if (found == NULL || found->value[0] == '\0')
    return 0;
  const int known = expand (&process->names, found->value, &value, err);
  if (known < 0)
    return -1;
  if (known == 0)
    return dc_profile_note (process->conf->load->profile, "supervisor.unknown",
                            found->proof.file, found->proof.line, err,
                            "%s: '%s' holds what only the running supervisord "
                            "knows",
                            dc_quote (process->section).text, option);
  return dc_initload_set (process->conf->load, process->unit, "Service", key,
                          value, found->proof, err);
}

/* KEY="a,b",KEY2=c : one Environment= each. */
static int
set_environment (struct process *process, struct dc_error *err)
{
  const struct option *found =
      find (process->conf, process->section, "environment");
  AUTO_FREE char *value = NULL;

  if (found == NULL)
    return 0;
  const int known = expand (&process->names, found->value, &value, err);
  if (known <= 0)
    return known;
  for (const char *p = value; *p != '\0';) {
    AUTO_BUFFER struct dc_buffer one = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
    AUTO_BUFFER struct dc_buffer quoted = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
    char quote = '\0';
    for (p += strspn (p, ", \t\n"); *p != '\0'; p++) {
      if (quote == '\0' && *p == ',')
        break;
      if (*p == quote)
        quote = '\0';
      else if (quote == '\0' && (*p == '"' || *p == '\''))
        quote = *p;
      else if (dc_buffer_append (&one, p, 1, err) < 0)
        return -1;
    }
    if (one.size > 0 &&
        (dc_initload_quote (&quoted, one.data, err) < 0 ||
         dc_initload_set (process->conf->load, process->unit, "Service",
                          "Environment", dc_buffer_text (&quoted), found->proof,
                          err) < 0))
      return -1;
  }
  return 0;
}

static int
set_command (struct process *process, struct dc_error *err)
{
  const struct option *found =
      find (process->conf, process->section, "command");
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  AUTO_BUFFER struct dc_buffer line = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  AUTO_FREE char *value = NULL;

  if (found == NULL)
    return dc_profile_note (process->conf->load->profile, "supervisor.unknown",
                            process->conf->files.items[0], 0, err,
                            "%s has no command",
                            dc_quote (process->section).text);
  int known = expand (&process->names, found->value, &value, err);
  if (known > 0 && dc_unit_words (value, &words, err) < 0)
    known = err->code == DC_ERR_SYSTEM ? -1 : 0;
  if (known < 0)
    return -1;
  if (known == 0)
    return dc_profile_note (process->conf->load->profile, "supervisor.unknown",
                            found->proof.file, found->proof.line, err,
                            "the command of %s cannot be told",
                            dc_quote (process->section).text);
  for (size_t i = 0; i < words.count; i++)
    if (dc_initload_quote (&line, words.items[i], err) < 0)
      return -1;
  return dc_initload_set (process->conf->load, process->unit, "Service",
                          "ExecStart", dc_buffer_text (&line), found->proof,
                          err);
}

static bool
is_false (const struct option *option)
{
  static const char *const words[] = { "false", "no", "off", "0" };

  for (size_t i = 0; option != NULL && i < DC_COUNT (words); i++)
    if (strcasecmp (option->value, words[i]) == 0)
      return true;
  return false;
}

static int
set_restart (struct process *process, struct dc_error *err)
{
  const struct option *found =
      find (process->conf, process->section, "autorestart");
  const char *value = "on-failure"; /* "unexpected", the default */
  const struct dc_proof proof = {
    found != NULL ? found->proof.file : process->conf->files.items[0],
    found != NULL ? found->proof.line : 0,
  };

  if (is_false (found))
    value = "no";
  else if (found != NULL && strcasecmp (found->value, "unexpected") != 0)
    value = "always";
  return dc_initload_set (process->conf->load, process->unit, "Service",
                          "Restart", value, proof, err);
}

static int
add_process (struct process *process, const char *name, bool is_started,
             struct dc_error *err)
{
  struct dc_initload *load = process->conf->load;
  AUTO_FREE char *unit = NULL;
  AUTO_FREE char *why = NULL;
  const struct option *autostart =
      find (process->conf, process->section, "autostart");
  const struct option *command =
      find (process->conf, process->section, "command");
  const struct dc_proof proof =
      command != NULL ? command->proof
                      : (struct dc_proof){ process->conf->files.items[0], 0 };

  if (dc_text_print (&unit, err, "supervisor-%s", name) < 0)
    return -1;
  const int added = dc_initload_add (load, unit, DC_MANAGER_SUPERVISOR,
                                     proof.file, &process->unit, err);
  if (added <= 0)
    return added;
  if (set_command (process, err) < 0 ||
      dc_initload_set (load, process->unit, "Service", "Type", "simple", proof,
                       err) < 0 ||
      set_from (process, "User", "user", err) < 0 ||
      set_from (process, "WorkingDirectory", "directory", err) < 0 ||
      set_from (process, "UMask", "umask", err) < 0 ||
      set_environment (process, err) < 0 || set_restart (process, err) < 0 ||
      dc_text_print (&why, err, "%s:%u", proof.file, proof.line) < 0)
    return -1;
  return !is_started || is_false (autostart)
             ? 0
             : dc_initload_start (load, process->unit, why, err);
}

/* The group that lists the program, else its own name. */
static int
find_group (const struct conf *conf, const char *program, char **group,
            struct dc_error *err)
{
  for (size_t i = 0; i < conf->count; i++) {
    struct dc_span rest = dc_span_of (conf->items[i].value), name;
    if (strncmp (conf->items[i].section, "group:", 6) != 0 ||
        strcmp (conf->items[i].key, "programs") != 0)
      continue;
    while (dc_span_field (&rest, ',', &name))
      if (dc_span_is (dc_span_trim (name), program))
        return dc_text_print (group, err, "%s", conf->items[i].section + 6);
  }
  return dc_text_print (group, err, "%s", program);
}

/* All processes of a section "program:web". */
static int
add_program (struct conf *conf, const char *section, bool is_started,
             struct dc_error *err)
{
  const char *program = strchr (section, ':') + 1;
  const struct option *count = find (conf, section, "numprocs");
  const struct option *first = find (conf, section, "numprocs_start");
  const struct option *name = find (conf, section, "process_name");
  struct dc_error why = { .code = DC_OK };
  AUTO_FREE char *group = NULL;
  uint64_t processes = 1, start = 0;

  if (count != NULL &&
      dc_number_parse (count->value, 0, PROCESS_MAX, &processes, &why) < 0 &&
      dc_profile_note (conf->load->profile, "supervisor.unknown",
                       count->proof.file, count->proof.line, err,
                       "numprocs of %s: %s, one process is listed",
                       dc_quote (section).text, why.text) < 0)
    return -1;
  if (first != NULL &&
      dc_number_parse (first->value, 0, INT32_MAX, &start, &why) < 0)
    start = 0;
  if (find_group (conf, program, &group, err) < 0)
    return -1;
  for (uint64_t i = 0; i < processes && conf->processes < TOTAL_MAX; i++) {
    conf->processes++;
    struct process process = {
      .conf = conf,
      .section = section,
      .names = { conf, program, group, (unsigned) (start + i),
                 (unsigned) processes },
    };
    AUTO_FREE char *own = NULL;
    const int known = expand (&process.names,
                              name != NULL ? name->value : program, &own, err);
    if (known < 0 ||
        (known > 0 && add_process (&process, own, is_started, err) < 0))
      return -1;
  }
  return 0;
}

static bool
is_program (const char *section)
{
  static const char *const kinds[] = { "program:", "fcgi-program:",
                                       "eventlistener:" };

  for (size_t i = 0; i < DC_COUNT (kinds); i++)
    if (strncmp (section, kinds[i], strlen (kinds[i])) == 0 &&
        section[strlen (kinds[i])] != '\0')
      return true;
  return false;
}

static int
load_conf (struct conf *conf, bool is_started, struct dc_error *err)
{
  if (read_includes (conf, err) < 0)
    return -1;
  for (size_t i = 0; i < conf->count; i++) {
    const char *section = conf->items[i].section;
    const bool is_first =
        i == 0 || strcmp (conf->items[i - 1].section, section) != 0;
    if (is_first && is_program (section) &&
        add_program (conf, section, is_started, err) < 0)
      return -1;
  }
  return conf->processes < TOTAL_MAX
             ? 0
             : dc_profile_note (conf->load->profile, "supervisor.unknown",
                                conf->files.items[0], 0, err,
                                "more than %d processes, the others are not "
                                "listed",
                                TOTAL_MAX);
}

int
dc_supervisor_load (struct dc_initload *load, const char *conf, bool is_started,
                    struct dc_error *err)
{
  static const char *const usual[] = {
    "/etc/supervisord.conf",
    "/etc/supervisor/supervisord.conf",
    "/etc/supervisor.conf",
  };
  struct conf all = { .load = load };
  AUTO_FREE char *here = NULL;
  int status = 0;

  for (size_t i = 0; i < DC_COUNT (usual) && status == 0; i++) {
    const char *path = conf != NULL ? conf : usual[i];
    const char *slash = strrchr (path, '/');
    free (DC_TAKE (here));
    status = dc_text_print (&here, err, "%.*s",
                            slash != NULL ? (int) (slash - path) : 0, path);
    all.here = here;
    if (status == 0)
      status = read_file (&all, path, err);
  }
  if (status > 0)
    status = load_conf (&all, is_started, err);
  release (&all);
  return status < 0 ? -1 : 0;
}
