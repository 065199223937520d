/* outward.py: the cheapest way to serve one more child. */
#include "kernel.h"

#define OWN_TEAM (-1)

static int open_at(const Standing *standing, i32 node)
{
    i32 team = node / SPAN, slot = node % SPAN;
    return slot ? kept_open(standing, cell_of(standing, team, slot - 1), team)
                : has_room(standing, team);
}

static void reach(Search *search, i32 node, i64 distance, i32 child, i32 slot)
{
    const Reached *known = reached_at(search, node);
    if (distance >= search->best || (known && distance >= known->distance))
        return;
    search_set(search, (Reached){distance, node, child, 0, slot});
    if (open_at(search->standing, node)) {
        search->best = distance;
        search->end_node = node;
        search->end_child = -1;
    } else {
        search_push(search, distance, node);
    }
}

static void look(Search *search, i32 child, i64 distance)
{
    Standing *standing = search->standing;
    const Problem *problem = standing->problem;
    i64 base = distance + standing->utility[child], many = problem->many[child];
    for (i64 at = 0; at < many; at++) {
        i32 team = problem->team[child][at];
        i64 without = base - problem->weight[child][at], far;
        u64 slots, open;
        const Post *post;
        if (without >= search->best)
            break;
        post = &standing->posts[team];
        far = without + post->price;
        if (far >= search->best)
            continue;
        if (!post->lanes) {
            reach(search, team * SPAN, far, child, 0);
            continue;
        }
        slots = problem->slots[child][at];
        open = slots & ~post->full;
        if (open) {
            reach(search, team * SPAN, far, child, lowest(open));
            continue;
        }
        for (; slots; slots &= slots - 1) {
            i32 slot = lowest(slots);
            i64 extra = steep_of(standing, team, slot);
            reach(search, team * SPAN + slot + 1, far + extra, child, slot);
        }
    }
}

static void push_out(Search *search, const Cell *here, i64 distance)
{
    Standing *standing = search->standing;
    for (i32 child = here ? here->first : -1; child >= 0; child = standing->next[child]) {
        if (distance + standing->utility[child] < search->best) {
            search->best = distance + standing->utility[child];
            search->end_child = child;
        }
        look(search, child, distance);
    }
}

static void any_slot(Search *search, i32 team, i64 distance)
{
    const Cells *at = &search->standing->at[team];
    for (i32 one = 0; one < at->many; one++) {
        const Cell *cell = &at->cells[one];
        if (cell->many || cell->steep)
            reach(search, team * SPAN + cell->slot + 1, distance + cell->steep, OWN_TEAM,
                  cell->slot);
    }
}

static void leave_node(Search *search, i32 node, i64 distance)
{
    i32 team = node / SPAN, slot = node % SPAN;
    if (slot)
        push_out(search, cell_of(search->standing, team, slot - 1), distance);
    else if (search->standing->posts[team].lanes)
        any_slot(search, team, distance);
    else
        push_out(search, cell_of(search->standing, team, 0), distance);
}

static void settle_team(Search *search, i32 team)
{
    Standing *standing = search->standing;
    i64 rise = short_of_best(search, team * SPAN);
    standing->posts[team].price += rise;
    for (i32 one = 0; one < standing->at[team].many; one++) {
        Cell *cell = &standing->at[team].cells[one];
        i64 own = rise;
        if (!cell->many && !cell->steep)
            continue;
        if (standing->posts[team].lanes) {
            own = short_of_best(search, team * SPAN + cell->slot + 1);
            steepen(standing, team, cell->slot, own - rise);
        }
        for (i32 child = cell->first; child >= 0; child = standing->next[child])
            standing->utility[child] -= own;
    }
}

static i32 node_of(const Standing *standing, i32 child)
{
    i32 team = standing->team_of[child];
    return team * SPAN + (standing->posts[team].lanes ? standing->slot_of[child] + 1 : 0);
}

static void way_back(Search *search, i32 node)
{
    for (;;) {
        const Reached *came = reached_at(search, node);
        if (came->child == OWN_TEAM) /* the team of the slot was entered */
            came = reached_at(search, node - node % SPAN);
        search_move(search, came->child, node / SPAN, came->slot);
        if (came->child == search->start)
            return;
        node = node_of(search->standing, came->child);
    }
}

static void move(Search *search)
{
    Standing *standing = search->standing;
    i32 node = search->end_node;
    if (search->end_child >= 0) {
        if (search->end_child == search->start)
            return;
        node = node_of(standing, search->end_child);
        leave(standing, search->end_child);
    }
    way_back(search, node);
    move_all(search);
}

void serve(Standing *standing, i32 child)
{
    Search *search = search_new(standing, standing->utility[child]);
    search->start = search->end_child = child;
    look(search, child, 0);
    search_run(search, leave_node);
    for (i64 one = 0; one < search->finished; one++)
        if (first_seen(search, search->done[one] / SPAN))
            settle_team(search, search->done[one] / SPAN);
    standing->utility[child] -= search->best;
    move(search);
}
