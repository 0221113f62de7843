#include "program/training.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "program/inference.h"
#include "program/order.h"
#include "program/rule.h"
#include "threads/subnormals.h"
#include "threads/team.h"

namespace pellucid {

namespace {

// Multiply-adds of a step that one thread needs to repay the barriers (some 15 µs of work).
constexpr double kWorkOfThread = 4e5;
// Multiply-adds in the time that Adam takes to update one parameter.
constexpr double kWorkOfUpdate = 24;
constexpr std::size_t kMostThreads = 64;

double work_of_step(const Program& program, const Stretch& stretch) {
    return work_of_row(program) * static_cast<double>(stretch.largest_batch()) +
           kWorkOfUpdate * static_cast<double>(program.parameters);
}

// A stretch of steps; every thread walks through `work`, the first one also keeps the books.
template <class T>
class Training {
  public:
    Training(const Work<T>& work, Interrupt& interrupt)
        : program_(work.program),
          kernels_(work.kernels),
          numbers_(work.numbers),
          progress_(work.progress),
          stretch_(work.stretch),
          work_(work),
          interrupt_(interrupt),
          threads_(std::min(stretch_.threads, kMostThreads)),
          order_(stretch_.rows, stretch_.row_count, stretch_.shuffle),
          executor_(program_, kernels_, stretch_.largest_batch(), work.witness != nullptr,
                    Mode::kTraining),
          clipping_(program_.optimizer, kernels_, program_.parameters),
          is_long_(work_of_step(program_, stretch_) > 1e6) {
        if (progress_.position > 0) {
            order_.resume(progress_.order_seed);
        }
        if (work.watch != nullptr) {
            judge_.emplace(program_, kernels_, work.watch->examples, threads_);
        }
    }

    Outcome run() {
        run_team(threads_, [this](const Member& member) { do_steps(member); });
        return {ending_, done_};
    }

  private:
    void do_steps(const Member& member) {
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
            work_on_rows(share.of(executor_.panels()), member);
            member.barrier.meet();
            if (leads) {
                book_step(step);
            }
            executor_.differentiate(numbers_.gradients.data(), share);
            member.barrier.meet();
            if (ending_ != Ending::kDone) {
                return;
            }
            if (program_.optimizer.clips()) {
                clip(member);
            }
            update(program_.optimizer, kernels_, numbers_, stretch_.rates(step),
                   static_cast<std::uint64_t>(progress_.rule_steps) + step + 1,
                   progress_.is_fresh && step == 0, share);
            if (judges_next_) {
                judge_epoch(member, flush);
            }
        }
        member.barrier.meet();
        if (leads && work_.witness) {
            work_.witness(executor_);
        }
    }

    void clip(const Member& member) {
        const Share share{member.index, member.count};
        if (work_.witness) {
            numbers_.unclipped.copy(numbers_.gradients);
        }
        if (clipping_.measures()) {
            clipping_.measure(numbers_.gradients.data(), share);
            member.barrier.meet();
        }
        clipping_.apply(numbers_.gradients.data(), share);
    }

    // Chooses the batch.
    void begin(std::size_t step, const FlushSubnormals& flush) {
        if (ending_ != Ending::kDone) {
            return;
        }
        // Short steps ask the clock together; an epoch that was judged may have taken long.
        if ((is_long_ || step % 64 == 63 || judges_next_) && interrupt_.has_come(&flush)) {
            ending_ = Ending::kInterrupted;
            return;
        }
        if (progress_.position == 0) {
            progress_.order_seed = order_.begin_epoch(stretch_.generator);
        }
        const std::size_t first =
            static_cast<std::size_t>(progress_.position) * stretch_.batch_size;
        const std::size_t count = std::min(stretch_.batch_size, stretch_.row_count - first);
        executor_.choose(work_.examples, {order_.rows() + first, 0, count});
        executor_.draw(stretch_.generator);
    }

    void work_on_rows(Panels panels, const Member& member) {
        const Weights<T> weights = numbers_.weights();
        executor_.gather(work_.examples, panels, member);
        executor_.forward(weights, panels, member);
        executor_.judge(panels);
        executor_.backward(weights, panels, member);
    }

    // Books the batch's loss, lets running statistics follow the batch, and moves on to the next
    // one.
    void book_step(std::size_t step) {
        judges_next_ = false;
        const double loss = static_cast<double>(executor_.loss());
        if (!std::isfinite(loss) && work_.witness == nullptr) {
            ending_ = Ending::kNotFinite;
            return;
        }
        executor_.follow(numbers_);
        if (stretch_.losses != nullptr) {
            stretch_.losses[step] = loss;
        }
        progress_.epoch_loss += loss * static_cast<double>(executor_.rows());
        ++done_;
        ++progress_.position;
        if (static_cast<std::size_t>(progress_.position) == stretch_.batches()) {
            mean_loss_ = progress_.epoch_loss / static_cast<double>(stretch_.row_count);
            progress_.position = 0;
            progress_.epoch_loss = 0;
            ++progress_.epoch;
            judges_next_ = judge_.has_value() || work_.plateau != nullptr;
        }
    }

    // The epoch's last update is done: all threads judge, the first one decides. Without rows to
    // judge by, a plateau follows the epoch's own loss.
    void judge_epoch(const Member& member, const FlushSubnormals& flush) {
        member.barrier.meet();
        if (!judge_) {
            if (member.index == 0) {
                work_.plateau->move(mean_loss_, work_.moment);
            }
            return;
        }
        const std::size_t judges = std::min(member.count, judge_->threads());
        if (member.index < judges) {
            judge_->judge(numbers_.weights(), {member.index, judges}, nullptr, flush);
        }
        member.barrier.meet();
        if (member.index == 0) {
            book_epoch(static_cast<double>(judge_->loss()));
        }
    }

    // The first epoch that is judged is the best so far, even if its loss is no number.
    void book_epoch(double loss) {
        if (work_.watch->losses != nullptr) {
            work_.watch->losses[epochs_] = loss;
        }
        ++epochs_;
        if (work_.plateau != nullptr) {
            work_.plateau->move(loss, work_.moment);
        }
        ++progress_.waiting;
        if (!progress_.has_best || loss < progress_.best_loss) {
            progress_.has_best = true;
            progress_.best_loss = std::isnan(loss) ? HUGE_VAL : loss;
            progress_.waiting = 0;
            keep_best();
        }
        if (work_.watch->is_over(progress_)) {
            ending_ = Ending::kPatience;
        }
    }

    void keep_best() {
        Best<T>& best = *work_.best;
        best.numbers.copy(numbers_);
        std::copy_n(stretch_.generator, kGeneratorWords, best.generator);
        if (work_.plateau != nullptr) {
            const std::size_t count = Plateau::kCounts + program_.optimizer.groups.size();
            best.plateau.assign(work_.moment, work_.moment + count);
        }
        best.progress = progress_;
        best.progress.rule_steps += static_cast<std::int64_t>(done_);
        best.progress.is_fresh = false;
        best.steps = done_;
    }

    const Program& program_;
    const Kernels<T>& kernels_;
    Numbers<T>& numbers_;
    Progress& progress_;
    const Stretch& stretch_;
    const Work<T>& work_;
    Interrupt& interrupt_;
    const std::size_t threads_;
    Order order_;
    Executor<T> executor_;
    std::optional<Judge<T>> judge_;
    Clipping<T> clipping_;
    const bool is_long_;
    bool judges_next_ = false;  // the running step ends an epoch
    Ending ending_ = Ending::kDone;
    std::size_t done_ = 0;
    std::size_t epochs_ = 0;  // judged
    double mean_loss_ = 0;    // of the last epoch's rows
};

}  // namespace

template <class T>
Outcome train(const Work<T>& work, Interrupt& interrupt) {
    if (work.watch != nullptr && work.watch->is_over(work.progress)) {
        return {Ending::kPatience, 0};
    }
    if (work.stretch.steps == 0) {
        return {Ending::kDone, 0};
    }
    const Outcome outcome = Training<T>(work, interrupt).run();
    Progress& progress = work.progress;
    progress.rule_steps += static_cast<std::int64_t>(outcome.steps);
    progress.is_fresh = progress.is_fresh && outcome.steps == 0;
    return outcome;
}

std::size_t useful_threads(const Program& program, const Stretch& stretch) {
    const double work = work_of_step(program, stretch);
    const auto repaid =
        static_cast<std::size_t>(std::min(work / kWorkOfThread, static_cast<double>(kMostThreads)));
    // Asking the system for its processors takes as long as ten steps of a small network.
    return repaid < 2 ? 1 : std::min(repaid, processors());
}

template Outcome train(const Work<float>&, Interrupt&);
template Outcome train(const Work<double>&, Interrupt&);

}  // namespace pellucid
