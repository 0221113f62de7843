#include "random/mt19937.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pellucid {

namespace {

constexpr std::size_t kWords = 624;
constexpr std::size_t kShift = 397;
constexpr std::size_t kBlock = 256;  // words that are drawn at once
constexpr std::size_t kIndex = 624;  // where the index of the next word is kept

std::uint32_t twist(std::uint32_t upper, std::uint32_t lower, std::uint32_t shifted) {
    const std::uint32_t mixed = (upper & 0x80000000U) | (lower & 0x7fffffffU);
    const std::uint32_t odd = (0U - (lower & 1U)) & 0x9908b0dfU;  // no branch: it is a coin's toss
    return shifted ^ (mixed >> 1) ^ odd;
}

std::uint32_t temper(std::uint32_t y) {
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680U;
    y ^= (y << 15) & 0xefc60000U;
    return y ^ (y >> 18);
}

// word mod size, for sizes from 2 to 2^53. The quotient is at least 1 / size away from the next
// whole number, its rounding error at most 2^-21 / size. Written for vectors, which have no whole
// division and no unsigned conversion.
std::uint32_t remainder(std::uint32_t word, double size) {
    const auto centered = static_cast<std::int32_t>(word ^ 0x80000000U);
    const double value = static_cast<double>(centered) + 2147483648.0;
    const double quotient = static_cast<double>(static_cast<std::int32_t>(value / size));
    const double rest = value - quotient * size;  // exact: all three are whole
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(rest - 2147483648.0)) ^ 0x80000000U;
}

}  // namespace

void Generator::seed(std::uint32_t seed) {
    words_[0] = seed;
    for (std::size_t i = 1; i < kWords; ++i) {
        const std::uint32_t previous = words_[i - 1] ^ (words_[i - 1] >> 30);
        words_[i] = 1812433253U * previous + static_cast<std::uint32_t>(i);
    }
    words_[kIndex] = kWords;
}

void Generator::refill() {
    std::size_t i = 0;
    for (; i < kWords - kShift; ++i) {
        words_[i] = twist(words_[i], words_[i + 1], words_[i + kShift]);
    }
    for (; i < kWords - 1; ++i) {
        words_[i] = twist(words_[i], words_[i + 1], words_[i + kShift - kWords]);
    }
    words_[i] = twist(words_[i], words_[0], words_[kShift - 1]);
    words_[kIndex] = 0;
}

std::uint32_t Generator::random32() {
    if (words_[kIndex] >= kWords) {
        refill();
    }
    return temper(words_[words_[kIndex]++]);
}

void Generator::random32(std::uint32_t* out, std::size_t count) {
    while (count > 0) {
        if (words_[kIndex] >= kWords) {
            refill();
        }
        const std::uint32_t* next = words_ + words_[kIndex];
        const std::size_t ready = std::min<std::size_t>(count, kWords - words_[kIndex]);
        for (std::size_t i = 0; i < ready; ++i) {
            out[i] = temper(next[i]);
        }
        words_[kIndex] += static_cast<std::uint32_t>(ready);
        out += ready;
        count -= ready;
    }
}

std::uint64_t Generator::random64() {
    const std::uint64_t high = random32();
    return (high << 32) | random32();
}

std::uint64_t Generator::random_int64() {
    return random64() & 0x7fffffffffffffffULL;
}

void Generator::uniform(float* out, std::size_t count, double low, double high) {
    // PyTorch rounds the bounds to float, computes in double and rounds once at the end.
    const double base = static_cast<float>(low);
    const double range = static_cast<float>(static_cast<float>(high) - static_cast<float>(low));
    for (std::size_t i = 0; i < count; ++i) {
        const double unit = (random32() & 0xffffffU) * 0x1p-24;
        out[i] = static_cast<float>(unit * range + base);
    }
}

void Generator::uniform(double* out, std::size_t count, double low, double high) {
    const double range = high - low;
    for (std::size_t i = 0; i < count; ++i) {
        const double unit = static_cast<double>(random64() & 0x1fffffffffffffULL) * 0x1p-53;
        out[i] = std::fma(unit, range, low);  // one rounding, as PyTorch's vector kernels
    }
}

void Generator::permutation(std::int64_t* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = static_cast<std::int64_t>(i);
    }
    std::uint32_t words[kBlock];
    for (std::size_t first = 0; first + 1 < count; first += kBlock) {
        const std::size_t block = std::min(kBlock, count - 1 - first);
        random32(words, block);
        const auto left = static_cast<double>(count - first);
        for (int i = 0; i < static_cast<int>(block); ++i) {
            words[i] = remainder(words[i], left - i);
        }
        for (std::size_t i = 0; i < block; ++i) {
            std::swap(out[first + i], out[first + i + words[i]]);
        }
    }
}

}  // namespace pellucid
