"""typed.py - what a checker of types takes of the Python client, and what it must not; checked, never run."""

from typing import Optional, Union

import kept

client = kept.Client("http://localhost:8080", "x", app="widgets", timeout=5, retries=0)
reply: kept.Reply = client.collect("id", {"message": "x", "blob": b"x", "many": ["a", "b"]}, function="feedback", user_action=True, idempotency_key="k")
value: Optional[Union[str, bytes]] = reply.value("message")
for entry in client.trail_entries("id", limit=1, from_=3):
    print(entry["operation"])
first = client.batch([{"op": "use", "subject": "id", "items": ["a"], "purpose": "p"}])[0]
print(first.reason if isinstance(first, kept.Problem) else first.denied)
client.collect("id", {"message": 7}, function="feedback")  # type: ignore[dict-item]
client.use("id", ["a"], porpose="x")  # type: ignore[call-arg]
client.stat(idempotency_key="x")  # type: ignore[call-arg]
client.why("id", item=7)  # type: ignore[arg-type]
