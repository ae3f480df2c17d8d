/// libpmix's values and lists of attributes with owners, so that no macro of its headers is needed elsewhere.
#pragma once

#include <pmix_common.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

/// A rank of a PMIx namespace (pmix_proc_t), cut where the namespace is longer than PMIX_MAX_NSLEN.
pmix_proc_t process_of(std::string_view nspace, pmix_rank_t rank);

/// A list of attributes (pmix_info_t) that frees what is in it.
class Attributes {
public:
    Attributes() = default;
    Attributes(Attributes&&) = default;
    Attributes& operator=(Attributes&&) = delete;
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    ~Attributes();

    Attributes& flag(const char* key);
    Attributes& number(const char* key, std::uint32_t value);
    Attributes& seconds(const char* key, int value);
    Attributes& text(const char* key, const std::string& value);
    /// A list as PMIx_generate_regex(3) writes it.
    Attributes& pattern(const char* key, const std::string& value);
    Attributes& range(pmix_data_range_t value);

    [[nodiscard]] pmix_info_t* get() { return infos_.empty() ? nullptr : infos_.data(); }
    [[nodiscard]] std::size_t size() const { return infos_.size(); }

private:
    void load(const char* key, const void* value, pmix_data_type_t type);
    std::vector<pmix_info_t> infos_;
};

/// A copy of a value that libpmix gave, which is freed with it (pmix_value_t).
std::optional<std::uint32_t> take_number(pmix_value_t* value);
std::optional<std::string> take_text(pmix_value_t* value);
std::optional<std::string> take_bytes(pmix_value_t* value);

/// The text of a value that stays libpmix's.
std::optional<std::string> text_of(const pmix_value_t& value);

/// A value of these bytes, which must outlive it.
pmix_value_t value_of(std::string& bytes);

/// A call of libpmix that failed: what was asked of whom, and PMIx's own word for what happened.
tl::unexpected<Error> pmix_failure(const std::string& what, pmix_status_t status);

}  // namespace mpi_podman
