// Dropout's masks: which numbers stay, decided by a word that looks random for every position.
#pragma once

#include "kernels/kernels.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

constexpr std::uint32_t kPhiloxFactor = 0xD256D193;
constexpr std::uint32_t kPhiloxKeyStep = 0x9E3779B9;  // the golden ratio in 32 bits
constexpr int kPhiloxRounds = 10;

// Philox2x32-10 (Salmon et al., 2011): left[i] becomes the first word for the counter
// (left[i], right[i]).
PELLUCID_INLINE void philox(std::uint32_t key, std::uint32_t* left, std::uint32_t* right) {
    for (int round = 0; round < kPhiloxRounds; ++round, key += kPhiloxKeyStep) {
        for (size_t lane = 0; lane < kLanes; ++lane) {
            const std::uint64_t product = std::uint64_t{left[lane]} * kPhiloxFactor;
            left[lane] = static_cast<std::uint32_t>(product >> 32) ^ key ^ right[lane];
            right[lane] = static_cast<std::uint32_t>(product);
        }
    }
}

template <class T>
void mask(const MaskTask<T>& task) {
    for (size_t p = task.panels.first; p < task.panels.end; ++p) {
        for (size_t unit = 0; unit < task.units; ++unit) {
            std::uint32_t left[kLanes];
            std::uint32_t right[kLanes];
            for (size_t lane = 0; lane < kLanes; ++lane) {
                const std::uint64_t position = (p * kLanes + lane) * task.units + unit;
                left[lane] = static_cast<std::uint32_t>(position);
                right[lane] = static_cast<std::uint32_t>(position >> 32);
            }
            philox(task.key, left, right);
            T* out = task.mask + (p * task.units + unit) * kLanes;
            for (size_t lane = 0; lane < kLanes; ++lane) {
                out[lane] = left[lane] < task.limit ? task.kept : T(0);
            }
        }
    }
}

}  // namespace pellucid::PELLUCID_ARCH
