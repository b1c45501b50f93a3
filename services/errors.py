"""What verbs raise when they refuse. The sentence and its values travel apart, so that the edge translates."""

import json


class Refused(Exception):
    """A request that cannot be done, with the sentence for staff: `sentence % values`."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values

    def kept(self, longest: int) -> str:
        """Give the sentence and its values as one text, which `reread` takes apart; what is too long, as it reads."""
        kept = f"{self.sentence}\n{json.dumps(self.values, default=str)}" if self.values else self.sentence
        return kept if len(kept) <= longest else " ".join(str(self).split())[:longest]


def reread(kept: str) -> Refused:
    """Give the refusal that was kept; any other text is one that has no values."""
    sentence, _line, values = kept.partition("\n")
    return Refused(sentence, **json.loads(values)) if values else Refused(sentence)


class NotNow(Refused):
    """What could not be done for the moment; a later try may do it."""


class Invalid(Refused):
    """A value that cannot be kept; `field` is where it stands."""

    def __init__(self, field: str, sentence: str, **values: object) -> None:
        super().__init__(sentence, **values)
        self.field = field
