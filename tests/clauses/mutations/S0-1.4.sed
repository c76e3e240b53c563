# code src/logs/clean.c
# what was found stays as it is
s/    if (finding->kind == KEPT_KIND_IPV4 && version(b, hit.from))/    if (finding->kind != KEPT_KIND_IPV4 || version(b, hit.from))/
