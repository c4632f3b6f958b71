from hypothesis import example, given
from hypothesis import strategies as st

from sentinel_core.matching.gate.rules import literal


@given(st.text("aw1 _-/=<>!&|:@().`\n", max_size=30))
@example("www.a")
@example("https://a")
def test_code_is_found_only_where_a_sign_of_it_stands(text: str) -> None:
    found = any(pattern.search(text) for pattern in (literal._FENCE, literal._INLINE, literal._CODE_WORD))

    assert literal._CODE_SIGN.search(text) or not found
