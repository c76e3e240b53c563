/* crash_aid.h - what the crash tests share. */
#ifndef KEPT_TESTS_CRASH_AID_H
#define KEPT_TESTS_CRASH_AID_H

#include "../aid/disk.h"
#include "../aid/folder.h"
#include "base/file.h"

#endif
