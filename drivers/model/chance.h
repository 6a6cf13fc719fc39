/*
 * Chance that can be repeated: splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom
 * number generators", 2014). The state is the seed, the caller's, one per purpose.
 */
#pragma once

#include "model_types.h"

#define CHANCE_ALWAYS ((uint64_t)1 << 32) /* a threshold that always hits; 0 never does */

static inline uint64_t chance_next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 .. n - 1; n > 0. */
static inline uint32_t chance_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(((chance_next(state) >> 32) * n) >> 32);
}

/* True threshold times out of 2^32. */
static inline bool chance_hit(uint64_t *state, uint64_t threshold)
{
	return (chance_next(state) >> 32) < threshold;
}

/* The seed of one purpose out of the seed of all: equal purposes get equal chance. */
static inline uint64_t chance_fork(uint64_t seed, uint32_t purpose)
{
	uint64_t state = seed ^ ((uint64_t)purpose << 32);

	return chance_next(&state);
}
