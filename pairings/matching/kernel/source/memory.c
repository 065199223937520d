/* What a call takes from the system: counted, and given back as a whole. */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

void memory_begin(Memory *memory)
{
    memory->ring.before = memory->ring.after = &memory->ring;
    memory->held = memory->peak = 0;
}

static void tie_in(Memory *memory, Block *block, size_t size)
{
    block->size = size;
    block->before = &memory->ring;
    block->after = memory->ring.after;
    memory->ring.after->before = block;
    memory->ring.after = block;
    memory->held += (i64)size;
    if (memory->held > memory->peak)
        memory->peak = memory->held;
}

static void untie(Memory *memory, Block *block)
{
    block->before->after = block->after;
    block->after->before = block->before;
    memory->held -= (i64)block->size;
}

static size_t sized(Memory *memory, size_t many, size_t size)
{
    if (size && many > (SIZE_MAX / 2 - sizeof(Block)) / size)
        longjmp(memory->out, 1);
    return many * size + sizeof(Block);
}

void *take(Memory *memory, size_t many, size_t size)
{
    size_t bytes = sized(memory, many, size);
    Block *block = calloc(1, bytes);
    if (!block)
        longjmp(memory->out, 1);
    tie_in(memory, block, bytes);
    return block + 1;
}

void *wider(Memory *memory, void *old, size_t many, size_t size)
{
    size_t bytes = sized(memory, many, size);
    Block *block = old ? (Block *)old - 1 : NULL, *made;
    if (block)
        untie(memory, block);
    made = realloc(block, bytes);
    if (!made) {
        if (block)
            tie_in(memory, block, block->size);
        longjmp(memory->out, 1);
    }
    tie_in(memory, made, bytes);
    return made + 1;
}

void give(Memory *memory, void *old)
{
    if (old) {
        untie(memory, (Block *)old - 1);
        free((Block *)old - 1);
    }
}

void give_all(Memory *memory)
{
    while (memory->ring.after != &memory->ring)
        give(memory, memory->ring.after + 1);
}
