from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.server.http.client import asking, house


@pytest.mark.virtual_time
async def test_prometheus_reads_how_the_house_is(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["lipwire_sockets"].samples[0].value == 0
    assert families["lipwire_tasks"].samples[0].value >= 1, "the one that answers"
    assert "lipwire_seats" in families
    assert families["lipwire_storage_up"].samples[0].value == 0
    assert families["lipwire_first_chunk_seconds"].type == "histogram"
    assert all(family.documentation for family in families.values())
