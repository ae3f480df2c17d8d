/// Where something that belongs to the rank was killed from outside: what there is to say.
#pragma once

#include <string>

#include "plan/plan.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// A launcher that ends its job kills every process of it, this one a moment sooner or later than another.
/// Then there is nothing to explain, and natively nobody would: so this waits for that moment first, 300 ms.
void await_own_end() noexcept;

/// `what` was killed: with the memory as the reason only where the kernel says so, by what it counted in our
/// cgroup since this process started.
Error killed_from_outside(const std::string& what, const Plan& plan);

}  // namespace mpi_podman
