"""Record batches are what Kafka's documentation says they are."""

import unittest

from tests.stack.kafka_records import (Record, crc32c, decode_batches,
                                       encode_batch)


class KafkaRecordsTest(unittest.TestCase):
    def test_the_checksum_is_the_one_of_rfc_3720(self):
        self.assertEqual(crc32c(b"123456789"), 0xE3069283)
        self.assertEqual(crc32c(bytes(32)), 0x8A9136AA)

    def test_what_is_encoded_is_decoded(self):
        records = (
            Record(b"value", b"key", (("a", b"1"), ("b", None), ("a", b"")),
                   timestamp_ms=1000),
            Record(None, b"", timestamp_ms=1),
            Record(b"x" * 1000, None, timestamp_ms=10 ** 12))
        decoded = list(decode_batches(encode_batch(records, 5)))
        self.assertEqual(
            [(r.value, r.key, r.headers, r.timestamp_ms) for r in decoded],
            [(r.value, r.key, r.headers, r.timestamp_ms) for r in records])
        self.assertEqual([r.offset for r in decoded], [0, 1, 2])

    def test_a_record_without_a_time_gets_the_given_one(self):
        [record] = decode_batches(encode_batch([Record(b"v")], 77))
        self.assertEqual(record.timestamp_ms, 77)

    def test_a_batch_that_is_cut_off_is_left_out(self):
        whole = encode_batch([Record(b"first")], 0)
        data = whole + encode_batch([Record(b"second")], 0)
        for size in range(len(whole), len(data)):
            self.assertEqual([record.value for record in
                              decode_batches(data[:size])], [b"first"])

    def test_a_compressed_batch_is_refused(self):
        data = bytearray(encode_batch([Record(b"v")], 0))
        data[22] |= 1
        with self.assertRaises(ValueError):
            list(decode_batches(bytes(data)))


if __name__ == "__main__":
    unittest.main()
