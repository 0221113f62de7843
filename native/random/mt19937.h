// The Mersenne Twister MT19937 (Matsumoto & Nishimura, 1998), drawing numbers the way PyTorch's
// CPU generator draws them, so that the same seed gives the same weights and the same batches.
// The state is a plain array owned by the caller: 624 words and the index of the next one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pellucid {

constexpr std::size_t kGeneratorWords = 625;

class Generator {
  public:
    // `words` has kGeneratorWords elements and outlives the generator.
    explicit Generator(std::uint32_t* words) : words_(words) {}

    // Only the low 32 bits of a seed matter, as in PyTorch.
    void seed(std::uint32_t seed);

    std::uint32_t random32();
    void random32(std::uint32_t* out, std::size_t count);
    // Two words, the high one first.
    std::uint64_t random64();
    // What `torch.empty((), dtype=torch.int64).random_()` gives: 0 to 2^63 - 1.
    std::uint64_t random_int64();

    // Uniform in [low, high): 24 random bits for float, 53 for double, scaled in double.
    void uniform(float* out, std::size_t count, double low, double high);
    void uniform(double* out, std::size_t count, double low, double high);

    // A random order of 0 … count - 1, as `torch.randperm` gives it.
    void permutation(std::int64_t* out, std::size_t count);

  private:
    void refill();
    std::uint32_t* words_;
};

}  // namespace pellucid
