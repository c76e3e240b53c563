# code src/engine/apps.c
# the text of a former version is not found again
s/^    if (version != find->version)$/    if (version == 1)/
