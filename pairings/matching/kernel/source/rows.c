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

static i64 highest(const u64 *bits, i64 many)
{
    u64 any = 0;
    i64 found = 0;
    for (i64 one = 0; one < many; one++)
        any |= bits[one];
    for (; any; any >>= 1)
        found++;
    return found;
}

/* Where in a word each kind of bits begins; a place more for a trait that no team has. */
static void parts_of_words(Field *field)
{
    const Teams *teams = &field->teams;
    field->mixed_at = REACHES + teams->slots;
    field->skills_at = field->mixed_at + 1;
    field->spoken_at = field->skills_at + highest(teams->skills, teams->teams) + 1;
    field->bands_at = field->spoken_at + highest(teams->spoken, teams->teams) + 1;
    field->word_size = field->bands_at + highest(teams->bands, teams->teams) + 1;
}

static size_t word_size(const Field *field) { return (size_t)field->word_size; }

void rows_begin(Field *field)
{
    Memory *memory = &field->memory;
    const Teams *teams = &field->teams;
    size_t bases = (size_t)teams->bases, kinds = (size_t)(2 * teams->levels);
    i64 most = 0;
    field->first = take(memory, bases + 1, sizeof(i64));
    field->many = take(memory, kinds * bases, sizeof(i64));
    field->reaching = take(memory, bases, sizeof(i64));
    field->furthest = take(memory, bases, sizeof(i64));
    for (size_t base = 0; base < bases; base++)
        field->reaching[base] = -1;
    for (i64 team = 0; team < teams->teams; team++)
        if (teams->open[team]) {
            i64 base = teams->base[team];
            field->first[base + 1] += 2;
            if (teams->reach[team] > field->reaching[base])
                field->reaching[base] = teams->reach[team];
        }
    for (size_t base = 0; base < bases; base++)
        field->first[base + 1] = field->first[base] + (field->first[base + 1] + 63) / 64 * 64;
    field->stride = field->first[bases];
    field->rows = take(memory, kinds * (size_t)field->stride, sizeof(Row));
    parts_of_words(field);
    field->words = take(memory, kinds * (size_t)field->stride / 64 * word_size(field), sizeof(u64));
    field->cheapest = take(memory, kinds * (size_t)field->stride / 64, sizeof(i64));
    for (i64 shared = 0; shared <= teams->slots; shared++) {
        most = teams->by_slots[shared] > most ? teams->by_slots[shared] : most;
        field->most_slots[shared] = most;
    }
    steps_of_reach(field);
}

static void add_row(Field *field, i64 kind, Row row)
{
    i64 base = field->teams.base[row.team];
    i64 *many = &field->many[kind * field->teams.bases + base];
    if (row.found_by)
        field->rows[kind * field->stride + field->first[base] + (*many)++] = row;
}

static void fill_rows(Field *field, i64 kind, const Floor *floor)
{
    const Teams *teams = &field->teams;
    const u64 *present = teams->present + kind * teams->teams;
    const i64 *plain = teams->plain + kind / 2 * teams->teams;
    u64 week = ((u64)1 << teams->slots) - 1; /* at most 62 slots */
    memset(field->many + kind * teams->bases, 0, (size_t)teams->bases * sizeof(i64));
    for (i64 team = 0; team < teams->teams; team++) {
        u64 here = present[team] & week, steeped = floor ? here & floor->steeped[team] : 0;
        Row row = {(i32)team, (floor ? floor->price[team] : 0) - plain[team], plain[team],
                   teams->reach[team], teams->left[team], here & ~steeped, here, 0,
                   teams->skills[team], teams->spoken[team], teams->bands[team]};
        if (!teams->open[team] || (floor && floor->only && !bit_of(floor->only, team)))
            continue;
        add_row(field, kind, row);
        if (!steeped)
            continue;
        row.cost = floor->dear[team] - plain[team];
        row.instead = row.found_by;
        row.found_by = steeped;
        add_row(field, kind, row);
    }
}

static void mark_bits(u64 *word, u64 bits, u64 bit)
{
    for (; bits; bits &= bits - 1)
        word[lowest(bits)] |= bit;
}

static void fill_words(Field *field, i64 from, i64 many)
{
    const Row *rows = field->rows + from;
    u64 *words = field->words + (size_t)(from / 64) * word_size(field);
    for (i64 row = 0; row < many; row += 64)
        field->cheapest[(from + row) / 64] = rows[row].cost;
    for (i64 row = 0; row < many; row++) {
        u64 *word = words + (size_t)(row / 64) * word_size(field), bit = (u64)1 << row % 64;
        for (int step = 0; step < field->reaches; step++)
            if (rows[row].reach >= field->reach[step])
                word[step] |= bit;
        mark_bits(word + REACHES, rows[row].found_by, bit);
        if (rows[row].found_by != rows[row].present && !rows[row].instead)
            word[field->mixed_at] |= bit;
        mark_bits(word + field->skills_at, rows[row].skills, bit);
        mark_bits(word + field->spoken_at, rows[row].spoken, bit);
        mark_bits(word + field->bands_at, rows[row].bands, bit);
    }
}

void arrange(Field *field, const Floor *floor)
{
    const Teams *teams = &field->teams;
    i64 kinds = 2 * teams->levels;
    memset(field->words, 0,
           (size_t)(kinds * field->stride / 64) * word_size(field) * sizeof(u64));
    for (i64 word = 0; word < kinds * field->stride / 64; word++)
        field->cheapest[word] = INT64_MAX;
    for (i64 base = 0; base < teams->bases; base++)
        field->furthest[base] = -1;
    field->spot = -1;
    for (i64 kind = 0; kind < kinds; kind++) {
        fill_rows(field, kind, floor);
        for (i64 base = 0; base < teams->bases; base++) {
            i64 from = kind * field->stride + field->first[base];
            i64 many = field->many[kind * teams->bases + base];
            if (many)
                qsort(field->rows + from, (size_t)many, sizeof(Row), by_cost);
            fill_words(field, from, many);
            if (many)
                field->furthest[base] = field->reaching[base];
        }
    }
}

Scan scan_from(const Field *field, const Sight *sight, const Near *near, i64 dear)
{
    i64 from = sight->kind * field->stride + field->first[near->base];
    u64 slots = near->longs & sight->free;
    return (Scan){field->rows + from, field->words + (size_t)(from / 64) * word_size(field),
                  field->cheapest + from / 64, field->many[sight->kind * field->teams.bases + near->base], -64, dear,
                  field->most_slots[count(slots)], slots, 0};
}

/* Who has time, in so many slots that no more points are lost than can be spared. */
static u64 in_time(const Field *field, const u64 *word, const Scan *scan, i64 spare)
{
    u64 once = 0, twice = 0;
    for (u64 rest = scan->slots; rest; rest &= rest - 1) {
        u64 here = word[REACHES + lowest(rest)];
        twice |= once & here;
        once |= here;
    }
    return scan->most - field->teams.by_slots[1] > spare
               ? twice | (once & word[field->mixed_at]) /* these may share more than is told here */
               : once;
}

/* Who speaks, has the age or covers needs without which too many points would be lost. */
static u64 worth_it(const Field *field, const Sight *sight, const u64 *word, i64 spare)
{
    const Teams *teams = &field->teams;
    u64 able = ~(u64)0, all = able, once = 0, twice = 0;
    u64 spoken = word[sight->dialect_at], band = word[sight->band_at];
    if (teams->dialect + teams->age > spare)
        able &= spoken | band;
    if (teams->dialect > spare)
        able &= spoken;
    if (teams->age > spare)
        able &= band;
    if (!sight->wanted || sight->covered[sight->wanted] - sight->covered[0] <= spare)
        return able;
    for (int one = 0; one < sight->wanted; one++) {
        u64 here = word[sight->skill_at[one]];
        twice |= once & here;
        once |= here;
        all &= here;
    }
    if (sight->covered[sight->wanted] - sight->covered[sight->wanted - 1] > spare)
        return able & all;
    return able & (sight->covered[sight->wanted] - sight->covered[1] > spare ? twice : once);
}

/* Return the next row whose team goes far enough, has time and may be worth what it costs. */
const Row *scan_next(const Field *field, const Sight *sight, const Near *near, Scan *scan)
{
    const Row *row;
    while (!scan->found) {
        const u64 *word;
        i64 spare;
        scan->at += 64;
        if (scan->at >= scan->many || scan->cheapest[scan->at / 64] > scan->dear)
            return NULL;
        word = scan->words + (size_t)(scan->at / 64) * word_size(field);
        spare = scan->dear - scan->cheapest[scan->at / 64]; /* no row after it costs less */
        scan->found = word[near->step];
        if (scan->found)
            scan->found &= in_time(field, word, scan, spare);
        if (scan->found)
            scan->found &= worth_it(field, sight, word, spare);
    }
    row = scan->rows + scan->at + lowest(scan->found);
    scan->found &= scan->found - 1;
    return row->cost > scan->dear ? NULL : row;
}

/* Return how many teams of a base go about far enough and have time. */
i64 able_at(const Field *field, const Sight *sight, const Near *near)
{
    Scan scan = scan_from(field, sight, near, ANY);
    i64 found = 0;
    for (i64 at = 0; at < scan.many; at += 64) {
        const u64 *word = scan.words + (size_t)(at / 64) * word_size(field);
        found += count(word[near->step] & in_time(field, word, &scan, ANY));
    }
    return found;
}
