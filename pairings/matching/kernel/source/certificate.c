/* certificate.py: no pair is worth more than child, place and slot together. Only this, the one
 * part that looks at every pair, is counted here; it knows nothing of how the prices were found. */
#include "kernel.h"

/* What slots cost on top of their teams, team by team. */
typedef struct {
    const i64 *first; /* of each team, and one more */
    const i32 *slot;
    const i64 *cost;
} Steep;

/* Return the first child that is worth more with a team than it is priced, or -1. */
i64 kernel_underpaid(const Problem *problem, const i64 *utility, const i64 *price,
                     const Steep *steep)
{
    for (i64 child = 0; child < problem->children; child++)
        for (i64 at = 0; at < problem->many[child]; at++) {
            i32 team = problem->team[child][at];
            i64 short_by = problem->weight[child][at] - utility[child] - price[team];
            if (short_by > 0 && (!problem->lanes[team] ||
                                 short_by > cheapest_slot(steep->first, steep->slot, steep->cost, team,
                                                     problem->slots[child][at])))
                return child;
        }
    return -1;
}
