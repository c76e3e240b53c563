/* banned.h - force-included into every file of src/: functions that hide a length, a failure, a
 * second door to the heap or the clock, become compile errors. A file that is the one door defines
 * KEPT_MAY_* before anything else. */
#ifndef KEPT_BASE_BANNED_H
#define KEPT_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok atoi atol atof
#pragma GCC poison rand srand random drand48 system popen tmpnam mktemp alloca

#endif
