/* field.py and supply.py: all teams as seen from one child. */
#ifndef FIELD_H
#define FIELD_H

#include "kernel.h"

#define TIE 8 /* weighing.TIE_BITS */

typedef struct {
    i64 teams, bases, levels, slots, shift;
    const i64 *open, *base, *reach, *left, *marks;
    const u64 *skills, *spoken, *bands;
    const u64 *present; /* by level, boys before girls, and team */
    const i64 *plain;   /* by level and team: points that need no look at the child */
    const i64 *known, *east, *north, *rough, *county; /* of each base */
    i64 counties;
    const i64 *goes; /* from county to county */
    i64 distances;
    const i64 *distance_bound, *distance_points, *by_slots;
    i64 needs, dialect, age;
    const i64 *slot_minutes;
    i64 visit, metres_a_minute, detour;
} Teams;

typedef struct {
    const i64 *first; /* of each child, and one more */
    const i32 *team;
    const i64 *points;
} Listed;

typedef struct {
    i64 many;
    const i64 *order, *spot, *known, *east, *north, *rough, *county;
    const i64 *level, *girl, *size, *spent, *bonus, *mark;
    const u64 *free, *needs, *languages, *dialect, *band;
    Listed extras, kept, against;
} Children;

typedef struct {
    const i64 *price, *utility;
    const i64 *many; /* the pairs each child has */
    const i32 *const *team;
    const i64 *const *weight;
    const u64 *const *slots;
    const i64 *steep_first;
    const i32 *steep_slot;
    const i64 *steep_cost;
    Listed barred;
} Prices;

/* One team as children of one kind (the training they ask for, boys or girls) see it: once by
 * slots that cost nothing on top of it, once by those that do, for whom shares no others. */
typedef struct {
    i32 team;
    i64 cost; /* what it costs at least, less its points that need no look at the child */
    i64 plain, reach, left;
    u64 found_by, present; /* the slots by which it is found here, and all there are */
    u64 instead;           /* whoever shares one of these finds the team elsewhere */
    u64 skills, spoken, bands;
} Row;

/* What each team and its slots cost at least, in whole points. */
typedef struct {
    i64 *price, *dear; /* of each team; of its cheapest slot that costs something on top */
    u64 *steeped;
    const u64 *only; /* the teams that are looked at, as bits; NULL for all */
} Floor;

/* Since the last time: who got all that would have helped, and is no worse off than then, can only
 * want a team that has become cheaper. All as bits. */
typedef struct {
    u64 *cheaper; /* these teams */
    u64 *whole;   /* the children who are to look at all teams */
    u64 *cut;     /* filled in: who might want more than was told */
} Since;

#define ANY ((i64)1 << 60) /* dear enough for every team */
#define REACHES 16 /* how many steps of reach are told apart without a look at the team */

typedef struct {
    i32 base;
    i64 way, points;
    int step; /* the step of reach that the way asks for at least */
    u64 longs;
} Near;

typedef struct {
    u64 slots;
    i64 gain, points, weight;
    u64 key; /* points and tie-break, then the lower number of the team first */
    i32 team;
} Seen;

typedef struct {
    Memory memory;
    Teams teams;
    Children children;
    Row *rows;  /* by kind and base, the cheapest first; each base begins with a word of its own */
    u64 *words; /* of 64 rows each: who goes so far, step by step, who has time, slot by slot, and
                   who has each skill, language and age band */
    i64 mixed_at, skills_at, spoken_at, bands_at, word_size;
    i64 *cheapest; /* of 64 rows each: the cost of the first, ANY and more where there is none */
    i64 *first, *many; /* of each base its first row within a kind; by kind and base how many */
    i64 *reaching;     /* of each base the longest reach, */
    i64 *furthest;     /* and of those bases that are looked at */
    i64 stride;        /* the rows of one kind */
    i64 reach[REACHES];
    int reaches;
    i64 most_slots[SPAN + 1]; /* the most points for up to so many slots in common */
    Near *near; /* what a place reaches, the most points first */
    i64 nears, spot;
    Seen *seen;
    i64 sights, sight_room;
    u64 *keys, *slots_of; /* all pairs of a child: their keys, and by team the slots they share */
    i64 key_room;
    i32 *out_team;
    i64 *out_weight;
    u64 *out_slots;
    i64 out, out_room;
} Field;

/* One child while teams are looked at. */
typedef struct {
    i64 child, kind, bonus, mark, extra, most;
    u64 free, needs, languages, dialect, band;
    i64 covered[SPAN + 1]; /* points for so many needs covered */
    int wanted, dialect_at, band_at; /* how many needs; where in a word these bits are */
    int skill_at[SPAN];
} Sight;

/* The rows of one base, 64 at a time. */
typedef struct {
    const Row *rows;
    const u64 *words;
    const i64 *cheapest;
    i64 many, at; /* how many rows; where the word begins */
    i64 dear;     /* whoever costs more is not looked at any more */
    i64 most;     /* the points for as many slots in common as there can be */
    u64 slots, found;
} Scan;

void keep_best(Field *field, Seen seen, i64 most, int (*before)(const Seen *, const Seen *));
int more_than(Field *field, i64 most); /* pairs.c */
void first(Field *field, i64 begin, i64 end, i64 most, i64 *counts);
void missing(Field *field, const Prices *prices, i64 more, i64 *counts); /* supply.c */
void missing_since(Field *field, const Prices *prices, i64 more, const Since *since, i64 *counts,
                   i64 *from);
i64 told(const Field *field, const void **out);

void rows_begin(Field *field); /* rows.c */
void arrange(Field *field, const Floor *floor);
static inline int bit_of(const u64 *bits, i64 at) { return (int)(bits[at / 64] >> at % 64 & 1); }
static inline i64 cheapest_from(const Field *field, const Sight *sight, const Near *near)
{
    return field->cheapest[(sight->kind * field->stride + field->first[near->base]) / 64];
}
Scan scan_from(const Field *field, const Sight *sight, const Near *near, i64 dear);
i64 able_at(const Field *field, const Sight *sight, const Near *near);
const Row *scan_next(const Field *field, const Sight *sight, const Near *near, Scan *scan);

void around(Field *field, i64 child);
void look_from(const Field *field, i64 child, Sight *sight);
i64 most_from(const Field *field, const Sight *sight, const Near *near);
int meets(const Field *field, const Sight *sight, const Near *near, const Row *team, u64 *slots,
          i64 *points);
i64 tie_of(const Field *field, const Sight *sight, i32 team);
void put_out(Field *field, i32 team, i64 weight, u64 slots);

#endif
