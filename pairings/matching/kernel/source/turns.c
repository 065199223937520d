/* run.py, as far as it goes in turns: solve, ask for pairs outside, solve again. */
#include "field.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    Handle handle; /* first: whoever asks a handle for its standing may ask this one */
    Memory memory; /* of the pairs */
    Field *field;
    i64 grain, more, few;
    Rates rates;
    i64 *many;
    const i32 **team;
    const i64 **weight;
    const u64 **slots;
    i64 *counts; /* by the order of the field: how many pairs a child has now, or 0 as before */
    u64 *changed;
    i64 whole;
    i64 *from;    /* and where in what is told they begin */
    Since since;
    i64 *price, *utility, *steep_first, *steep_cost; /* as they were when it was asked last */
    i32 *steep_slot;
} Turns;

typedef struct {
    i64 grain, more, few;
    Rates rates;
} Ways;

static void prices_from(const Turns *turns, Prices *prices)
{
    const Standing *standing = turns->handle.standing;
    const Problem *problem = &turns->handle.problem;
    Memory *memory = turns->handle.standing->memory;
    size_t teams = (size_t)problem->teams, children = (size_t)problem->children;
    i64 *price = take(memory, teams, sizeof(i64)), *first = take(memory, teams + 1, sizeof(i64));
    i32 *slot;
    i64 *cost, many = 0;
    for (size_t team = 0; team < teams; team++)
        many += standing->at[team].many;
    slot = take(memory, (size_t)many, sizeof(i32));
    cost = take(memory, (size_t)many, sizeof(i64));
    many = 0;
    for (size_t team = 0; team < teams; team++) {
        price[team] = standing->posts[team].price;
        for (i32 one = 0; one < standing->at[team].many; one++)
            if (standing->at[team].cells[one].steep) {
                slot[many] = standing->at[team].cells[one].slot;
                cost[many++] = standing->at[team].cells[one].steep;
            }
        first[team + 1] = many;
    }
    *prices = (Prices){price, standing->utility, problem->many, problem->team, problem->weight,
                       problem->slots, first, slot, cost,
                       {take(memory, children + 1, sizeof(i64)), NULL, NULL}};
}

static void prices_give(const Turns *turns, const Prices *prices)
{
    Memory *memory = turns->handle.standing->memory;
    give(memory, (void *)prices->price);
    give(memory, (void *)prices->steep_first);
    give(memory, (void *)prices->steep_slot);
    give(memory, (void *)prices->steep_cost);
    give(memory, (void *)prices->barred.first);
}

static void mark_all(u64 *bits, i64 many)
{
    for (i64 word = 0; word < (many + 63) / 64; word++)
        bits[word] = ~(u64)0;
}

/* Whether there are slots by which the team costs less than before. */
static int cheaper(const Turns *turns, const Prices *prices, i64 team)
{
    i64 now = prices->steep_first[team], last = prices->steep_first[team + 1];
    if (prices->price[team] < turns->price[team])
        return 1;
    for (i64 at = turns->steep_first[team]; at < turns->steep_first[team + 1]; at++) {
        i64 cost = prices->price[team];
        for (i64 one = now; one < last; one++)
            if (prices->steep_slot[one] == turns->steep_slot[at])
                cost += prices->steep_cost[one];
        if (cost < turns->price[team] + turns->steep_cost[at])
            return 1;
    }
    return 0;
}

static void compare(Turns *turns, const Prices *prices)
{
    const Problem *problem = &turns->handle.problem;
    Since *since = &turns->since;
    if (!turns->price) {
        mark_all(since->whole, problem->children);
        return;
    }
    for (i64 team = 0; team < problem->teams; team++)
        if (cheaper(turns, prices, team))
            since->cheaper[team / 64] |= (u64)1 << team % 64;
    for (i64 child = 0; child < problem->children; child++)
        if (prices->utility[child] < turns->utility[child])
            since->whole[child / 64] |= (u64)1 << child % 64;
}

/* Keep what was asked with; who was cut looks at all teams the next time. */
static void keep(Turns *turns, const Prices *prices)
{
    const Problem *problem = &turns->handle.problem;
    Memory *memory = &turns->memory;
    Since *since = &turns->since;
    i64 many = prices->steep_first[problem->teams];
    u64 *done = since->whole;
    give(memory, turns->price);
    give(memory, turns->utility);
    give(memory, turns->steep_first);
    give(memory, turns->steep_slot);
    give(memory, turns->steep_cost);
    turns->price = copied(memory, prices->price, problem->teams, sizeof(i64));
    turns->utility = copied(memory, prices->utility, problem->children, sizeof(i64));
    turns->steep_first = copied(memory, prices->steep_first, problem->teams + 1, sizeof(i64));
    turns->steep_slot = copied(memory, prices->steep_slot, many, sizeof(i32));
    turns->steep_cost = copied(memory, prices->steep_cost, many, sizeof(i64));
    since->whole = since->cut;
    since->cut = done;
    memset(since->cut, 0, (size_t)(problem->children + 63) / 64 * sizeof(u64));
    memset(since->cheaper, 0, (size_t)(problem->teams + 63) / 64 * sizeof(u64));
}

/* Ask for pairs outside; return how many children they would help, with all that these have then
 * in the order of the field. */
static i64 ask(Turns *turns, Mend *mend)
{
    Field *field = turns->field;
    Memory *memory = &turns->memory;
    Prices prices;
    i64 found = 0;
    i32 *child, *team;
    i64 *many, *weight;
    const i32 **teams;
    const i64 **weights;
    u64 *slots;
    const u64 **slot_lists;
    prices_from(turns, &prices);
    compare(turns, &prices);
    missing_since(field, &prices, turns->more, &turns->since, turns->counts, turns->from);
    keep(turns, &prices);
    prices_give(turns, &prices);
    for (i64 one = 0; one < field->children.many; one++)
        found += turns->counts[one] > 0;
    team = copied(memory, field->out_team, field->out, sizeof *team);
    weight = copied(memory, field->out_weight, field->out, sizeof *weight);
    slots = copied(memory, field->out_slots, field->out, sizeof *slots);
    child = take(memory, (size_t)found, sizeof *child);
    many = take(memory, (size_t)found, sizeof *many);
    teams = take(memory, (size_t)found, sizeof *teams);
    weights = take(memory, (size_t)found, sizeof *weights);
    slot_lists = take(memory, (size_t)found, sizeof *slot_lists);
    *mend = (Mend){found, child, many, teams, weights, slot_lists};
    for (i64 one = 0; one < field->children.many; one++) {
        if (!turns->counts[one])
            continue;
        *child++ = (i32)field->children.order[one];
        *many++ = turns->counts[one];
        *teams++ = team + turns->from[one];
        *weights++ = weight + turns->from[one];
        *slot_lists++ = slots + turns->from[one];
    }
    return found;
}

static void take_over(Turns *turns, const Mend *mend, i64 one)
{
    i32 child = mend->child[one];
    turns->many[child] = mend->many[one];
    turns->team[child] = mend->team[one];
    turns->weight[child] = mend->weight[one];
    turns->slots[child] = mend->slots[one];
    turns->changed[child / 64] |= (u64)1 << child % 64;
}

static void put_right(Turns *turns, const Mend *mend)
{
    Standing *standing = turns->handle.standing;
    takers_forget(standing);
    standing->mend = mend;
    for (i64 one = 0; one < mend->children; one++) {
        take_over(turns, mend, one);
        takers_mend(standing, mend->child[one]);
        renew(standing, mend->child[one]);
    }
    standing->mend = NULL;
    takers_forget(standing);
}

static void solve_anew(Turns *turns)
{
    give_all(&turns->handle.memory);
    solve(&turns->handle, turns->grain, &turns->rates, turns->whole);
}

/* One turn; whether it was the last one: all is solved, and no pair outside would help. */
static int turn(Turns *turns)
{
    Mend mend;
    i64 found = ask(turns, &mend), few = found * turns->few <= turns->handle.problem.children;
    if (turns->whole && !found)
        return 1;
    if (turns->whole && few) {
        put_right(turns, &mend);
        return 0;
    }
    turns->whole = turns->whole || few;
    for (i64 one = 0; one < found; one++)
        take_over(turns, &mend, one);
    solve_anew(turns);
    return 0;
}

static void columns_of(Turns *turns, const Problem *problem)
{
    Memory *memory = &turns->memory;
    i64 children = problem->children;
    turns->many = copied(memory, problem->many, children, sizeof *turns->many);
    turns->team = copied(memory, problem->team, children, sizeof *turns->team);
    turns->weight = copied(memory, problem->weight, children, sizeof *turns->weight);
    turns->slots = copied(memory, problem->slots, children, sizeof *turns->slots);
    turns->counts = take(memory, (size_t)children, sizeof(i64));
    turns->from = take(memory, (size_t)children, sizeof(i64));
    turns->changed = take(memory, (size_t)(children + 63) / 64, sizeof(u64));
    turns->since.whole = take(memory, (size_t)(children + 63) / 64, sizeof(u64));
    turns->since.cut = take(memory, (size_t)(children + 63) / 64, sizeof(u64));
    turns->since.cheaper = take(memory, (size_t)(problem->teams + 63) / 64, sizeof(u64));
    turns->handle.problem = (Problem){problem->teams, children, problem->capacity, problem->lanes,
                                      turns->many, turns->team, turns->weight, turns->slots};
}

/* Begin with the pairs given; the field has to outlive the turns. */
int turns_new(const Problem *problem, Field *field, const Ways *ways, Turns **made)
{
    Turns *turns = calloc(1, sizeof *turns);
    *made = turns;
    if (!turns)
        return 1;
    memory_begin(&turns->handle.memory);
    memory_begin(&turns->memory);
    if (!sound(problem))
        return 2;
    if (setjmp(turns->handle.memory.out) || setjmp(turns->memory.out))
        return 1;
    turns->field = field;
    turns->grain = ways->grain;
    turns->more = ways->more;
    turns->few = ways->few;
    turns->rates = ways->rates;
    columns_of(turns, problem);
    solve_anew(turns);
    return 0;
}

/* Return 1 after the last turn, 0 when there is another one, -1 where memory ran out. */
i64 turns_next(Turns *turns)
{
    if (setjmp(turns->handle.memory.out) || setjmp(turns->memory.out) ||
        setjmp(turns->field->memory.out))
        return -1;
    return turn(turns);
}

/* Tell the pairs of each child that has others than it began with: how many, and which. */
i64 turns_pairs(Turns *turns, i64 *counts, const void **out)
{
    Field *field = turns->field;
    if (setjmp(field->memory.out))
        return -1;
    field->out = 0;
    for (i64 child = 0; child < turns->handle.problem.children; child++) {
        if (!(turns->changed[child / 64] >> child % 64 & 1))
            continue;
        counts[child] = turns->many[child];
        for (i64 at = 0; at < turns->many[child]; at++)
            put_out(field, turns->team[child][at], turns->weight[child][at],
                    turns->slots[child][at]);
    }
    return told(field, out);
}

void turns_end(Turns *turns)
{
    if (turns) {
        give_all(&turns->handle.memory);
        give_all(&turns->memory);
    }
    free(turns);
}
