# code src/logs/clean.c
# text is not scanned
s/^    return keep != KEPT_LOG_NETWORK && keep != KEPT_LOG_TIME && keep != KEPT_LOG_TOKEN;/    return keep == KEPT_LOG_TOKENS;/
