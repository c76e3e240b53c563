# code src/engine/pipeline.c
# whoever did not agree is judged by the new version
s/^    if (policy != call->policy)$/    if (false)/
