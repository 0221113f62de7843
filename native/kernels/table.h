// The table of one machine's kernels; the last thing that a kernel file includes.
#pragma once

#include "kernels/activation.h"
#include "kernels/gradient.h"
#include "kernels/kernels.h"
#include "kernels/layout.h"
#include "kernels/loss.h"
#include "kernels/mask.h"
#include "kernels/normalization.h"
#include "kernels/optimizer.h"
#include "kernels/product.h"
#include "kernels/softmax.h"

namespace pellucid::PELLUCID_ARCH {

template <class T>
constexpr Kernels<T> kTable = {
    product<T>,
    small_gradient<T>,
    large_gradient<T>,
    activate<T>,
    activate_back<T>,
    softmax<T>,
    softmax_back<T>,
    log_softmax<T>,
    log_softmax_back<T>,
    add<T>,
    multiply<T>,
    mask<T>,
    measure_units<T>,
    measure_rows<T>,
    normalize<T>,
    normalize_sums<T>,
    normalize_units_back<T>,
    normalize_rows_back<T>,
    loss<T>,
    sum<T>,
    sgd<T>,
    adam<T>,
    rmsprop<T>,
    adagrad<T>,
    clip<T>,
    gather<T>,
    to_rows<T>,
    apply<T>,
};

extern const Machine kMachine;
const Machine kMachine = {PELLUCID_NAME, PELLUCID_FUSED ? "fma" : "plain", &kTable<float>,
                          &kTable<double>};

}  // namespace pellucid::PELLUCID_ARCH
