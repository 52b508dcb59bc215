"""schemathesis against the running gateway: what the API's description promises, it keeps.

All its checks, with requests that are right, wrong in one place, and random, and with sequences of
calls that use what others made. schemathesis.toml says how much; fuzz.py who asks and about what.
Another seed than the file's: ARENA_FUZZ_SEED.
"""

from __future__ import annotations

import pytest

import fuzz
from fuzz import Findings
from population import Population
from suite import Suite

WANTED = 20


@pytest.mark.timeout(1200)
def test_should_keep_what_the_description_promises(
    suite: Suite, population: Population, capsys: pytest.CaptureFixture[str]
):
    # Given
    findings = Findings()
    schema = fuzz.load(suite.url)
    sequences = fuzz.load(suite.url, only_sequences=True)
    # When
    fuzz.run(schema, population, findings)
    fuzz.run(sequences, population, findings)
    fuzz.top_up(schema, suite.url, population, findings, WANTED)
    # Then
    with capsys.disabled():
        print(f"\nschemathesis with seed {schema.config.seed}")
        print(findings.report())
    assert findings.wrong == {}, findings.complaints()
    rare = {label: n for label, n in findings.granted.items() if n < WANTED}
    assert set(findings.granted) >= {result.ok().label for result in schema.get_all_operations()}
    assert rare == {}
