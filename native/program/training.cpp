#include "program/training.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "program/order.h"
#include "program/rule.h"
#include "threads/subnormals.h"
#include "threads/team.h"

namespace pellucid {

namespace {

// Multiply-adds of a step that one thread needs to repay the barriers (some 15 µs of work).
constexpr double kWorkOfThread = 4e5;
constexpr std::size_t kMostThreads = 64;

std::size_t panels_of(std::size_t rows) {
    return round_up(rows, kPanelRows) / kPanelRows;
}

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::milliseconds(50);

double work_of_batch(const Program& program, const Stretch& stretch) {
    return work_of_row(program) * static_cast<double>(stretch.largest_batch());
}

// A stretch of steps; every thread walks through `work`, the first one also keeps the books.
template <class T>
class Training {
  public:
    Training(const Program& program, const Kernels<T>& kernels, const Examples<T>& examples,
             Numbers<T>& numbers, Progress& progress, const Stretch& stretch,
             const Witness<T>& witness)
        : program_(program),
          kernels_(kernels),
          examples_(examples),
          numbers_(numbers),
          progress_(progress),
          stretch_(stretch),
          witness_(witness),
          order_(stretch.rows, stretch.row_count, stretch.shuffle),
          executor_(program, kernels, stretch.largest_batch(), witness != nullptr) {
        if (progress.position > 0) {
            order_.resume(progress.order_seed);
        }
    }

    Outcome run() {
        const std::size_t panels = panels_of(stretch_.largest_batch());
        const std::size_t threads = std::min({stretch_.threads, panels, kMostThreads});
        run_team(threads, [this](const Member& member) { work(member); });
        return {ending_, done_};
    }

  private:
    void work(const Member& member) {
        const FlushSubnormals flush;
        const Share share{member.index, member.count};
        const bool leads = member.index == 0;
        for (std::size_t step = 0; step < stretch_.steps; ++step) {
            if (leads) {
                begin(step, flush);
            }
            member.barrier.meet();
            if (ending_ != Ending::kDone) {
                return;
            }
            work_on_rows(share.of(executor_.panels()));
            member.barrier.meet();
            if (leads) {
                judge(step);
            }
            executor_.differentiate(numbers_.gradients.data(), share);
            member.barrier.meet();
            if (ending_ != Ending::kDone) {
                return;
            }
            update(program_.rule, kernels_, numbers_, stretch_.learning_rate,
                   static_cast<std::uint64_t>(progress_.rule_steps) + step + 1,
                   progress_.is_fresh && step == 0, share);
        }
        member.barrier.meet();
        if (leads) {
            finish();
        }
    }

    // Chooses the batch.
    void begin(std::size_t step, const FlushSubnormals& flush) {
        if (is_interrupted(step, flush)) {
            ending_ = Ending::kInterrupted;
            return;
        }
        if (progress_.position == 0) {
            progress_.order_seed = order_.begin_epoch(stretch_.generator);
        }
        const std::size_t first =
            static_cast<std::size_t>(progress_.position) * stretch_.batch_size;
        const std::size_t count = std::min(stretch_.batch_size, stretch_.row_count - first);
        executor_.choose(order_.rows() + first, 0, count);
    }

    void work_on_rows(Panels panels) {
        executor_.gather(examples_, panels);
        executor_.forward(numbers_.parameters.data(), panels);
        executor_.judge(panels);
        executor_.backward(numbers_.parameters.data(), panels);
    }

    // Books the batch's loss and moves on to the next batch.
    void judge(std::size_t step) {
        const double loss = static_cast<double>(executor_.loss());
        if (!std::isfinite(loss) && witness_ == nullptr) {
            ending_ = Ending::kNotFinite;
            return;
        }
        if (stretch_.losses != nullptr) {
            stretch_.losses[step] = loss;
        }
        progress_.epoch_loss += loss * static_cast<double>(executor_.rows());
        ++done_;
        ++progress_.position;
        if (static_cast<std::size_t>(progress_.position) == stretch_.batches()) {
            progress_.position = 0;
            progress_.epoch_loss = 0;
            ++progress_.epoch;
        }
    }

    void finish() {
        if (witness_ != nullptr) {
            witness_(executor_);
        }
    }

    bool is_interrupted(std::size_t step, const FlushSubnormals& flush) {
        const bool is_long = work_of_batch(program_, stretch_) > 1e6;
        if (!stretch_.is_interrupted || (!is_long && step % 64 != 63)) {
            return false;
        }
        const Clock::time_point now = Clock::now();
        if (now - asked_ < kPatience) {
            return false;
        }
        asked_ = now;
        const FlushSubnormals::Pause pause(flush);  // the caller's code may run, a signal's handler
        return stretch_.is_interrupted();
    }

    const Program& program_;
    const Kernels<T>& kernels_;
    const Examples<T>& examples_;
    Numbers<T>& numbers_;
    Progress& progress_;
    const Stretch& stretch_;
    const Witness<T>& witness_;
    Order order_;
    Executor<T> executor_;
    Ending ending_ = Ending::kDone;
    std::size_t done_ = 0;
    Clock::time_point asked_ = Clock::now();
};

}  // namespace

template <class T>
Outcome train(const Program& program, const Kernels<T>& kernels, const Examples<T>& examples,
              Numbers<T>& numbers, Progress& progress, const Stretch& stretch,
              const Witness<T>& witness) {
    if (stretch.steps == 0) {
        return {Ending::kDone, 0};
    }
    const Outcome outcome =
        Training<T>(program, kernels, examples, numbers, progress, stretch, witness).run();
    progress.rule_steps += static_cast<std::int64_t>(outcome.steps);
    progress.is_fresh = progress.is_fresh && outcome.steps == 0;
    return outcome;
}

std::size_t useful_threads(const Program& program, const Stretch& stretch) {
    const double work = work_of_batch(program, stretch);
    const auto repaid =
        static_cast<std::size_t>(std::min(work / kWorkOfThread, static_cast<double>(kMostThreads)));
    return std::max<std::size_t>(
        1, std::min({repaid, panels_of(stretch.largest_batch()), processors()}));
}

template Outcome train(const Program&, const Kernels<float>&, const Examples<float>&,
                       Numbers<float>&, Progress&, const Stretch&, const Witness<float>&);
template Outcome train(const Program&, const Kernels<double>&, const Examples<double>&,
                       Numbers<double>&, Progress&, const Stretch&, const Witness<double>&);

}  // namespace pellucid
