/* field.py: which teams may come to a child, and with how many points. */
#include "field.h"

#include <stdlib.h>
#include <string.h>

static i64 root(i64 square) /* math.isqrt */
{
    i64 found = 0, bit = 1;
    while (bit <= (i64)1 << 30 && bit * bit <= square)
        bit <<= 1;
    for (; bit; bit >>= 1)
        if ((found + bit) * (found + bit) <= square)
            found += bit;
    return found;
}

static i64 up(i64 value, i64 by)
{
    return value / by + (value % by > 0);
}

static u64 long_enough(const Teams *teams, i64 way)
{
    u64 found = 0;
    for (i64 slot = 0; slot < teams->slots; slot++)
        if (teams->slot_minutes[slot] >= teams->visit + 2 * way)
            found |= (u64)1 << slot;
    return found;
}

static int by_points(const void *one, const void *other)
{
    const Near *first = one, *second = other;
    if (first->points != second->points)
        return first->points > second->points ? -1 : 1;
    return (first->base > second->base) - (first->base < second->base);
}

/* Policy.goes and the metres of Policy.minutes; whether there is a way at all. */
static int metres_to(const Teams *teams, const Children *children, i64 child, i32 base, i64 *metres)
{
    i64 here = children->county[child], there = teams->county[base];
    *metres = teams->rough[base] + children->rough[child];
    if (teams->known[base] && children->known[child]) {
        i64 east = teams->east[base] - children->east[child];
        i64 north = teams->north[base] - children->north[child];
        *metres += root(east * east + north * north);
    } else if (here != there || !*metres) {
        return 0;
    }
    return teams->goes[here * teams->counties + there] != 0;
}

void around(Field *field, i64 child)
{
    const Teams *teams = &field->teams;
    const Children *children = &field->children;
    if (field->spot == children->spot[child])
        return;
    field->spot = children->spot[child];
    field->nears = 0;
    for (i32 base = 0; base < teams->bases; base++) {
        Near near = {base, 0, 0, 0, 0};
        i64 metres;
        if (field->furthest[base] < 0 || !metres_to(teams, children, child, base, &metres))
            continue;
        near.way = up(up(metres * teams->detour, 100), teams->metres_a_minute);
        if (near.way > field->furthest[base])
            continue;
        near.longs = long_enough(teams, near.way);
        if (!near.longs)
            continue;
        while (near.step + 1 < field->reaches && field->reach[near.step + 1] <= near.way)
            near.step++;
        for (i64 row = 0; row < teams->distances; row++)
            if (near.way <= teams->distance_bound[row]) {
                near.points = teams->distance_points[row];
                break;
            }
        field->near[field->nears++] = near;
    }
    qsort(field->near, (size_t)field->nears, sizeof(Near), by_points);
}

static i64 most_extra(const Listed *extras, i64 child)
{
    i64 most = 0;
    for (i64 at = extras->first[child]; at < extras->first[child + 1]; at++)
        most = extras->points[at] > most ? extras->points[at] : most;
    return most;
}

/* Where in a word a trait has its bit; the last place of its kind is nobody's. */
static int bit_at(i64 from, i64 next, u64 bit)
{
    int at = lowest(bit);
    return (int)(at < 0 || from + at >= next ? next - 1 : from + at);
}

static void bits_from(const Field *field, Sight *sight)
{
    sight->dialect_at = bit_at(field->spoken_at, field->bands_at, sight->dialect);
    sight->band_at = bit_at(field->bands_at, field->word_size, sight->band);
    sight->wanted = 0;
    for (u64 rest = sight->needs; rest; rest &= rest - 1)
        sight->skill_at[sight->wanted++] =
            bit_at(field->skills_at, field->spoken_at, rest & (~rest + 1));
}

void look_from(const Field *field, i64 child, Sight *sight)
{
    const Children *children = &field->children;
    const Teams *teams = &field->teams;
    int needs = count(children->needs[child]);
    sight->child = child;
    sight->kind = 2 * children->level[child] + children->girl[child];
    sight->bonus = children->bonus[child];
    sight->mark = children->mark[child];
    sight->free = children->free[child];
    sight->needs = children->needs[child];
    sight->languages = children->languages[child];
    sight->dialect = children->dialect[child];
    sight->band = children->band[child];
    sight->extra = most_extra(&children->extras, child);
    for (int covered = 0; covered <= needs; covered++)
        sight->covered[covered] = needs ? teams->needs * covered / needs : teams->needs;
    bits_from(field, sight);
    sight->most = teams->needs + teams->dialect + teams->age + sight->extra;
}

/* The most points a team of this base could have, but for those that are in its row. */
i64 most_from(const Field *field, const Sight *sight, const Near *near)
{
    return near->points + field->most_slots[count(near->longs & sight->free)] + sight->most;
}

static int listed(const Listed *list, i64 child, i32 team)
{
    for (i64 at = list->first[child]; at < list->first[child + 1]; at++)
        if (list->team[at] == team)
            return 1;
    return 0;
}

/* Whether the team of a row may come to the child, with its points and the slots they share. */
int meets(const Field *field, const Sight *sight, const Near *near, const Row *team, u64 *slots,
          i64 *points)
{
    const Children *children = &field->children;
    const Teams *teams = &field->teams;
    u64 shared = team->present & sight->free & near->longs;
    i64 child = sight->child;
    if (!(shared & team->found_by) || shared & team->instead || team->reach < near->way || sight->languages & ~team->spoken ||
        team->left < children->size[child])
        return 0;
    if (children->spent[child] && !listed(&children->kept, child, team->team))
        return 0;
    if (listed(&children->against, child, team->team))
        return 0;
    *slots = shared;
    *points = near->points + team->plain + teams->by_slots[count(shared)] +
              sight->covered[count(sight->needs & team->skills)] +
              (sight->dialect & team->spoken ? teams->dialect : 0) +
              (sight->band & team->bands ? teams->age : 0);
    if (sight->extra)
        for (i64 at = children->extras.first[child]; at < children->extras.first[child + 1]; at++)
            if (children->extras.team[at] == team->team)
                *points += children->extras.points[at];
    return 1;
}

i64 tie_of(const Field *field, const Sight *sight, i32 team) /* weighing.tie */
{
    return sight->mark * field->teams.marks[team] >> 12 & ((1 << TIE) - 1);
}

void put_out(Field *field, i32 team, i64 weight, u64 slots)
{
    Memory *memory = &field->memory;
    if (field->out == field->out_room) {
        size_t room = (size_t)(field->out_room = field->out_room ? 2 * field->out_room : 4096);
        field->out_team = wider(memory, field->out_team, room, sizeof(i32));
        field->out_weight = wider(memory, field->out_weight, room, sizeof(i64));
        field->out_slots = wider(memory, field->out_slots, room, sizeof(u64));
    }
    field->out_team[field->out] = team;
    field->out_weight[field->out] = weight;
    field->out_slots[field->out++] = slots;
}
