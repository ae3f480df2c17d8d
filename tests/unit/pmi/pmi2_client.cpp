/// A rank of two that speaks PMI-2 through Slurm's libpmi2: everything an MPI library asks with it. Ends with
/// 0 where each answer was right.

#include <slurm/pmi2.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace {

int wrong = 0;

void expect(bool right, const char* what) {
    if (!right) {
        std::fprintf(stderr, "libpmi2: wrong: %s\n", what);
        ++wrong;
    }
}

bool puts_and_fences(const std::string& key, const std::string& value) {
    return PMI2_KVS_Put(key.c_str(), value.c_str()) == PMI2_SUCCESS && PMI2_KVS_Fence() == PMI2_SUCCESS;
}

bool gets(const std::string& key, const std::string& expected) {
    char value[PMI2_MAX_VALLEN] = {};
    int length = 0;
    return PMI2_KVS_Get(nullptr, PMI2_ID_NULL, key.c_str(), value, sizeof value, &length) == PMI2_SUCCESS &&
           value == expected;
}

bool has_attribute(const char* name, const std::string& expected) {
    char value[PMI2_MAX_ATTRVALUE] = {};
    int found = 0;
    return PMI2_Info_GetJobAttr(name, value, sizeof value, &found) == PMI2_SUCCESS && found != 0 &&
           value == expected;
}

}  // namespace

int main() {
    int spawned = -1, size = 0, rank = -1, appnum = -1, found = -1;
    char text[PMI2_MAX_VALLEN] = {};
    if (PMI2_Init(&spawned, &size, &rank, &appnum) != PMI2_SUCCESS) {
        return 100;
    }
    const auto own = std::to_string(rank), other = std::to_string(1 - rank);
    expect(size == 2 && (rank == 0 || rank == 1) && appnum == 3 && spawned == 0, "who one is");
    expect(PMI2_Job_GetId(text, sizeof text) == PMI2_SUCCESS && std::strcmp(text, "job-1") == 0,
           "the job's name");
    expect(has_attribute("PMI_process_mapping", "(vector,(0,1,2))"), "the mapping");
    expect(has_attribute("universeSize", "8"), "the universe");
    expect(PMI2_Info_GetJobAttr("hasNameServ", text, sizeof text, &found) == PMI2_SUCCESS && found == 0,
           "an attribute that nobody has");
    const std::string longest(900, ';');
    expect(puts_and_fences("card-" + own, "host;port=1 " + own), "the first fence");
    expect(gets("card-" + other, "host;port=1 " + other), "the other's card");
    expect(puts_and_fences("again-" + own, longest), "the second fence");
    expect(gets("again-" + other, longest), "the other's long value");
    expect(gets("card-" + own, "host;port=1 " + own), "one's own card");
    int length = 0;
    expect(PMI2_KVS_Get(nullptr, PMI2_ID_NULL, "none", text, sizeof text, &length) != PMI2_SUCCESS ||
               text[0] == '\0' || length <= 0,
           "a key that nobody put");
    if (rank == 0) {
        expect(PMI2_Info_PutNodeAttr("segment", "/dev/shm/x") == PMI2_SUCCESS, "put on the node");
        expect(PMI2_Nameserv_publish("ocean", nullptr, "tag;0") == PMI2_SUCCESS, "publish");
    }
    expect(PMI2_Info_GetNodeAttr("segment", text, sizeof text, &found, 1) == PMI2_SUCCESS && found != 0 &&
               std::strcmp(text, "/dev/shm/x") == 0,
           "get from the node");
    expect(puts_and_fences("published", "yes"), "the third fence");
    expect(PMI2_Nameserv_lookup("ocean", nullptr, text, sizeof text) == PMI2_SUCCESS &&
               std::strcmp(text, "tag;0") == 0,
           "look up");
    expect(PMI2_Finalize() == PMI2_SUCCESS, "the end");
    return wrong;
}
