"""Record batches (magic 2) as bytes: uncompressed ones only."""

import struct
from dataclasses import dataclass, field

_HEADER = ">qiibIhiqqqhii"
_HEADER_SIZE = struct.calcsize(_HEADER)
_AFTER_CRC = 21  # base offset, length, leader epoch, magic, CRC
_CONTROL, _COMPRESSION = 0x20, 0x07


@dataclass(frozen=True)
class Record:
    """One record; None as value is a tombstone."""
    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = field(default=())
    offset: int = -1
    timestamp_ms: int = -1
    topic: str = ""
    partition: int = -1

    def header(self, name):
        """The last value under this name; None when there is none."""
        return dict(self.headers).get(name)


def _crc_table():
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


_CRC_TABLE = tuple(_crc_table())


def crc32c(data):
    """CRC-32C (Castagnoli, RFC 3720), which Kafka checks batches with."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _varint(number):
    number = (number << 1) ^ (number >> 63)
    data = bytearray()
    while number > 0x7F:
        data.append((number & 0x7F) | 0x80)
        number >>= 7
    data.append(number)
    return bytes(data)


def _sized(data):
    return _varint(-1) if data is None else _varint(len(data)) + data


def encode_batch(records, now_ms):
    """One batch; records without a timestamp get `now_ms`."""
    times = [now_ms if record.timestamp_ms < 0 else record.timestamp_ms
             for record in records]
    body = b""
    for index, (record, time_ms) in enumerate(zip(records, times)):
        entry = (b"\0" + _varint(time_ms - times[0]) + _varint(index)
                 + _sized(record.key) + _sized(record.value)
                 + _varint(len(record.headers))
                 + b"".join(_sized(name.encode()) + _sized(value)
                            for name, value in record.headers))
        body += _varint(len(entry)) + entry
    count = len(records)
    checked = struct.pack(">hiqqqhii", 0, count - 1, times[0], max(times), -1,
                          -1, -1, count) + body
    return struct.pack(">qiibI", 0, len(checked) + 9, -1, 2,
                       crc32c(checked)) + checked


class _Bytes:
    def __init__(self, data):
        self._data = data
        self._at = 0

    def take(self, size):
        self._at += size
        return self._data[self._at - size:self._at]

    def varint(self):
        number = shift = 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (number >> 1) ^ -(number & 1)

    def sized(self):
        size = self.varint()
        return None if size < 0 else self.take(size)


def decode_batches(data):
    """The data records of whole batches, in order; a batch that is cut off at
    the end is left out, as is what transactions leave behind."""
    at = 0
    while at + _HEADER_SIZE <= len(data):
        (base, length, _, magic, _, attributes, _, first_ms, _, _, _, _,
         count) = struct.unpack_from(_HEADER, data, at)
        end = at + 12 + length
        if end > len(data):
            return
        if magic != 2 or attributes & _COMPRESSION:
            raise ValueError(f"cannot read a batch with magic {magic} and "
                             f"compression {attributes & _COMPRESSION}")
        if not attributes & _CONTROL:
            body = _Bytes(data[at + _HEADER_SIZE:end])
            for _ in range(count):
                yield _decode(body, base, first_ms)
        at = end


def _decode(body, base, first_ms):
    body.varint()
    body.take(1)
    time_ms = first_ms + body.varint()
    offset = base + body.varint()
    key, value = body.sized(), body.sized()
    headers = tuple((body.sized().decode(), body.sized())
                    for _ in range(body.varint()))
    return Record(value=value, key=key, headers=headers, offset=offset,
                  timestamp_ms=time_ms)
