// The kernels of one kind of machine, as a table of functions. Everything above (the program, the
// threads, the bindings) is compiled once and calls through the table of the machine it runs on.
//
// Memory: a buffer of activations is a row of panels; a panel holds 16 rows of the batch as
// [units][16], so that a register holds one unit of neighbouring rows. Lanes beyond the last row
// are padding: finite in values, 0 in deltas.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pellucid {

constexpr std::size_t kPanelRows = 16;
// Sums over rows are made in blocks of this many rows; the blocks' sums are added in order.
constexpr std::size_t kBlockRows = 1024;

// The first panel and the one after the last.
struct Panels {
    std::size_t first;
    std::size_t end;
};

enum class Activation {
    kIdentity,
    kRelu,
    kSigmoid,
    kTanh,
    kLeakyRelu,
    kElu,
    kGelu,
    kGeluTanh,
    kSilu,
    kMish,
    kSoftplus
};
enum class LossKind {
    kSquared,
    kAbsolute,
    kHuber,
    kSmoothAbsolute,
    kQuantile,
    kPoisson,
    kPoissonOfLog,
    kBinary,
    kBinaryWithLogits,
    kCrossEntropy,
    kLogLikelihood,
    kSoftCrossEntropy
};
enum class Function { kExp, kLog, kLog1p, kTanh, kSigmoid, kExpLessOne, kNormalBelow };

// c[p][m] = start[m] + Σ_k a[m·row + k·column] · b[p][k], k ascending; start may be null.
template <class T>
struct Product {
    const T* a;
    std::ptrdiff_t row;
    std::ptrdiff_t column;
    const T* start;
    const T* b;
    T* c;
    std::size_t m;
    std::size_t k;
    Panels panels;
    Panels units;  // those of the m that are wanted
};

// The gradients of units `first` … `end - 1` of a linear layer: weight[m][k] and bias[m].
template <class T>
struct Gradient {
    const T* delta;  // panels of `units`
    std::size_t units;
    const T* values;     // panels of `inputs`
    const T* row_major;  // the same as rows of `stride` numbers; for large layers
    std::size_t stride;
    std::size_t inputs;
    std::size_t rows;
    std::size_t first;
    std::size_t end;
    T* weight;
    T* bias;  // may be null
};

template <class T>
struct LossTask {
    LossKind kind;
    const T* prediction;
    std::size_t units;
    const T* targets;             // panels of `units`; unless classes are meant
    const std::int32_t* classes;  // one a row; -1 where the row is left out
    bool leaves_out;              // some class is -1
    const T* weights;          // one a unit: weights of classes, of a yes, quantiles; may be null
    const T* element_weights;  // one a unit, what its losses are multiplied by; may be null
    const T* row_weights;      // one a row, for the slopes alone; may be null
    std::size_t rows;
    Panels panels;
    T setting;      // delta, beta, eps or label_smoothing
    bool is_full;   // Poisson with Stirling's term
    T share;        // what a row's loss is divided by: the number of its outputs, or 1
    T scale;        // what the derivative of an element is multiplied by: 1/n, or 1
    T* row_losses;  // one a row, 0 on padding
    T* delta;       // panels of `units`
};

template <class T>
struct ActivationTask {
    Activation kind;
    T first;   // the slope of leaky ReLU, alpha of ELU, beta of softplus
    T second;  // the scale of ELU, the threshold of softplus
    const T* z;
    T* a;
    const T* delta_a;
    T* delta_z;
    std::size_t count;
};

// Numbers moved to mean 0 and variance 1, then scaled and shifted: for each unit over the rows of
// the batch (batch normalization), or for each row over its units (layer normalization).
template <class T>
struct NormTask {
    bool by_row;
    bool is_fixed;  // the moments are given, not those of x
    const T* x;     // panels of `units`
    T* y;
    const T* delta_y;
    T* delta_x;
    const T* mean;      // of each unit, or of each row
    const T* variance;  // of each unit; of rows it is not kept
    T* own_mean;        // where x's own moments go
    T* own_variance;
    T* inverse;       // 1 / √(variance + eps) of each row; 0 on padding
    const T* weight;  // may be null
    const T* bias;    // may be null
    T* by_weight;     // Σ delta_y · what the weight multiplied, of each unit; may be null
    T* by_bias;       // Σ delta_y of each unit; may be null
    T eps;
    std::size_t units;
    std::size_t rows;
    Panels panels;
    Panels share;  // units
};

// For each number of a buffer 0 or `kept`, by chance: the first word of Philox2x32-10 for its
// position (row · units + unit) decides.
template <class T>
struct MaskTask {
    std::uint32_t key;
    std::uint64_t limit;  // words below it keep the number
    T kept;
    std::size_t units;
    Panels panels;
    T* mask;
};

// What every rule of an optimizer works on: PyTorch's rules, with numbers as wide as the parameters
// only where they meet them.
template <class T>
struct UpdateTask {
    T* parameter;
    const T* gradient;
    T* memory[3];  // what the rule keeps; null where it keeps nothing
    std::size_t count;
    T weight_decay;
    bool maximize;
};

// Keeps the momentum's buffer.
template <class T>
struct SgdTask : UpdateTask<T> {
    T rate, momentum, undamped;
    bool is_first, nesterov;
};

// Keeps the averages of the gradient and of its square, and the largest of the latter. Numerator
// and denominator are multiplied by √(1 - β2^t), which saves a division for every parameter.
template <class T>
struct AdamTask : UpdateTask<T> {
    T step_size;                       // lr / (1 - β1^t) · √(1 - β2^t)
    T keep_square, take, take_square;  // β2, 1 - β1, 1 - β2
    T eps;                             // eps · √(1 - β2^t)
    T shrink;                          // 1 - lr · decoupled weight decay
};

// Keeps the average of the squared gradient, the momentum's buffer, and the average gradient.
template <class T>
struct RmspropTask : UpdateTask<T> {
    T rate, keep, take, eps, momentum;
};

// Keeps the sum of the squared gradients.
template <class T>
struct AdagradTask : UpdateTask<T> {
    T rate, eps;
};

template <class T>
struct Kernels {
    void (*product)(const Product<T>&);
    void (*small_gradient)(const Gradient<T>&);
    void (*large_gradient)(const Gradient<T>&);
    void (*activate)(const ActivationTask<T>&);
    void (*activate_back)(const ActivationTask<T>&);
    void (*softmax)(const T* z, T* a, std::size_t units, Panels);
    void (*softmax_back)(const T* a, const T* delta_a, T* delta_z, std::size_t units, Panels);
    void (*log_softmax)(const T* z, T* a, std::size_t units, Panels);
    void (*log_softmax_back)(const T* a, const T* delta_a, T* delta_z, std::size_t units, Panels);
    void (*add)(const T* a, const T* b, T* out, std::size_t count);
    void (*multiply)(const T* a, const T* b, T* out, std::size_t count);
    void (*mask)(const MaskTask<T>&);
    // Mean and variance of units `share`; of the rows of `panels`.
    void (*measure_units)(const NormTask<T>&);
    void (*measure_rows)(const NormTask<T>&);
    void (*normalize)(const NormTask<T>&);
    void (*normalize_sums)(const NormTask<T>&);
    void (*normalize_units_back)(const NormTask<T>&);
    void (*normalize_rows_back)(const NormTask<T>&);
    void (*loss)(const LossTask<T>&);
    // Σ values, or Σ weight · value if weights are given.
    T (*sum)(const T* values, const T* weights, std::size_t count);
    void (*sgd)(const SgdTask<T>&);
    void (*adam)(const AdamTask<T>&);
    void (*rmsprop)(const RmspropTask<T>&);
    void (*adagrad)(const AdagradTask<T>&);
    // gradient · factor, then brought into ±bound; whole panels' rows.
    void (*clip)(T* gradient, std::size_t count, T factor, T bound);
    // A panel from the starts of its 16 rows.
    void (*gather)(const T* const* rows, T* panel, std::size_t units);
    // Panels to rows of `stride` numbers.
    void (*to_rows)(const T* panels, std::size_t units, T* rows, std::size_t stride, Panels);
    void (*apply)(Function, const T* x, T* y, std::size_t count);
};

struct Machine {
    const char* name;        // 'plain', 'avx2', 'avx512', 'neon'
    const char* arithmetic;  // 'plain' or 'fma'
    const Kernels<float>* narrow;
    const Kernels<double>* wide;

    template <class T>
    const Kernels<T>& kernels() const;
};

template <>
inline const Kernels<float>& Machine::kernels<float>() const {
    return *narrow;
}
template <>
inline const Kernels<double>& Machine::kernels<double>() const {
    return *wide;
}

// The machines that this processor can be, the best one first; ends with a null name.
const Machine* machines();

}  // namespace pellucid
