#include "program/inference.h"

#include <atomic>

#include "threads/subnormals.h"
#include "threads/team.h"

namespace pellucid {

namespace {

constexpr std::size_t kMostRows = 1024;           // of a chunk
constexpr std::size_t kMostNumbers = 16'000'000;  // of a chunk, in all buffers: some 64 MB
constexpr double kWorkOfThread = 4e5;             // multiply-adds that repay starting a thread

std::size_t rows_of_chunk(const Program& program, std::size_t count, std::size_t threads) {
    std::size_t units = 0;
    for (const std::size_t width : program.widths) {
        units += width;
    }
    const std::size_t even = round_up((count - 1) / threads + 1, kPanelRows);
    const std::size_t fitting = kMostNumbers / units / kPanelRows * kPanelRows;
    return std::max(kPanelRows, std::min({even, fitting, kMostRows}));
}

// Threads for a single walk.
std::size_t threads_of_walk(const Program& program, std::size_t count, std::size_t wanted) {
    if (wanted > 0) {
        return std::min(wanted, processors());
    }
    const double work = work_of_row(program) / 3 * static_cast<double>(count);
    const double repaid = std::min(work / kWorkOfThread, static_cast<double>(processors()));
    return std::max<std::size_t>(1, static_cast<std::size_t>(repaid));
}

}  // namespace

template <class T>
Inference<T>::Inference(const Program& program, const Kernels<T>& kernels,
                        const Examples<T>& examples, std::size_t threads, bool keeps)
    : examples_(examples), rows_(rows_of_chunk(program, examples.count, threads)) {
    chunks_ = (examples.count - 1) / rows_ + 1;
    const std::size_t used = std::min(threads, chunks_);
    executors_.reserve(used);
    while (executors_.size() < used) {
        executors_.emplace_back(program, kernels, std::min(rows_, examples.count), keeps,
                                Mode::kEvaluation);
    }
}

template <class T>
Judge<T>::Judge(const Program& program, const Kernels<T>& kernels, const Examples<T>& examples,
                std::size_t threads)
    : inference_(program, kernels, examples, threads, false),
      weighing_(program.criterion, kernels),
      row_losses_(examples.count) {
    weighing_.weigh(examples, {nullptr, 0, examples.count});
}

template <class T>
bool Judge<T>::judge(const Weights<T>& weights, Share share, Interrupt* interrupt,
                     const FlushSubnormals& flush) {
    bool is_whole = true;
    inference_.walk(weights, share, [&](Executor<T>& executor, std::size_t first) {
        executor.judge({0, executor.panels()});
        std::copy_n(executor.row_losses(), executor.rows(), row_losses_.data() + first);
        is_whole = interrupt == nullptr || !interrupt->has_come(&flush);
        return is_whole;
    });
    return is_whole;
}

template <class T>
bool forward(const Program& program, const Kernels<T>& kernels, const Weights<T>& weights,
             const Examples<T>& examples, const std::vector<std::size_t>& buffers,
             const std::vector<T*>& outs, std::size_t threads, Interrupt& interrupt) {
    Inference<T> inference(program, kernels, examples,
                           threads_of_walk(program, examples.count, threads), buffers.size() > 1);
    std::atomic<bool> is_whole{true};
    run_team(inference.threads(), [&](const Member& member) {
        const FlushSubnormals flush;
        const auto read = [&](Executor<T>& executor, std::size_t first) {
            for (std::size_t i = 0; i < buffers.size(); ++i) {
                executor.read_values(buffers[i], outs[i] + first * program.widths[buffers[i]]);
            }
            const bool goes_on = !interrupt.has_come(&flush);
            is_whole = is_whole && goes_on;
            return goes_on;
        };
        inference.walk(weights, {member.index, member.count}, read);
    });
    return is_whole;
}

template <class T>
bool evaluate(const Program& program, const Kernels<T>& kernels, const Weights<T>& weights,
              const Examples<T>& examples, T* row_losses, T& loss, std::size_t threads,
              Interrupt& interrupt) {
    Judge<T> judge(program, kernels, examples, threads_of_walk(program, examples.count, threads));
    std::atomic<bool> is_whole{true};
    run_team(judge.threads(), [&](const Member& member) {
        const FlushSubnormals flush;
        const Share share{member.index, member.count};
        if (!judge.judge(weights, share, &interrupt, flush)) {
            is_whole = false;
        }
    });
    if (is_whole) {
        const FlushSubnormals flush;
        std::copy_n(judge.row_losses(), examples.count, row_losses);
        loss = judge.loss();
    }
    return is_whole;
}

template class Inference<float>;
template class Inference<double>;
template class Judge<float>;
template class Judge<double>;
template bool forward(const Program&, const Kernels<float>&, const Weights<float>&,
                      const Examples<float>&, const std::vector<std::size_t>&,
                      const std::vector<float*>&, std::size_t, Interrupt&);
template bool forward(const Program&, const Kernels<double>&, const Weights<double>&,
                      const Examples<double>&, const std::vector<std::size_t>&,
                      const std::vector<double*>&, std::size_t, Interrupt&);
template bool evaluate(const Program&, const Kernels<float>&, const Weights<float>&,
                       const Examples<float>&, float*, float&, std::size_t, Interrupt&);
template bool evaluate(const Program&, const Kernels<double>&, const Weights<double>&,
                       const Examples<double>&, double*, double&, std::size_t, Interrupt&);

}  // namespace pellucid
