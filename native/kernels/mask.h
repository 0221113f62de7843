// Dropout's masks: which numbers stay, decided by a word that looks random for every position.
#pragma once

#include "kernels/kernels.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

constexpr std::uint32_t kPhiloxFactor = 0xD256D193;
constexpr std::uint32_t kPhiloxKeyStep = 0x9E3779B9;  // the golden ratio in 32 bits
constexpr int kPhiloxRounds = 10;

// Words of 32 bits, each in the low half of 64, so that their products have room.
typedef std::uint64_t Words __attribute__((vector_size(PELLUCID_VECTOR_BYTES)));
constexpr size_t kWords = PELLUCID_VECTOR_BYTES / sizeof(std::uint64_t);

// The products of the low halves.
PELLUCID_INLINE Words multiply_low(Words a, std::uint64_t b) {
    const Words factor = b - Words{};
#if PELLUCID_VECTOR_BYTES == 64 && defined(__AVX512F__)
    return (Words)_mm512_maskz_mul_epu32(0xff, (__m512i)a, (__m512i)factor);
#elif PELLUCID_VECTOR_BYTES == 32 && defined(__AVX2__)
    return (Words)_mm256_mul_epu32((__m256i)a, (__m256i)factor);
#else
    return (a & 0xFFFFFFFF) * factor;
#endif
}

constexpr size_t kWordParts = kLanes / kWords;

// Philox2x32-10 (Salmon et al., 2011): the first word for each of 16 counters, in its low half.
// High halves are rubbish on the way; nobody reads them.
PELLUCID_INLINE void philox(std::uint32_t key, std::uint64_t* counters) {
    Words left[kWordParts];
    Words right[kWordParts];
    __builtin_memcpy(left, counters, sizeof(left));
    for (size_t i = 0; i < kWordParts; ++i) {
        right[i] = left[i] >> 32;
    }
    for (int round = 0; round < kPhiloxRounds; ++round, key += kPhiloxKeyStep) {
        for (size_t i = 0; i < kWordParts; ++i) {
            const Words product = multiply_low(left[i], kPhiloxFactor);
            left[i] = (product >> 32) ^ right[i] ^ std::uint64_t{key};
            right[i] = product;
        }
    }
    __builtin_memcpy(counters, left, sizeof(left));
}

template <class T>
void mask(const MaskTask<T>& task) {
    for (size_t p = task.panels.first; p < task.panels.end; ++p) {
        for (size_t unit = 0; unit < task.units; ++unit) {
            std::uint64_t words[kLanes];
            for (size_t lane = 0; lane < kLanes; ++lane) {
                words[lane] = (p * kLanes + lane) * task.units + unit;
            }
            philox(task.key, words);
            T* out = task.mask + (p * task.units + unit) * kLanes;
            for (size_t lane = 0; lane < kLanes; ++lane) {
                // No branch: half of them would be mispredicted.
                const std::uint64_t word = words[lane] & 0xFFFFFFFF;
                out[lane] = static_cast<T>(static_cast<int>(word < task.limit)) * task.kept;
            }
        }
    }
}

}  // namespace pellucid::PELLUCID_ARCH
