"""Messages as one model's tokens, by its tokenizer's own chat template, and tokens as text.

What a message says can give no special token: text of a document cannot pass for the end of a turn. Knows nothing of
what the messages say.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from rag.errors import ModelError
from rag.models.embed import encodable
from rag.models.reference import quiet_loading
from rag.ports import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# For a model that has none: a base model, which goes on with what it sees. It is ended where it would ask itself.
PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] | capitalize }}: {{ message['content'] }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
PLAIN_STOPS = ("\nUser:", "\nSystem:")
BETWEEN = "\n\n"  # two messages of one role, or the rules and the question, made one


class Chat:
    """A model's tokenizer with its template. May be used from many threads; they take turns."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, name: str) -> None:
        """Raises ModelError where its template cannot be used."""
        self._tokenizer: Any = tokenizer
        self._name = name
        self._turn = threading.Lock()  # fast tokenizers fail with "Already borrowed" when two threads meet in one
        self.has_template = bool(self._tokenizer.chat_template)
        if not self.has_template:
            self._tokenizer.chat_template = PLAIN_TEMPLATE
        self.stops = () if self.has_template else PLAIN_STOPS
        special = sorted({token for token in self._tokenizer.all_special_tokens if len(token) > 1}, key=len)
        self._special = re.compile("|".join(map(re.escape, reversed(special))) or r"(?!)")
        self._has_system = self._takes_system()

    @property
    def size(self) -> int:
        """One more than the highest token that it may give."""
        return 1 + max(self._tokenizer.get_vocab().values(), default=-1)

    @property
    def end(self) -> int | None:
        """The token that ends a text, as the tokenizer has it."""
        token: int | None = self._tokenizer.eos_token_id
        return token

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens that the model gets, up to where its answer begins.

        Rules go before the user's text where the template knows no system; messages of one role in a row become one.
        Raises ModelError where the template refuses them.
        """
        said = [Message(message.role, self._disarmed(message.content)) for message in messages]
        if not self._has_system:
            said = [Message("user" if message.role == "system" else message.role, message.content) for message in said]
        with self._turn:
            try:
                text = self._rendered(_merged(said))
            except TemplateError as error:
                raise ModelError(
                    f"{self._name}: its chat template refuses the messages: {error}",
                    hint="bring the model's folder anew, or take another model",
                ) from error
            tokens: list[int] = self._tokenizer(text, add_special_tokens=not self.has_template)["input_ids"]
        return tokens

    def decode(self, tokens: Sequence[int]) -> str:
        with self._turn:
            text: str = self._tokenizer.decode(
                list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        return text

    def _disarmed(self, text: str) -> str:
        """Return the text with a space in whatever the tokenizer would take for a special token."""
        return self._special.sub(lambda found: f"{found[0][0]} {found[0][1:]}", encodable(text))

    def _rendered(self, messages: Sequence[Message]) -> str:
        said = [{"role": message.role, "content": message.content} for message in messages]
        # Templates of models that think aloud ask for enable_thinking; the others do not read it.
        text: str = self._tokenizer.apply_chat_template(
            said, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return text

    def _takes_system(self) -> bool:
        """Tell by a try: some templates refuse a system message, and some leave it out. Raises ModelError."""
        rules, question = Message("system", "rules-are-these"), Message("user", "question-is-this")
        try:
            alone = self._rendered([question])
        except (TemplateError, TypeError, ValueError) as error:
            raise ModelError(
                f"{self._name}: its chat template is broken: {error}", hint="bring the model's folder anew"
            ) from error
        if question.content not in alone:
            raise ModelError(f"{self._name}: its chat template leaves the question out", hint="take another model")
        try:
            return rules.content in self._rendered([rules, question])
        except TemplateError:
            return False


def load_chat(name: str, folder: Path) -> Chat:
    """Raises ModelError."""
    from transformers import AutoTokenizer

    try:
        with quiet_loading():
            tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False, local_files_only=True)
    except Exception as error:  # the edge: tokenizers raises a bare Exception for a file that it cannot read
        raise ModelError(
            f"{folder}: transformers cannot load its tokenizer: {type(error).__name__}: {error}",
            hint="bring the model's folder anew: tokenizer.json or tokenizer.model may be missing or cut short",
        ) from error
    return Chat(tokenizer, name)


def _merged(messages: Sequence[Message]) -> list[Message]:
    """Return the messages with those of one role in a row made one: many templates want the roles in turn."""
    merged: list[Message] = []
    for message in messages:
        if merged and merged[-1].role == message.role:
            merged[-1] = Message(message.role, merged[-1].content + BETWEEN + message.content)
        else:
            merged.append(message)
    return merged
