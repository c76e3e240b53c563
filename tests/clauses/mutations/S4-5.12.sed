# code src/engine/erase.c
# who leaves is not told where their account there ends
s/kept_buf_bytes(&out, unbound->p, unbound->n);/(void)unbound;/
