// Which rows make a batch, drawn exactly as PyTorch's DataLoader draws them: a base seed at the
// start of every epoch and, when shuffling, the seed of a generator that permutes the rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pellucid {

class Order {
  public:
    // `rows`: the examples that take part; null: 0 … count - 1.
    Order(const std::int64_t* rows, std::size_t count, bool shuffle);

    // Draws from the generator and returns the seed of the order; 0 if it does not shuffle.
    std::uint32_t begin_epoch(std::uint32_t* generator);
    // The order of an epoch that began earlier.
    void resume(std::uint32_t seed);

    // Examples in the order of the epoch.
    const std::int64_t* rows() const { return order_.data(); }

  private:
    const std::int64_t* rows_;
    bool shuffle_;
    std::vector<std::int64_t> order_;
};

}  // namespace pellucid
