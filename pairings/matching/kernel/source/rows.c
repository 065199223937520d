/* field.py: the teams as children of each kind see them, in an order that lets a look end early,
 * and as bits, so that one step rules 64 of them out. */
#include "field.h"

#include <stdlib.h>
#include <string.h>

static int by_cost(const void *one, const void *other)
{
    const Row *first = one, *second = other;
    if (first->cost != second->cost)
        return first->cost < second->cost ? -1 : 1;
    return (first->team > second->team) - (first->team < second->team);
}

static int by_size(const void *one, const void *other)
{
    i64 first = *(const i64 *)one, second = *(const i64 *)other;
    return (first > second) - (first < second);
}

/* Steps of reach: each one that there is, or as many as fit, evenly over the teams. */
static void steps_of_reach(Field *field)
{
    i64 many = field->teams.teams, kinds = 0;
    i64 *all = take(&field->memory, (size_t)many, sizeof(i64));
    for (i64 team = 0; team < many; team++)
        all[team] = field->teams.reach[team];
    if (many)
        qsort(all, (size_t)many, sizeof(i64), by_size);
    for (i64 team = 0; team < many; team++)
        if (!kinds || all[team] != all[kinds - 1])
            all[kinds++] = all[team];
    field->reach[0] = 0;
    field->reaches = 1;
    for (i64 step = 0; step < REACHES - 1; step++) {
        i64 here = kinds < REACHES ? step : step * kinds / (REACHES - 1);
        if (here < kinds && all[here] > field->reach[field->reaches - 1])
            field->reach[field->reaches++] = all[here];
    }
    give(&field->memory, all);
}

static size_t word_size(const Field *field) { return (size_t)(REACHES + field->teams.slots); }

void rows_begin(Field *field)
{
    Memory *memory = &field->memory;
    const Teams *teams = &field->teams;
    size_t bases = (size_t)teams->bases, kinds = (size_t)(2 * teams->levels);
    i64 most = 0;
    field->first = take(memory, bases + 1, sizeof(i64));
    field->many = take(memory, kinds * bases, sizeof(i64));
    field->furthest = take(memory, bases, sizeof(i64));
    for (size_t base = 0; base < bases; base++)
        field->furthest[base] = -1;
    for (i64 team = 0; team < teams->teams; team++)
        if (teams->open[team]) {
            i64 base = teams->base[team];
            field->first[base + 1]++;
            if (teams->reach[team] > field->furthest[base])
                field->furthest[base] = teams->reach[team];
        }
    for (size_t base = 0; base < bases; base++)
        field->first[base + 1] = field->first[base] + (field->first[base + 1] + 63) / 64 * 64;
    field->stride = field->first[bases];
    field->rows = take(memory, kinds * (size_t)field->stride, sizeof(Row));
    field->words = take(memory, kinds * (size_t)field->stride / 64 * word_size(field), sizeof(u64));
    for (i64 shared = 0; shared <= teams->slots; shared++) {
        most = teams->by_slots[shared] > most ? teams->by_slots[shared] : most;
        field->most_slots[shared] = most;
    }
    steps_of_reach(field);
}

static void fill_rows(Field *field, i64 kind, const i64 *floor)
{
    const Teams *teams = &field->teams;
    const u64 *present = teams->present + kind * teams->teams;
    const i64 *plain = teams->plain + kind / 2 * teams->teams;
    u64 week = ((u64)1 << teams->slots) - 1; /* at most 62 slots */
    i64 *many = field->many + kind * teams->bases;
    memset(many, 0, (size_t)teams->bases * sizeof(i64));
    for (i64 team = 0; team < teams->teams; team++)
        if (teams->open[team] && (present[team] & week)) {
            i64 base = teams->base[team];
            field->rows[kind * field->stride + field->first[base] + many[base]++] =
                (Row){(i32)team, (floor ? floor[team] : 0) - plain[team], plain[team],
                      teams->reach[team], teams->left[team], present[team] & week,
                      teams->skills[team], teams->spoken[team], teams->bands[team]};
        }
}

static void fill_words(Field *field, i64 from, i64 many)
{
    const Row *rows = field->rows + from;
    u64 *words = field->words + (size_t)(from / 64) * word_size(field);
    for (i64 row = 0; row < many; row++) {
        u64 *word = words + (size_t)(row / 64) * word_size(field), bit = (u64)1 << row % 64;
        for (int step = 0; step < field->reaches; step++)
            if (rows[row].reach >= field->reach[step])
                word[step] |= bit;
        for (u64 rest = rows[row].present; rest; rest &= rest - 1)
            word[REACHES + lowest(rest)] |= bit;
    }
}

void arrange(Field *field, const i64 *floor)
{
    const Teams *teams = &field->teams;
    i64 kinds = 2 * teams->levels;
    memset(field->words, 0,
           (size_t)(kinds * field->stride / 64) * word_size(field) * sizeof(u64));
    for (i64 kind = 0; kind < kinds; kind++) {
        fill_rows(field, kind, floor);
        for (i64 base = 0; base < teams->bases; base++) {
            i64 from = kind * field->stride + field->first[base];
            i64 many = field->many[kind * teams->bases + base];
            if (many)
                qsort(field->rows + from, (size_t)many, sizeof(Row), by_cost);
            fill_words(field, from, many);
        }
    }
}

Scan scan_from(const Field *field, const Sight *sight, const Near *near, i64 dear)
{
    i64 from = sight->kind * field->stride + field->first[near->base];
    return (Scan){field->rows + from, field->words + (size_t)(from / 64) * word_size(field),
                  field->many[sight->kind * field->teams.bases + near->base], -64, dear,
                  near->longs & sight->free, 0};
}

/* Return the next row whose team goes far enough and has time, or NULL. */
const Row *scan_next(const Field *field, const Near *near, Scan *scan)
{
    const Row *row;
    while (!scan->found) {
        const u64 *word;
        u64 able = 0;
        scan->at += 64;
        if (scan->at >= scan->many || scan->rows[scan->at].cost > scan->dear)
            return NULL;
        word = scan->words + (size_t)(scan->at / 64) * word_size(field);
        if (word[near->step])
            for (u64 rest = scan->slots; rest; rest &= rest - 1)
                able |= word[REACHES + lowest(rest)];
        scan->found = able & word[near->step];
    }
    row = scan->rows + scan->at + lowest(scan->found);
    scan->found &= scan->found - 1;
    return row->cost > scan->dear ? NULL : row;
}
