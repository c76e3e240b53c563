/* people.h - people who do not exist: the same ones for the same seed. */
#ifndef EXAMPLES_PEOPLE_H
#define EXAMPLES_PEOPLE_H

#include <stdint.h>

struct person {
    char name[48];
    char phone[12];      /* of a block of numbers used here only */
    char mail[64];       /* at example.org */
    char imei[16];       /* a test number: 00..., with a right check digit */
    char wrong_imei[16]; /* the same with a wrong one */
    char birth[11];
    char place[24];      /* latitude,longitude of a city */
    char city[24];
    const char *model, *os, *language, *message;
};

/* Person number i of a seed. chinese != 0: name, city and words in Chinese. */
void person_make(uint64_t seed, unsigned i, int chinese, struct person *ret_person);

#endif
