# code src/consent/consent.c
# the end of use leaves the consents as they are
s/subject->consents\[i\]\.state = KEPT_CS_WITHDRAWN;/(void)0;/
