/* solve.py and renew.py: what is open is mended, a child whose pairs have changed is put right. */
#include "kernel.h"

void complete(Standing *standing)
{
    for (i32 child = 0; child < standing->problem->children; child++)
        if (standing->team_of[child] < 0 && standing->utility[child] > 0)
            serve(standing, child);
    fill(standing);
}

void renew(Standing *standing, i32 child)
{
    const Problem *problem = standing->problem;
    i32 team = standing->team_of[child], slot = standing->slot_of[child];
    i64 best = best_of(standing, child);
    standing->utility[child] = best;
    if (team >= 0) {
        i64 at = find(problem, child, team);
        int able = at >= 0 && (!problem->lanes[team] || problem->slots[child][at] >> slot & 1);
        i64 paid = standing->posts[team].price + steep_of(standing, team, slot);
        if (!able || problem->weight[child][at] - paid != best) {
            leave(standing, child);
            fill_slot(standing, team, slot);
        }
    }
    if (standing->team_of[child] < 0 && standing->utility[child] > 0)
        serve(standing, child);
}
