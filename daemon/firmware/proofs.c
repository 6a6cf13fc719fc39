/* What can be checked of what was found: containers, the CRCs of code, and the stores. */
#include "analysis_impl.h"

#include "auto.h"

#define UNPACKED \
	4 /* bodies, and as many trailers, that are checked at most: each is read as a whole */

static const char too_many[] = "there are too many to check them all";

/* ---- containers */

static bool is_file(const struct analysis *a)
{
	return !strcmp(a->kind, "rbl") || !strcmp(a->kind, "ug");
}

static int add_container(struct work *w, uint32_t at, size_t *unpacked, struct err *e)
{
	struct analysis *a = w->a;
	struct rbl *rbl = &a->container[a->containers];
	bool found;

	if (a->containers == ANALYSIS_CONTAINERS)
		return 0;
	if (rbl_at(w->flash, at, rbl, &found, e) < 0)
		return -1;
	if (!found)
		return 0;
	a->containers++;
	if (rbl->installed)
		return 0;
	if ((*unpacked)++ >= UNPACKED) {
		rbl->why = too_many;
		return 0;
	}
	/* The firmware of a file is what it is about; one that waits in a flash is not. */
	return is_file(a) ? texts_unpack(w, rbl, e) : rbl_unpack(w->flash, rbl, NULL, e);
}

int proofs_containers(struct work *w, struct err *e)
{
	size_t unpacked = 0;

	for (size_t i = 0; i < w->survey.rbl.n; i++)
		if (add_container(w, w->survey.rbl.at[i], &unpacked, e) < 0)
			return -1;
	return 0;
}

/* ---- code */

#define BLOCKS (CODE_PIECE / CRC_GRID_BLOCK)

/* A trailer may stand beside the grid; its blocks are not wrong for that. */
static bool covers(const struct analysis *a, uint64_t block)
{
	for (size_t i = 0; i < a->containers; i++)
		if (a->container[i].installed && block + CRC_GRID_BLOCK > a->container[i].at &&
		    block < (uint64_t)a->container[i].at + RBL_RAW)
			return true;
	return false;
}

static void count(struct analysis *a, struct partition *p, uint64_t at, const uint8_t *bytes,
		  size_t blocks)
{
	for (size_t i = 0; i < blocks; i++)
		if (!covers(a, at + i * CRC_GRID_BLOCK))
			crc_grid_add(&p->grid, at + i * CRC_GRID_BLOCK, bytes + i * CRC_GRID_BLOCK,
				     CRC_GRID_BLOCK);
}

/* The whole blocks that are there. */
static int count_blocks(struct work *w, struct partition *p, struct err *e)
{
	const uint64_t from = p->offset > w->a->first ? p->offset : w->a->first;
	const uint64_t end = (uint64_t)p->offset + p->length;
	const uint64_t to = end < w->a->end ? end : w->a->end;
	uint64_t at = (from + CRC_GRID_BLOCK - 1) / CRC_GRID_BLOCK * CRC_GRID_BLOCK;

	while (at + CRC_GRID_BLOCK <= to) {
		const uint64_t left = (to - at) / CRC_GRID_BLOCK;
		const size_t blocks = left < BLOCKS ? (size_t)left : BLOCKS;

		if (flash_read(w->flash, at, w->piece, blocks * CRC_GRID_BLOCK, e) < 0)
			return -1;
		count(w->a, p, at, w->piece, blocks);
		at += blocks * CRC_GRID_BLOCK;
	}
	return 0;
}

static int prove_trailer(struct work *w, struct rbl *rbl, struct err *e)
{
	const struct partition *p = analysis_partition_at(w->a, rbl->at);

	if (!p || p->kind != PARTITION_CODE) {
		rbl->why = "it stands in no partition of code";
		return 0;
	}
	return rbl_prove_installed(w->flash, p->offset, rbl, e);
}

int proofs_code(struct work *w, struct err *e)
{
	struct analysis *a = w->a;
	size_t proven = 0;

	for (size_t i = 0; i < a->partitions; i++)
		if (a->partition[i].kind == PARTITION_CODE &&
		    count_blocks(w, &a->partition[i], e) < 0)
			return -1;
	for (size_t i = 0; i < a->containers; i++) {
		if (!a->container[i].installed)
			continue;
		if (proven++ >= UNPACKED)
			a->container[i].why = too_many;
		else if (prove_trailer(w, &a->container[i], e) < 0)
			return -1;
	}
	return 0;
}

/* ---- partitions */

static enum proof of_rbl(const struct analysis *a, const struct partition *p)
{
	enum proof proof = PROOF_NONE;

	for (size_t i = 0; i < a->containers; i++) {
		const struct rbl *rbl = &a->container[i];

		if (analysis_partition_at(a, rbl->at) != p)
			continue;
		if (rbl->body == RBL_WRONG || rbl->plain == RBL_WRONG)
			return PROOF_BAD;
		if (rbl->body == RBL_RIGHT)
			proof = PROOF_GOOD;
	}
	return proof;
}

static enum proof of_code(const struct analysis *a, const struct partition *p)
{
	if (p->grid.valid + p->grid.bad == 0)
		return PROOF_NONE;
	return p->grid.bad > 0 ? PROOF_BAD : of_rbl(a, p) == PROOF_BAD ? PROOF_BAD : PROOF_GOOD;
}

static enum proof of_config(const struct work *w, const struct partition *p)
{
	const struct tuya_vault *vault = &w->vault;
	const uint64_t end = (uint64_t)p->offset + p->length;

	if (vault->has_key && p->offset == vault->at)
		return PROOF_GOOD;
	if (vault->has_key && p->offset > vault->at && end <= vault->end && vault->good > 0)
		return vault->bad ? PROOF_BAD : PROOF_GOOD;
	for (size_t i = 0; i < w->a->settings.n; i++) {
		const struct fact *fact = &w->a->settings.setting[i].fact;

		if (fact->sure == SURE_CHECKED && fact->offset >= p->offset && fact->offset < end)
			return PROOF_GOOD;
	}
	return PROOF_NONE;
}

/* A directory whose sum is right. */
static enum proof of_files(const struct work *w, const struct partition *p)
{
	const struct survey_finds *uf = &w->survey.uf;

	for (size_t i = 0; i < uf->n; i++)
		if (analysis_partition_at(w->a, uf->at[i]) == p)
			return PROOF_GOOD;
	return PROOF_NONE;
}

static enum proof proof_of(const struct work *w, const struct partition *p)
{
	switch (p->kind) {
	case PARTITION_CODE: return of_code(w->a, p);
	case PARTITION_DOWNLOAD: return of_rbl(w->a, p);
	case PARTITION_CONFIG: return of_config(w, p);
	case PARTITION_RF:
		return w->a->has_mac && analysis_partition_at(w->a, w->a->mac_at) == p ? PROOF_GOOD
										       : PROOF_NONE;
	case PARTITION_FILES: return of_files(w, p);
	case PARTITION_GAP:
	case PARTITION_DATA: break;
	}
	return PROOF_NONE;
}

void proofs_partitions(struct work *w)
{
	struct analysis *a = w->a;
	bool bad = false;

	for (size_t i = 0; i < a->partitions; i++) {
		a->partition[i].ok = proof_of(w, &a->partition[i]);
		bad = bad ||
		      (a->partition[i].ok == PROOF_BAD && a->partition[i].kind == PARTITION_CODE);
	}
	if (bad)
		analysis_warn(a, "code is damaged: CRCs or sums of it are wrong");
}
