"""The 256 words of the filler text, with the punctuation that some of them carry.

A word's place in this table is its byte in the filler's random stream: changing the order or a word changes
every filler text. Among plain words there are characters of two, three and four bytes in UTF-8, because what
counts bytes and what counts characters must not be mixed up anywhere. No word is longer than 12 letters and
none can begin a stop sequence: each is one token and can be shown at once.
"""

_TEXT = """
lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna
aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute
irure in reprehendo voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat non
proident sunt culpa qui officia deserunt mollit anim id est laborum at vero eos accusamus iusto odio dignissimos
ducimus blanditiis praesentium voluptatum deleniti atque corrupti quos quas molestias excepturi occaecati cupiditate
similique mollitia animi fuga harum quidem rerum facilis expedita distinctio nam libero tempore cum soluta nobis
eligendi optio cumque nihil impedit quo minus quod maxime placeat facere possimus omnis voluptas assumenda repellendus
temporibus autem quibusdam officiis debitis aut necessitas saepe eveniet voluptates repudiandae recusandae itaque
earum hic tenetur sapiente delectus reiciendis voluptatibus maiores alias perferendis doloribus asperiores repellat
sed perspiciatis unde iste natus error accusantium doloremque laudantium totam rem aperiam eaque ipsa quae ab illo
inventore veritatis quasi architecto beatae vitae dicta explicabo nemo ipsam quia aspernatur odit fugit consequuntur
magni dolores ratione sequi nesciunt neque porro quisquam dolorem adipisci numquam eius modi tempora incidunt magnam
aliquam quaerat minima nostrum corporis suscipit laboriosam aliquid commodi vel eum iure quam nihil molestiae illum
fugiat quo voluptas forte café naïve über señor déjà façade jalapeño smörgåsbord coöperate élan größe Ærø žluťoučký
kůň łódź İzmir привет hűtő мир слово ελπίς λόγος नमस 水 山 世 界 語 日 は 한 🙂 🚀 🎉 🌍 🦊 🐙 𝄞 𝔘 € ™ → ½ ∞ ♫ ❤ 𐍈
"""

_CARRIES = {3: ",", 7: ",", 12: "."}


def _with_punctuation(place: int, word: str) -> str:
    sign = _CARRIES.get((place * 5) % 16, "")
    return word + sign + ("\n\n" if sign == "." and place % 48 == 12 else "")


def _table() -> tuple[str, ...]:
    words = [_with_punctuation(place, word) for place, word in enumerate(_TEXT.split())]
    if len(words) != 256:
        raise ValueError(f"the vocabulary has {len(words)} words; a byte picks one of 256")
    return tuple(words)


WORDS: tuple[str, ...] = _table()
"""What each byte says, in the middle of a sentence and without the leading space."""
