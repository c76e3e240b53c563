/* sampled.h - what asks everything, and is asked plainly built, asks some of it where that is slow: under
 * the sanitizer, and when lines are counted. KEPT_LONG=1 is each test's own to hear. */
#ifndef KEPT_TESTS_AID_SAMPLED_H
#define KEPT_TESTS_AID_SAMPLED_H

#if defined(__SANITIZE_ADDRESS__) || defined(KEPT_SAMPLE)
#define SAMPLED 1
#elif defined(__has_feature)
#define SAMPLED __has_feature(address_sanitizer)
#else
#define SAMPLED 0
#endif

#endif
