// Inputs beyond one array of numbers, and embeddings: rows of a table for numbers of categories.
#include <algorithm>

#include "program/executor.h"

namespace pellucid {

template <class T>
void Executor<T>::gather_inputs(const Examples<T>& examples, Panels panels) {
    for (std::size_t input = 0; input < program_.inputs(); ++input) {
        if (!program_.is_category[input]) {
            gather_input(examples.numbers[input], input, panels, {0, program_.widths[input]});
            continue;
        }
        const std::size_t width = program_.widths[input];
        std::int32_t* to = categories_[input].data() + panels.first * kPanelRows * width;
        for (std::size_t i = panels.first * kPanelRows; i < panels.end * kPanelRows; ++i) {
            for (std::size_t k = 0; k < width; ++k) {
                const bool is_row = i < chosen_.count;
                const std::int64_t* from = examples.categories[input];
                *to++ = is_row ? static_cast<std::int32_t>(from[chosen_[i] * width + k]) : 0;
            }
        }
    }
}

// The rows of several categories lie behind one another.
template <class T>
void Executor<T>::look_up(const Node& node, const Weights<T>& weights, Panels panels) {
    const std::size_t units = program_.widths[node.output];
    const std::size_t stride = program_.widths[node.input];
    const std::size_t size = node.table_units;
    const T* table = weights.parameters + node.weight;
    for (std::size_t row = panels.first * kPanelRows; row < panels.end * kPanelRows; ++row) {
        const std::int32_t* category = categories_[node.input].data() + row * stride + node.column;
        T* to = value(node.output) + row / kPanelRows * units * kPanelRows + row % kPanelRows;
        for (std::size_t first = 0; first < units; first += size, ++category) {
            const T* from = table + static_cast<std::size_t>(*category) * size;
            for (std::size_t k = 0; k < size; ++k, to += kPanelRows) {
                *to = from[k];
            }
        }
    }
}

// A row of the table gets the sum of the deltas of those rows of the batch that looked it up, one
// chain of additions, rows ascending in blocks of 1,024, blocks added ascending. A member's share
// is a part of the table.
template <class T>
void Executor<T>::differentiate_table(std::size_t i, T* gradients, Share share) {
    const Node& node = program_.nodes[i];
    const std::size_t units = program_.widths[node.output];
    const std::size_t stride = program_.widths[node.input];
    const std::size_t size = node.table_units;
    const Panels own = share.of(node.table_rows);
    T* const whole = gradients + node.weight;
    for (std::size_t block = 0; block < rows(); block += kBlockRows) {
        T* const to = block == 0 ? whole : works_[i].by_weight.data();
        std::fill(to + own.first * size, to + own.end * size, T(0));
        const std::size_t end = std::min(block + kBlockRows, rows());
        for (std::size_t row = block; row < end; ++row) {
            const std::int32_t* category =
                categories_[node.input].data() + row * stride + node.column;
            const T* from =
                delta(node.output) + row / kPanelRows * units * kPanelRows + row % kPanelRows;
            for (std::size_t first = 0; first < units; first += size, ++category) {
                const auto found = static_cast<std::size_t>(*category);
                const bool counts =
                    found >= own.first && found < own.end && *category != node.padding;
                for (std::size_t k = 0; k < size && counts; ++k) {
                    to[found * size + k] += from[(first + k) * kPanelRows];
                }
            }
        }
        for (std::size_t k = own.first * size; block > 0 && k < own.end * size; ++k) {
            whole[k] += to[k];
        }
    }
}

#define PELLUCID_EMBEDDING(T)                                                   \
    template void Executor<T>::gather_inputs(const Examples<T>&, Panels);       \
    template void Executor<T>::look_up(const Node&, const Weights<T>&, Panels); \
    template void Executor<T>::differentiate_table(std::size_t, T*, Share);
PELLUCID_EMBEDDING(float)
PELLUCID_EMBEDDING(double)
#undef PELLUCID_EMBEDDING

}  // namespace pellucid
