/// pmix-rank ROUNDS SIZE: a rank that exchanges cards with the others below SIZE, so often. Ends with 0 where
/// it got each of them.

#include <pmix.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

std::string card(pmix_rank_t rank, int round) {
    return std::to_string(rank) + " in " + std::to_string(round);
}

bool puts(const std::string& key, const std::string& text) {
    pmix_value_t value{};
    PMIX_VALUE_LOAD(&value, text.c_str(), PMIX_STRING);
    const bool put = PMIx_Put(PMIX_GLOBAL, key.c_str(), &value) == PMIX_SUCCESS;
    PMIX_VALUE_DESTRUCT(&value);
    return put && PMIx_Commit() == PMIX_SUCCESS;
}

bool meets_all() {
    const bool all = true;
    pmix_info_t how{};
    PMIX_INFO_LOAD(&how, PMIX_COLLECT_DATA, &all, PMIX_BOOL);
    return PMIx_Fence(nullptr, 0, &how, 1) == PMIX_SUCCESS;
}

bool gets(const pmix_proc_t& of, const std::string& key, const std::string& expected) {
    pmix_value_t* value = nullptr;
    const bool got = PMIx_Get(&of, key.c_str(), nullptr, 0, &value) == PMIX_SUCCESS;
    const bool right = got && value->type == PMIX_STRING && expected == value->data.string;
    if (got) {
        PMIX_VALUE_RELEASE(value);
    }
    return right;
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 2 ? std::atoi(argv[1]) : 0;
    const auto size = static_cast<pmix_rank_t>(argc > 2 ? std::atoi(argv[2]) : 0);
    pmix_proc_t self{};
    if (rounds == 0 || PMIx_Init(&self, nullptr, 0) != PMIX_SUCCESS) {
        return 100;
    }
    int wrong = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto key = "card-" + std::to_string(round);
        wrong += puts(key, card(self.rank, round)) && meets_all() ? 0 : 1;
        for (pmix_rank_t rank = 0; rank < size; ++rank) {
            auto other = self;
            other.rank = rank;
            wrong += gets(other, key, card(rank, round)) ? 0 : 1;
        }
    }
    return wrong + (PMIx_Finalize(nullptr, 0) == PMIX_SUCCESS ? 0 : 1);
}
