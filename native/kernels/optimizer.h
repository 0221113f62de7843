// What gradients do to parameters: PyTorch's rules, equal to its to rounding, with fused
// multiply-adds where the arithmetic has them. Memory and parameters are one flat array, padded to
// 16 numbers, so that one pass updates a whole network.
#pragma once

#include "kernels/kernels.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

// The gradient that a rule sees: turned round to maximize, pulled to 0 by weight decay.
template <class T>
PELLUCID_INLINE V<T> seen_gradient(const UpdateTask<T>& task, size_t i, V<T> p) {
    V<T> g = load<T>(task.gradient + i);
    if (task.maximize) {
        g = -g;
    }
    return task.weight_decay == T(0) ? g : fma<T>(p, broadcast<T>(task.weight_decay), g);
}

template <class T>
void sgd(const SgdTask<T>& task) {
    T* kept_buffer = task.memory[0];
    for (size_t i = 0; i < task.count; i += kWidth<T>) {
        const V<T> p = load<T>(task.parameter + i);
        V<T> g = seen_gradient<T>(task, i, p);
        if (kept_buffer != nullptr) {
            V<T> buffer = g;
            if (!task.is_first) {
                const V<T> kept = load<T>(kept_buffer + i) * task.momentum;
                buffer = fma<T>(g, broadcast<T>(task.undamped), kept);
            }
            store<T>(kept_buffer + i, buffer);
            g = task.nesterov ? fma<T>(buffer, broadcast<T>(task.momentum), g) : buffer;
        }
        store<T>(task.parameter + i, fma<T>(g, broadcast<T>(-task.rate), p));
    }
}

template <class T>
void adam(const AdamTask<T>& task) {
    T* average = task.memory[0];
    T* average_square = task.memory[1];
    T* largest_square = task.memory[2];
    for (size_t i = 0; i < task.count; i += kWidth<T>) {
        V<T> p = load<T>(task.parameter + i);
        const V<T> g = seen_gradient<T>(task, i, p);
        if (task.shrink != T(1)) {
            p *= task.shrink;
        }
        V<T> m = load<T>(average + i);
        // PyTorch's lerp takes g - (g - m) · β1 instead if 1 - β1 is 0.5 or more: equal to
        // rounding.
        m = fma<T>(g - m, broadcast<T>(task.take), m);
        V<T> v = load<T>(average_square + i) * task.keep_square;
        v = fma<T>(g * task.take_square, g, v);
        store<T>(average + i, m);
        store<T>(average_square + i, v);
        if (largest_square != nullptr) {
            const V<T> so_far = load<T>(largest_square + i);
            v = select<T>(so_far > v, so_far, v);
            store<T>(largest_square + i, v);
        }
        store<T>(task.parameter + i, p - task.step_size * m / (sqrt<T>(v) + task.eps));
    }
}

template <class T>
void rmsprop(const RmspropTask<T>& task) {
    T* average_square = task.memory[0];
    T* kept_buffer = task.memory[1];
    T* average = task.memory[2];
    for (size_t i = 0; i < task.count; i += kWidth<T>) {
        const V<T> p = load<T>(task.parameter + i);
        const V<T> g = seen_gradient<T>(task, i, p);
        V<T> v = load<T>(average_square + i) * task.keep;
        v = fma<T>(g * task.take, g, v);
        store<T>(average_square + i, v);
        if (average != nullptr) {
            V<T> m = load<T>(average + i);
            m = fma<T>(g - m, broadcast<T>(task.take), m);
            store<T>(average + i, m);
            v = fma<T>(-m, m, v);
        }
        const V<T> spread = sqrt<T>(v) + task.eps;
        if (kept_buffer == nullptr) {
            store<T>(task.parameter + i, p - task.rate * g / spread);
            continue;
        }
        const V<T> buffer = load<T>(kept_buffer + i) * task.momentum + g / spread;
        store<T>(kept_buffer + i, buffer);
        store<T>(task.parameter + i, fma<T>(buffer, broadcast<T>(-task.rate), p));
    }
}

template <class T>
void adagrad(const AdagradTask<T>& task) {
    T* sum = task.memory[0];
    for (size_t i = 0; i < task.count; i += kWidth<T>) {
        const V<T> p = load<T>(task.parameter + i);
        const V<T> g = seen_gradient<T>(task, i, p);
        const V<T> s = fma<T>(g, g, load<T>(sum + i));
        store<T>(sum + i, s);
        store<T>(task.parameter + i, p - task.rate * g / (sqrt<T>(s) + task.eps));
    }
}

// NaN stays NaN.
template <class T>
void clip(T* gradient, size_t count, T factor, T bound) {
    for (size_t i = 0; i < count; i += kWidth<T>) {
        const V<T> g = load<T>(gradient + i) * factor;
        const V<T> low = broadcast<T>(-bound);
        store<T>(gradient + i, at_most<T>(at_least<T>(g, low), broadcast<T>(bound)));
    }
}

}  // namespace pellucid::PELLUCID_ARCH
