/* bids.py: what one team has been bid, and what the next child would have to beat. */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

static int lower(const Bid *one, const Bid *other)
{
    return one->bid != other->bid ? one->bid < other->bid : one->child < other->child;
}

static void append(Memory *memory, Bids *bids, Bid bid)
{
    if (bids->many == bids->room) {
        bids->room = bids->room ? 2 * bids->room : 4;
        bids->held = wider(memory, bids->held, (size_t)bids->room, sizeof(Bid));
    }
    bids->held[bids->many++] = bid;
}

/* heapq._siftdown and heapq.heapreplace, whose order of equal heaps Python's twin has */
static void sift_down(Bid *heap, i64 at)
{
    Bid new = heap[at];
    while (at > 0 && lower(&new, &heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = new;
}

static i32 replace(Bid *heap, i64 many, Bid bid)
{
    i32 gone = heap[0].child;
    i64 at = 0;
    for (i64 next = 1; next < many; next = 2 * at + 1) {
        if (next + 1 < many && !lower(&heap[next], &heap[next + 1]))
            next++;
        heap[at] = heap[next];
        at = next;
    }
    heap[at] = bid;
    sift_down(heap, at);
    return gone;
}

static i32 take_plain(Memory *memory, Bids *bids, Bid bid)
{
    i32 gone = -1;
    if (bids->many < bids->capacity) {
        append(memory, bids, bid);
        sift_down(bids->held, bids->many - 1);
    } else {
        gone = replace(bids->held, bids->many, bid);
    }
    if (bids->many == bids->capacity)
        bids->price = bids->held[0].bid;
    return gone;
}

static u64 reached_from(const Bids *bids, u64 slots)
{
    u64 reached = slots;
    while (!(reached & ~bids->crowded)) {
        u64 further = reached;
        for (i64 one = 0; one < bids->many; one++)
            if (reached >> bids->held[one].slot & 1)
                further |= bids->held[one].mask;
        if (further == reached)
            break;
        reached = further;
    }
    return reached;
}

static i64 lowest_bid(const Bids *bids, u64 within)
{
    i64 found = -1;
    for (i64 one = 0; one < bids->many; one++)
        if (within >> bids->held[one].slot & 1 &&
            (found < 0 || lower(&bids->held[one], &bids->held[found])))
            found = one;
    return found;
}

static void drop(Bids *bids, i64 gone)
{
    bids->crowded &= ~((u64)1 << bids->held[gone].slot);
    memmove(bids->held + gone, bids->held + gone + 1,
            (size_t)(bids->many - gone - 1) * sizeof(Bid));
    bids->many--;
}

static void sit(Memory *memory, Bids *bids, Bid bid)
{
    i64 there = 0;
    append(memory, bids, bid);
    for (i64 one = 0; one < bids->many; one++)
        there += bids->held[one].slot == bid.slot;
    if (there == bids->lanes)
        bids->crowded |= (u64)1 << bid.slot;
}

/* Whoever holds a slot moves on along `came`, back to where the new child (-1) begins. */
static void shift(Memory *memory, Bids *bids, Bid bid, const i32 *came, i32 slot)
{
    i32 full = slot, mover = came[slot];
    i64 there = 0;
    while (mover >= 0) {
        i32 left = bids->held[mover].slot;
        bids->held[mover].slot = slot;
        slot = left;
        mover = came[left];
    }
    bid.slot = slot;
    append(memory, bids, bid);
    for (i64 one = 0; one < bids->many; one++)
        there += bids->held[one].slot == full;
    if (there == bids->lanes)
        bids->crowded |= (u64)1 << full;
}

static void seat(Memory *memory, Bids *bids, Bid bid)
{
    i32 came[SPAN], *frontier = take(memory, (size_t)bids->many + 1, sizeof(i32));
    u64 tried = bid.mask, *wanted = take(memory, (size_t)bids->many + 1, sizeof(u64));
    i64 head = 0, tail = 1;
    frontier[0] = -1;
    wanted[0] = bid.mask;
    for (; head < tail; head++) {
        for (u64 rest = wanted[head]; rest; rest &= rest - 1) {
            i32 slot = lowest(rest);
            came[slot] = frontier[head];
            if (!(bids->crowded >> slot & 1)) {
                shift(memory, bids, bid, came, slot);
                give(memory, frontier);
                give(memory, wanted);
                return;
            }
        }
        for (i64 other = 0; other < bids->many && wanted[head]; other++)
            if (wanted[head] >> bids->held[other].slot & 1 && bids->held[other].mask & ~tried) {
                frontier[tail] = (i32)other;
                wanted[tail++] = bids->held[other].mask & ~tried;
                tried |= bids->held[other].mask;
            }
    }
    give(memory, frontier);
    give(memory, wanted);
}

static u64 yielding(const Bids *bids)
{
    u64 found = 0;
    for (int grown = 1; grown;) {
        grown = 0;
        for (i64 one = 0; one < bids->many; one++) {
            const Bid *held = &bids->held[one];
            if (held->mask & (~bids->crowded | found) &&
                (bids->crowded & ~found) >> held->slot & 1) {
                found |= (u64)1 << held->slot;
                grown = 1;
            }
        }
    }
    return found;
}

static void price_again(Memory *memory, Bids *bids)
{
    i64 many = 0;
    if (bids->many == bids->capacity && bids->many)
        bids->price = bids->held[lowest_bid(bids, ~(u64)0)].bid;
    bids->closed = bids->crowded ? bids->crowded & ~yielding(bids) : 0;
    if (count(bids->closed) > bids->dear_room) {
        bids->dear_room = count(bids->closed);
        bids->dear = wider(memory, bids->dear, (size_t)bids->dear_room, sizeof(Dear));
    }
    for (u64 rest = bids->closed; rest; rest &= rest - 1) {
        u64 slot = rest & (~rest + 1);
        Dear dear = {bids->held[lowest_bid(bids, reached_from(bids, slot))].bid, slot};
        i64 at = many++;
        for (; at && bids->dear[at - 1].cost > dear.cost; at--)
            bids->dear[at] = bids->dear[at - 1];
        bids->dear[at] = dear;
    }
}

static i32 take_slot(Memory *memory, Bids *bids, Bid bid)
{
    u64 reached = reached_from(bids, bid.mask), open = reached & ~bids->crowded;
    i32 gone = -1;
    if (!open || bids->many >= bids->capacity) {
        i64 least = lowest_bid(bids, open ? ~(u64)0 : reached);
        if (least >= 0) {
            gone = bids->held[least].child;
            drop(bids, least);
        }
    }
    open = bid.mask & ~bids->crowded;
    bid.slot = lowest(open);
    if (open)
        sit(memory, bids, bid);
    else
        seat(memory, bids, bid);
    price_again(memory, bids);
    return gone;
}

i64 bids_take(Memory *memory, Bids *bids, Bid bid)
{
    return bids->lanes ? take_slot(memory, bids, bid) : take_plain(memory, bids, bid);
}

static int by_child(const void *one, const void *other)
{
    i32 first = ((const Bid *)one)->child, second = ((const Bid *)other)->child;
    return (first > second) - (first < second);
}

void bids_again(Memory *memory, Bids *bids, i64 fall)
{
    i64 many = bids->many;
    if (!bids->capacity)
        return;
    bids->many = 0;
    if (!bids->lanes) {
        bids->price = bids->price > fall ? bids->price - fall : 0;
        return;
    }
    if (many)
        qsort(bids->held, (size_t)many, sizeof(Bid), by_child);
    bids->price = 0;
    bids->crowded = 0;
    for (i64 one = 0; one < many; one++) {
        Bid bid = bids->held[one];
        if (bid.bid > fall) {
            bid.bid -= fall;
            bid.child = -(i32)(one + 2); /* a ghost: nobody's bid any more, it gives way */
            sit(memory, bids, bid);
        }
    }
    price_again(memory, bids);
}
