#include "host.h"

#include "auto.h"
#include "check.h"

static void auto_names(struct host_names *names)
{
	host_names_done(names);
}

static const char *const extra[] = { "rig.example.org" };

static void names_of_this_machine_are_allowed(void)
{
	AUTO(auto_names) struct host_names names = { 0 };
	char machine[128] = "", text[256];
	struct err e;

	CHECK_OK(host_names_init(&names, "192.0.2.7", extra, 1, &e), e);
	CHECK(host_allowed(&names, "localhost"));
	CHECK(host_allowed(&names, "LocalHost:8471"));
	CHECK(host_allowed(&names, "localhost."));
	CHECK(host_allowed(&names, "127.0.0.1:8471"));
	CHECK(host_allowed(&names, "[::1]:8471"));
	CHECK(host_allowed(&names, "[::1]"));
	CHECK(host_allowed(&names, "192.0.2.7:80"));
	CHECK(host_allowed(&names, "rig.example.org"));
	CHECK(gethostname(machine, sizeof machine - 1) == 0);
	CHECK(host_allowed(&names, machine));
	machine[strcspn(machine, ".")] = '\0';
	snprintf(text, sizeof text, "%s.local:8471", machine);
	CHECK(host_allowed(&names, text));
}

static void other_names_are_not(void)
{
	static const char *const foreign[] = {
		"",
		":80",
		".",
		"evil.example.org",
		"rig.example.org.evil.org",
		"localhost.evil.org",
		"evil@localhost",
		"localhost:evil",
		"localhost:80:80",
		"localhost ",
		"192.0.2.8",
		"127.0.0.1.evil.org",
		"[::1",
		"::1",
		"[::1]evil",
		"[2001:db8::1]",
		"2130706433",
	};
	AUTO(auto_names) struct host_names names = { 0 };
	struct err e;

	CHECK_OK(host_names_init(&names, "127.0.0.1", extra, 1, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		if (host_allowed(&names, foreign[i]))
			fprintf(stderr, "allowed: \"%s\"\n", foreign[i]);
		CHECK(!host_allowed(&names, foreign[i]));
	}
}

static void origin_must_be_the_host(void)
{
	CHECK(origin_allowed(NULL, "localhost:8471"));
	CHECK(origin_allowed("http://localhost:8471", "localhost:8471"));
	CHECK(origin_allowed("https://Rig.local", "rig.local"));
	CHECK(!origin_allowed("http://localhost:8472", "localhost:8471"));
	CHECK(!origin_allowed("http://evil.example.org", "localhost:8471"));
	CHECK(!origin_allowed("http://localhost:8471.evil.org", "localhost:8471"));
	CHECK(!origin_allowed("null", "localhost:8471"));
	CHECK(!origin_allowed("", "localhost:8471"));
}

static const struct check all[] = {
	{ "names of this machine are allowed", names_of_this_machine_are_allowed },
	{ "other names are not", other_names_are_not },
	{ "origin must be the host", origin_must_be_the_host },
};

CHECK_MAIN(all)
