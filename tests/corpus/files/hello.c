/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hello --port PORT: answers HTTP, and needs nothing of its machine. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
main (int argc, char **argv)
{
  static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n"
                               "\r\nhello from a static binary\n";
  const int yes = 1;
  const int port = argc > 2 ? (int) strtol (argv[2], NULL, 10) : 8081;
  const struct sockaddr_in here = { .sin_family = AF_INET,
                                    .sin_port = htons ((in_port_t) port) };
  const int fd = socket (AF_INET, SOCK_STREAM, 0);
  char request[4096];

  (void) signal (SIGPIPE, SIG_IGN);
  (void) setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind (fd, (const struct sockaddr *) &here, sizeof here) < 0 ||
      listen (fd, 16) < 0)
    return 1;
  for (;;) {
    const int client = accept (fd, NULL, NULL);
    if (client < 0)
      continue;
    (void) !read (client, request, sizeof request);
    (void) !write (client, answer, strlen (answer));
    (void) close (client);
  }
}
