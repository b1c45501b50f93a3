"""What verbs raise when they refuse. The sentence and its values travel apart, so that the edge translates."""


class Refused(Exception):
    """A request that cannot be done, with the sentence for staff: `sentence % values`."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values


class Invalid(Refused):
    """A value that cannot be kept; `field` is where it stands."""

    def __init__(self, field: str, sentence: str, **values: object) -> None:
        super().__init__(sentence, **values)
        self.field = field
