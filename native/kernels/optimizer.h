// What gradients do to parameters: PyTorch's rules, in PyTorch's order of operations, with fused
// multiply-adds where the arithmetic has them. Memory and parameters are one flat array, padded to
// 16 numbers, so that one pass updates a whole network.
#pragma once

#include "kernels/kernels.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

// The gradient that a rule sees: turned round to maximize, pulled to 0 by weight decay.
template <class T>
PELLUCID_INLINE V<T> seen_gradient(V<T> g, V<T> p, T weight_decay, bool maximize) {
    if (maximize) {
        g = -g;
    }
    return weight_decay == T(0) ? g : fma<T>(p, broadcast<T>(weight_decay), g);
}

template <class T>
void sgd(const SgdTask<T>& task) {
    for (size_t i = 0; i < task.count; i += kWidth<T>) {
        const V<T> p = load<T>(task.parameter + i);
        V<T> g = seen_gradient<T>(load<T>(task.gradient + i), p, task.weight_decay, task.maximize);
        if (task.buffer != nullptr) {
            V<T> buffer = g;
            if (!task.is_first) {
                const V<T> kept = load<T>(task.buffer + i) * task.momentum;
                buffer = fma<T>(g, broadcast<T>(task.undamped), kept);
            }
            store<T>(task.buffer + i, buffer);
            g = task.nesterov ? fma<T>(buffer, broadcast<T>(task.momentum), g) : buffer;
        }
        store<T>(task.parameter + i, fma<T>(g, broadcast<T>(-task.rate), p));
    }
}

template <class T>
void adam(const AdamTask<T>& task) {
    for (size_t i = 0; i < task.count; i += kWidth<T>) {
        const V<T> p = load<T>(task.parameter + i);
        const V<T> g =
            seen_gradient<T>(load<T>(task.gradient + i), p, task.weight_decay, task.maximize);
        V<T> m = load<T>(task.average + i);
        // PyTorch's lerp takes g - (g - m) · β1 instead if 1 - β1 is 0.5 or more: equal to
        // rounding.
        m = fma<T>(g - m, broadcast<T>(task.take), m);
        V<T> v = load<T>(task.average_square + i) * task.keep_square;
        v = fma<T>(g * task.take_square, g, v);
        const V<T> spread = sqrt<T>(v) / task.root_correction + task.eps;
        store<T>(task.average + i, m);
        store<T>(task.average_square + i, v);
        store<T>(task.parameter + i, p - task.step_size * m / spread);
    }
}

}  // namespace pellucid::PELLUCID_ARCH
