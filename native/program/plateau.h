// A rule by which learning rates fall when a figure no longer does: PyTorch's ReduceLROnPlateau.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace pellucid {

struct Plateau {
    // How many numbers a moment begins with: the best figure, epochs without a better one, epochs
    // of cool-down left. Then come the learning rates of the groups.
    static constexpr std::size_t kCounts = 3;

    bool is_better(double figure, double best) const {
        const double shift = seeks_most ? threshold : -threshold;
        const double bound = is_absolute ? best + shift : best * (1 + shift);
        return seeks_most ? figure > bound : figure < bound;
    }

    void fall(double* rates) const {
        for (std::size_t group = 0; group < lowest.size(); ++group) {
            const double fallen = std::max(rates[group] * factor, lowest[group]);
            rates[group] = rates[group] - fallen > eps ? fallen : rates[group];
        }
    }

    // What a moment becomes when the figure of its epoch is known.
    void move(double figure, double* moment) const {
        double& best = moment[0];
        double& waiting = moment[1];
        double& cooling = moment[2];
        if (is_better(figure, best)) {
            best = figure;
            waiting = 0;
        } else {
            ++waiting;
        }
        if (cooling > 0) {
            --cooling;
            waiting = 0;
        }
        if (waiting > patience) {
            fall(moment + kCounts);
            cooling = cooldown;
            waiting = 0;
        }
    }

    bool seeks_most;
    bool is_absolute;
    double factor;
    double patience;
    double threshold;
    double cooldown;
    double eps;
    std::vector<double> lowest;  // one a group
};

}  // namespace pellucid
