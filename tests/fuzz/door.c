/* door.c - libFuzzer's door to one target: made once for each, with -DTARGET=NAME. */
#include "fuzz.h"

#define RUN2(name) fuzz_##name
#define RUN(name) RUN2(name)

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    fuzz_start();
    RUN(TARGET)(p, n);
    return 0;
}
