#include "sim_socket.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "chance.h"

void sim_socket_init(struct sim_socket *socket, uint64_t seed)
{
	*socket = (struct sim_socket){ .chance = seed };
	pthread_mutex_init(&socket->lock, NULL);
}

void sim_socket_done(struct sim_socket *socket)
{
	free(socket->content);
	pthread_mutex_destroy(&socket->lock);
}

static int copy(const struct board_plug *plug, uint8_t **content, struct err *e)
{
	*content = NULL;
	if (!plug->content || plug->len == 0)
		return 0;
	*content = malloc(plug->len);
	if (!*content)
		return err_set(e, ERR_MEMORY, "no memory for a board of %zu bytes", plug->len);
	memcpy(*content, plug->content, plug->len);
	return 0;
}

int sim_socket_plug(struct sim_socket *socket, const struct board_plug *plug, uint32_t size,
		    struct err *e)
{
	uint8_t *content;

	if (plug->len > size)
		return err_set(e, ERR_UNPROCESSABLE, "%zu bytes do not fit into a flash of %u",
			       plug->len, size);
	if (copy(plug, &content, e) < 0)
		return -1;

	LOCK(&socket->lock);
	socket->absent = !plug->present;
	if (plug->other) {
		free(socket->content);
		socket->content = TAKE(content);
		socket->len = plug->len;
		socket->other = true;
	}
	free(content);
	atomic_store_explicit(&socket->news, true, memory_order_release);
	return 0;
}

static void become_other(struct sim_socket *socket, struct chip *chip)
{
	chip_blank(chip);
	if (socket->content)
		chip_poke(chip, 0, socket->content, (uint32_t)socket->len);
	for (size_t i = 0; i < CHIP_UNIQUE_ID; i++)
		chip->part.unique_id[i] = (uint8_t)chance_below(&socket->chance, 256);
	chip->changes++;
	free(TAKE(socket->content));
	socket->other = false;
}

bool sim_socket_look(struct sim_socket *socket, struct chip *chip)
{
	LOCK(&socket->lock);

	atomic_store_explicit(&socket->news, false, memory_order_release);
	if (!socket->absent && socket->other)
		become_other(socket, chip);
	return socket->absent;
}
