// The most multiply-adds that this machine does: independent chains of fused multiply-adds in
// registers, on one core and on all of them. Prints both as GFLOP/s, a multiply-add counting two.
// `benchmarks/peak.py` compiles and runs it; no memory is touched, so nothing can be faster.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

namespace {

#if defined(__AVX512F__)
constexpr int kBytes = 64;
#elif defined(__AVX__)
constexpr int kBytes = 32;
#else
constexpr int kBytes = 16;
#endif

using Vector = float __attribute__((vector_size(kBytes)));

// Latency times units is 8 to 10 on today's processors; 12 chains and two factors fit in 16
// registers.
constexpr int kChains = 12;
constexpr long kRounds = 20'000'000;
constexpr int kRepetitions = 5;

volatile float factor = 0.999F;
volatile float term = 0.001F;
volatile float sink;

void multiply_and_add() {
    const Vector times = Vector{} + factor;
    const Vector plus = Vector{} + term;
    Vector chain[kChains];
    for (int i = 0; i < kChains; ++i) chain[i] = Vector{} + static_cast<float>(i);
    for (long round = 0; round < kRounds; ++round)
        for (Vector& each : chain) each = each * times + plus;
    Vector sum{};
    for (const Vector& each : chain) sum += each;
    sink = sum[0];
}

double gflops(unsigned threads) {
    const double operations = 2.0 * kChains * kRounds * (kBytes / sizeof(float)) * threads;
    double best = 0;
    for (int repetition = 0; repetition < kRepetitions; ++repetition) {
        const auto start = std::chrono::steady_clock::now();
        std::vector<std::thread> team;
        for (unsigned i = 0; i < threads; ++i) team.emplace_back(multiply_and_add);
        for (std::thread& each : team) each.join();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        best = std::max(best, operations / seconds.count() * 1e-9);
    }
    return best;
}

}  // namespace

int main() {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    std::printf("%.1f %.1f %d\n", gflops(1), gflops(cores), kBytes);
}
