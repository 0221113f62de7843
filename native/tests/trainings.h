// Whole trainings, whose bits must not depend on threads, cuts or machines; and their fingerprints,
// by which machines that are not here can be held to the same bits.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "program/training.h"
#include "random/mt19937.h"
#include "tests/check.h"
#include "tests/machines.h"
#include "tests/networks.h"

namespace pellucid::tests {

// Everything that a training leaves behind, as bytes.
template <class T>
std::vector<T> result_of(const Program& program, const Machine& machine, const Table<T>& table,
                         std::size_t threads, const std::vector<std::size_t>& cuts) {
    Numbers<T> numbers(program);
    fill(numbers, program, 9);
    std::uint32_t words[kGeneratorWords];
    Generator(words).seed(3);
    Progress progress{0, 0, 0, 0.0, 0, true, false, 0.0, 0};
    Interrupt never;
    std::vector<T> result;
    for (const std::size_t steps : cuts) {
        std::vector<double> losses(steps);
        const double rates[] = {0.01, 0.02};
        const Stretch stretch{
            steps,         24,   true, threads, rates, nullptr, 0, nullptr, table.examples.count,
            losses.data(), words};
        const Work<T> work{program, machine.kernels<T>(), table.examples, numbers, progress,
                           stretch};
        const Outcome outcome = train<T>(work, never);
        CHECK(outcome.ending == Ending::kDone && outcome.steps == steps);
        result.insert(result.end(), losses.begin(), losses.end());
    }
    for (const Memory<T>* memory :
         {&numbers.parameters, &numbers.memory1, &numbers.memory2, &numbers.memory3}) {
        const std::size_t count = memory->size() > 0 ? program.parameters : 0;
        result.insert(result.end(), memory->data(), memory->data() + count);
    }
    const T* statistics = numbers.statistics.data();
    result.insert(result.end(), statistics, statistics + program.statistics);
    result.push_back(static_cast<T>(progress.epoch_loss));
    return result;
}

// FNV-1a over the bits of all results of one arithmetic.
class Fingerprints {
  public:
    template <class T>
    void add(const std::string& arithmetic, const std::vector<T>& result) {
        std::uint64_t& hash = known_.emplace(arithmetic, 14695981039346656037ULL).first->second;
        const auto* bytes = reinterpret_cast<const unsigned char*>(result.data());
        for (std::size_t i = 0; i < result.size() * sizeof(T); ++i) {
            hash = (hash ^ bytes[i]) * 1099511628211ULL;
        }
    }

    // `wanted` is what every processor must give. A change of the arithmetic changes these numbers,
    // and then no older run can be replayed: never change them lightly.
    void check(const char* name, const std::map<std::string, std::uint64_t>& wanted) const {
        for (const auto& [arithmetic, hash] : known_) {
            if (wanted.at(arithmetic) != hash) {
                std::printf("%s, %s gave 0x%llx\n", name, arithmetic.c_str(),
                            static_cast<unsigned long long>(hash));
            }
            CHECK(wanted.at(arithmetic) == hash);
        }
    }

  private:
    std::map<std::string, std::uint64_t> known_;
};

// Trains on all machines, with one thread and several, in one piece and in several.
template <class T>
void check_program(const Program& program, Fingerprints& fingerprints) {
    const Table<T> table = make_table<T>(program, 100);
    std::map<std::string, std::vector<T>> by_arithmetic;
    for (const Machine& machine : all_machines()) {
        const std::vector<T> whole = result_of(program, machine, table, 1, {13});
        CHECK(same_bits(result_of(program, machine, table, 2, {13}), whole));
        CHECK(same_bits(result_of(program, machine, table, 3, {1, 4, 5, 3}), whole));
        const auto known = by_arithmetic.emplace(machine.arithmetic, whole);
        CHECK(same_bits(known.first->second, whole));
    }
    for (const auto& [arithmetic, result] : by_arithmetic) {
        fingerprints.add(arithmetic, result);
    }
}

}  // namespace pellucid::tests
