/* search.py: Dijkstra over teams and full slots. */
#include "kernel.h"

static void begin(Search *search, i64 best)
{
    search->best = best;
    for (i64 one = 0; one < search->many; one++)
        search->table[search->reached[one].node] = 0;
    search->many = search->waiting = search->finished = search->moving = 0;
}

Search *search_new(Standing *standing, i64 best)
{
    Search *search = standing->search;
    if (!search) {
        search = take(standing->memory, 1, sizeof *search);
        search->standing = standing;
        search->table =
            take(standing->memory, (size_t)standing->problem->teams * SPAN, sizeof(i32));
        search->seen = take(standing->memory, (size_t)standing->problem->teams, sizeof(i32));
        standing->search = search;
    }
    begin(search, best);
    search->turn++;
    return search;
}

void search_set(Search *search, Reached what)
{
    Reached *known = reached_at(search, what.node);
    if (known) {
        *known = what;
        return;
    }
    if (search->many == search->room) {
        search->room = search->room ? 2 * search->room : 64;
        search->reached = wider(search->standing->memory, search->reached,
                                (size_t)search->room, sizeof(Reached));
    }
    search->reached[search->many++] = what;
    search->table[what.node] = (i32)search->many;
}

static int nearer(Entry one, Entry other)
{
    return one.distance != other.distance ? one.distance < other.distance : one.node < other.node;
}

void search_push(Search *search, i64 distance, i32 node)
{
    Entry what = {distance, node};
    i64 at = search->waiting++;
    if (at == search->heap_room) {
        search->heap_room = search->heap_room ? 2 * search->heap_room : 64;
        search->heap = wider(search->standing->memory, search->heap, (size_t)search->heap_room,
                             sizeof(Entry));
    }
    while (at > 0 && nearer(what, search->heap[(at - 1) / 2])) {
        search->heap[at] = search->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    search->heap[at] = what;
}

static Entry pop(Search *search)
{
    Entry least = search->heap[0], last = search->heap[--search->waiting];
    i64 at = 0, many = search->waiting;
    for (i64 next = 1; next < many; next = 2 * at + 1) {
        if (next + 1 < many && nearer(search->heap[next + 1], search->heap[next]))
            next++;
        if (!nearer(search->heap[next], last))
            break;
        search->heap[at] = search->heap[next];
        at = next;
    }
    search->heap[at] = last;
    return least;
}

void search_run(Search *search, void (*leave)(Search *, i32 node, i64 distance))
{
    while (search->waiting) {
        Entry nearest = pop(search);
        if (nearest.distance >= search->best)
            break;
        if (nearest.distance > reached_at(search, nearest.node)->distance)
            continue;
        if (search->finished == search->done_room) {
            search->done_room = search->done_room ? 2 * search->done_room : 64;
            search->done = wider(search->standing->memory, search->done,
                                 (size_t)search->done_room, sizeof(i32));
        }
        search->done[search->finished++] = nearest.node;
        leave(search, nearest.node, nearest.distance);
    }
}

i64 short_of_best(Search *search, i32 node)
{
    const Reached *known = reached_at(search, node);
    return known && known->distance < search->best ? search->best - known->distance : 0;
}

int first_seen(Search *search, i32 team)
{
    int new = search->seen[team] != search->turn;
    search->seen[team] = search->turn;
    return new;
}

void search_move(Search *search, i32 child, i32 team, i32 slot)
{
    if (search->moving == search->move_room) {
        search->move_room = search->move_room ? 2 * search->move_room : 64;
        search->moves = wider(search->standing->memory, search->moves,
                              (size_t)search->move_room, sizeof(Move));
    }
    search->moves[search->moving++] = (Move){child, team, slot};
}

void move_all(Search *search)
{
    Standing *standing = search->standing;
    for (i64 one = 0; one < search->moving; one++)
        if (standing->team_of[search->moves[one].child] >= 0)
            leave(standing, search->moves[one].child);
    for (i64 one = 0; one < search->moving; one++) {
        Move move = search->moves[one];
        place(standing, move.child, move.team, move.slot);
    }
}
