// Activations and their derivatives, and the functions that the tests of `math` call.
// Every derivative is taken from the activation's own value.
#pragma once

#include "kernels/kernels.h"
#include "math/exp.h"
#include "math/log.h"
#include "simd/vector.h"

namespace pellucid::PELLUCID_ARCH {

template <class T, class F>
PELLUCID_INLINE void for_each_vector(size_t count, const T* x, T* y, F function) {
    for (size_t i = 0; i < count; i += kWidth<T>) {
        store<T>(y + i, function(load<T>(x + i)));
    }
}

// `count` is a multiple of 16.
template <class T>
void activate(Activation kind, const T* z, T* a, size_t count) {
    switch (kind) {
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
    }
}

template <class T, class F>
PELLUCID_INLINE void for_each_pair(size_t count, const T* a, const T* d, T* out, F function) {
    for (size_t i = 0; i < count; i += kWidth<T>) {
        store<T>(out + i, function(load<T>(a + i), load<T>(d + i)));
    }
}

template <class T>
void activate_back(Activation kind, const T* a, const T* delta_a, T* delta_z, size_t count) {
    switch (kind) {
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
    }
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
        }
        store<T>(lanes, out);
        for (size_t l = 0; l < some; ++l) {
            y[i + l] = lanes[l];
        }
    }
}

}  // namespace pellucid::PELLUCID_ARCH
