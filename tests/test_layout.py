"""Every module has its test, where one looks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
PACKAGES = {
    "protocol/lipwire_protocol": "protocol",
    "protocol/lipwire_client": "client",
    "server/lipwire_server": "server",
}
ELSEWHERE = {
    # Types: what holds for one message holds for all.
    "protocol/test_client_messages.py": "protocol/test_messages.py",
    "protocol/test_server_messages.py": "protocol/test_messages.py",
    "protocol/test_options.py": "protocol/test_messages.py",
    "protocol/test_limits.py": "protocol/test_readme.py",
    "server/session/test_logbook.py": "server/session/test_host.py",
    "server/face/test_cast.py": "server/session/test_terms.py",
    "server/speech/test_port.py": "server/speech/test_synthesizer.py",
    "server/store/test_errors.py": "server/store/test_storage.py",
    "server/test_voicing_options.py": "server/test_main.py",
    "server/test_options.py": "server/test_main.py",
    "server/test_running.py": "server/test_main.py",
    "server/test_serving_options.py": "server/test_main.py",
    "server/test_doctor_options.py": "server/test_main.py",
    "server/test_top_options.py": "server/test_main.py",
    # What needs a real PostgreSQL.
    "server/test_database.py": "integration/store/test_database_command.py",
    "server/test_opening.py": "integration/store/test_database_command.py",
    "server/test_saying_options.py": "server/test_main.py",
    "server/test_keys.py": "integration/test_access.py",
    "server/test_key_options.py": "integration/test_access.py",
    "server/store/test_keys.py": "integration/test_access.py",
    "server/test_database_options.py": "integration/store/test_database_command.py",
    "server/store/test_moving.py": "integration/store/test_store_moving.py",
    "server/store/test_tables.py": "integration/store/test_store_moving.py",
    "server/store/test_avatars.py": "integration/store/test_store_entities.py",
    "server/store/test_clearing.py": "integration/store/test_store_entities.py",
    "server/store/test_presets.py": "integration/store/test_store_entities.py",
    "server/store/test_retention.py": "integration/store/test_store_retention.py",
    "server/http/test_config.py": "integration/store/test_rest.py",
    "server/http/test_sessions.py": "integration/store/test_rest.py",
    "server/http/test_utterances.py": "integration/store/test_rest.py",
    "server/http/test_assets.py": "integration/store/test_rest_files.py",
    "server/http/test_audios.py": "integration/store/test_rest_files.py",
    "server/store/test_assets.py": "integration/store/test_store_blobs.py",
    "server/store/test_audios.py": "integration/store/test_store_blobs.py",
    "server/store/test_blobs.py": "integration/store/test_store_blobs.py",
    "server/store/test_config.py": "integration/store/test_rest.py",
    "server/store/test_counts.py": "integration/store/test_rest.py",
    "server/store/test_standings.py": "integration/store/test_store_standings.py",
    "server/store/test_utterances.py": "integration/store/test_rest.py",
    "server/store/test_embedded.py": "integration/store/test_store_embedded.py",
    "server/store/test_launch.py": "integration/store/test_store_embedded.py",
    "server/store/test_migrate.py": "integration/store/test_store_migrating.py",
    "server/store/test_pool.py": "integration/store/test_store_recording.py",
    "server/store/test_recounting.py": "integration/store/test_store_recounting.py",
    "server/store/test_recollections.py": "server/session/test_recalling.py",
    "server/store/test_records.py": "integration/store/test_store_recording.py",
    "server/store/test_renders.py": "integration/store/test_store_renders.py",
    "server/store/test_scripts.py": "integration/store/test_store_renders.py",
    "server/store/test_sessions.py": "integration/store/test_store_recording.py",
    "server/store/test_speech_log.py": "integration/store/test_store_speech_log.py",
    "server/store/test_spoken.py": "integration/store/test_store_renders.py",
    "server/store/test_writer.py": "integration/store/test_store_recording.py",
}
"""The test that would be a module's own, and the one that covers it instead."""


def expected() -> Iterator[str]:
    for source, target in PACKAGES.items():
        for module in sorted((ROOT / source).rglob("*.py")):
            if module.name != "__init__.py":
                folder = Path(target) / module.parent.relative_to(ROOT / source)
                yield str(folder / f"test_{module.stem.strip('_')}.py")


@pytest.mark.parametrize("test", list(expected()))
def test_a_module_has_its_test(test: str) -> None:
    assert (TESTS / ELSEWHERE.get(test, test)).is_file()


def test_what_is_covered_elsewhere_exists_and_has_no_test_of_its_own() -> None:
    assert set(ELSEWHERE) <= set(expected())
    assert [test for test in ELSEWHERE if (TESTS / test).is_file()] == []


def test_no_two_tests_without_a_package_have_the_same_name() -> None:
    loose = [
        path.name for path in TESTS.rglob("test_*.py") if not (path.parent / "__init__.py").exists()
    ]
    assert len(loose) == len(set(loose))
