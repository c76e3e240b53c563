/* note.h - what a service says of itself while it runs: a line of JSON on the standard error for each event.
 *
 *     {"time":"2026-11-22T04:45:23Z","level":"info","event":"serving","pid":4711,"text":"..."}
 *
 * Never personal data, credentials, paths of requests or what anybody sent: names of files, of apps and
 * numbers only, as in errors. A line is written whole, or not at all. Any thread, any process. */
#ifndef KEPT_BASE_NOTE_H
#define KEPT_BASE_NOTE_H

#include "kept.h"

enum kept_level { KEPT_INFO, KEPT_WARN, KEPT_GRAVE };

/* event: a word for programs ("worker.ended"); the text is for people, and cut at 1024 bytes. */
void kept_note(enum kept_level level, const char *event, const char *fmt, ...) KEPT_PRINTF(3, 4);

#endif
