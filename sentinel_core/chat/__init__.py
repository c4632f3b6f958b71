"""Requests and answers in the shapes of OpenAI's chat API."""
