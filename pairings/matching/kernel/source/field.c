/* field.py: which teams may come to a child, and with how many points. */
#include "field.h"

#include <stdlib.h>
#include <string.h>

static int by_reach(const void *one, const void *other)
{
    const Row *first = one, *second = other;
    if (first->reach != second->reach)
        return first->reach > second->reach ? -1 : 1;
    return (first->team > second->team) - (first->team < second->team);
}

static int by_price(const void *one, const void *other)
{
    const Row *first = one, *second = other;
    if (first->floor != second->floor)
        return first->floor < second->floor ? -1 : 1;
    return (first->team > second->team) - (first->team < second->team);
}

static void fill_rows(Field *field, const i64 *floor)
{
    const Teams *teams = &field->teams;
    i64 *next = take(&field->memory, (size_t)teams->bases + 1, sizeof(i64));
    for (i64 team = 0; team < teams->teams; team++)
        if (teams->open[team])
            next[teams->base[team] + 1]++;
    for (i64 base = 0; base < teams->bases; base++)
        next[base + 1] += next[base];
    memcpy(field->first, next, ((size_t)teams->bases + 1) * sizeof(i64));
    for (i64 team = 0; team < teams->teams; team++)
        if (teams->open[team])
            field->rows[next[teams->base[team]]++] =
                (Row){(i32)team, teams->reach[team], floor ? floor[team] : 0,
                      teams->skills[team], teams->spoken[team], teams->bands[team],
                      teams->left[team]};
    give(&field->memory, next);
}

/* Put the teams of each base in order: who goes furthest first, or who costs least. */
void arrange(Field *field, const i64 *floor)
{
    const Teams *teams = &field->teams;
    i64 many;
    fill_rows(field, floor);
    many = field->first[teams->bases];
    for (i64 base = 0; base < teams->bases; base++)
        qsort(field->rows + field->first[base],
              (size_t)(field->first[base + 1] - field->first[base]), sizeof(Row),
              floor ? by_price : by_reach);
    for (i64 kind = 0; kind < 2 * teams->levels; kind++)
        for (i64 row = 0; row < many; row++)
            field->present[kind * teams->teams + row] =
                teams->present[kind * teams->teams + field->rows[row].team];
    for (i64 level = 0; level < teams->levels; level++)
        for (i64 base = 0; base < teams->bases; base++) {
            i64 most = 0;
            for (i64 row = field->first[base]; row < field->first[base + 1]; row++) {
                i64 plain = teams->plain[level * teams->teams + field->rows[row].team];
                field->plain[level * teams->teams + row] = plain;
                most = plain > most ? plain : most;
            }
            field->most[level * teams->bases + base] = most;
        }
}

static i64 root(i64 square) /* math.isqrt */
{
    i64 found = 0;
    for (i64 bit = (i64)1 << 31; bit; bit >>= 1)
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
        Near near = {base, 0, 0, 0};
        i64 metres;
        if (field->first[base] == field->first[base + 1] ||
            !metres_to(teams, children, child, base, &metres))
            continue;
        near.way = up(up(metres * teams->detour, 100), teams->metres_a_minute);
        near.longs = long_enough(teams, near.way);
        if (!near.longs)
            continue;
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

void look_from(const Field *field, i64 child, Sight *sight)
{
    const Children *children = &field->children;
    const Teams *teams = &field->teams;
    int needs = count(children->needs[child]);
    sight->child = child;
    sight->level = children->level[child];
    sight->bonus = children->bonus[child];
    sight->mark = children->mark[child];
    sight->free = children->free[child];
    sight->needs = children->needs[child];
    sight->languages = children->languages[child];
    sight->dialect = children->dialect[child];
    sight->band = children->band[child];
    sight->present =
        field->present + (2 * sight->level + children->girl[child]) * teams->teams;
    sight->plain = field->plain + sight->level * teams->teams;
    sight->extra = most_extra(&children->extras, child);
    for (int covered = 0; covered <= needs; covered++)
        sight->covered[covered] = needs ? teams->needs * covered / needs : teams->needs;
}

i64 most_from(const Field *field, const Sight *sight, const Near *near)
{
    const Teams *teams = &field->teams;
    return near->points + field->most[sight->level * teams->bases + near->base] +
           field->most_slots + teams->needs + teams->dialect + teams->age + sight->extra;
}

static int listed(const Listed *list, i64 child, i32 team)
{
    for (i64 at = list->first[child]; at < list->first[child + 1]; at++)
        if (list->team[at] == team)
            return 1;
    return 0;
}

/* Whether the team in a row may come to the child, with its points and the slots they share. */
int meets(const Field *field, const Sight *sight, const Near *near, i64 row, u64 *slots,
          i64 *points)
{
    const Children *children = &field->children;
    const Teams *teams = &field->teams;
    const Row *team = &field->rows[row];
    u64 shared = sight->present[row] & sight->free & near->longs;
    i64 child = sight->child;
    if (!shared || team->reach < near->way || sight->languages & ~team->spoken ||
        team->left < children->size[child])
        return 0;
    if (children->spent[child] && !listed(&children->kept, child, team->team))
        return 0;
    if (listed(&children->against, child, team->team))
        return 0;
    *slots = shared;
    *points = near->points + sight->plain[row] + teams->by_slots[count(shared)] +
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
