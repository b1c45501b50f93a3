"""A mail as somebody typed it, and what is wrong with its texts. Pure."""

from dataclasses import dataclass
from unicodedata import category

from models.mail import LONGEST_SUBJECT, LONGEST_TEXT, MailLanguage
from services.errors import Invalid


@dataclass(frozen=True)
class NewMail:
    """A mail that is to be sent, as it was typed."""

    recipients: str
    language: str
    subject: str
    body: str
    copies: str = ""
    has_pdf: bool = False


def checked(new: NewMail) -> tuple[str, str]:
    """Give subject and text as they can be sent. Raises Invalid."""
    subject, body = new.subject.strip(), new.body.replace("\r\n", "\n").strip()
    if new.language not in set(MailLanguage):
        raise Invalid("language", "There is no language %(code)s.", code=new.language[:8])
    if not subject:
        raise Invalid("subject", "Give the mail a subject.")
    if len(subject) > LONGEST_SUBJECT:
        raise Invalid("subject", "A subject may have at most %(most)d characters.", most=LONGEST_SUBJECT)
    if not _is_sent_as_it_is(subject):
        raise Invalid("subject", "The subject has line breaks or other characters that cannot be sent.")
    if not body:
        raise Invalid("body", "Write a message.")
    if len(body) > LONGEST_TEXT:
        raise Invalid("body", "A message may have at most %(most)d characters.", most=LONGEST_TEXT)
    if not _is_sent_as_it_is(body.replace("\n", "").replace("\t", "")):
        raise Invalid("body", "The message has characters that cannot be sent.")
    return subject, body


def _is_sent_as_it_is(text: str) -> bool:
    """Say whether no sign in a text ends a line or means something to a machine."""
    return not any(category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text)
