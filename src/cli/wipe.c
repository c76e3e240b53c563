/* wipe.c - values that the command prints do not stay in its memory: the JSON library gets memory that
 * is wiped when it is freed, and the standard output a buffer of ours. */
#include "cli/cli.h"

#define BUFFER_BYTES 65536u

char *cli_wipe_begin(bool terminal)
{
    char *buffer = kept_alloc(1, BUFFER_BYTES);
    json_set_alloc_funcs(kept_wiped_alloc, kept_wiped_free);
    /* Values that are piped in are read straight into buffers that are wiped. */
    (void)setvbuf(stdin, NULL, _IONBF, 0);
    if (buffer != NULL && setvbuf(stdout, buffer, terminal ? _IOLBF : _IOFBF, BUFFER_BYTES) != 0) {
        kept_free(buffer);
        buffer = NULL;
    }
    return buffer;
}

void cli_wipe_end(char *buffer)
{
    kept_wipe(buffer, buffer == NULL ? 0 : BUFFER_BYTES); /* the stream keeps it until the end */
}
