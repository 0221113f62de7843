// Activations and their derivatives, and the functions that the tests of `math` call.
// The derivatives of the first four are taken from the activation's own value, the others' (in
// formulas.h) from the weighted sum.
#pragma once

#include "kernels/formulas.h"
#include "kernels/kernels.h"
#include "math/exp.h"
#include "math/log.h"
#include "math/normal.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

template <class T, class F>
PELLUCID_INLINE void for_each_vector(size_t count, const T* x, T* y, F function) {
    for (size_t i = 0; i < count; i += kWidth<T>) {
        store<T>(y + i, function(load<T>(x + i)));
    }
}

template <class T, class Formula>
void bend(const ActivationTask<T>& task) {
    for_each_vector(task.count, task.z, task.a,
                    [&](V<T> x) { return Formula::template value<T>(x, task.first, task.second); });
}

// `count` is a multiple of 16.
template <class T>
void activate(const ActivationTask<T>& task) {
    const size_t count = task.count;
    const T* z = task.z;
    T* a = task.a;
    switch (task.kind) {
        case Activation::kIdentity:
            for_each_vector(count, z, a, [](V<T> x) { return x; });
            break;
        case Activation::kRelu:
            for_each_vector(count, z, a, [](V<T> x) { return select<T>(x < T(0), V<T>{}, x); });
            break;
        case Activation::kSigmoid:
            for_each_vector(count, z, a, [](V<T> x) { return sigmoid<T>(x); });
            break;
        case Activation::kTanh:
            for_each_vector(count, z, a, [](V<T> x) { return tanh<T>(x); });
            break;
        case Activation::kLeakyRelu:
            return bend<T, LeakyRelu>(task);
        case Activation::kElu:
            return bend<T, Elu>(task);
        case Activation::kGelu:
            return bend<T, Gelu>(task);
        case Activation::kGeluTanh:
            return bend<T, GeluTanh>(task);
        case Activation::kSilu:
            return bend<T, Silu>(task);
        case Activation::kMish:
            return bend<T, Mish>(task);
        case Activation::kSoftplus:
            return bend<T, Softplus>(task);
    }
}

template <class T, class F>
PELLUCID_INLINE void for_each_pair(size_t count, const T* a, const T* d, T* out, F function) {
    for (size_t i = 0; i < count; i += kWidth<T>) {
        store<T>(out + i, function(load<T>(a + i), load<T>(d + i)));
    }
}

template <class T, class Formula>
void bend_back(const ActivationTask<T>& task) {
    for_each_pair(task.count, task.z, task.delta_a, task.delta_z, [&](V<T> x, V<T> d) {
        return d * Formula::template slope<T>(x, task.first, task.second);
    });
}

template <class T>
void activate_back(const ActivationTask<T>& task) {
    const size_t count = task.count;
    const T* a = task.a;
    const T* delta_a = task.delta_a;
    T* delta_z = task.delta_z;
    switch (task.kind) {
        case Activation::kIdentity:
            for_each_pair(count, a, delta_a, delta_z, [](V<T>, V<T> d) { return d; });
            break;
        case Activation::kRelu:
            for_each_pair(count, a, delta_a, delta_z,
                          [](V<T> y, V<T> d) { return select<T>(y <= T(0), V<T>{}, d); });
            break;
        case Activation::kSigmoid:
            for_each_pair(count, a, delta_a, delta_z,
                          [](V<T> y, V<T> d) { return d * ((T(1) - y) * y); });
            break;
        case Activation::kTanh:
            for_each_pair(count, a, delta_a, delta_z,
                          [](V<T> y, V<T> d) { return d * fma<T>(-y, y, T(1)); });
            break;
        case Activation::kLeakyRelu:
            return bend_back<T, LeakyRelu>(task);
        case Activation::kElu:
            return bend_back<T, Elu>(task);
        case Activation::kGelu:
            return bend_back<T, Gelu>(task);
        case Activation::kGeluTanh:
            return bend_back<T, GeluTanh>(task);
        case Activation::kSilu:
            return bend_back<T, Silu>(task);
        case Activation::kMish:
            return bend_back<T, Mish>(task);
        case Activation::kSoftplus:
            return bend_back<T, Softplus>(task);
    }
}

// Two buffers number by number: what a residual connection adds, what dropout multiplies.
template <class T>
void add(const T* a, const T* b, T* out, size_t count) {
    for_each_pair(count, a, b, out, [](V<T> x, V<T> y) { return x + y; });
}

template <class T>
void multiply(const T* a, const T* b, T* out, size_t count) {
    for_each_pair(count, a, b, out, [](V<T> x, V<T> y) { return x * y; });
}

// Any `count`.
template <class T>
void apply(Function function, const T* x, T* y, size_t count) {
    for (size_t i = 0; i < count; i += kWidth<T>) {
        const size_t some = count - i < kWidth<T> ? count - i : kWidth<T>;
        T lanes[kWidth<T>] = {};
        for (size_t l = 0; l < some; ++l) {
            lanes[l] = x[i + l];
        }
        const V<T> in = load<T>(lanes);
        V<T> out = in;
        switch (function) {
            case Function::kExp:
                out = exp<T>(in);
                break;
            case Function::kLog:
                out = log<T>(in);
                break;
            case Function::kLog1p:
                out = log1p<T>(in);
                break;
            case Function::kTanh:
                out = tanh<T>(in);
                break;
            case Function::kSigmoid:
                out = sigmoid<T>(in);
                break;
            case Function::kExpLessOne:
                out = exp_less_one<T>(in);
                break;
            case Function::kNormalBelow:
                out = normal_below<T>(in);
                break;
        }
        store<T>(lanes, out);
        for (size_t l = 0; l < some; ++l) {
            y[i + l] = lanes[l];
        }
    }
}

}  // namespace pellucid::PELLUCID_ARCH
