"""Spellings of `finish_reason`, in lower case: OpenAI's, Anthropic's, Gemini's, Cohere's, Mistral's, vLLM's, TGI's."""

STOP = frozenset(
    {
        *("stop", "stopped", "end_turn", "eos", "eos_token", "end_of_text", "stop_sequence", "stop_token"),
        *("complete", "completed", "finished", "end", "done", "finish_reason_stop", "finishreason.stop"),
    }
)
CALLED = frozenset({"tool_calls", "tool_call", "tool_use", "function_call", "function_calls"})
CUT = frozenset({"length", "max_tokens", "max_token", "max_output_tokens", "max_length", "token_limit", "model_length"})
FILTERED = frozenset(
    {"content_filter", "content_filtered", "safety", "recitation", "blocklist", "prohibited_content", "spii", "refusal"}
)
