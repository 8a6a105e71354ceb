# SPDX-License-Identifier: BSD-2-Clause
"""What runners are given besides their job: models, and Tinker's key."""

START = {"event": {"event_type": "training_start"}}
END = {"event": {"event_type": "training_end"}}


def given(site, kind, **settings):
    """What a runner of this kind finds of it in its environment."""
    site.dispatcher(**{f"runner_{kind}": site.settings()["runner_tinker_sft"]}
                    | settings)
    job = site.job(START, {"tell": None}, END, kind=kind)
    site.await_status(job, "completed")
    (told,), = site.run("select data from trainyard.job_log where job_id = %s"
                        " and message = 'told'", job)
    return {k: v for k, v in told["env"].items()
            if k.startswith("TINKER_") or k == "TRAINYARD_MODELS"}


def settings(site, text="tml-secret\nno part of it\n"):
    key = site.folder / "tinker.key"
    key.write_text(text)
    return {"tinker_api_key_file": key, "model_dir": site.folder,
            "tinker_base_url": "http://127.0.0.1:9"}


def test_tinker_jobs_get_the_key_the_address_and_the_models(site):
    assert given(site, "tinker_rl", **settings(site)) == {
        "TINKER_API_KEY": "tml-secret",
        "TINKER_BASE_URL": "http://127.0.0.1:9",
        "TRAINYARD_MODELS": str(site.folder)}


def test_ray_jobs_get_the_models_only(site):
    assert given(site, "ray_grpo", **settings(site)) == {
        "TRAINYARD_MODELS": str(site.folder)}


def test_without_a_key_there_is_no_address_and_the_log_says_why(site):
    made = settings(site, "")
    assert given(site, "tinker_sft", **made) == {
        "TRAINYARD_MODELS": str(site.folder)}
    site.dispatchers[0].await_line("tinker_api_key_file")
    assert not site.dispatchers[0].has("tml-")
