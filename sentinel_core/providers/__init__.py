"""Everything that completes chats: providers over HTTP, and one that only pretends to."""
