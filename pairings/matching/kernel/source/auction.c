/* auction.py: children bid for teams, in rounds of ever smaller steps. */
#include "kernel.h"

typedef struct {
    const Problem *problem;
    Memory *memory;
    Bids *held;
    i64 *prices;
    u64 *closed;
    i64 lowest;
    i32 *waiting;
} Round;

static i64 cheapest(const Round *round)
{
    i64 least = round->problem->teams ? round->prices[0] : 0;
    for (i64 team = 1; team < round->problem->teams; team++)
        if (round->prices[team] < least)
            least = round->prices[team];
    return least;
}

/* What the cheapest of some slots costs, all of which are closed. */
static i64 steep_price(const Bids *bids, u64 slots)
{
    const Dear *dear = bids->dear;
    while (!(slots & dear->slot))
        dear++;
    return dear->cost;
}

/* Return a child's best team or -1; what makes it no better than the next, and its slots. */
static i32 wish(const Round *round, i32 child, i64 *bid, u64 *chosen)
{
    const i32 *teams = round->problem->team[child];
    const i64 *weights = round->problem->weight[child];
    const u64 *slots = round->problem->slots[child];
    i64 first = 0, second = 0, heaviest = 0, many = round->problem->many[child], best = -1;
    for (i64 at = 0; at < many; at++) {
        i32 other = teams[at];
        i64 offer = weights[at] - round->prices[other];
        if (weights[at] - round->lowest <= second)
            break;
        if (offer <= second)
            continue;
        if (round->closed[other] && !(slots[at] & ~round->closed[other]))
            offer = weights[at] - steep_price(&round->held[other], slots[at]);
        if (offer > first) {
            second = first;
            first = offer;
            best = at;
            heaviest = weights[at];
        } else if (offer > second) {
            second = offer;
        }
    }
    if (best < 0)
        return -1;
    *bid = heaviest - second;
    *chosen = slots[best];
    return teams[best];
}

static void run(Round *round, i64 step, i64 patience)
{
    i64 many = round->problem->children, left = patience * many + 1000;
    for (i64 child = 0; child < many; child++)
        round->waiting[child] = (i32)(many - 1 - child);
    while (many && left) {
        i32 child = round->waiting[--many], team;
        i64 offer = 0, gone;
        u64 slots = 0;
        if (--left % round->problem->teams == 0)
            round->lowest = cheapest(round);
        team = wish(round, child, &offer, &slots);
        if (team < 0)
            continue;
        gone = bids_take(round->memory, &round->held[team], (Bid){offer + step, slots, child, 0});
        round->prices[team] = round->held[team].price;
        round->closed[team] = round->held[team].closed;
        if (gone >= 0)
            round->waiting[many++] = (i32)gone;
    }
}

/* What closed slots cost on top of their teams. */
static void keep_costs(Standing *standing, const Bids *held)
{
    for (i32 team = 0; team < standing->problem->teams; team++) {
        const Bids *bids = &held[team];
        for (u64 rest = bids->closed; rest; rest &= rest - 1) {
            i64 cost = steep_price(bids, rest & (~rest + 1));
            if (cost > bids->price)
                charge(standing, team, lowest(rest), cost - bids->price);
        }
    }
}

static void keep_bids(Standing *standing, const Bids *held)
{
    const Problem *problem = standing->problem;
    for (i32 team = 0; team < problem->teams; team++)
        for (i64 one = 0; one < held[team].many; one++) {
            i32 child = held[team].held[one].child;
            i32 slot = problem->lanes[team] ? held[team].held[one].slot : 0;
            i64 at = child < 0 ? -1 : find(problem, child, team);
            if (at >= 0 && problem->weight[child][at] - standing->posts[team].price -
                                   steep_of(standing, team, slot) ==
                               standing->utility[child])
                place(standing, child, team, slot);
        }
}

static void keep_others(Standing *standing)
{
    const Problem *problem = standing->problem;
    for (i32 child = 0; child < problem->children; child++) {
        i64 wanted = standing->utility[child];
        if (standing->team_of[child] >= 0 || wanted <= 0)
            continue;
        for (i64 at = 0; at < problem->many[child]; at++) {
            i32 team = problem->team[child][at];
            i64 more = problem->weight[child][at] - standing->posts[team].price - wanted;
            u64 open = problem->slots[child][at];
            if (problem->weight[child][at] < wanted) /* prices are never negative */
                break;
            open = open_for(standing, team, open, more);
            if (open) {
                place(standing, child, team, problem->lanes[team] ? lowest(open) : 0);
                break;
            }
        }
    }
}

static void rounds(Round *round, i64 heaviest, i64 grain, const Rates *rates)
{
    i64 finest = rates->fall * grain, last = 0, step = heaviest / rates->first;
    if (heaviest <= 0)
        return;
    step = step > finest ? step : finest;
    step = step > 1 ? step : 1;
    for (;;) {
        for (i64 team = 0; team < round->problem->teams; team++) {
            bids_again(round->memory, &round->held[team], rates->fall * last);
            round->prices[team] = round->held[team].price;
            round->closed[team] = round->held[team].closed;
        }
        round->lowest = cheapest(round);
        run(round, step, rates->patience);
        last = step;
        if (step <= finest)
            return;
        step /= rates->finer;
        step = step > finest ? step : finest;
        step = step > 1 ? step : 1;
    }
}

Standing *auction(Memory *memory, const Problem *problem, i64 grain, const Rates *rates)
{
    size_t teams = (size_t)problem->teams;
    i64 heaviest = 0;
    Standing *standing;
    Round round = {problem, memory, take(memory, teams, sizeof(Bids)), NULL, NULL, 0, NULL};
    for (i64 child = 0; child < problem->children; child++)
        if (problem->many[child] && problem->weight[child][0] > heaviest)
            heaviest = problem->weight[child][0];
    for (size_t team = 0; team < teams; team++) {
        round.held[team].capacity = problem->capacity[team];
        round.held[team].lanes = problem->lanes[team];
        round.held[team].price = problem->capacity[team] ? 0 : heaviest;
    }
    round.prices = take(memory, teams, sizeof(i64));
    round.closed = take(memory, teams, sizeof(u64));
    round.waiting = take(memory, (size_t)problem->children, sizeof(i32));
    rounds(&round, heaviest, grain, rates);
    standing = standing_new(memory, problem);
    for (size_t team = 0; team < teams; team++)
        standing->posts[team].price = round.held[team].price;
    keep_costs(standing, round.held);
    for (i32 child = 0; child < problem->children; child++)
        standing->utility[child] = best_of(standing, child);
    keep_bids(standing, round.held);
    keep_others(standing);
    for (size_t team = 0; team < teams; team++) {
        give(memory, round.held[team].held);
        give(memory, round.held[team].dear);
    }
    give(memory, round.held);
    give(memory, round.prices);
    give(memory, round.closed);
    give(memory, round.waiting);
    return standing;
}
