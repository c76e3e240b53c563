/* h2o.h - libh2o as this room sees it: its own event loop; the warnings of its headers are its own. */
#ifndef KEPT_HTTP_H2O_H
#define KEPT_HTTP_H2O_H
#pragma GCC system_header

#define H2O_USE_LIBUV 0
#include <h2o.h>
#include <h2o/http1.h>
#include <h2o/http2.h>

#endif
