/* supply.py: the pairs of each child to begin with, all or the heaviest of them. */
#include "field.h"

static u64 key_of(i64 points, i64 tie, i32 team)
{
    return ((u64)points << TIE | (u64)tie) << 32 | (0xFFFFFFFFu - (u32)team);
}

static void note(Field *field, Seen seen)
{
    if (field->sights == field->sight_room) {
        field->sight_room = field->sight_room ? 2 * field->sight_room : 256;
        field->seen = wider(&field->memory, field->seen, (size_t)field->sight_room, sizeof(Seen));
    }
    field->seen[field->sights++] = seen;
}

static void note_key(Field *field, u64 key, i32 team, u64 slots)
{
    if (field->sights == field->key_room) {
        field->key_room = field->key_room ? 2 * field->key_room : 1024;
        field->keys = wider(&field->memory, field->keys, (size_t)field->key_room, sizeof(u64));
    }
    field->keys[field->sights++] = key;
    field->slots_of[team] = slots;
}

static void sort_keys(u64 *keys, i64 many) /* by Shell, the highest first: no two are the same */
{
    static const i64 gaps[] = {29524, 9841, 3280, 1093, 364, 121, 40, 13, 4, 1};
    for (int turn = 0; turn < 10; turn++)
        for (i64 gap = gaps[turn], one = gap; one < many; one++) {
            u64 key = keys[one];
            i64 at = one;
            for (; at >= gap && keys[at - gap] < key; at -= gap)
                keys[at] = keys[at - gap];
            keys[at] = key;
        }
}

/* Keep the best ones only, the best first; `before` says whether one comes before another. */
void keep_best(Field *field, Seen seen, i64 most, int (*before)(const Seen *, const Seen *))
{
    i64 at;
    if (field->sights < most)
        note(field, seen);
    else if (!before(&seen, &field->seen[most - 1]))
        return;
    for (at = field->sights - 1; at && before(&seen, &field->seen[at - 1]); at--)
        field->seen[at] = field->seen[at - 1];
    field->seen[at] = seen;
}

static int by_key(const Seen *one, const Seen *other) { return one->key > other->key; }

/* Find the pairs of one child: all of them, or where `most` is not below 0 the heaviest. */
static void pairs_of(Field *field, i64 child, i64 most)
{
    Sight sight;
    around(field, child);
    look_from(field, child, &sight);
    field->sights = 0;
    for (i64 at = 0; at < field->nears; at++) {
        const Near *near = &field->near[at];
        i64 points = most_from(field, &sight, near);
        Scan scan;
        const Row *row;
        if (most > 0 && field->sights == most &&
            cheapest_from(field, &sight, near) >
                points - (i64)(field->seen[most - 1].key >> (32 + TIE)))
            continue;
        scan = scan_from(field, &sight, near, ANY);
        for (;;) {
            Seen seen = {0, 0, 0, 0, 0, 0};
            if (most > 0 && field->sights == most)
                scan.dear = points - (i64)(field->seen[most - 1].key >> (32 + TIE));
            if (!scan.slots || !(row = scan_next(field, &sight, near, &scan)))
                break;
            seen.team = row->team;
            if (!meets(field, &sight, near, row, &seen.slots, &seen.points))
                continue;
            seen.key = key_of(seen.points, tie_of(field, &sight, seen.team), seen.team);
            if (most < 0)
                note_key(field, seen.key, seen.team, seen.slots);
            else
                keep_best(field, seen, most, by_key);
        }
    }
    if (most < 0)
        sort_keys(field->keys, field->sights);
}

/* Whether all children together might have more pairs than that, by reach and time alone. */
static int may_exceed(Field *field, i64 most)
{
    i64 found = 0;
    for (i64 at = 0; at < field->children.many && found <= most; at++) {
        Sight sight;
        around(field, field->children.order[at]);
        look_from(field, field->children.order[at], &sight);
        for (i64 one = 0; one < field->nears; one++)
            found += able_at(field, &sight, &field->near[one]);
    }
    return found > most;
}

/* Whether all children together have more pairs than that. */
int more_than(Field *field, i64 most)
{
    i64 found = 0;
    if (!may_exceed(field, most))
        return 0;
    for (i64 at = 0; at < field->children.many && found <= most; at++) {
        Sight sight;
        around(field, field->children.order[at]);
        look_from(field, field->children.order[at], &sight);
        for (i64 one = 0; one < field->nears; one++) {
            Scan scan = scan_from(field, &sight, &field->near[one], ANY);
            const Row *row;
            u64 slots;
            i64 points;
            while (scan.slots && (row = scan_next(field, &sight, &field->near[one], &scan)))
                found += meets(field, &sight, &field->near[one], row, &slots, &points);
        }
    }
    return found > most;
}

void first(Field *field, i64 begin, i64 end, i64 most, i64 *counts)
{
    const i64 shift = (i64)1 << field->teams.shift;
    field->out = 0;
    for (i64 at = begin; at < end; at++) {
        i64 child = field->children.order[at], bonus = field->children.bonus[child];
        pairs_of(field, child, most);
        for (i64 one = 0; one < field->sights; one++) {
            u64 key = most < 0 ? field->keys[one] : field->seen[one].key;
            i32 team = (i32)(0xFFFFFFFFu - (u32)key);
            i64 tie = (i64)(key >> 32 & ((1 << TIE) - 1)), points = (i64)(key >> (32 + TIE));
            put_out(field, team, (bonus + points) * shift + tie,
                    most < 0 ? field->slots_of[team] : field->seen[one].slots);
        }
        counts[at - begin] = field->sights;
    }
}
