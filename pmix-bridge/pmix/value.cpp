#include "pmix/value.hpp"

#include <pmix.h>

#include <algorithm>
#include <cstring>

namespace mpi_podman {
namespace {

void free_value(pmix_value_t* value) { PMIX_VALUE_RELEASE(value); }

}  // namespace

pmix_proc_t process_of(std::string_view nspace, pmix_rank_t rank) {
    pmix_proc_t process{};
    nspace.copy(process.nspace, PMIX_MAX_NSLEN);
    process.rank = rank;
    return process;
}

Attributes::~Attributes() {
    for (auto& info : infos_) {
        PMIX_INFO_DESTRUCT(&info);
    }
}

void Attributes::load(const char* key, const void* value, pmix_data_type_t type) {
    PMIX_INFO_LOAD(&infos_.emplace_back(), key, value, type);
}

Attributes& Attributes::flag(const char* key) {
    const bool value = true;
    load(key, &value, PMIX_BOOL);
    return *this;
}

Attributes& Attributes::number(const char* key, std::uint32_t value) {
    load(key, &value, PMIX_UINT32);
    return *this;
}

Attributes& Attributes::seconds(const char* key, int value) {
    load(key, &value, PMIX_INT);
    return *this;
}

Attributes& Attributes::text(const char* key, const std::string& value) {
    load(key, value.c_str(), PMIX_STRING);
    return *this;
}

Attributes& Attributes::pattern(const char* key, const std::string& value) {
    load(key, value.c_str(), PMIX_REGEX);
    return *this;
}

Attributes& Attributes::range(pmix_data_range_t value) {
    load(PMIX_RANGE, &value, PMIX_DATA_RANGE);
    return *this;
}

// NOLINTBEGIN(cppcoreguidelines-pro-type-union-access): `type` tells which member of PMIx's union holds
std::optional<std::uint32_t> take_number(pmix_value_t* value) {
    std::optional<std::uint32_t> number;
    switch (value->type) {
        case PMIX_UINT32: number = value->data.uint32; break;
        case PMIX_INT:
        case PMIX_INT32: number = static_cast<std::uint32_t>(std::max(0, value->data.int32)); break;
        case PMIX_UINT64: number = static_cast<std::uint32_t>(value->data.uint64); break;
        case PMIX_SIZE: number = static_cast<std::uint32_t>(value->data.size); break;
        case PMIX_UINT16: number = value->data.uint16; break;
        default: break;
    }
    free_value(value);
    return number;
}

std::optional<std::string> text_of(const pmix_value_t& value) {
    const bool is_text = value.type == PMIX_STRING && value.data.string != nullptr;
    return is_text ? std::optional<std::string>(value.data.string) : std::nullopt;
}

std::optional<std::string> take_text(pmix_value_t* value) {
    auto text = text_of(*value);
    free_value(value);
    return text;
}

std::optional<std::string> take_bytes(pmix_value_t* value) {
    std::optional<std::string> bytes;
    if (value->type == PMIX_BYTE_OBJECT) {
        const auto& held = value->data.bo;
        bytes = held.bytes != nullptr ? std::string(held.bytes, held.size) : std::string();
    }
    free_value(value);
    return bytes;
}

pmix_value_t value_of(std::string& bytes) {
    pmix_value_t value{};
    value.type = PMIX_BYTE_OBJECT;
    value.data.bo = {bytes.data(), bytes.size()};
    return value;
}
// NOLINTEND(cppcoreguidelines-pro-type-union-access)

tl::unexpected<Error> pmix_failure(const std::string& what, pmix_status_t status) {
    return failure(Status::ours, what + ": " + PMIx_Error_string(status), "is the job still running?");
}

}  // namespace mpi_podman
