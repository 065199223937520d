/* supply.py: the pairs outside that would help at given prices, and the doors to all pairs. */
#include "field.h"

#include <stdlib.h>

static int by_gain(const Seen *one, const Seen *other)
{
    return one->gain != other->gain ? one->gain > other->gain : one->team < other->team;
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

static Floor floor_of(Field *field, const Prices *prices, const u64 *only)
{
    size_t teams = (size_t)field->teams.teams;
    Floor floor = {take(&field->memory, teams, sizeof(i64)), take(&field->memory, teams, sizeof(i64)),
                   take(&field->memory, teams, sizeof(u64)), only};
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

static void arrange_by(Field *field, const Prices *prices, const u64 *only)
{
    Floor floor = floor_of(field, prices, only);
    arrange(field, &floor);
    give(&field->memory, floor.price);
    give(&field->memory, floor.dear);
    give(&field->memory, floor.steeped);
}

void missing(Field *field, const Prices *prices, i64 more, i64 *counts)
{
    arrange_by(field, prices, NULL);
    field->out = 0;
    for (i64 at = 0; at < field->children.many; at++) {
        missing_of(field, prices, field->children.order[at], more);
        counts[at] = put_all(field, prices, field->children.order[at]);
    }
}

/* Those children look who are to look at all teams, or those who are not. */
static void look_again(Field *field, const Prices *prices, i64 more, const Since *since, int whole,
                       i64 *counts, i64 *from)
{
    const i64 *order = field->children.order, many = field->children.many;
    i64 at = 0;
    while (at < many && bit_of(since->whole, order[at]) != whole)
        at++;
    if (at == many)
        return;
    arrange_by(field, prices, whole ? NULL : since->cheaper);
    for (; at < many; at++) {
        i64 child = order[at];
        if (bit_of(since->whole, child) != whole)
            continue;
        missing_of(field, prices, child, more);
        if (field->sights == more)
            since->cut[child / 64] |= (u64)1 << child % 64;
        from[at] = field->out;
        counts[at] = put_all(field, prices, child);
    }
}

/* The same as `missing`, but that `from` says where what is told of a child stands. */
void missing_since(Field *field, const Prices *prices, i64 more, const Since *since, i64 *counts,
                   i64 *from)
{
    field->out = 0;
    look_again(field, prices, more, since, 0, counts, from);
    look_again(field, prices, more, since, 1, counts, from);
}

static void begin(Field *field)
{
    Memory *memory = &field->memory;
    field->near = take(memory, (size_t)field->teams.bases, sizeof(Near));
    field->spot = -1;
    field->slots_of = take(memory, (size_t)field->teams.teams, sizeof(u64));
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
