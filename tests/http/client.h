/* A client of raw sockets: it sends what it is told, right or wrong, byte by byte if need be. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Connects to "HOST:PORT" (numbers only, IPv6 in brackets); -1. The caller closes it. */
int client_connect(const char *address);

bool client_send(int fd, const char *bytes, size_t len);
bool client_say(int fd, const char *text);

/* Reads until the other end closes (0), max bytes are there, or ms have passed without a byte (-1). *n counts. */
int client_read(int fd, char *buf, size_t max, int ms, size_t *n);

/* Reads until buf (a string) holds text; false when it does not come within ms. */
bool client_expect(int fd, char *buf, size_t size, const char *text, int ms);

/* Waits up to ms for the other end to close; throws away what comes. */
bool client_sees_end(int fd, int ms);
