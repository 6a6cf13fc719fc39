/* flashrig: what the daemon can be asked, from a shell. */
#include "cli.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
