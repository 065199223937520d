/* The doors of the library: what Python calls. They return 0, 1 where memory ran out, or 2 where
 * a problem is none of ours. */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

/* Whether no pair leads outside of the arrays, or has no slot where it needs one. */
int sound(const Problem *problem)
{
    for (i64 team = 0; team < problem->teams; team++)
        if (problem->capacity[team] < 0 || problem->lanes[team] < 0)
            return 0;
    for (i64 child = 0; child < problem->children; child++)
        for (i64 at = 0; at < problem->many[child]; at++) {
            i32 team = problem->team[child][at];
            u64 slots = problem->slots[child][at];
            if (team < 0 || team >= problem->teams || slots >> (SPAN - 2) ||
                (problem->lanes[team] && !slots))
                return 0;
        }
    return 1;
}

#ifndef SOURCE
#define SOURCE "unknown"
#endif

/* A standing as columns. Cells are team by team, children cell by cell, in their order. */
typedef struct {
    i64 *utility, *price;
    i32 *team_of, *slot_of;
    u64 *full;
    i64 *cells; /* of each team: how many slots it has used */
    i32 *cell_slot, *cell_many;
    i64 *cell_steep;
    i32 *cell_children;
} Columns;

const char *kernel_source(void) { return SOURCE; }
i64 kernel_word(void) { return (i64)sizeof(void *); }
i64 kernel_peak(const Handle *handle) { return handle->memory.peak; }

void kernel_end(Handle *handle)
{
    if (handle)
        give_all(&handle->memory);
    free(handle);
}

static Handle *begin(const Problem *problem)
{
    Handle *handle = calloc(1, sizeof *handle);
    if (handle) {
        memory_begin(&handle->memory);
        handle->problem = *problem;
    }
    return handle;
}

void solve(Handle *handle, i64 grain, const Rates *rates, i64 whole)
{
    handle->standing = auction(&handle->memory, &handle->problem, grain, rates);
    if (whole)
        complete(handle->standing);
}

/* Bid, and where `whole` is not 0 search as well until nothing better exists. */
int kernel_solve(const Problem *problem, i64 grain, const Rates *rates, i64 whole, Handle **made)
{
    Handle *handle = begin(problem);
    *made = handle;
    if (!sound(problem))
        return 2;
    if (!handle || setjmp(handle->memory.out))
        return 1;
    solve(handle, grain, rates, whole);
    return 0;
}

static void read_columns(Handle *handle, const Columns *given)
{
    const Problem *problem = &handle->problem;
    Standing *standing = standing_new(&handle->memory, problem);
    const i32 *slot = given->cell_slot, *many = given->cell_many, *child = given->cell_children;
    const i64 *steep = given->cell_steep;
    for (i32 team = 0; team < problem->teams; team++) {
        Cells *at = &standing->at[team];
        at->many = at->room = (i32)given->cells[team];
        at->cells = take(&handle->memory, (size_t)at->room, sizeof(Cell));
        for (i32 one = 0; one < at->many; one++, slot++, many++, steep++) {
            at->cells[one] = (Cell){*slot, -1, -1, 0, *steep};
            if (*steep)
                standing->posts[team].steeped |= (u64)1 << *slot;
            if (*steep)
                standing->posts[team].load += problem->lanes[team];
            for (i32 left = *many; left; left--)
                place(standing, *child++, team, *slot);
        }
        standing->posts[team].price = given->price[team];
        standing->posts[team].full = given->full[team];
    }
    for (i64 one = 0; one < problem->children; one++)
        standing->utility[one] = given->utility[one];
    handle->standing = standing;
}

/* The pairs that a child has are the caller's, but which they are changes here. */
void *copied(Memory *memory, const void *old, i64 many, size_t size)
{
    void *made = take(memory, (size_t)many, size);
    if (many)
        memcpy(made, old, (size_t)many * size);
    return made;
}

static void mend(Handle *handle, const Columns *given, const Mend *what)
{
    Memory *memory = &handle->memory;
    Problem *problem = &handle->problem;
    i64 children = problem->children;
    i64 *many = copied(memory, problem->many, children, sizeof *many);
    const i32 **team = copied(memory, problem->team, children, sizeof *team);
    const i64 **weight = copied(memory, problem->weight, children, sizeof *weight);
    const u64 **slots = copied(memory, problem->slots, children, sizeof *slots);
    problem->many = many;
    problem->team = team;
    problem->weight = weight;
    problem->slots = slots;
    read_columns(handle, given);
    handle->standing->mend = what;
    for (i64 one = 0; one < what->children; one++) {
        i32 child = what->child[one];
        many[child] = what->many[one];
        team[child] = what->team[one];
        weight[child] = what->weight[one];
        slots[child] = what->slots[one];
        takers_mend(handle->standing, child);
        renew(handle->standing, child);
    }
}

int kernel_mend(const Problem *problem, const Columns *given, const Mend *what, Handle **made)
{
    Handle *handle = begin(problem);
    *made = handle;
    if (!handle || setjmp(handle->memory.out))
        return 1;
    mend(handle, given, what);
    return 0;
}

i64 kernel_cells(const Handle *handle)
{
    i64 found = 0;
    for (i64 team = 0; team < handle->problem.teams; team++)
        found += handle->standing->at[team].many;
    return found;
}

void kernel_tell(const Handle *handle, Columns *told)
{
    const Standing *standing = handle->standing;
    i32 *slot = told->cell_slot, *many = told->cell_many, *child = told->cell_children;
    i64 *steep = told->cell_steep;
    for (i64 one = 0; one < handle->problem.children; one++) {
        told->utility[one] = standing->utility[one];
        told->team_of[one] = standing->team_of[one];
        told->slot_of[one] = standing->slot_of[one];
    }
    for (i64 team = 0; team < handle->problem.teams; team++) {
        told->price[team] = standing->posts[team].price;
        told->full[team] = standing->posts[team].full;
        told->cells[team] = standing->at[team].many;
        for (i32 one = 0; one < standing->at[team].many; one++) {
            const Cell *cell = &standing->at[team].cells[one];
            *slot++ = cell->slot;
            *many++ = cell->many;
            *steep++ = cell->steep;
            for (i32 here = cell->first; here >= 0; here = standing->next[here])
                *child++ = here;
        }
    }
}

i64 cheapest_slot(const i64 *first, const i32 *slot, const i64 *cost, i32 team, u64 slots)
{
    i64 least = INT64_MAX;
    u64 dear = 0;
    for (i64 at = first[team]; at < first[team + 1]; at++) {
        u64 bit = (u64)1 << slot[at];
        dear |= bit;
        if (slots & bit && cost[at] < least)
            least = cost[at];
    }
    return slots && !(slots & ~dear) ? least : 0;
}
