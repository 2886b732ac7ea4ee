/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/apachestate.h"
#include "analyzer/endpoint/apachewords.h"
#include "analyzer/endpoint/conf_apache.h"
#include "analyzer/endpoint/shellvars.h"
#include "analyzer/endpoint/url.h"
#include "analyzer/unit/unitenv.h"
#include "lib/glob.h"
#include "lib/quote.h"
#include "lib/text.h"

#define DEBIAN_ROOT "/etc/apache2"

/* Where it is compiled in: Debian, Fedora and Arch, Alpine, httpd's own. */
static const struct {
  const char *conf, *root;
} places[] = {
  { DEBIAN_ROOT "/apache2.conf", DEBIAN_ROOT },
  { "/etc/httpd/conf/httpd.conf", "/etc/httpd" },
  { DEBIAN_ROOT "/httpd.conf", DEBIAN_ROOT },
  { "/usr/local/apache2/conf/httpd.conf", "/usr/local/apache2" },
};

/* The words behind a directive; at least one. */
typedef int read_directive (struct dc_apache *apache,
                            const struct dc_words *words, struct dc_proof proof,
                            struct dc_error *err);

static int
read_listen (struct dc_apache *apache, const struct dc_words *words,
             struct dc_proof proof, struct dc_error *err)
{
  struct dc_address address;

  apache->listen_count++;
  if (apache->doubtful != NULL)
    return dc_conflines_note (&apache->lines, proof,
                              "a condition that cannot be evaluated decides "
                              "on this Listen",
                              err);
  if (dc_address_parse (words->items[0], &address, err) < 0)
    return dc_conflines_note (&apache->lines, proof, err->text, err);
  if (address.port == 0)
    return dc_conflines_note (&apache->lines, proof, "a Listen without a port",
                              err);
  /* Its IPv6 sockets take IPv4 too: measured, IPV6_V6ONLY is off. */
  const bool is_any =
      strcmp (address.host, "*") == 0 || strcmp (address.host, "::") == 0;
  const struct dc_listen listen = {
    .protocol = DC_TCP,
    .address = is_any ? "" : address.host,
    .port = address.port,
    .proof = proof,
    .confidence = DC_DECLARED,
  };
  return dc_daemon_listens (apache->daemon, &listen, err);
}

static int
read_load (struct dc_apache *apache, const struct dc_words *words,
           struct dc_proof proof, struct dc_error *err)
{
  (void) proof;
  return words->count < 2
             ? 0
             : dc_apache_load (apache, words->items[0], words->items[1], err);
}

static int
read_define (struct dc_apache *apache, const struct dc_words *words,
             struct dc_proof proof, struct dc_error *err)
{
  (void) proof;
  return dc_apache_define (apache, words->items[0], words->items[1], err);
}

static int
read_undefine (struct dc_apache *apache, const struct dc_words *words,
               struct dc_proof proof, struct dc_error *err)
{
  (void) proof;
  (void) err;
  dc_apache_undefine (apache, words->items[0]);
  return 0;
}

static int
read_root (struct dc_apache *apache, const struct dc_words *words,
           struct dc_proof proof, struct dc_error *err)
{
  char *root = NULL;

  (void) proof;
  if (dc_text_print (&root, err, "%s", words->items[0]) < 0)
    return -1;
  free (apache->root);
  apache->root = root;
  return 0;
}

static int include (struct dc_apache *apache, const char *path,
                    struct dc_proof proof, struct dc_error *err);

/* All files of a folder and of those in it, in byte order. */
static int
include_folder (struct dc_apache *apache, const char *path, uint32_t folder,
                struct dc_proof proof, struct dc_error *err)
{
  const struct dc_tree *tree = apache->daemon->tree;

  if (apache->folder_depth == DC_APACHE_FOLDER_DEPTH_MAX ||
      apache->folder_count == DC_APACHE_FOLDER_MAX) {
    const bool is_told = apache->has_many_folders;
    apache->has_many_folders = true;
    return is_told ? 0
                   : dc_conflines_note (&apache->lines, proof,
                                        "it includes too many folders", err);
  }
  apache->folder_count++;
  apache->folder_depth++;
  uint32_t child = tree->entries[folder].first_child;
  for (; child != DC_TREE_NONE; child = tree->entries[child].next_sibling) {
    AUTO_FREE char *name = NULL;
    if (dc_text_print (&name, err, "%s/%s", path, tree->entries[child].name) <
            0 ||
        include (apache, name, proof, err) < 0)
      return -1;
  }
  apache->folder_depth--;
  return 0;
}

static int
include (struct dc_apache *apache, const char *path, struct dc_proof proof,
         struct dc_error *err)
{
  const uint32_t index = dc_tree_resolve (apache->daemon->tree, path);

  if (index != DC_TREE_NONE &&
      S_ISDIR (apache->daemon->tree->entries[index].mode))
    return include_folder (apache, path, index, proof, err);
  return dc_conflines_read (&apache->lines, path, proof, err);
}

/* What fits PATTERN; one that is optional may be missing. */
static int
include_pattern (struct dc_apache *apache, const char *word, bool is_optional,
                 struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *pattern = NULL;
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  if (dc_apache_path (apache, word, &pattern, err) < 0)
    return -1;
  for (size_t size = strlen (pattern); size > 1 && pattern[size - 1] == '/';)
    pattern[--size] = '\0';
  if (is_optional && !dc_glob_is_pattern (pattern) &&
      dc_tree_resolve (apache->daemon->tree, pattern) == DC_TREE_NONE)
    return 0;
  const int status =
      dc_daemon_include (apache->daemon, pattern, proof, &paths, err);
  if (status < 0)
    return -1;
  apache->lines.is_incomplete = apache->lines.is_incomplete || status == 0;
  for (size_t i = 0; i < paths.count; i++)
    if (include (apache, paths.items[i], proof, err) < 0)
      return -1;
  return 0;
}

static int
read_include (struct dc_apache *apache, const struct dc_words *words,
              struct dc_proof proof, struct dc_error *err)
{
  return include_pattern (apache, words->items[0], false, proof, err);
}

static int
read_optional (struct dc_apache *apache, const struct dc_words *words,
               struct dc_proof proof, struct dc_error *err)
{
  return include_pattern (apache, words->items[0], true, proof, err);
}

static int
read_use (struct dc_apache *apache, const struct dc_words *words,
          struct dc_proof proof, struct dc_error *err)
{
  for (size_t i = 0; i < apache->macros.count; i++)
    if (strcasecmp (apache->macros.items[i], words->items[0]) == 0)
      return dc_conflines_note (&apache->lines, proof,
                                "the macro that is used here may listen", err);
  return 0;
}

/* A word that is a URL: of ProxyPass, BalancerMember, SetHandler
 * "proxy:...".  A balancer's members are told by themselves.
 */
static int
read_proxy (struct dc_apache *apache, const struct dc_words *words,
            struct dc_proof proof, struct dc_error *err)
{
  for (size_t i = 0; i < words->count; i++) {
    const char *url = words->items[i];
    if (strncmp (url, "proxy:", 6) == 0)
      url += 6;
    const bool is_url = strstr (url, "://") != NULL;
    const bool is_socket = strncmp (url, "unix:", 5) == 0;
    if ((!is_url && !is_socket) || strncmp (url, "balancer:", 9) == 0)
      continue;
    return dc_url_connects (apache->daemon, url, 0, proof, err);
  }
  return 0;
}

static const struct directive {
  const char *name;
  read_directive *read;
} directives[] = {
  { "BalancerMember", read_proxy },
  { "Define", read_define },
  { "Include", read_include },
  { "IncludeOptional", read_optional },
  { "Listen", read_listen },
  { "LoadModule", read_load },
  { "ProxyPass", read_proxy },
  { "ProxyPassMatch", read_proxy },
  { "ProxyRemote", read_proxy },
  { "ServerRoot", read_root },
  { "SetHandler", read_proxy },
  { "UnDefine", read_undefine },
  { "Use", read_use },
};

static const struct directive *
find_directive (const char *name)
{
  for (size_t i = 0; i < DC_COUNT (directives); i++)
    if (strcasecmp (directives[i].name, name) == 0)
      return &directives[i];
  return NULL;
}

/* Follow the sections called *NAME, of which the outermost is gone when
 * *DEPTH is 0 again: WORD is "<Name" or "</Name".
 */
static void
follow (char **name, unsigned *depth, const char *word)
{
  const bool is_end = word[0] == '<' && word[1] == '/';

  if (word[0] != '<' || strcasecmp (word + 1 + is_end, *name) != 0)
    return;
  *depth += is_end ? 0 : 1;
  *depth -= is_end ? 1 : 0;
  if (*depth > 0)
    return;
  free (*name);
  *name = NULL;
}

static int
open_section (struct dc_apache *apache, const struct dc_words *words,
              struct dc_error *err)
{
  const char *name = words->items[0] + 1;
  const enum dc_apache_verdict verdict = dc_apache_judge (apache, words);
  const bool is_skipped = verdict == DC_APACHE_NO;

  if (strcasecmp (name, "Macro") == 0 && words->count > 1)
    return dc_text_print (&apache->macro, err, "%s", words->items[1]);
  if (verdict == DC_APACHE_YES || (!is_skipped && apache->doubtful != NULL))
    return 0;
  char **section = is_skipped ? &apache->skipped : &apache->doubtful;
  if (dc_text_print (section, err, "%s", name) < 0)
    return -1;
  *(is_skipped ? &apache->skipped_depth : &apache->doubtful_depth) = 1;
  return 0;
}

/* A line of a macro, which is not expanded: could it listen? */
static int
read_macro (struct dc_apache *apache, const struct dc_words *words,
            struct dc_error *err)
{
  const char *first = words->items[0];
  const struct directive *directive = find_directive (first);

  if (strcasecmp (first, "</Macro") == 0) {
    free (apache->macro);
    apache->macro = NULL;
    return 0;
  }
  if (directive == NULL || directive->read == read_proxy ||
      dc_words_has (&apache->macros, apache->macro) ||
      apache->macros.count >= DC_APACHE_NAME_MAX)
    return 0;
  return dc_words_add (&apache->macros, apache->macro, err);
}

static int
apply (struct dc_apache *apache, const struct dc_words *words,
       struct dc_proof proof, struct dc_error *err)
{
  const char *first = words->items[0];
  const struct directive *directive = find_directive (first);

  if (apache->macro != NULL)
    return read_macro (apache, words, err);
  if (apache->skipped != NULL) {
    follow (&apache->skipped, &apache->skipped_depth, first);
    return 0;
  }
  if (apache->doubtful != NULL)
    follow (&apache->doubtful, &apache->doubtful_depth, first);
  if (first[0] == '<' && first[1] != '/')
    return open_section (apache, words, err);
  if (directive == NULL || words->count < 2)
    return 0;
  const struct dc_words rest = { words->items + 1, words->count - 1 };
  return directive->read (apache, &rest, proof, err);
}

/* So that a file full of variables does not take forever. */
static bool
has_too_many_variables (struct dc_apache *apache, const char *line)
{
  for (const char *p = strstr (line, "${"); p != NULL; p = strstr (p + 2, "${"))
    if (apache->variable_count++ >= DC_APACHE_VARIABLE_MAX)
      return true;
  return false;
}

static int
read_line (void *self, const char *line, struct dc_proof proof,
           struct dc_error *err)
{
  struct dc_apache *apache = self;
  const struct dc_words *const variables[] = { &apache->variables,
                                               &apache->environment };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  line += strspn (line, " \t\r");
  if (*line == '\0' || *line == '#')
    return 1;
  if (has_too_many_variables (apache, line))
    return dc_conflines_note (&apache->lines, proof,
                              "it uses too many variables", err) < 0
               ? -1
               : 0;
  if (dc_apache_words (line, variables, &words, err) < 0)
    return err->code == DC_ERR_SYSTEM ||
                   dc_conflines_note (&apache->lines, proof, err->text, err) < 0
               ? -1
               : 1;
  return words.count > 0 && apply (apache, &words, proof, err) < 0 ? -1 : 1;
}

/* What the command line says. */
struct command {
  struct dc_apache *apache;
  const char *conf;     /* -f */
  const char *root;     /* -d */
  struct dc_words late; /* -c: directives behind the files */
  bool is_listening;    /* no -t, -v, -k stop ... */
};

static int
read_option (void *self, char letter, const char *value, struct dc_error *err)
{
  struct command *command = self;
  struct dc_apache *apache = command->apache;

  if (letter == 'D')
    return dc_apache_define (apache, value, NULL, err);
  if (letter == 'C')
    return read_line (apache, value, dc_daemon_command (apache->daemon), err) <
                   0
               ? -1
               : 0;
  if (letter == 'c')
    return dc_words_add (&command->late, value, err);
  if (letter == 'f')
    command->conf = value;
  else if (letter == 'd')
    command->root = value;
  else if (strchr ("hlLMStvV", letter) != NULL ||
           (letter == 'k' && strcmp (value, "start") != 0))
    command->is_listening = false;
  return 0;
}

/* The file that apachectl sources, and the arguments that it adds. */
static int
read_control (struct dc_apache *apache, const char *root,
              struct dc_words *arguments, struct dc_error *err)
{
  static const char name[] = "APACHE_ARGUMENTS";
  AUTO_FREE char *path = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);

  if (dc_text_print (&path, err, "%s/envvars", root) < 0)
    return -1;
  if (dc_tree_resolve (apache->daemon->tree, path) == DC_TREE_NONE)
    return 0;
  const int status = dc_daemon_read (
      apache->daemon, path, dc_daemon_command (apache->daemon), &b, err);
  if (status <= 0)
    return status;
  if (dc_shellvars_read (dc_buffer_text (&b), b.size, &apache->environment,
                         err) < 0)
    return -1;
  const char *value =
      dc_environment_get (&apache->environment, name, strlen (name));
  if (dc_words_add (arguments, "apache2", err) < 0)
    return -1;
  if (value != NULL && dc_unit_words (value, arguments, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  return 0;
}

static const char *
variable (const struct dc_apache *apache, const char *name)
{
  return dc_environment_get (&apache->environment, name, strlen (name));
}

/* Is it apachectl, or the init script that calls it? */
static bool
is_controlled (const struct dc_daemon *daemon)
{
  const char *program = daemon->command->program;
  const size_t size = strlen (program);

  return dc_unit_is_script (daemon->unit) ||
         (size >= 3 && strcmp (program + size - 3, "ctl") == 0);
}

static int
read_command (struct dc_apache *apache, struct command *command,
              struct dc_words *arguments, struct dc_error *err)
{
  const char *folder = variable (apache, "APACHE_CONFDIR");
  struct dc_daemon control = *apache->daemon;

  if (is_controlled (apache->daemon)) {
    if (read_control (apache, folder != NULL ? folder : DEBIAN_ROOT, arguments,
                      err) < 0)
      return -1;
    control.argv = arguments;
    command->root = folder;
    if (dc_daemon_options (&control, "CDEcdefk", read_option, command, err) < 0)
      return -1;
  }
  return dc_daemon_options (apache->daemon, "CDEcdefk", read_option, command,
                            err);
}

/* The main file; sets the root. */
static int
find_conf (struct dc_apache *apache, const struct command *command, char **conf,
           struct dc_error *err)
{
  const struct dc_tree *tree = apache->daemon->tree;
  size_t place = 0;

  while (place + 1 < DC_COUNT (places) &&
         dc_tree_resolve (tree, places[place].conf) == DC_TREE_NONE)
    place++;
  const char *root = command->root != NULL ? command->root : places[place].root;
  if (apache->root == NULL &&
      dc_text_print (&apache->root, err, "%s", root) < 0)
    return -1;
  if (command->conf != NULL)
    return dc_apache_path (apache, command->conf, conf, err);
  if (command->root == NULL)
    return dc_text_print (conf, err, "%s", places[place].conf);
  return dc_text_print (conf, err, "%s%s", root,
                        places[place].conf + strlen (places[place].root));
}

static int
read_files (struct dc_apache *apache, const struct command *command,
            struct dc_error *err)
{
  const struct dc_proof proof = dc_daemon_command (apache->daemon);
  AUTO_FREE char *conf = NULL;

  if (find_conf (apache, command, &conf, err) < 0 ||
      dc_conflines_read (&apache->lines, conf, proof, err) < 0)
    return -1;
  for (size_t i = 0; i < command->late.count; i++)
    if (read_line (apache, command->late.items[i], proof, err) < 0)
      return -1;
  if (apache->listen_count == 0 && !apache->lines.is_incomplete)
    return dc_conflines_note (&apache->lines, proof,
                              "no Listen is in its configuration, so it does "
                              "not start",
                              err);
  return 0;
}

static int
read_and_tell (struct dc_apache *apache, struct dc_error *err)
{
  const struct dc_words *environment = apache->daemon->environment;
  struct command command = { .apache = apache, .is_listening = true };
  AUTO_WORDS struct dc_words arguments = { NULL, 0 };

  for (size_t i = 0; i < environment->count; i++)
    if (dc_words_add (&apache->environment, environment->items[i], err) < 0)
      return -1;
  int status = dc_apache_load_compiled (apache, err);
  if (status == 0)
    status = read_command (apache, &command, &arguments, err);
  if (status == 0 && command.is_listening)
    status = read_files (apache, &command, err);
  dc_words_release (&command.late);
  if (status < 0)
    return -1;
  return apache->lines.is_incomplete ? 0 : 1;
}

int
dc_apache_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct dc_apache apache = {
    .daemon = daemon,
    .lines = { .daemon = daemon, .read = read_line, .is_joined = true },
  };

  apache.lines.self = &apache;
  const int status = read_and_tell (&apache, err);
  dc_apache_release (&apache);
  return status;
}
