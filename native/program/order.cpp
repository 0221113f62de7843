#include "program/order.h"

#include "random/mt19937.h"

namespace pellucid {

Order::Order(const std::int64_t* rows, std::size_t count, bool shuffle)
    : rows_(rows), shuffle_(shuffle), order_(count) {
    for (std::size_t i = 0; i < count; ++i) {
        order_[i] = rows != nullptr ? rows[i] : static_cast<std::int64_t>(i);
    }
}

std::uint32_t Order::begin_epoch(std::uint32_t* generator) {
    Generator source(generator);
    source.random_int64();  // the base seed of the loader's workers
    if (!shuffle_) {
        return 0;
    }
    const auto seed = static_cast<std::uint32_t>(source.random_int64());
    resume(seed);
    return seed;
}

void Order::resume(std::uint32_t seed) {
    if (!shuffle_) {
        return;
    }
    std::uint32_t words[kGeneratorWords];
    Generator source(words);
    source.seed(seed);
    source.permutation(order_.data(), order_.size());
    if (rows_ != nullptr) {
        for (std::int64_t& row : order_) {
            row = rows_[row];
        }
    }
}

}  // namespace pellucid
