/// A line that the nodes of a distribution say to each other, or a manifest of an image.
#include "distribute/transfer.hpp"

#include <algorithm>

#include "distribute/store_facts.hpp"
#include "fuzz/require.hpp"

namespace mpi_podman {
namespace {

using fuzz::require;

template <typename Words, typename Read>
void require_round_trip(const std::optional<Words>& words, Read read) {
    if (words) {
        const auto line = line_of(*words);
        require(line.find('\n') == line.size() - 1, "they are a line");
        require(read(line) == words, "a line is read as it was written");
    }
}

template <typename Blobs>
void require_digests(const Blobs& blobs) {
    require(std::ranges::all_of(blobs, [](const auto& blob) { return is_digest(blob.digest); }),
            "no blob is called what is no digest");
}

}  // namespace
}  // namespace mpi_podman

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto text = fuzz::text_of(bytes, size);
    const auto offer = offer_from(text);
    require_round_trip(offer, offer_from);
    require_digests(offer.value_or(Offer{}).blobs);
    const auto wants = wants_from(text);
    require_round_trip(wants, wants_from);
    require_digests(wants.value_or(Wants{}).blobs);
    require_digests(blobs_in(text));
    require_round_trip(store_facts_from(text), store_facts_from);
    require_round_trip(progress_from(text), progress_from);
    return 0;
}
