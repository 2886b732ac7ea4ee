/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/conf_tomcat.h"
#include "analyzer/endpoint/shellvars.h"
#include "analyzer/endpoint/url.h"
#include "analyzer/unit/unitenv.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"
#include "lib/xml.h"

#define VALUE_SIZE_MAX ((size_t) 64 * 1024) /* bytes */
#define NAME_SIZE_MAX ((size_t) 256)        /* bytes of ${NAME} */
#define LOOPBACK "127.0.0.1"                /* what Java makes of localhost */

struct tomcat {
  const struct dc_daemon *daemon;
  struct dc_words environment; /* with what the start scripts source */
  struct dc_words properties;  /* "name=value"; the last of a name counts */
  struct dc_words files;       /* proofs point into it */
  char *base;                  /* CATALINA_BASE */
  const char *file;            /* being read */
  uint64_t offset;             /* portOffset */
  bool is_incomplete;
};

static int
note (struct tomcat *tomcat, unsigned line, struct dc_error *err,
      const char *text)
{
  const struct dc_proof proof = { tomcat->file, line };

  tomcat->is_incomplete = true;
  return dc_daemon_note (tomcat->daemon, proof, err, "%s", text);
}

static int
add_property (struct tomcat *tomcat, struct dc_span name, struct dc_span value,
              struct dc_error *err)
{
  AUTO_FREE char *text = NULL;

  if (name.size == 0 || tomcat->properties.count >= DC_TOMCAT_PROPERTY_MAX)
    return 0;
  if (dc_text_print (&text, err, "%.*s=%.*s", (int) name.size, name.text,
                     (int) value.size, value.text) < 0)
    return -1;
  return dc_words_add (&tomcat->properties, text, err);
}

static const char *
property (const struct tomcat *tomcat, struct dc_span name)
{
  for (size_t i = tomcat->properties.count; i > 0; i--) {
    const char *text = tomcat->properties.items[i - 1];
    if (strncmp (text, name.text, name.size) == 0 && text[name.size] == '=')
      return text + name.size + 1;
  }
  return NULL;
}

/* The words "-Dname=value" of a command line. */
static int
read_definitions (struct tomcat *tomcat, const struct dc_words *words,
                  struct dc_error *err)
{
  for (size_t i = 0; i < words->count; i++) {
    const char *word = words->items[i];
    const size_t size = strcspn (word, "=");
    if (strncmp (word, "-D", 2) != 0 || word[size] != '=')
      continue;
    const struct dc_span name = { word + 2, size - 2 };
    if (add_property (tomcat, name, dc_span_of (word + size + 1), err) < 0)
      return -1;
  }
  return 0;
}

/* The content of PATH, kept for proofs: 1, 0 when there is none, -1. */
static int
open_file (struct tomcat *tomcat, const char *path, struct dc_buffer *b,
           struct dc_error *err)
{
  if (dc_tree_resolve (tomcat->daemon->tree, path) == DC_TREE_NONE)
    return 0;
  if (dc_words_add (&tomcat->files, path, err) < 0)
    return -1;
  tomcat->file = tomcat->files.items[tomcat->files.count - 1];
  const struct dc_proof proof = { tomcat->file, 0 };
  const int status = dc_daemon_read (tomcat->daemon, path, proof, b, err);
  tomcat->is_incomplete = tomcat->is_incomplete || status == 0;
  return status;
}

/* A line of a properties file. */
static int
read_property (struct tomcat *tomcat, struct dc_span line, struct dc_error *err)
{
  size_t size = 0;

  line = dc_span_trim (line);
  if (line.size == 0 || *line.text == '#' || *line.text == '!')
    return 0;
  while (size < line.size && strchr ("=: \t", line.text[size]) == NULL)
    size++;
  const struct dc_span name = { line.text, size };
  struct dc_span value = dc_span_trim (dc_span_skip (line, size));
  if (value.size > 0 && (*value.text == '=' || *value.text == ':'))
    value = dc_span_trim (dc_span_skip (value, 1));
  return add_property (tomcat, name, value, err);
}

/* conf/catalina.properties: they replace those of the command line. */
static int
read_properties (struct tomcat *tomcat, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_TOMCAT_PROPERTIES_MAX);
  AUTO_FREE char *path = NULL;
  struct dc_span line;
  bool is_continued = false;

  if (dc_text_print (&path, err, "%s/conf/catalina.properties", tomcat->base) <
      0)
    return -1;
  const int status = open_file (tomcat, path, &b, err);
  if (status <= 0)
    return status;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  while (dc_span_line (&rest, &line)) {
    if (!is_continued && read_property (tomcat, line, err) < 0)
      return -1;
    line = dc_span_trim (line);
    is_continued = line.size > 0 && line.text[line.size - 1] == '\\';
  }
  return 0;
}

/* TEXT with each ${name} and ${name:-default} replaced; one that nobody knows
 * stays.
 */
static int
expand (const struct tomcat *tomcat, const char *text, struct dc_buffer *out,
        struct dc_error *err)
{
  for (struct dc_span rest = dc_span_of (text); rest.size > 0;) {
    const size_t near = rest.size < NAME_SIZE_MAX ? rest.size : NAME_SIZE_MAX;
    const char *end =
        dc_span_starts (rest, "${") ? memchr (rest.text, '}', near) : NULL;
    struct dc_span value = { rest.text, 1 };
    size_t size = 1;
    if (end != NULL) {
      struct dc_span name = { rest.text + 2, (size_t) (end - rest.text) - 2 };
      const char *colon = memchr (name.text, ':', name.size);
      const bool has_default = colon != NULL && colon[1] == '-';
      size = (size_t) (end - rest.text) + 1;
      value.size = size;
      if (has_default) {
        value = (struct dc_span){ colon + 2, (size_t) (end - colon) - 2 };
        name.size = (size_t) (colon - name.text);
      }
      const char *known = property (tomcat, name);
      value = known != NULL ? dc_span_of (known) : value;
    }
    if (dc_buffer_append (out, value.text, value.size, err) < 0)
      return -1;
    rest = dc_span_skip (rest, size);
  }
  return 0;
}

/* The attribute NAME expanded: 1 and *OUT for the caller, 0 without it, -1. */
static int
attribute (const struct tomcat *tomcat, const struct dc_xml_element *element,
           const char *name, char **out, struct dc_error *err)
{
  const char *value = dc_xml_value (element, name);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (VALUE_SIZE_MAX);

  if (value == NULL)
    return 0;
  if (expand (tomcat, value, &b, err) < 0 ||
      dc_buffer_append (&b, "", 0, err) < 0)
    return -1;
  *out = dc_buffer_take (&b);
  return 1;
}

/* The port of ELEMENT plus the offset of all: 1; 0 when it has none, or after
 * a note; -1.
 */
static int
find_port (struct tomcat *tomcat, const struct dc_xml_element *element,
           const char *otherwise, uint16_t *out, struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  uint64_t port;
  struct dc_error why;

  if (attribute (tomcat, element, "port", &text, err) < 0)
    return -1;
  const char *value = text != NULL ? text : otherwise;
  if (strcmp (value, "-1") == 0)
    return 0;
  if (dc_number_parse (value, 1, UINT16_MAX, &port, &why) < 0 ||
      port + tomcat->offset > UINT16_MAX) {
    AUTO_FREE char *told = NULL;
    if (dc_text_print (&told, err, "'%s' is no port", dc_quote (value).text) <
        0)
      return -1;
    return note (tomcat, element->line, err, told);
  }
  *out = (uint16_t) (port + tomcat->offset);
  return 1;
}

static int
listen_on (struct tomcat *tomcat, const struct dc_xml_element *element,
           const char *address, uint16_t port, enum dc_confidence confidence,
           struct dc_error *err)
{
  const struct dc_listen listen = {
    .protocol = DC_TCP,
    .address = address,
    .port = port,
    .proof = { tomcat->file, element->line },
    .confidence = confidence,
  };
  return dc_daemon_listens (tomcat->daemon, &listen, err);
}

/* The address that is said, as the sockets have it: Java's are of both
 * families.
 */
static const char *
address_of (const char *text, const char *otherwise)
{
  if (text == NULL || text[0] == '\0')
    return otherwise;
  if (strcmp (text, "localhost") == 0)
    return LOOPBACK;
  return strcmp (text, "0.0.0.0") == 0 || strcmp (text, "::") == 0 ? "" : text;
}

/* <Server port=...>: where a word ends it, from this host only. */
static int
tell_server (struct tomcat *tomcat, const struct dc_xml_element *server,
             struct dc_error *err)
{
  AUTO_FREE char *address = NULL, *offset = NULL;
  uint16_t port = 0;
  struct dc_error ignored;

  if (attribute (tomcat, server, "portOffset", &offset, err) < 0 ||
      attribute (tomcat, server, "address", &address, err) < 0)
    return -1;
  if (offset != NULL)
    (void) dc_number_parse (offset, 0, UINT16_MAX, &tomcat->offset,
                            &ignored); /* it stays 0 */
  const int status = find_port (tomcat, server, "8005", &port, err);
  if (status <= 0)
    return status;
  return listen_on (
      tomcat, server, address_of (address, LOOPBACK), port,
      dc_xml_value (server, "port") != NULL ? DC_DECLARED : DC_INFERRED, err);
}

/* AJP listens on the loopback device unless it is told where: since 9.0.31
 * and 8.5.51.
 */
static int
tell_connector (struct tomcat *tomcat, const struct dc_xml_element *connector,
                struct dc_error *err)
{
  const char *protocol = dc_xml_value (connector, "protocol");
  const bool is_ajp = protocol != NULL && (strncmp (protocol, "AJP", 3) == 0 ||
                                           strstr (protocol, ".ajp.") != NULL);
  AUTO_FREE char *address = NULL, *path = NULL;
  uint16_t port = 0;

  if (attribute (tomcat, connector, "address", &address, err) < 0)
    return -1;
  const int has_path =
      attribute (tomcat, connector, "unixDomainSocketPath", &path, err);
  if (has_path < 0)
    return -1;
  if (has_path > 0) {
    const struct dc_listen listen = {
      .protocol = DC_UNIX,
      .path = path,
      .proof = { tomcat->file, connector->line },
      .confidence = DC_DECLARED,
    };
    return dc_daemon_listens (tomcat->daemon, &listen, err);
  }
  const int status = find_port (tomcat, connector, "", &port, err);
  if (status <= 0)
    return status;
  return listen_on (tomcat, connector,
                    address_of (address, is_ajp ? LOOPBACK : ""), port,
                    is_ajp && address == NULL ? DC_INFERRED : DC_DECLARED, err);
}

/* What ELEMENT and those in it say, in whatever they lie. */
static int
walk (struct tomcat *tomcat, const struct dc_xml_element *element,
      struct dc_error *err)
{
  static const char jdbc[] = "jdbc:";
  AUTO_FREE char *url = NULL;
  const struct dc_proof proof = { tomcat->file, element->line };
  int status = 0;

  if (strcmp (element->name, "Connector") == 0)
    status = tell_connector (tomcat, element, err);
  else if (strcmp (element->name, "Cluster") == 0)
    status = note (tomcat, element->line, err,
                   "it has a cluster, whose ports are found when it starts");
  if (status < 0 || attribute (tomcat, element, "url", &url, err) < 0)
    return -1;
  if (url != NULL && strncmp (url, jdbc, strlen (jdbc)) == 0 &&
      strstr (url, "://") != NULL &&
      dc_url_connects (tomcat->daemon, url + strlen (jdbc), 0, proof, err) < 0)
    return -1;
  const struct dc_xml_element *child = dc_xml_child (element, NULL);
  for (; child != NULL; child = dc_xml_next (child, NULL))
    if (walk (tomcat, child, err) < 0)
      return -1;
  return 0;
}

/* 1, 0 when there is no such file or after a note, -1. */
static int
read_xml (struct tomcat *tomcat, const char *path, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_XML_SIZE_MAX);
  DC_AUTO (dc_xml_element) *root = NULL;
  struct dc_error why;

  const int status = open_file (tomcat, path, &b, err);
  if (status <= 0)
    return status;
  if (dc_xml_parse (dc_buffer_text (&b), b.size, &root, &why) < 0) {
    if (why.code != DC_ERR_SYSTEM)
      return note (tomcat, 0, err, why.text);
    *err = why;
    return -1;
  }
  if (strcmp (root->name, "Server") == 0 && tell_server (tomcat, root, err) < 0)
    return -1;
  return walk (tomcat, root, err) < 0 ? -1 : 1;
}

/* The variables of the file that a start script sources, if it is there. */
static int
source (struct tomcat *tomcat, const char *folder, const char *name,
        struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_TOMCAT_PROPERTIES_MAX);

  if (dc_text_print (&path, err, "%s/%s", folder, name) < 0)
    return -1;
  const int status = open_file (tomcat, path, &b, err);
  if (status <= 0)
    return status;
  return dc_shellvars_read (dc_buffer_text (&b), b.size, &tomcat->environment,
                            err) < 0 &&
                 err->code == DC_ERR_SYSTEM
             ? -1
             : 0;
}

static const char *
variable (const struct tomcat *tomcat, const char *name)
{
  return dc_environment_get (&tomcat->environment, name, strlen (name));
}

/* The script or program: "/opt/tomcat/bin/catalina.sh". */
static const char *
find_script (const struct dc_daemon *daemon)
{
  const struct dc_words *argv = daemon->argv;

  for (size_t i = 1; i < argv->count; i++)
    if (argv->items[i][0] == '/' && strstr (argv->items[i], ".sh") != NULL)
      return argv->items[i];
  return daemon->command->program;
}

/* Copy to *OUT the folder that is UP folders above PATH. */
static int
folder_above (const char *path, unsigned up, char **out, struct dc_error *err)
{
  size_t size = strlen (path);

  for (; up > 0 && size > 0; up--)
    do
      size--;
    while (size > 0 && path[size] != '/');
  return dc_text_print (out, err, "%.*s", (int) size, path);
}

/* CATALINA_BASE, or that of the program's own place. */
static int
find_base (struct tomcat *tomcat, const char *home, struct dc_error *err)
{
  static const char name[] = "catalina.base";
  const char *base = variable (tomcat, "CATALINA_BASE");

  if (base == NULL)
    base = property (tomcat, dc_span_of (name));
  return dc_text_print (&tomcat->base, err, "%s", base != NULL ? base : home);
}

/* The options for Java that catalina.sh would give. */
static int
read_options (struct tomcat *tomcat, struct dc_error *err)
{
  static const char *const names[] = { "JAVA_OPTS", "CATALINA_OPTS" };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  for (size_t i = 0; i < DC_COUNT (names); i++) {
    const char *value = variable (tomcat, names[i]);
    if (value != NULL && dc_unit_words (value, &words, err) < 0 &&
        err->code == DC_ERR_SYSTEM)
      return -1;
  }
  return read_definitions (tomcat, &words, err);
}

/* Everything that comes before server.xml. */
static int
prepare (struct tomcat *tomcat, struct dc_error *err)
{
  const struct dc_words *environment = tomcat->daemon->environment;
  const char *script = find_script (tomcat->daemon);
  AUTO_FREE char *folder = NULL, *home = NULL;

  for (size_t i = 0; i < environment->count; i++)
    if (dc_words_add (&tomcat->environment, environment->items[i], err) < 0)
      return -1;
  if (folder_above (script, 1, &folder, err) < 0 ||
      folder_above (script, 2, &home, err) < 0)
    return -1;
  const char *slash = strrchr (folder, '/');
  if (read_definitions (tomcat, tomcat->daemon->argv, err) < 0 ||
      find_base (tomcat, home, err) < 0 ||
      source (tomcat, "/etc/default", slash != NULL ? slash + 1 : folder, err) <
          0 ||
      source (tomcat, tomcat->base, "bin/setenv.sh", err) < 0)
    return -1;
  return read_options (tomcat, err) < 0 || read_properties (tomcat, err) < 0
             ? -1
             : 0;
}

/* conf/context.xml and the contexts of applications: their databases. */
static int
read_contexts (struct tomcat *tomcat, struct dc_error *err)
{
  AUTO_FREE char *common = NULL, *pattern = NULL;
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  const struct dc_proof proof = { tomcat->file, 0 };

  if (dc_text_print (&common, err, "%s/conf/context.xml", tomcat->base) < 0 ||
      dc_text_print (&pattern, err, "%s/conf/*/*/*.xml", tomcat->base) < 0 ||
      dc_words_add (&paths, common, err) < 0 ||
      dc_daemon_include (tomcat->daemon, pattern, proof, &paths, err) < 0)
    return -1;
  for (size_t i = 0; i < paths.count; i++)
    if (read_xml (tomcat, paths.items[i], err) < 0)
      return -1;
  return 0;
}

/* -config FILE, or conf/server.xml below the base. */
static int
find_conf (const struct tomcat *tomcat, char **conf, struct dc_error *err)
{
  const struct dc_words *argv = tomcat->daemon->argv;
  const char *name = "conf/server.xml";

  for (size_t i = 1; i + 1 < argv->count; i++)
    if (strcmp (argv->items[i], "-config") == 0)
      name = argv->items[i + 1];
  return dc_text_print (conf, err, "%s%s%s", name[0] != '/' ? tomcat->base : "",
                        name[0] != '/' ? "/" : "", name);
}

static int
read_and_tell (struct tomcat *tomcat, struct dc_error *err)
{
  AUTO_FREE char *conf = NULL;

  if (prepare (tomcat, err) < 0 || find_conf (tomcat, &conf, err) < 0)
    return -1;
  const int status = read_xml (tomcat, conf, err);
  if (status < 0)
    return -1;
  if (status == 0 && !tomcat->is_incomplete)
    return dc_daemon_note (tomcat->daemon, dc_daemon_command (tomcat->daemon),
                           err, "cannot use '%s': it is not there",
                           dc_quote (conf).text);
  if (read_contexts (tomcat, err) < 0)
    return -1;
  return tomcat->is_incomplete ? 0 : 1;
}

int
dc_tomcat_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct tomcat tomcat = { .daemon = daemon };

  const int status = read_and_tell (&tomcat, err);
  dc_words_release (&tomcat.environment);
  dc_words_release (&tomcat.properties);
  dc_words_release (&tomcat.files);
  free (tomcat.base);
  return status;
}
