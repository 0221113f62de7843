// Nodes that join buffers: the second half of an addition's way back, and concatenations.
#include <cstring>

#include "program/executor.h"

namespace pellucid {

template <class T>
void Executor<T>::backward_to_other(std::size_t i, Panels panels) {
    const Node& node = program_.nodes[i];
    const std::size_t units = program_.widths[node.output];
    const std::size_t first = panels.first * units * kPanelRows;
    const std::size_t count = (panels.end - panels.first) * units * kPanelRows;
    const T* from = delta(node.output) + first;
    T* to = delta(node.other) + first;
    if (plan_.adds[i].to_other) {
        kernels_.add(to, from, to, count);
    } else {
        std::memcpy(to, from, count * sizeof(T));
    }
}

// In each panel the parts' units lie behind one another.
template <class T>
void Executor<T>::join(const Node& node, Panels panels) {
    const std::size_t units = program_.widths[node.output];
    for (std::size_t panel = panels.first; panel < panels.end; ++panel) {
        T* to = value(node.output) + panel * units * kPanelRows;
        for (const std::size_t part : node.parts) {
            const std::size_t count = program_.widths[part] * kPanelRows;
            std::memcpy(to, value(part) + panel * count, count * sizeof(T));
            to += count;
        }
    }
}

template <class T>
void Executor<T>::part_back(std::size_t i, Panels panels) {
    const Node& node = program_.nodes[i];
    const std::size_t units = program_.widths[node.output];
    for (std::size_t panel = panels.first; panel < panels.end; ++panel) {
        const T* from = delta(node.output) + panel * units * kPanelRows;
        for (std::size_t k = 0; k < node.parts.size(); ++k) {
            const std::size_t count = program_.widths[node.parts[k]] * kPanelRows;
            T* to = delta(node.parts[k]);
            if (to != nullptr && plan_.adds[i].to_parts[k]) {
                kernels_.add(to + panel * count, from, to + panel * count, count);
            } else if (to != nullptr) {
                std::memcpy(to + panel * count, from, count * sizeof(T));
            }
            from += count;
        }
    }
}

#define PELLUCID_JOINS(T)                                              \
    template void Executor<T>::backward_to_other(std::size_t, Panels); \
    template void Executor<T>::join(const Node&, Panels);              \
    template void Executor<T>::part_back(std::size_t, Panels);
PELLUCID_JOINS(float)
PELLUCID_JOINS(double)
#undef PELLUCID_JOINS

}  // namespace pellucid
