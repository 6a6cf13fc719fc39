#include "bench.h"

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

static struct dentry *root;

/* ---- content: the chip's bytes, past the wire */

static size_t piece_at(const struct bench_board *board, loff_t at, size_t len)
{
	const size_t left = at < board->chip.part.size ? board->chip.part.size - (size_t)at : 0;

	return min3(left, len, (size_t)PAGE_SIZE);
}

static ssize_t content_read(struct file *file, char __user *to, size_t len, loff_t *at)
{
	struct bench_board *board = file->private_data;
	const size_t n = piece_at(board, *at, len);
	u8 *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	ssize_t result = n;

	if (!page)
		return -ENOMEM;
	mutex_lock(&bench.lock);
	chip_peek(&board->chip, (u32)*at, page, n);
	mutex_unlock(&bench.lock);
	if (copy_to_user(to, page, n))
		result = -EFAULT;
	else
		*at += n;
	kfree(page);
	return result;
}

static ssize_t content_write(struct file *file, const char __user *from, size_t len, loff_t *at)
{
	struct bench_board *board = file->private_data;
	const size_t n = piece_at(board, *at, len);
	u8 *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	ssize_t result = n ? (ssize_t)n : -ENOSPC;

	if (!page)
		return -ENOMEM;
	if (copy_from_user(page, from, n)) {
		kfree(page);
		return -EFAULT;
	}
	mutex_lock(&bench.lock);
	chip_poke(&board->chip, (u32)*at, page, n);
	mutex_unlock(&bench.lock);
	*at += n;
	kfree(page);
	return result;
}

static const struct file_operations content_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = content_read,
	.write = content_write,
	.llseek = default_llseek,
};

/* ---- counters: "name value" lines; a write sets them to 0 */

static int counters_show(struct seq_file *seq, void *unused)
{
	const struct bench_board *board = seq->private;
	const struct bench_counters *c = &board->counters;
	const struct chip_counters *now = &board->chip.counters, *old = &board->chip_before;

	mutex_lock(&bench.lock);
	seq_printf(seq, "messages %llu\ntransfers %llu\nselects %llu\nbytes %llu\nconflicts %llu\n",
		   c->messages, c->transfers, c->selects, c->bytes, c->conflicts);
	seq_printf(seq, "polls %llu\nprograms %llu\nerases %llu\n", now->polls - old->polls,
		   now->programs - old->programs, now->erases - old->erases);
	seq_printf(seq, "resets %llu\ntrains %llu\n", board->bk.resets, board->bk.trains);
	mutex_unlock(&bench.lock);
	return 0;
}

static int counters_open(struct inode *inode, struct file *file)
{
	return single_open(file, counters_show, inode->i_private);
}

static ssize_t counters_write(struct file *file, const char __user *from, size_t len, loff_t *at)
{
	struct bench_board *board = ((struct seq_file *)file->private_data)->private;

	mutex_lock(&bench.lock);
	board->counters = (struct bench_counters){ 0 };
	board->chip_before = board->chip.counters;
	mutex_unlock(&bench.lock);
	return (ssize_t)len;
}

static const struct file_operations counters_fops = {
	.owner = THIS_MODULE,
	.open = counters_open,
	.read = seq_read,
	.write = counters_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* ---- lines: "CEN0 in 1" */

static int lines_show(struct seq_file *seq, void *unused)
{
	mutex_lock(&bench.lock);
	for (unsigned int i = 0; i < BENCH_LINES; i++)
		seq_printf(seq, "%s %s %d\n", bench_line_names[i],
			   bench.line[i].output ? "out" : "in", bench_level(i));
	mutex_unlock(&bench.lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(lines);

void bench_debug_add(void)
{
	char name[] = "board0";

	root = debugfs_create_dir("flashrig", NULL);
	debugfs_create_file("lines", 0444, root, NULL, &lines_fops);
	for (unsigned int i = 0; i < BENCH_BOARDS; i++) {
		struct dentry *dir;

		name[5] = (char)('0' + i);
		dir = debugfs_create_dir(name, root);
		debugfs_create_file("content", 0600, dir, &bench.board[i], &content_fops);
		debugfs_create_file("counters", 0600, dir, &bench.board[i], &counters_fops);
	}
}

void bench_debug_remove(void)
{
	debugfs_remove_recursive(root);
}
