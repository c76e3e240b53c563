/* fuzz_log.c - lines of logs in each format: what is taken is UTF-8 and stands in its place; a batch comes out as pieces that read
 * back as many lines as were kept, without what steers a terminal; and any bytes as a piece. */
#include "base/error.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "logs/logs.h"

static const struct kept_log_field fields[] = {
    {.name = "address", .from = "address", .keep = KEPT_LOG_NETWORK}, {.name = "time", .from = "time", .keep = KEPT_LOG_TIME},
    {.name = "page", .from = "path", .keep = KEPT_LOG_PAGE}, {.name = "query", .from = "query"},
    {.name = "status", .from = "status", .keep = KEPT_LOG_NUMBER}, {.name = "agent", .from = "agent", .keep = KEPT_LOG_TOKENS},
    {.name = "device", .from = "device.id", .keep = KEPT_LOG_TOKEN}};
#define FIELDS (sizeof fields / sizeof fields[0])

struct told {
    uint64_t lines, pieces;
};

static int line(void *arg, const struct kept_log_seen *values, size_t count)
{
    struct told *told = arg;
    FUZZ_MUST(count <= FIELDS);
    for (size_t i = 0; i < count; i++) {
        FUZZ_MUST(kept_utf8_valid(values[i].value));
        for (size_t k = 0; k < values[i].value.n; k++)
            FUZZ_MUST(values[i].value.p[k] >= 0x20 || values[i].value.p[k] == '\n' || values[i].value.p[k] == '\t');
    }
    told->lines++;
    return 0;
}

static int piece(void *arg, struct kept_span bytes)
{
    struct told *told = arg;
    told->pieces++;
    FUZZ_MUST(bytes.n <= KEPT_MAX_LOG_PIECE);
    FUZZ_MUST(kept_log_each(bytes, line, told, NULL) == 0);
    return 0;
}

static int any_line(void *arg, const struct kept_log_seen *values, size_t count)
{
    size_t *bytes = arg;
    for (size_t i = 0; i < count; i++)
        *bytes += values[i].value.n + strlen(values[i].field);
    return 0;
}

void fuzz_log(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    const uint8_t how = fuzz_u8(&f);
    const struct kept_log log = {.name = "l", .format = (enum kept_log_format)(how % KEPT_LOG_FORMATS), .fields = fields,
                                 .field_count = FIELDS};
    const struct kept_log_key key = {.key = {1}};
    struct kept_span rest = {f.p, f.n};
    struct kept_log_batch batch;
    struct told told = {0, 0};
    size_t bytes = 0;
    if ((how & 0x80) != 0) {
        const int rc = kept_log_each(rest, any_line, &bytes, NULL);
        FUZZ_MUST(rc == 0 || rc == KEPT_E_CORRUPT);
        return;
    }
    if (rest.n > KEPT_MAX_LOG_TAKE)
        return;
    FUZZ_MUST(kept_log_clean(&log, &key, rest, piece, &told, &batch, NULL) == 0);
    FUZZ_MUST(told.lines == batch.tally.kept && batch.tally.lines == batch.tally.kept + batch.tally.bad);
}

void seeds_log(fuzz_give_fn *give)
{
    static const char common[] = "\000" "192.0.2.7 - bob [10/Oct/2000:13:55:36 -0700] \"GET /a?b=c%40d.org HTTP/1.0\" 200 12\n";
    static const char combined[] = "\001" "192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] \"GET /13812345678 HTTP/1.0\" 200 12 \"http://u:p@e.org/a?b\" "
                                   "\"Agent/1 \\\"a\\\" \\x41 490154203237518\"\nnot one\n";
    static const char json[] = "\002{\"agent\":[\"at a@example.org\",\"b\"],\"device\":{\"id\":\"x\"},\"status\":200,\"else\":{}}\n{}\n";
    static const char plain[] = "\x80\001\001\001a\001\000\002hi\001\000\000";
    give(common, sizeof common - 1);
    give(combined, sizeof combined - 1);
    give(json, sizeof json - 1);
    give(plain, sizeof plain - 1);
}
