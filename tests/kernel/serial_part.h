/* Checks of the serial port on two real 8250s whose wires cross: /dev/ttyS1 and /dev/ttyS2. */
#pragma once

/* 0 when all is well, as check_all(). */
int serial_part_run(void);
