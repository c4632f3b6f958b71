"""Other APIs' requests and answers, translated to and from the chat shape: Responses, Messages and Completions."""
