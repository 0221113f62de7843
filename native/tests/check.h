// The smallest test frame that says which line failed, and goes on.
#pragma once

#include <cstdio>
#include <cstring>
#include <vector>

namespace pellucid::tests {

inline int& failures() {
    static int count = 0;
    return count;
}

inline void check(bool holds, const char* what, const char* file, int line) {
    if (!holds) {
        std::printf("%s:%d: not true: %s\n", file, line, what);
        ++failures();
    }
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

// A stream of numbers between -1 and 1 that needs no library.
class Stream {
  public:
    explicit Stream(unsigned seed) : state_(seed * 2654435761U + 1U) {}

    unsigned below(unsigned limit) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<unsigned>(state_ >> 33) % limit;
    }

    template <class T>
    std::vector<T> numbers(std::size_t count) {
        std::vector<T> out(count);
        for (T& each : out) {
            each = static_cast<T>(below(2000001)) / T(1000000) - T(1);
        }
        return out;
    }

  private:
    unsigned long long state_;
};

}  // namespace pellucid::tests

#define CHECK(what) ::pellucid::tests::check((what), #what, __FILE__, __LINE__)
