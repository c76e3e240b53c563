/* order.c - kept order list: orders to other systems that are open, one a line, with the id that closes it. */
#include "cli/cli.h"

static const char *word(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text != NULL ? text : "";
}

static void print_order(const json_t *row)
{
    const json_t *items = json_object_get(row, "items"), *item = NULL;
    size_t i = 0;
    (void)printf("%s  %s  %s  %s since %s, due %s%s:", word(row, "order"), word(row, "held_in"), word(row, "kind"),
                 word(row, "state"), word(row, "since"), word(row, "due"),
                 json_is_true(json_object_get(row, "overdue")) ? ", OVERDUE" : "");
    json_array_foreach(items, i, item)
        (void)printf("%s %s %s", i > 0 ? "," : "", word(item, "then"), word(item, "item"));
    (void)putchar('\n');
}

static void show(const json_t *report)
{
    const json_t *row = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(report, "orders"), i, row)
        print_order(row);
    if (i == 0)
        (void)printf("no order is open\n");
    if (json_is_true(json_object_get(report, "more")))
        (void)fprintf(stderr, "kept: there are more: kept stat counts them\n");
}

int cli_run_order_list(struct cli *cli, struct kept_err *err)
{
    return cli_run_shown(cli, show, err);
}
