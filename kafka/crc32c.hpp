// CRC-32C (Castagnoli), as Kafka and iSCSI use it (RFC 3720, appendix B.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sluice::kafka {

/// The checksum of `data`; "123456789" gives 0xE3069283.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> data);

} // namespace sluice::kafka
