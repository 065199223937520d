/* supply.py: the pairs of each child to begin with, and those outside that would help. */
#include "field.h"

#include <stdlib.h>

static int heavier(const void *one, const void *other)
{
    u64 first = ((const Seen *)one)->key, second = ((const Seen *)other)->key;
    return (first < second) - (first > second);
}

static u64 key_of(i64 points, i64 tie, i32 team)
{
    return ((u64)points << TIE | (u64)tie) << 32 | (0xFFFFFFFFu - (u32)team);
}

static void note(Field *field, Seen seen)
{
    if (field->sights == field->sight_room) {
        field->sight_room = field->sight_room ? 2 * field->sight_room : 256;
        field->seen = wider(&field->memory, field->seen, (size_t)field->sight_room, sizeof(Seen));
    }
    field->seen[field->sights++] = seen;
}

/* Keep the best ones only, the best first; `before` says whether one comes before another. */
static void keep_best(Field *field, Seen seen, i64 most, int (*before)(const Seen *, const Seen *))
{
    i64 at;
    if (field->sights < most)
        note(field, seen);
    else if (!before(&seen, &field->seen[most - 1]))
        return;
    for (at = field->sights - 1; at && before(&seen, &field->seen[at - 1]); at--)
        field->seen[at] = field->seen[at - 1];
    field->seen[at] = seen;
}

static int by_key(const Seen *one, const Seen *other) { return one->key > other->key; }

static int by_gain(const Seen *one, const Seen *other)
{
    return one->gain != other->gain ? one->gain > other->gain : one->team < other->team;
}

/* Find the pairs of one child: all of them, or where `most` is not below 0 the heaviest. */
static void pairs_of(Field *field, i64 child, i64 most)
{
    Sight sight;
    around(field, child);
    look_from(field, child, &sight);
    field->sights = 0;
    for (i64 at = 0; at < field->nears; at++) {
        const Near *near = &field->near[at];
        i64 points = most_from(field, &sight, near);
        Scan scan;
        const Row *row;
        if (most > 0 && field->sights == most &&
            cheapest_from(field, &sight, near) >
                points - (i64)(field->seen[most - 1].key >> (32 + TIE)))
            continue;
        scan = scan_from(field, &sight, near, ANY);
        for (;;) {
            Seen seen = {0, 0, 0, 0, 0, 0};
            if (most > 0 && field->sights == most)
                scan.dear = points - (i64)(field->seen[most - 1].key >> (32 + TIE));
            if (!scan.slots || !(row = scan_next(field, &sight, near, &scan)))
                break;
            seen.team = row->team;
            if (!meets(field, &sight, near, row, &seen.slots, &seen.points))
                continue;
            seen.key = key_of(seen.points, tie_of(field, &sight, seen.team), seen.team);
            if (most < 0)
                note(field, seen);
            else
                keep_best(field, seen, most, by_key);
        }
    }
    if (most < 0 && field->sights)
        qsort(field->seen, (size_t)field->sights, sizeof(Seen), heavier);
}

/* Whether all children together have more pairs than that. */
static int more_than(Field *field, i64 most)
{
    i64 found = 0;
    for (i64 at = 0; at < field->children.many && found <= most; at++) {
        Sight sight;
        around(field, field->children.order[at]);
        look_from(field, field->children.order[at], &sight);
        for (i64 one = 0; one < field->nears; one++) {
            Scan scan = scan_from(field, &sight, &field->near[one], ANY);
            const Row *row;
            u64 slots;
            i64 points;
            while (scan.slots && (row = scan_next(field, &sight, &field->near[one], &scan)))
                found += meets(field, &sight, &field->near[one], row, &slots, &points);
        }
    }
    return found > most;
}

static void first(Field *field, i64 begin, i64 end, i64 most, i64 *counts)
{
    const i64 shift = (i64)1 << field->teams.shift;
    field->out = 0;
    for (i64 at = begin; at < end; at++) {
        i64 child = field->children.order[at], bonus = field->children.bonus[child];
        pairs_of(field, child, most);
        for (i64 one = 0; one < field->sights; one++) {
            const Seen *seen = &field->seen[one];
            i64 tie = (i64)(seen->key >> 32 & ((1 << TIE) - 1));
            put_out(field, seen->team, (bonus + seen->points) * shift + tie, seen->slots);
        }
        counts[at - begin] = field->sights;
    }
}

static i64 on_top_of(const Prices *prices, i32 team, u64 slots)
{
    return cheapest_slot(prices->steep_first, prices->steep_slot, prices->steep_cost, team, slots);
}

static int outside(const Prices *prices, i64 child, i32 team)
{
    const Listed *barred = &prices->barred;
    for (i64 at = 0; at < prices->many[child]; at++)
        if (prices->team[child][at] == team)
            return 0;
    for (i64 at = barred->first[child]; at < barred->first[child + 1]; at++)
        if (barred->team[at] == team)
            return 0;
    return 1;
}

static void missing_of(Field *field, const Prices *prices, i64 child, i64 more)
{
    const i64 shift = (i64)1 << field->teams.shift;
    i64 utility = prices->utility[child], wanted;
    Sight sight;
    around(field, child);
    look_from(field, child, &sight);
    field->sights = 0;
    wanted = (utility >> field->teams.shift) - sight.bonus;
    for (i64 at = 0; at < field->nears; at++) {
        const Near *near = &field->near[at];
        i64 dear = most_from(field, &sight, near) - wanted;
        Scan scan;
        const Row *row;
        if (cheapest_from(field, &sight, near) > dear)
            continue;
        scan = scan_from(field, &sight, near, dear);
        while (scan.slots && (row = scan_next(field, &sight, near, &scan))) {
            Seen seen = {0, 0, 0, 0, 0, row->team};
            if (!meets(field, &sight, near, row, &seen.slots, &seen.points) ||
                seen.points - row->plain - row->cost < wanted)
                continue;
            seen.weight = (sight.bonus + seen.points) * shift + tie_of(field, &sight, seen.team);
            seen.gain = seen.weight - prices->price[seen.team] - utility;
            if (seen.gain <= 0)
                continue;
            seen.gain -= on_top_of(prices, seen.team, seen.slots);
            if (seen.gain > 0 && outside(prices, child, seen.team))
                keep_best(field, seen, more, by_gain);
        }
    }
}

static int by_weight(const void *one, const void *other)
{
    const Seen *first = one, *second = other;
    if (first->weight != second->weight)
        return first->weight > second->weight ? -1 : 1;
    return (first->team > second->team) - (first->team < second->team);
}

/* Tell all pairs of a child, those it has and those that it lacks; return how many. */
static i64 put_all(Field *field, const Prices *prices, i64 child)
{
    i64 at = 0, many = prices->many[child], found = field->sights;
    if (found)
        qsort(field->seen, (size_t)found, sizeof(Seen), by_weight);
    for (i64 one = 0; found && (one < found || at < many);) {
        Seen next = {0, 0, 0, 0, 0, 0}, *seen = &field->seen[one];
        if (at < many) {
            next.team = prices->team[child][at];
            next.weight = prices->weight[child][at];
            next.slots = prices->slots[child][at];
        }
        if (at == many || (one < found && by_weight(seen, &next) < 0)) {
            put_out(field, seen->team, seen->weight, seen->slots);
            one++;
        } else {
            put_out(field, next.team, next.weight, next.slots);
            at++;
        }
    }
    return found ? many + found : 0;
}

static Floor floor_of(Field *field, const Prices *prices)
{
    size_t teams = (size_t)field->teams.teams;
    Floor floor = {take(&field->memory, teams, sizeof(i64)), take(&field->memory, teams, sizeof(i64)),
                   take(&field->memory, teams, sizeof(u64))};
    for (size_t team = 0; team < teams; team++) {
        i64 least = INT64_MAX;
        for (i64 at = prices->steep_first[team]; at < prices->steep_first[team + 1]; at++) {
            floor.steeped[team] |= (u64)1 << prices->steep_slot[at];
            least = prices->steep_cost[at] < least ? prices->steep_cost[at] : least;
        }
        floor.price[team] = prices->price[team] >> field->teams.shift;
        if (floor.steeped[team])
            floor.dear[team] = (prices->price[team] + least) >> field->teams.shift;
    }
    return floor;
}

void missing(Field *field, const Prices *prices, i64 more, i64 *counts)
{
    Floor floor = floor_of(field, prices);
    arrange(field, &floor);
    give(&field->memory, floor.price);
    give(&field->memory, floor.dear);
    give(&field->memory, floor.steeped);
    field->out = 0;
    for (i64 at = 0; at < field->children.many; at++) {
        missing_of(field, prices, field->children.order[at], more);
        counts[at] = put_all(field, prices, field->children.order[at]);
    }
}

static void begin(Field *field)
{
    Memory *memory = &field->memory;
    field->near = take(memory, (size_t)field->teams.bases, sizeof(Near));
    field->spot = -1;
    rows_begin(field);
    arrange(field, NULL);
}

int field_new(const Teams *teams, const Children *children, Field **made)
{
    Field *field = calloc(1, sizeof *field);
    *made = field;
    if (!field)
        return 1;
    memory_begin(&field->memory);
    field->teams = *teams;
    field->children = *children;
    if (setjmp(field->memory.out))
        return 1;
    begin(field);
    return 0;
}

void field_end(Field *field)
{
    if (field)
        give_all(&field->memory);
    free(field);
}

i64 told(const Field *field, const void **out)
{
    out[0] = field->out_team;
    out[1] = field->out_weight;
    out[2] = field->out_slots;
    return field->out;
}

i64 field_more_than(Field *field, i64 most) { return more_than(field, most); }

/* Return how many pairs these children of the order have, or -1 where memory ran out. */
i64 field_first(Field *field, i64 from, i64 to, i64 most, i64 *counts, const void **out)
{
    if (setjmp(field->memory.out))
        return -1;
    first(field, from, to, most, counts);
    return told(field, out);
}

i64 field_missing(Field *field, const Prices *prices, i64 more, i64 *counts,
                  const void **out)
{
    if (setjmp(field->memory.out))
        return -1;
    missing(field, prices, more, counts);
    return told(field, out);
}
