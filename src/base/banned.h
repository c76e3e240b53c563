/* banned.h - force-included into every file of src/: functions that hide a length, a failure, a
 * second door to the heap or the clock, become compile errors. A file that is the one door defines
 * KEPT_MAY_* before anything else. */
#ifndef KEPT_BASE_BANNED_H
#define KEPT_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef atoi
#undef atol
#undef atof
#undef system
#undef popen
#undef tmpnam
#undef mktemp
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol
#pragma GCC poison atof system popen tmpnam mktemp

#endif
