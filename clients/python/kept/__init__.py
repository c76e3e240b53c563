"""Client of kept, a personal-data engine that makes a privacy policy true. Standard library only, Python 3.9 or later.

    client = kept.Client("http://127.0.0.1:8080", token)
    reply = client.use(person, ["contact-mail"], purpose="support")
    reply.value("contact-mail")

Yes, or yes in part, is a Reply: what was refused is in its .denied. No is the exception Denied; any other problem is
Problem; no answer at all is Unreachable. Nothing here logs, and what is printed shows no values and no token.
"""

from .answers import Denied, Field, KeptError, Problem, Reply, Unreachable
from .client import Client

__all__ = ["Client", "Denied", "Field", "KeptError", "Problem", "Reply", "Unreachable"]
__version__ = "0.1.0"
