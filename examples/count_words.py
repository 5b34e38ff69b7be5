"""Fan out over inputs, and gather in order. One bad input does not spoil the rest.

    modal run count_words.py
"""

from collections import Counter

import modal

app = modal.App("count-words")

TEXTS = [
    "the ship leaves the slipway and the sea takes the ship",
    "",
    "a slipway is where a ship begins",
]


@app.function()
def count(text: str) -> Counter:
    if not text:
        raise ValueError("an empty text has no words")
    return Counter(text.split())


@app.local_entrypoint()
def main():
    total = Counter()
    for answer, text in zip(count.map(TEXTS, return_exceptions=True), TEXTS):
        if isinstance(answer, Exception):
            print(f"passed over {text!r}: {answer}")
        else:
            total += answer
    for word, times in total.most_common(3):
        print(f"{times} x {word}")
