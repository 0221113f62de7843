// Memory that starts at a cache line and is cleared; allocated before the first step, never in one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <new>

namespace pellucid {

inline std::size_t round_up(std::size_t count, std::size_t multiple) {
    return (count + multiple - 1) / multiple * multiple;
}

template <class T>
class Memory {
  public:
    Memory() = default;
    // `rows` · `units` numbers, rounded up to whole panels' rows, so that vectors may read over the
    // end. Sizes beyond all memory are std::bad_alloc, as sizes beyond the free memory are.
    explicit Memory(std::size_t rows, std::size_t units = 1) : count_(checked(rows, units)) {
        numbers_ = static_cast<T*>(::operator new(count_ * sizeof(T) + 1, kLine));
        for (std::size_t i = 0; i < count_; ++i) {
            numbers_[i] = T();
        }
    }
    Memory(Memory&& other) noexcept { swap(other); }
    Memory& operator=(Memory&& other) noexcept {
        swap(other);
        return *this;
    }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory() { ::operator delete(numbers_, kLine); }

    // The numbers of a memory of the same size.
    void copy(const Memory& from) { std::copy_n(from.numbers_, count_, numbers_); }

    T* data() { return numbers_; }
    const T* data() const { return numbers_; }
    // Rounded up.
    std::size_t size() const { return count_; }

  private:
    static constexpr std::align_val_t kLine{64};

    static std::size_t checked(std::size_t rows, std::size_t units) {
        constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max() / sizeof(T) - 16;
        if (units > 0 && rows > kMost / units) {
            throw std::bad_alloc();
        }
        return round_up(rows * units, 16);
    }

    void swap(Memory& other) noexcept {
        T* numbers = numbers_;
        const std::size_t count = count_;
        numbers_ = other.numbers_;
        count_ = other.count_;
        other.numbers_ = numbers;
        other.count_ = count;
    }

    T* numbers_ = nullptr;
    std::size_t count_ = 0;
};

}  // namespace pellucid
