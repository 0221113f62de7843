#include "program/matrix.h"

#include <algorithm>

#include "program/memory.h"
#include "threads/subnormals.h"
#include "threads/team.h"

namespace pellucid {

namespace {

constexpr std::size_t kChunkPanels = 64;  // panels packed at a time
// Multiply-adds that repay the start of a thread.
constexpr double kWorkOfThread = 4e6;

// Rows `first` … `end - 1`, a chunk at a time in memory of its own.
template <class T>
void multiply_rows(const Kernels<T>& kernels, const RowProduct<T>& task, std::size_t first,
                   std::size_t end) {
    const std::size_t chunk = std::min(kChunkPanels * kPanelRows, round_up(end - first, 16));
    Memory<T> packed(chunk, task.depth);
    Memory<T> products(chunk, task.width);
    Memory<T> unpacked(kPanelRows, task.width);
    Memory<T> padding(task.depth);
    for (; first < end; first += chunk) {
        const std::size_t count = std::min(chunk, end - first);
        const std::size_t panels = round_up(count, kPanelRows) / kPanelRows;
        for (std::size_t panel = 0; panel < panels; ++panel) {
            const T* rows[kPanelRows];
            for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
                const std::size_t i = panel * kPanelRows + lane;
                rows[lane] = i < count ? task.rows + (first + i) * task.depth : padding.data();
            }
            kernels.gather(rows, packed.data() + panel * task.depth * kPanelRows, task.depth);
        }
        kernels.product({task.matrix, task.row, task.column, task.start, packed.data(),
                         products.data(), task.width, task.depth, Panels{0, panels},
                         Panels{0, task.width}});
        for (std::size_t panel = 0; panel < panels; ++panel) {
            const T* from = products.data() + panel * task.width * kPanelRows;
            kernels.to_rows(from, task.width, unpacked.data(), task.width, Panels{0, 1});
            const std::size_t whole = std::min(kPanelRows, count - panel * kPanelRows);
            std::copy_n(unpacked.data(), whole * task.width,
                        task.out + (first + panel * kPanelRows) * task.width);
        }
    }
}

}  // namespace

template <class T>
void multiply(const Kernels<T>& kernels, const RowProduct<T>& task) {
    const std::size_t panels = round_up(task.count, kPanelRows) / kPanelRows;
    const double work = static_cast<double>(task.count) * static_cast<double>(task.depth) *
                        static_cast<double>(task.width);
    const auto repaid = static_cast<std::size_t>(std::min(work / kWorkOfThread, 64.0));
    // Asking the system for its processors takes longer than a small product.
    const std::size_t threads = repaid < 2 ? 1 : std::min({repaid, panels, processors()});
    if (threads == 1) {
        const FlushSubnormals flush;
        multiply_rows(kernels, task, 0, task.count);
        return;
    }
    run_team(threads, [&](const Member& member) {
        const FlushSubnormals flush;
        const std::size_t first = panels * member.index / member.count * kPanelRows;
        const std::size_t end = panels * (member.index + 1) / member.count * kPanelRows;
        multiply_rows(kernels, task, first, std::min(end, task.count));
    });
}

template void multiply(const Kernels<float>&, const RowProduct<float>&);
template void multiply(const Kernels<double>&, const RowProduct<double>&);

}  // namespace pellucid
