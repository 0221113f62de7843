// What lies under the kernels: whole powers, the flushing of subnormals, barriers, the generator.
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>

#include "math/power.h"
#include "program/memory.h"
#include "random/mt19937.h"
#include "tests/check.h"
#include "tests/tests.h"
#include "threads/subnormals.h"
#include "threads/team.h"

namespace pellucid::tests {

namespace {

void check_power() {
    CHECK(power(0.9, 0) == 1);
    CHECK(power(0.5, 10) == 0x1p-10);
    CHECK(power(3, 13) == 1594323);
    CHECK(std::fabs(power(0.999, 1000) / std::pow(0.999, 1000) - 1) < 1e-13);
    CHECK(power(0.9, 1ULL << 40) == 0);
}

void check_subnormals() {
    volatile double smallest = std::numeric_limits<double>::min();
    volatile double half = 0.5;
    CHECK(smallest * half > 0);
    {
        const FlushSubnormals flush;
        volatile double product = smallest * half;
        CHECK(product == 0);
        {
            const FlushSubnormals::Pause pause(flush);
            CHECK(smallest * half > 0);
        }
        product = smallest * half;
        CHECK(product == 0);
    }
    CHECK(smallest * half > 0);
}

void check_team() {
    constexpr std::size_t kThreads = 3;
    constexpr int kRounds = 2000;
    std::size_t seen[kThreads] = {};  // plain memory: the barrier must order it
    std::atomic<int> wrong{0};
    std::atomic<std::size_t> members{0};
    run_team(kThreads, [&](const Member& member) {
        members = member.count;
        for (std::size_t round = 1; round <= kRounds; ++round) {
            seen[member.index] = round;
            member.barrier.meet();
            for (std::size_t other = 0; other < member.count; ++other) {
                wrong += seen[other] == round ? 0 : 1;
            }
            member.barrier.meet();
        }
    });
    CHECK(wrong == 0);
    CHECK(members == kThreads);
}

void check_memory() {
    const Memory<float> memory(17, 3);
    CHECK(memory.size() == 64);
    CHECK(reinterpret_cast<std::uintptr_t>(memory.data()) % 64 == 0);
    bool is_refused = false;
    try {
        const Memory<double> beyond(std::size_t{1} << 62, 5);  // 5 · 2^65 bytes
    } catch (const std::bad_alloc&) {
        is_refused = true;
    }
    CHECK(is_refused);
}

void check_generator() {
    std::uint32_t words[kGeneratorWords];
    Generator generator(words);
    generator.seed(5489);
    std::uint32_t word = 0;
    for (int i = 0; i < 10000; ++i) {
        word = generator.random32();
    }
    CHECK(word == 4123659995U);  // what the C++ standard says of mt19937
}

}  // namespace

void test_ground() {
    check_power();
    check_subnormals();
    check_team();
    check_memory();
    check_generator();
}

}  // namespace pellucid::tests
