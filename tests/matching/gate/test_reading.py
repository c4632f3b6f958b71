from sentinel_core.matching.gate.reading import Reading, fact, read


def test_a_fact_is_found_once_in_a_prompt() -> None:
    looked: list[str] = []

    @fact
    def length(reading: Reading) -> int:
        looked.append(reading.raw)
        return len(reading.tokens)

    asked, stored = read("How long is it?"), read("How long?")
    assert [length(one) for one in (asked, stored, asked, asked)] == [4, 2, 4, 4]
    assert looked == ["How long is it?", "How long?"]
