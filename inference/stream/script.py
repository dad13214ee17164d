"""The one Lua script that changes a stream in Redis: its text, its arguments, its replies. No I/O.

`{<message id>}:m` is a hash: `a` attempt (the fence), `e` epoch, `tok` tokens spent, `fin` finish reason
once nothing more will be generated. `{<message id>}:t` is the text shown so far, UTF-8, whole code points.
The braces keep both in one slot of a Redis cluster.
"""

import hashlib
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal

TTL_S: Final = 24 * 3600
"""How long a stream is kept after its last change."""
FINAL_TTL_S: Final = 60
"""How long a stream is kept once its final row is stored: readers find the rest there."""

# OPEN's first write is EXPIRE on purpose: Redis refuses a script at its first write that may use memory,
# never after another write, so a fence (some 100 bytes) can be set when maxmemory is reached. WRITE and SEED
# begin with a write that may be refused, so they change all or nothing.
# OPEN keeps a finished text though the engine could not continue it: there is nothing to continue.
# WRITE tells the readers itself, since it alone knows that the text is stored; a published event may use no memory.
# SEED of the same attempt and epoch takes no text and no fin away: it would be an old SEED that comes late.
LUA: Final = f"""
local m, t, op, a = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local held = tonumber(redis.call('HGET', m, 'a') or -1)
local mine = tonumber(a)
if held > mine then return -1 end
if op == 'W' then
  if held ~= mine or redis.call('STRLEN', t) ~= tonumber(ARGV[3]) then return 0 end
  if ARGV[4] ~= '' then redis.call('APPEND', t, ARGV[4]) end
  redis.call('HSET', m, 'tok', ARGV[5], 'fin', ARGV[6])
  if ARGV[7] then redis.call('PUBLISH', ARGV[7], ARGV[8]) end
elseif op == 'O' then
  if held < mine then
    redis.call('EXPIRE', m, {TTL_S})
    local has = redis.call('HMGET', m, 'e', 'fin')
    if has[1] and (ARGV[3] == '1' or (has[2] or '') ~= '') then
      redis.call('HSET', m, 'a', a)
    else
      redis.call('DEL', t)
      redis.call('HSET', m, 'a', a, 'e', a, 'tok', '0', 'fin', '')
    end
  end
elseif op == 'S' then
  local have = redis.call('STRLEN', t)
  if held == mine and redis.call('HGET', m, 'e') == ARGV[3]
      and (have > #ARGV[4] or (have == #ARGV[4] and ARGV[6] == '')) then
    return 1
  end
  redis.call('SET', t, ARGV[4])
  redis.call('HSET', m, 'a', a, 'e', ARGV[3], 'tok', ARGV[5], 'fin', ARGV[6])
else
  return redis.error_reply('ERR unknown stream operation')
end
redis.call('EXPIRE', m, {TTL_S})
redis.call('EXPIRE', t, {TTL_S})
if op ~= 'O' then return 1 end
local f = redis.call('HMGET', m, 'e', 'tok', 'fin')
return {{f[1], redis.call('GET', t) or '', f[2], f[3]}}
"""


Letter = tuple[str, bytes]
"""A published message: the channel of Redis, and what is said there."""


class Verdict(Enum):
    """What the script said to a change."""

    OK = 1
    STALE = 0
    """The stream is not as long as the writer believes (a flush, a lost reply) or has no attempt."""
    FENCED = -1
    """A later attempt has the stream."""


OK: Final = Verdict.OK
STALE: Final = Verdict.STALE
FENCED: Final = Verdict.FENCED


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream as an attempt finds it.

    epoch: the attempt at which this text began from empty. tokens: spent on it.
    finish_reason: not None when nothing more is to be generated.
    """

    epoch: int
    text: str
    tokens: int
    finish_reason: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A part of a stream. offset, length: bytes; length is that of the whole text."""

    epoch: int
    offset: int
    data: bytes
    length: int

    @property
    def cut(self) -> bool:
        """There is more than this part."""
        return self.offset + len(self.data) < self.length


class Script:
    """The script's source, and the commands that call it for one key prefix."""

    def __init__(self, prefix: str = "", lua: str = LUA) -> None:
        self.prefix = prefix
        self.lua = lua
        self.sha = hashlib.sha1(lua.encode(), usedforsecurity=False).hexdigest()

    def meta_key(self, message_id: str) -> str:
        return f"{self.prefix}{{{message_id}}}:m"

    def text_key(self, message_id: str) -> str:
        return f"{self.prefix}{{{message_id}}}:t"

    def open(self, message_id: str, attempt: int, continue_: bool) -> tuple[Any, ...]:
        return (2, *self._keys(message_id), "O", attempt, 1 if continue_ else 0)

    def write(
        self,
        message_id: str,
        attempt: int,
        offset: int,
        data: bytes,
        tokens: int,
        finish_reason: str | None,
        letter: Letter | None,
    ) -> tuple[Any, ...]:
        return (2, *self._keys(message_id), "W", attempt, offset, data, tokens, finish_reason or "", *(letter or ()))

    def seed(
        self, message_id: str, attempt: int, epoch: int, data: bytes, tokens: int, finish_reason: str | None
    ) -> tuple[Any, ...]:
        return (2, *self._keys(message_id), "S", attempt, epoch, data, tokens, finish_reason or "")

    def _keys(self, message_id: str) -> tuple[str, str]:
        return self.meta_key(message_id), self.text_key(message_id)


def read_opened(reply: Any) -> Opened | Literal[Verdict.FENCED]:
    if reply == -1:
        return FENCED
    epoch, text, tokens, fin = reply
    return Opened(int(epoch), text.decode(errors="replace"), int(tokens), fin.decode() or None)


def read_snapshot(offset: int, epoch: bytes | None, data: bytes, length: int) -> Snapshot | None:
    """None when there is no stream. A part that was cut ends at a whole code point."""
    if epoch is None:
        return None
    if offset + len(data) < length:
        data = data[: whole(data, len(data))]
    return Snapshot(int(epoch), offset, data, length)


def whole(data: bytes | bytearray | memoryview, limit: int) -> int:
    """The largest cut <= limit (bytes) that splits no character of `data`, more of which may follow.

    A cut is good where a character begins; whether one begins at the end of `data` its last bytes tell.
    """
    if limit < len(data):
        while limit > 0 and data[limit] & 0xC0 == 0x80:
            limit -= 1
        return limit
    end = len(data)
    start = end - 1
    while start >= 0 and end - start < 4 and data[start] & 0xC0 == 0x80:
        start -= 1
    if start < 0:
        return end
    lead = data[start]
    size = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    return end if start + size <= end else start
