/* people.c - synthetic people: splitmix64 over seed and number: every run makes the same. */
#include "people.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static const char *pick(uint64_t *state, const char *const *from, size_t count)
{
    return from[next(state) % count];
}

static const char *const surnames[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴",
                                       "徐", "孙", "胡", "朱", "欧阳", "林", "何", "郭", "马", "司徒"};
static const char *const given[] = {"伟", "芳", "娜", "敏", "静", "秀英", "丽", "强", "磊", "洋",
                                    "艳", "勇", "军", "杰", "娟", "涛", "明", "超", "雨桐", "子轩"};
static const char *const first[] = {"Ada",  "Ben",  "Clara", "David", "Emma", "Felix", "Grace",
                                    "Hugo", "Iris", "Jonas", "Kate",  "Liam", "Mia",   "Noah"};
static const char *const last[] = {"Abbott", "Baker", "Carter", "Dawson", "Ellis", "Fisher",
                                   "Grant",  "Hayes", "Irving", "Jones",  "Keller", "Lambert"};
static const char *const models[] = {"Lotus 7", "Bamboo X", "Crane Mini", "Pebble 3"};
static const char *const systems[] = {"12", "13", "14", "15"};
static const struct {
    const char *zh, *en, *at;
} cities[] = {{"北京", "Beijing", "39.9042,116.4074"},
              {"上海", "Shanghai", "31.2304,121.4737"},
              {"成都", "Chengdu", "30.5728,104.0668"},
              {"西安", "Xi'an", "34.3416,108.9398"}};
static const char *const words_zh[] = {"怎么关闭提醒？", "设备连接不上，请帮忙。", "如何修改我的号码？"};
static const char *const words_en[] = {"How do I turn the alarm off?", "The clock is an hour late.",
                                       "Please call me back."};

/* 14 digits and the Luhn digit behind them. */
static void imei(uint64_t *state, unsigned i, char ret[16], char ret_wrong[16])
{
    unsigned sum = 0;
    (void)snprintf(ret, 16, "00100000%04u%02u", i % 10000, (unsigned)(next(state) % 100));
    for (unsigned k = 0; k < 14; k++) {
        unsigned d = (unsigned)(ret[k] - '0') * (k % 2 == 1 ? 2 : 1);
        sum += d / 10 + d % 10;
    }
    ret[14] = (char)('0' + (10 - sum % 10) % 10);
    ret[15] = 0;
    memcpy(ret_wrong, ret, 16);
    ret_wrong[14] = (char)('0' + (ret[14] - '0' + 1) % 10);
}

void person_make(uint64_t seed, unsigned i, int chinese, struct person *p)
{
    uint64_t state = seed * 1000003u + i;
    size_t city = next(&state) % COUNT(cities);
    memset(p, 0, sizeof *p);
    if (chinese)
        (void)snprintf(p->name, sizeof p->name, "%s%s", pick(&state, surnames, COUNT(surnames)),
                       pick(&state, given, COUNT(given)));
    else
        (void)snprintf(p->name, sizeof p->name, "%s %s", pick(&state, first, COUNT(first)),
                       pick(&state, last, COUNT(last)));
    (void)snprintf(p->phone, sizeof p->phone, "1990%03u%04u", (unsigned)(seed % 1000), i % 10000);
    (void)snprintf(p->mail, sizeof p->mail, "person-%u-%u@example.org", (unsigned)(seed % 1000), i);
    (void)snprintf(p->birth, sizeof p->birth, "%u-%02u-%02u", 1955 + (unsigned)(next(&state) % 50),
                   1 + (unsigned)(next(&state) % 12), 1 + (unsigned)(next(&state) % 28));
    (void)snprintf(p->place, sizeof p->place, "%s", cities[city].at);
    (void)snprintf(p->city, sizeof p->city, "%s", chinese ? cities[city].zh : cities[city].en);
    imei(&state, i, p->imei, p->wrong_imei);
    p->model = pick(&state, models, COUNT(models));
    p->os = pick(&state, systems, COUNT(systems));
    p->language = chinese ? "zh" : "en";
    p->message = chinese ? pick(&state, words_zh, COUNT(words_zh))
                         : pick(&state, words_en, COUNT(words_en));
}
