/* certificate.py: no pair is worth more than child, place and slot together. Only this, the one
 * part that looks at every pair, is counted here; it knows nothing of how the prices were found. */
#include "kernel.h"

/* What slots cost on top of their teams, team by team. */
typedef struct {
    const i64 *first; /* of each team, and one more */
    const i32 *slot;
    const i64 *cost;
} Steep;

static i64 extra(const Steep *steep, i32 team, u64 slots)
{
    i64 least = INT64_MAX;
    u64 dear = 0;
    for (i64 at = steep->first[team]; at < steep->first[team + 1]; at++) {
        u64 bit = (u64)1 << steep->slot[at];
        dear |= bit;
        if (slots & bit && steep->cost[at] < least)
            least = steep->cost[at];
    }
    return slots && !(slots & ~dear) ? least : 0;
}

/* Return the first child that is worth more with a team than it is priced, or -1. */
i64 kernel_underpaid(const Problem *problem, const i64 *utility, const i64 *price,
                     const Steep *steep)
{
    for (i64 child = 0; child < problem->children; child++)
        for (i64 at = 0; at < problem->many[child]; at++) {
            i32 team = problem->team[child][at];
            i64 short_by = problem->weight[child][at] - utility[child] - price[team];
            if (short_by > 0 && (!problem->lanes[team] ||
                                 short_by > extra(steep, team, problem->slots[child][at])))
                return child;
        }
    return -1;
}
