/// What podman, or a program of that name, answers; and what another rank of the node wrote down of it.
#include "distribute/store_facts.hpp"
#include "fuzz/told.hpp"
#include "inspect/image.hpp"
#include "inspect/node.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto text = fuzz::text_of(bytes, size);
    const auto facts = image_facts_from(text);
    fuzz::require_told(facts);
    if (facts) {
        fuzz::require(!facts->workdir.empty(), "a rank has a directory to begin in");
        const auto noted = from_json(to_json(facts));
        fuzz::require(noted && *noted == *facts, "facts are read as they were noted");
    }
    fuzz::require_told(from_json(text));
    fuzz::require_told(check_podman_version(text));
    fuzz::require(podmans_error({1, {}, std::string(text)}).find('\n') == std::string::npos,
                  "an error is a line");

    const auto image = image_identity_from(text, "i");
    const auto lacks = store_facts_by(text, image.value_or(ImageIdentity{"id", "i", {"a", "b"}}));
    fuzz::require(!image || lacks.has_image, "who has the image knows it");
    fuzz::require(!lacks.has_image || lacks.missing.empty(), "who has the image lacks nothing of it");
    return 0;
}
