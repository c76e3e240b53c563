# code src/crypto/crypto.c
# values are not sealed
/^int kept_seal_nonce/,/^}/ s/^    int rc = -1;/    int rc = -1;\
    memcpy(out, plain.p, plain.n);\
    memset(out + plain.n, 0, KEPT_TAG_BYTES);\
    return 0;/
/^int kept_unseal_nonce/,/^}/ s/^    int rc = -1;/    int rc = -1;\
    memcpy(out, sealed.p, sealed.n - KEPT_TAG_BYTES);\
    return 0;/
