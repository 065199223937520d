/* The hot loops of the matching engine: the same steps as in Python, function by function.
 *
 * What the steps are for is told in solver/ and field.py; here only how they are counted. Plain
 * C99, whole numbers of 64 bits, one thread. The caller keeps weights below 2^60 (problem.MOST),
 * so that no sum of a weight, a utility, two prices and a distance leaves 64 bits.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t i32;
typedef int64_t i64;
typedef uint32_t u32;
typedef uint64_t u64;

#define SPAN 64 /* search.SPAN: the nodes of one team */

/* memory.c: everything a call takes, given back at its end also when memory runs out */
typedef struct Block {
    struct Block *before, *after;
    size_t size, unused;
} Block;
typedef struct {
    jmp_buf out;
    Block ring;
    i64 held, peak;
} Memory;
void memory_begin(Memory *memory);
void *take(Memory *memory, size_t many, size_t size); /* zeroed */
void *wider(Memory *memory, void *old, size_t many, size_t size);
void give(Memory *memory, void *old);
void give_all(Memory *memory);

static inline int lowest(u64 bits) /* the number of the lowest bit that is set; -1 for none */
{
    int at = 0;
    if (!bits)
        return -1;
#ifdef __GNUC__
    return __builtin_ctzll(bits);
#endif
    if (!(bits & 0xFFFFFFFFu)) { bits >>= 32; at += 32; }
    if (!(bits & 0xFFFFu)) { bits >>= 16; at += 16; }
    if (!(bits & 0xFFu)) { bits >>= 8; at += 8; }
    if (!(bits & 0xFu)) { bits >>= 4; at += 4; }
    if (!(bits & 3u)) { bits >>= 2; at += 2; }
    return at + !(bits & 1u);
}

static inline int count(u64 bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (int)(bits * 0x0101010101010101u >> 56);
}

/* problem.Problem: the caller's own columns, child by child, the heaviest pair first */
typedef struct {
    i64 teams, children;
    const i64 *capacity, *lanes;
    const i64 *many;             /* pairs of each child */
    const i32 *const *team;      /* of each pair: its team, */
    const i64 *const *weight;    /* what it is worth, */
    const u64 *const *slots;     /* its slots as bits */
} Problem;

/* Children whose pairs change, one after the other: all that they have then. */
typedef struct Mend {
    i64 children;
    const i32 *child;
    const i64 *many;
    const i32 *const *team;
    const i64 *const *weight;
    const u64 *const *slots;
} Mend;

/* standing.Standing */
typedef struct {
    i32 slot, first, last, many; /* the children in one slot, in the order in which they came */
    i64 steep;
} Cell;
typedef struct {
    Cell *cells; /* in the order in which slots were first used */
    i32 many, room;
} Cells;
typedef struct {
    i32 child, at; /* who, and the place of the pair among the child's */
    i64 weight;
} Taker;
typedef struct {
    Taker *each; /* by child */
    i64 many;
} Takers;
typedef struct { /* what is asked of a team at every step, side by side */
    i64 price;
    u64 full, steeped; /* slots that hold as many as they can; slots with a price of their own */
    i64 lanes, load, capacity;
} Post;
struct Search;
typedef struct {
    Memory *memory;
    const Problem *problem;
    i64 *utility;
    i32 *team_of, *slot_of;
    Post *posts;
    Cells *at;
    i32 *next, *before; /* of each child: its neighbours in its slot */
    Takers *takers;
    const struct Mend *mend; /* the pairs that are still to come, or NULL */
    struct Search *search;
} Standing;
i64 find(const Problem *problem, i32 child, i32 team); /* the place of the pair, or -1 */
Standing *standing_new(Memory *memory, const Problem *problem);
Cell *cell_of(const Standing *standing, i32 team, i32 slot);
i64 steep_of(const Standing *standing, i32 team, i32 slot);
i64 on_top(const Standing *standing, i32 team, u64 slots);
i64 best_of(const Standing *standing, i32 child);
static inline int has_room(const Standing *standing, i32 team)
{
    return standing->posts[team].load < standing->posts[team].capacity;
}
int kept_open(const Standing *standing, const Cell *cell, i32 team); /* a place in its slot */
void charge(Standing *standing, i32 team, i32 slot, i64 extra);
u64 open_for(const Standing *standing, i32 team, u64 slots, i64 extra);
void place(Standing *standing, i32 child, i32 team, i32 slot);
void leave(Standing *standing, i32 child);
void steepen(Standing *standing, i32 team, i32 slot, i64 by);
Takers *takers_of(Standing *standing, i32 team);
void takers_mend(Standing *standing, i32 child);
void takers_forget(Standing *standing);

/* search.Search */
typedef struct {
    i64 distance;
    i32 node, child, towards, slot; /* who came from there, towards which node, into which slot */
} Reached;
typedef struct {
    i64 distance;
    i32 node;
} Entry;
typedef struct {
    i32 child, team, slot;
} Move;
typedef struct Search {
    Standing *standing;
    i64 best;
    Reached *reached;
    i64 many, room;
    i32 *table; /* of each node: its place in reached, and 1; else 0 */
    Entry *heap;
    i64 waiting, heap_room;
    i32 *done;
    i64 finished, done_room;
    i32 *seen; /* of each team: the number of the search that settled it last */
    i32 turn;
    Move *moves;
    i64 moving, move_room;
    i32 start;                          /* outward: the child to serve */
    i32 end_child, end_node, end_slot;
} Search;
Search *search_new(Standing *standing, i64 best);
static inline Reached *reached_at(Search *search, i32 node) /* or NULL */
{
    i32 at = search->table[node];
    return at ? &search->reached[at - 1] : NULL;
}
void search_set(Search *search, Reached what);
void search_push(Search *search, i64 distance, i32 node);
void search_run(Search *search, void (*leave)(Search *, i32 node, i64 distance));
i64 short_of_best(Search *search, i32 node);
int first_seen(Search *search, i32 team);
void search_move(Search *search, i32 child, i32 team, i32 slot);
void move_all(Search *search);

void serve(Standing *standing, i32 child);                 /* outward.c */
void fill(Standing *standing);                             /* inward.c */
void fill_slot(Standing *standing, i32 team, i32 slot);
void renew(Standing *standing, i32 child);                 /* renew.c */
void complete(Standing *standing);

typedef struct {
    i64 first, finer, fall, patience; /* the figures of auction.py */
} Rates;
Standing *auction(Memory *memory, const Problem *problem, i64 grain, const Rates *rates);

/* bids.c: what one team has been bid */
typedef struct {
    i64 bid;
    u64 mask;
    i32 child, slot;
} Bid;
typedef struct {
    i64 cost;
    u64 slot;
} Dear;
typedef struct {
    i64 capacity, lanes, price;
    Bid *held;
    i64 many, room;
    u64 closed, crowded;
    Dear *dear; /* of each closed slot, the cheapest first */
    i64 dear_room;
} Bids;
i64 bids_take(Memory *memory, Bids *bids, Bid bid); /* the child that gives way, or -1 */
void bids_again(Memory *memory, Bids *bids, i64 fall);

/* kernel.c: what Python holds while it asks for a solution */
typedef struct {
    Memory memory;
    Problem problem;
    Standing *standing;
} Handle;
int sound(const Problem *problem);
void solve(Handle *handle, i64 grain, const Rates *rates, i64 whole);
void *copied(Memory *memory, const void *old, i64 many, size_t size);

/* What the cheapest of some slots costs on top of a team; `first` is of each team, and one more. */
i64 cheapest_slot(const i64 *first, const i32 *slot, const i64 *cost, i32 team, u64 slots);

#endif
