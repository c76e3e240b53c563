# code src/logs/key.c
# one key for all days
s/^    return (now \/ span) \* span + log->retain;/    return (kept_ms)4102444800000 + 0 * (now \/ span) + 0 * log->retain;/
