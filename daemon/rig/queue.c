#include "queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void queue_done(struct queue *queue)
{
	free(queue->ids);
	*queue = (struct queue){ 0 };
}

static int make_room(struct queue *queue, struct err *e)
{
	const size_t room = queue->room ? 2 * queue->room : 16;
	int64_t *ids;

	if (queue->n + queue->promised < queue->room)
		return 0;
	ids = realloc(queue->ids, room * sizeof *ids);
	if (!ids)
		return err_set(e, ERR_MEMORY, "no memory for a queue of %zu jobs", room);
	queue->ids = ids;
	queue->room = room;
	return 0;
}

int queue_promise(struct queue *queue, size_t max, struct err *e)
{
	if (queue->n + queue->promised >= max) {
		err_set(e, ERR_TOO_MANY, "%zu jobs wait already", queue->n + queue->promised);
		return err_hint(e, "Wait until some are done, or cancel them.");
	}
	if (make_room(queue, e) < 0)
		return -1;
	queue->promised++;
	return 0;
}

void queue_unpromise(struct queue *queue)
{
	assert(queue->promised > 0);
	queue->promised--;
}

void queue_push(struct queue *queue, int64_t id)
{
	size_t at = queue->n;

	queue_unpromise(queue);
	while (at > 0 && queue->ids[at - 1] > id)
		at--;
	memmove(&queue->ids[at + 1], &queue->ids[at], (queue->n - at) * sizeof id);
	queue->ids[at] = id;
	queue->n++;
}

static void take_out(struct queue *queue, size_t at)
{
	queue->n--;
	memmove(&queue->ids[at], &queue->ids[at + 1], (queue->n - at) * sizeof *queue->ids);
}

bool queue_pop(struct queue *queue, int64_t *id)
{
	if (queue->n == 0)
		return false;
	*id = queue->ids[0];
	take_out(queue, 0);
	return true;
}

bool queue_remove(struct queue *queue, int64_t id)
{
	for (size_t i = 0; i < queue->n; i++) {
		if (queue->ids[i] == id) {
			take_out(queue, i);
			return true;
		}
	}
	return false;
}
