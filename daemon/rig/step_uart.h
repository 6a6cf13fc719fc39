/* The first two steps of jobs that go by UART. */
#pragma once

#include "run.h"

/* Gets hold of the loader. The statistics go into the result, also when it fails. */
int uart_enter(struct run *run, struct err *e) MUST_CHECK;

/* Which loader, which flash. */
int uart_probe(struct run *run, struct err *e) MUST_CHECK;
