"""Questions recast as statements, requests and headlines are compared as the plain question; other questions stay."""

# ruff: noqa: E501  a row is read in one piece

from __future__ import annotations

import pytest

from sentinel_core.matching.canonical_text import comparable

_SAME = """
How do I sleep on a flight?|Any tips for sleeping on a flight?
How do I cancel my plan?|walk me through cancelling my plan|I want to cancel my plan, how do I do that?
How do I change my flight?|what are the steps to change my flight|need help changing my flight
How do I become a judge?|If someone wanted to become a judge, how would they do it?|what do I need to do to become a judge
How do I become a judge?|how does one become a judge|teach me how to become a judge|How should I best become a judge?
How do I sort a list in Python?|In Python, how do I sort a list?|python: how do I sort a list
Is the gym open before 8 on weekends?|On weekends, is the gym open before 8?
How do I fold a shirt?|never done this before, how do I fold a shirt|yo how do I fold a shirt
How do I fold a shirt?|My boss keeps asking, so how do I fold a shirt?|for school: how do I fold a shirt?
How do I fold a shirt?|How do I fold a shirt? I can never remember this.|how do I fold a shirt, any ideas?
Is sushi safe in pregnancy?|Not sure about this one: is sushi safe in pregnancy?
What plant grows in shade?|I can't figure out what plant grows in shade
Do you have high chairs?|Are there high chairs at your restaurant?|Does your restaurant have high chairs?
What are your opening hours?|tell me your opening hours|I would like to know your opening hours
What is inflation?|what exactly is inflation|inflation definition|explain the concept of inflation
Why is the sky blue?|What is the reason the sky is blue?
Can I pay by card?|can you tell me if I can pay by card
Do you ship to Malta?|could you tell me whether you ship to Malta
Where is the menu?|where can I find the menu?
When does the shop close?|what time does the shop close
How long does it take?|how much time does it take
How much does shipping to Malta cost?|what is the price of shipping to Malta|how expensive is shipping to Malta
Do I have to pay?|am I required to pay|is it necessary to pay|do I need to pay
How far is Rome from Milan?|How far is Milan from Rome?|what is the distance between Rome and Milan
What is the square root of 9?|what number is the square root of 9
10 minutes per week|10 mins/week
How do I reset my password?|resetting my password - how?|How do I reset my password? 😅|walk me through resetting my password 😅
What are your opening hours?|Could you kindly let me know your opening hours?
How do I sort in C?|## Task\\nHow do I sort in C?|Q: How do I sort in C?\\nA:
How do I treat a sore throat?|My throat hurts, what helps?|What helps with a sore throat?
How much sleep does a teen need?|How many hours of sleep does a teen need?
How do I fold code in VS Code?|How do I fold code in Visual Studio Code?|for a crossword: how do I fold code in VS Code
How is the weather in Oslo in May?|What's the weather like in Oslo in May?
How do you say 'thank you' in Japanese?|Could you translate 'thank you' into Japanese|how do you say thank you in japanese
Summarize the plot of Hamlet|Summarise the plot of Hamlet
What are the ingredients of pesto?|what is pesto made of|what goes into pesto|pesto ingredients
How do I clean suede shoes?|suede shoes, how to clean|Regarding suede shoes, how do I clean them?
What is the tallest building in the world?|What is the world's tallest building?
Do you accept credit cards?|can I pay with a credit card?|is credit card payment possible?
Can I bring a dog to the hotel?|Are dogs allowed in the hotel?
Can you freeze cooked rice?|Is it possible to freeze cooked rice?
How many calories are in a banana?|calories in a banana|how many calories does a banana have
How do I install it on Windows 11?|how do I install it on win 11
What goes well with lamb?|What should I serve with lamb?
What are the symptoms of flu?|flu symptoms|symptoms of flu
How do I make carbonara?|recipe for carbonara|carbonara recipe
When is the deadline for the grant?|What is the closing date for the grant?
How do I unlock account after failed logins|unlock account after failed logins
Recommend a novel set in Venice|I'd be grateful if you could recommend a novel set in Venice
Thank you so much!|Thanks a lot!|thx
Goodbye and see you soon|bye bye see you later
Hi!|Hello there!
Am I talking to a human or a machine?|Are you a bot or a person?
What can you do for me?|What are you able to help me with?
"""
_APART = """
What time does the pool open?|Which day does the pool open?
What does the cost of living mean?|How much does living cost?
Before surgery, can I eat?|After surgery, can I eat?
I want to cancel my plan, how do I do that?|I want to change my plan, how do I do that?
git: how do I undo a commit|svn: how do I undo a commit
How far is Rome from Milan?|How far can I drive from Rome to Milan?
If I quit, what happens to my pension?|If I retire, what happens to my pension?
tips for sleeping|tips for waking up
Do I have to tell my boss?|Can I tell my boss?
What is the biggest exporter?|Which country is the biggest exporter?
read the Google docs|read the Google documents
I'm vegan, what should I eat?|what should I eat?
tips for evening wear|how to even wear
this is great 😍|this is great 😡
what does 😅 mean?|what does 😍 mean?
Are you a bot?|Are you a human?
thanks, that solved it|thanks, but that didn't solve it
Reset the database|how to reset the database
Can I pay in euros?|Can I pay by card?
see you tomorrow|see you later
how do you say apple in french|how do you say apple in spanish
what is it like in may|what is it like in june
carbonara recipe|vegan carbonara recipe
"""


@pytest.mark.parametrize("prompts", [line.split("|") for line in _SAME.strip().splitlines()])
def test_recasts_of_one_question_compare_as_one(prompts: list[str]) -> None:
    found = {comparable(prompt.replace("\\n", "\n")) for prompt in prompts}

    assert found == {comparable(prompts[0])}


@pytest.mark.parametrize("prompts", [line.split("|") for line in _APART.strip().splitlines()])
def test_questions_for_two_things_stay_apart(prompts: list[str]) -> None:
    assert comparable(prompts[0]) != comparable(prompts[1])
