/* Why no answer came, or no good one: in words, and what to do about it. root is the daemon's URL. */
#pragma once

#include <curl/curl.h>

#include "err.h"

/* text is {"error": {code, message, hint}}, or whatever else answered; may be NULL. Returns -1. */
int trouble_refused(const char *root, long status, const char *text, struct err *e);

/* The daemon was there, and what it sent is not whole. Returns -1. */
int trouble_broken(const char *root, CURLcode rc, struct err *e);

/* ERR_OFFLINE, or ERR_INTERRUPTED. said is what libcurl's error buffer holds. Returns -1. */
int trouble_unreachable(const char *root, CURLcode rc, const char *said, struct err *e);
