/* standing.py: who stands where, and the prices so far. */
#include "kernel.h"

#include <string.h>

i64 find(const Problem *problem, i32 child, i32 team)
{
    const i32 *teams = problem->team[child];
    i64 many = problem->many[child];
    for (i64 at = 0; at < many; at++)
        if (teams[at] == team)
            return at;
    return -1;
}

Standing *standing_new(Memory *memory, const Problem *problem)
{
    size_t teams = (size_t)problem->teams, children = (size_t)problem->children;
    Standing *made = take(memory, 1, sizeof *made);
    made->memory = memory;
    made->problem = problem;
    made->utility = take(memory, children, sizeof(i64));
    made->team_of = take(memory, children, sizeof(i32));
    made->slot_of = take(memory, children, sizeof(i32));
    made->posts = take(memory, teams, sizeof(Post));
    made->at = take(memory, teams, sizeof(Cells));
    made->next = take(memory, children, sizeof(i32));
    made->before = take(memory, children, sizeof(i32));
    for (size_t child = 0; child < children; child++)
        made->team_of[child] = made->slot_of[child] = -1;
    for (size_t team = 0; team < teams; team++) {
        made->posts[team].lanes = problem->lanes[team];
        made->posts[team].capacity = problem->capacity[team];
    }
    return made;
}

Cell *cell_of(const Standing *standing, i32 team, i32 slot)
{
    const Cells *at = &standing->at[team];
    for (i32 one = 0; one < at->many; one++)
        if (at->cells[one].slot == slot)
            return &at->cells[one];
    return NULL;
}

i64 steep_of(const Standing *standing, i32 team, i32 slot)
{
    if (!(standing->posts[team].steeped >> slot & 1))
        return 0;
    return cell_of(standing, team, slot)->steep;
}

i64 on_top(const Standing *standing, i32 team, u64 slots)
{
    u64 steeped = standing->posts[team].steeped;
    i64 least = INT64_MAX;
    if (!slots || slots & ~steeped)
        return 0;
    for (i32 one = 0; one < standing->at[team].many; one++) {
        const Cell *cell = &standing->at[team].cells[one];
        if ((slots & steeped) >> cell->slot & 1 && cell->steep < least)
            least = cell->steep;
    }
    return least;
}

i64 best_of(const Standing *standing, i32 child)
{
    const Problem *problem = standing->problem;
    const i32 *teams = problem->team[child];
    const i64 *weights = problem->weight[child];
    i64 many = problem->many[child], found = 0;
    for (i64 at = 0; at < many && weights[at] > found; at++) {
        i64 offer = weights[at] - standing->posts[teams[at]].price;
        if (offer > found)
            offer -= on_top(standing, teams[at], problem->slots[child][at]);
        if (offer > found)
            found = offer;
    }
    return found;
}

static Cell *cell_for(Standing *standing, i32 team, i32 slot)
{
    Cells *at = &standing->at[team];
    Cell *cell = cell_of(standing, team, slot);
    if (cell)
        return cell;
    if (at->many == at->room) {
        at->room = at->room ? 2 * at->room : 2;
        at->cells = wider(standing->memory, at->cells, (size_t)at->room, sizeof(Cell));
    }
    cell = &at->cells[at->many++];
    *cell = (Cell){slot, -1, -1, 0, 0};
    return cell;
}

int kept_open(const Standing *standing, const Cell *cell, i32 team)
{
    return cell && cell->steep && cell->many < standing->posts[team].lanes;
}

void place(Standing *standing, i32 child, i32 team, i32 slot)
{
    Cell *here = cell_for(standing, team, slot);
    standing->team_of[child] = team;
    standing->slot_of[child] = slot;
    standing->before[child] = here->last;
    standing->next[child] = -1;
    if (here->last >= 0)
        standing->next[here->last] = child;
    else
        here->first = child;
    here->last = child;
    standing->posts[team].load += !kept_open(standing, here, team);
    here->many++;
    if (here->many == standing->posts[team].lanes)
        standing->posts[team].full |= (u64)1 << slot;
}

void leave(Standing *standing, i32 child)
{
    i32 team = standing->team_of[child], slot = standing->slot_of[child];
    i32 before = standing->before[child], next = standing->next[child];
    Cell *here = cell_of(standing, team, slot);
    if (before >= 0)
        standing->next[before] = next;
    else
        here->first = next;
    if (next >= 0)
        standing->before[next] = before;
    else
        here->last = before;
    here->many--;
    if (!here->steep) { /* else its place is kept */
        standing->posts[team].load--;
        standing->posts[team].full &= ~((u64)1 << slot);
    }
    standing->team_of[child] = standing->slot_of[child] = -1;
}

void steepen(Standing *standing, i32 team, i32 slot, i64 by)
{
    Cell *cell = cell_of(standing, team, slot);
    Post *post = &standing->posts[team];
    i64 extra = cell->steep + by;
    if (extra <= 0 && kept_open(standing, cell, team)) {
        post->load -= post->lanes - cell->many;
        post->full &= ~((u64)1 << slot);
    }
    cell->steep = extra > 0 ? extra : 0;
    if (extra > 0)
        post->steeped |= (u64)1 << slot;
    else
        post->steeped &= ~((u64)1 << slot);
}

void charge(Standing *standing, i32 team, i32 slot, i64 extra)
{
    cell_for(standing, team, slot)->steep = extra;
    standing->posts[team].load += standing->posts[team].lanes;
    standing->posts[team].steeped |= (u64)1 << slot;
    standing->posts[team].full |= (u64)1 << slot;
}

u64 open_for(const Standing *standing, i32 team, u64 slots, i64 extra)
{
    const Post *post = &standing->posts[team];
    u64 found = 0;
    if (!extra && has_room(standing, team))
        return post->lanes ? slots & ~post->full : slots;
    for (i32 one = 0; extra > 0 && one < standing->at[team].many; one++) {
        const Cell *cell = &standing->at[team].cells[one];
        if (cell->steep == extra && kept_open(standing, cell, team))
            found |= (u64)1 << cell->slot;
    }
    return found & slots;
}

static void make_takers(Standing *standing)
{
    const Problem *problem = standing->problem;
    Memory *memory = standing->memory;
    i64 *room = take(memory, (size_t)problem->teams, sizeof(i64));
    /* pairs that a child will gain by mending have their room from the beginning */
    for (i64 child = 0; child < problem->children; child++)
        for (i64 at = 0; at < problem->many[child]; at++)
            room[problem->team[child][at]]++;
    for (i64 one = 0; standing->mend && one < standing->mend->children; one++)
        for (i64 at = 0; at < standing->mend->many[one]; at++)
            room[standing->mend->team[one][at]]++;
    standing->takers = take(memory, (size_t)problem->teams, sizeof(Takers));
    for (i64 team = 0; team < problem->teams; team++)
        standing->takers[team].each = take(memory, (size_t)room[team], sizeof(Taker));
    give(memory, room);
    for (i32 child = 0; child < problem->children; child++)
        for (i64 at = 0; at < problem->many[child]; at++) {
            Takers *takers = &standing->takers[problem->team[child][at]];
            takers->each[takers->many++] = (Taker){child, (i32)at, problem->weight[child][at]};
        }
}

void takers_forget(Standing *standing)
{
    for (i64 team = 0; standing->takers && team < standing->problem->teams; team++)
        give(standing->memory, standing->takers[team].each);
    give(standing->memory, standing->takers);
    standing->takers = NULL;
}

Takers *takers_of(Standing *standing, i32 team)
{
    if (!standing->takers)
        make_takers(standing);
    return &standing->takers[team];
}

static void put(Takers *takers, Taker what)
{
    i64 low = 0, high = takers->many;
    while (low < high) {
        i64 middle = (low + high) / 2;
        if (takers->each[middle].child < what.child)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == takers->many || takers->each[low].child != what.child) {
        memmove(takers->each + low + 1, takers->each + low,
                (size_t)(takers->many - low) * sizeof(Taker));
        takers->many++;
    }
    takers->each[low] = what;
}

/* Tell the teams of a child where its pairs lie now; it has lost none. */
void takers_mend(Standing *standing, i32 child)
{
    const Problem *problem = standing->problem;
    for (i64 at = 0; standing->takers && at < problem->many[child]; at++)
        put(&standing->takers[problem->team[child][at]],
            (Taker){child, (i32)at, problem->weight[child][at]});
}
