/* SPDX-License-Identifier: BSD-2-Clause */
/* TrainingJob on the wire, times that are not known yet, ids. */
#include "config.h"

#include "domain.h"

#include "domain/view.h"

static struct job
a_job(void)
{
	struct job	j;

	memset(&j, 0, sizeof(j));
	j.id = "019d003a-1e6b-7b3e-9f40-2d8c5a6b1e07";
	j.organization_id = "019b8d2b-8c00-7e22-9d3f-6cae204f7b51";
	j.workspace_id = "019c1d5d-9c00-7a11-8c2e-5b9d1f3e6a40";
	j.kind = "tinker_sft";
	j.status = "queued";
	j.attempt = 1;
	j.created_at = j.updated_at = 1773825302123456;
	j.started_at = j.completed_at = j.cancel_requested_at = TS_NONE;
	j.created_by = "019b8d2b-8c00-7aa0-8b1c-0f2d3e4c5b6a";
	j.model = "m";
	j.config = "{\"trajectory_dataset_refs\":[]}";
	j.metrics = "{}";
	j.artifacts = "{}";
	j.tags = "[]";
	j.capability_id = "019ca84d-d8c0-7f33-ae40-7dbf31508c62";
	j.capability_name = "assistant";
	j.capability_version = "1.2.0";
	return j;
}

static const char *
text_of(const struct job *j)
{
	struct jw	w;

	jw_init(&w, arena);
	view_hosted_job(&w, j);
	return jw_text(&w, NULL);
}

/* One member of the job as JSON text. */
static const char *
member(const struct job *j, const char *key)
{
	struct buf	b;
	struct jv	*v;

	buf_init(&b, arena);
	if (!jv_get(domain_json(text_of(j)), key, &v))
		fail_msg("no %s", key);
	jv_write(v, &b);
	return b.data;
}

static void
every_field_is_there_in_order(void **state)
{
	static const char *const key[] = { "id", "organization_id",
	    "workspace_id", "name", "status", "backend", "trainer_type",
	    "algorithm", "model", "project_ref", "run_ref", "dataset_ref",
	    "prompt_dataset_ref", "trajectory_dataset_refs", "task_ref",
	    "world_manifest_id", "world_runtime_id", "world_agent_name",
	    "world_goal", "capability", "config", "metrics", "artifacts",
	    "tags", "error", "created_at", "created_by", "created_by_email",
	    "created_by_user", "started_at", "completed_at",
	    "cancel_requested_at", "updated_at", "attempt" };
	struct job	j = a_job();
	struct jv_iter	it;
	size_t		i = 0;

	jv_iter_init(&it, domain_json(text_of(&j)));
	while (jv_iter_next(&it)) {
		assert_true(i < UNIT_COUNT(key));
		assert_string_equal(key[i++], it.key);
	}
	assert_int_equal(UNIT_COUNT(key), i);
}

static void
kinds_become_backend_and_trainer(void **state)
{
	static const struct {
		const char	*kind, *algorithm, *backend, *trainer, *shown;
	} row[] = {
		{ "tinker_sft", NULL, "\"tinker\"", "\"sft\"", "null" },
		{ "tinker_rl", "ppo", "\"tinker\"", "\"rl\"", "\"ppo\"" },
		{ "ray_grpo", "grpo", "\"ray\"", "\"rl\"", "\"grpo\"" },
	};
	struct job	j = a_job();
	size_t		i;

	for (i = 0; i < UNIT_COUNT(row); i++) {
		j.kind = row[i].kind;
		j.algorithm = row[i].algorithm;
		assert_string_equal(row[i].backend, member(&j, "backend"));
		assert_string_equal(row[i].trainer,
		    member(&j, "trainer_type"));
		assert_string_equal(row[i].shown, member(&j, "algorithm"));
	}
}

static void
states_are_the_five_of_the_client(void **state)
{
	static const struct {
		const char	*status, *shown;
	} row[] = {
		{ "queued", "\"queued\"" }, { "claimed", "\"queued\"" },
		{ "running", "\"running\"" },
		{ "completed", "\"completed\"" },
		{ "failed", "\"failed\"" }, { "cancelled", "\"cancelled\"" },
	};
	struct job	j = a_job();
	size_t		i;

	for (i = 0; i < UNIT_COUNT(row); i++) {
		j.status = row[i].status;
		assert_string_equal(row[i].shown, member(&j, "status"));
	}
}

static void
fields_of_config_are_lifted(void **state)
{
	static const char *const lifted[] = { "dataset_ref",
	    "prompt_dataset_ref", "task_ref", "world_manifest_id",
	    "world_runtime_id", "world_agent_name", "world_goal" };
	struct job	j = a_job();
	size_t		i;

	for (i = 0; i < UNIT_COUNT(lifted); i++) {
		j.config = "{}";
		assert_string_equal("null", member(&j, lifted[i]));
		j.config = arena_printf(arena, "{\"%s\":{\"x\":\"a/b\"}}",
		    lifted[i]);
		assert_string_equal("{\"x\":\"a/b\"}",
		    member(&j, lifted[i]));
		assert_string_equal(j.config, member(&j, "config"));
	}
	j.config = "{}";
	assert_string_equal("[]", member(&j, "trajectory_dataset_refs"));
	j.config = "{\"trajectory_dataset_refs\":[1]}";
	assert_string_equal("[1]", member(&j, "trajectory_dataset_refs"));
}

static void
the_capability_has_its_digest(void **state)
{
	struct job	j = a_job();

	assert_string_equal("{\"artifact_id\":\"019ca84d-d8c0-7f33-ae40-"
	    "7dbf31508c62\",\"name\":\"assistant\",\"version\":\"1.2.0\","
	    "\"runtime_digest\":null}", member(&j, "capability"));
	j.capability_sha256 = "5f70";
	assert_non_null(strstr(member(&j, "capability"),
	    "\"runtime_digest\":\"sha256:5f70\""));
}

static void
the_creator_is_shown_when_known(void **state)
{
	struct job	j = a_job();

	assert_string_equal("null", member(&j, "created_by_email"));
	assert_string_equal("null", member(&j, "created_by_user"));
	j.created_by_email = "ada@acme.example";
	j.created_by_username = "ada";
	assert_string_equal("{\"id\":\"019b8d2b-8c00-7aa0-8b1c-0f2d3e4c5b6a\""
	    ",\"email\":\"ada@acme.example\",\"username\":\"ada\"}",
	    member(&j, "created_by_user"));
	j.created_by_full_name = "";
	assert_null(strstr(member(&j, "created_by_user"), "full_name"));
	j.created_by_full_name = "Ada L";
	assert_non_null(strstr(member(&j, "created_by_user"),
	    "\"full_name\":\"Ada L\""));
}

static void
times_have_six_digits(void **state)
{
	struct job	j = a_job();

	j.completed_at = 1773825302000000;
	assert_string_equal("\"2026-03-18T09:15:02.123456Z\"",
	    member(&j, "created_at"));
	assert_string_equal("\"2026-03-18T09:15:02.000000Z\"",
	    member(&j, "completed_at"));
	assert_string_equal("null", member(&j, "started_at"));
}

static void
pending_times_are_filled_in_later(void **state)
{
	struct job	j = a_job();
	const char	*text, *full;
	size_t		len;

	/* a caller's own byte 1 is escaped, so it is not taken for a blank */
	j.name = "a\x01z";
	j.created_at = j.updated_at = TS_PENDING;
	text = text_of(&j);
	len = strlen(text);
	full = view_fill_time(arena, text, &len, 1773825302123456);
	assert_int_equal(strlen(full), len);
	assert_null(strchr(full, 1));
	j.created_at = j.updated_at = 1773825302123456;
	assert_string_equal(text_of(&j), full);
	assert_string_equal("\"a\\u0001z\"", member(&j, "name"));
}

static void
a_text_without_blanks_stays(void **state)
{
	size_t	len = 7;

	assert_string_equal("{\"a\":1}",
	    view_fill_time(arena, "{\"a\":1}", &len, 0));
	assert_int_equal(7, len);
	len = 0;
	assert_string_equal("", view_fill_time(arena, "", &len, 0));
}

static void
ids_get_their_prefix(void **state)
{
	struct jw	w;

	jw_init(&w, arena);
	jw_obj(&w);
	view_id(&w, "a", "train_job_", "018d0ce4-7c40-7abc-8def-0123456789ab");
	view_id(&w, "b", "train_job_", NULL);
	jw_end(&w);
	assert_string_equal("{\"a\":\"train_job_01hm6e8z20fay8vvr14d2pf2db\","
	    "\"b\":null}", jw_text(&w, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, domain_setup, domain_teardown)
		T(every_field_is_there_in_order),
		T(kinds_become_backend_and_trainer),
		T(states_are_the_five_of_the_client),
		T(fields_of_config_are_lifted),
		T(the_capability_has_its_digest),
		T(the_creator_is_shown_when_known),
		T(times_have_six_digits),
		T(pending_times_are_filled_in_later),
		T(a_text_without_blanks_stays),
		T(ids_get_their_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
