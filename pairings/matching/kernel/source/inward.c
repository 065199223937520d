/* inward.py: who should come to a free place, or the place loses its price. */
#include "kernel.h"

#define FROM_SLOT (-1)

static void reach(Search *search, i32 node, i64 distance, Move came, i32 towards)
{
    const Reached *known = reached_at(search, node);
    if (distance < (known ? known->distance : search->best)) {
        search_set(search, (Reached){distance, node, came.child, towards, came.slot});
        search_push(search, distance, node);
    }
}

/* The slots by which somebody could come to a node, as bits. */
static u64 ways_in(const Standing *standing, i32 node)
{
    i32 slot = node % SPAN;
    return slot ? (u64)1 << (slot - 1) : ~standing->posts[node / SPAN].full;
}

static i32 left_by(const Standing *standing, i32 child)
{
    i32 team = standing->team_of[child], slot = standing->slot_of[child];
    if (standing->posts[team].lanes && standing->posts[team].full >> slot & 1)
        return team * SPAN + slot + 1;
    return team * SPAN;
}

static void ask(Search *search, i32 node, i64 distance)
{
    Standing *standing = search->standing;
    const Takers *takers = takers_of(standing, node / SPAN);
    const Post *post = &standing->posts[node / SPAN];
    i64 base = distance + post->price;
    u64 ways = ways_in(standing, node);
    for (i64 one = 0; one < takers->many; one++) {
        const Taker *taker = &takers->each[one];
        i32 child = taker->child, left = -1, slot = 0;
        i64 far = base + standing->utility[child] - taker->weight;
        if (far >= search->best)
            continue;
        if (standing->team_of[child] >= 0) {
            const Reached *known = reached_at(search, left = left_by(standing, child));
            if (known && far >= known->distance)
                continue;
        }
        if (post->lanes) /* else slots are nothing */
            slot = lowest(standing->problem->slots[child][taker->at] & ways);
        if (slot < 0)
            continue;
        if (left < 0) {
            search->best = far;
            search->end_child = child;
            search->end_node = node;
            search->end_slot = slot;
        } else {
            reach(search, left, far, (Move){child, 0, slot}, node);
        }
    }
}

static void leave_node(Search *search, i32 node, i64 distance)
{
    Standing *standing = search->standing;
    i32 team = node / SPAN, slot = node % SPAN;
    if (slot) {
        i64 extra = steep_of(standing, team, slot - 1);
        reach(search, team * SPAN, distance + extra, (Move){FROM_SLOT, 0, 0}, node);
        ask(search, node, distance + extra);
        return;
    }
    if (distance + standing->posts[team].price < search->best) {
        search->best = distance + standing->posts[team].price;
        search->end_child = FROM_SLOT;
        search->end_node = node;
    }
    ask(search, node, distance);
}

static void settle_team(Search *search, i32 team)
{
    Standing *standing = search->standing;
    i64 fall = short_of_best(search, team * SPAN);
    standing->posts[team].price -= fall;
    for (i32 one = 0; one < standing->at[team].many; one++) {
        Cell *cell = &standing->at[team].cells[one];
        i64 own = fall;
        if (standing->posts[team].lanes && standing->posts[team].full >> cell->slot & 1) {
            own = short_of_best(search, team * SPAN + cell->slot + 1);
            steepen(standing, team, cell->slot, fall - own);
        }
        for (i32 child = cell->first; child >= 0; child = standing->next[child])
            standing->utility[child] += own;
    }
}

static void move(Search *search)
{
    i32 child = search->end_child, node = search->end_node, slot = search->end_slot;
    const Reached *came;
    do {
        if (child != FROM_SLOT)
            search_move(search, child, node / SPAN, slot);
        came = reached_at(search, node);
        if (!came || came->child == -2) /* where the search began, or nobody moves */
            break;
        child = came->child;
        slot = came->slot;
        node = came->towards;
    } while (1);
    move_all(search);
}

static void fill_from(Standing *standing, i32 team, i32 slot)
{
    i64 extra = slot < 0 ? 0 : steep_of(standing, team, slot);
    Search *search = search_new(standing, standing->posts[team].price + extra);
    search->end_child = FROM_SLOT;
    search->end_node = team * SPAN;
    search->end_slot = 0;
    search_set(search, (Reached){0, team * SPAN + slot + 1, -2, 0, 0});
    search_push(search, 0, team * SPAN + slot + 1);
    search_run(search, leave_node);
    for (i64 one = 0; one < search->finished; one++)
        if (first_seen(search, search->done[one] / SPAN))
            settle_team(search, search->done[one] / SPAN);
    move(search);
}

void fill_slot(Standing *standing, i32 team, i32 slot)
{
    if (!steep_of(standing, team, slot)) {
        if (standing->posts[team].price > 0 && has_room(standing, team))
            fill_from(standing, team, -1);
        return;
    }
    while (kept_open(standing, cell_of(standing, team, slot), team))
        fill_from(standing, team, slot);
}

void fill(Standing *standing)
{
    for (i32 team = 0; team < standing->problem->teams; team++)
        for (i32 slot = 0; standing->posts[team].steeped >> slot; slot++)
            if (steep_of(standing, team, slot))
                fill_slot(standing, team, slot);
    for (i32 team = 0; team < standing->problem->teams; team++)
        while (standing->posts[team].price > 0 && has_room(standing, team))
            fill_from(standing, team, -1);
}
