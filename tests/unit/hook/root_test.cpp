#include "hook/root.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <iostream>

#include "elf/loader_cache.hpp"
#include "hook/refresh.hpp"
#include "unit/child_process.hpp"
#include "unit/hook/two_roots.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// As root of a user namespace, where this is not root already.
bool in_own_namespaces() {
    const auto user = ::geteuid();
    const auto group = ::getegid();
    const auto write = [](const char* path, const std::string& text) {
        const Fd file(::open(path, O_WRONLY | O_CLOEXEC));
        return write_all(file.get(), text);
    };
    if (::unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        return false;
    }
    const bool mapped = user == 0 || (write("/proc/self/setgroups", "deny") &&
                                      write("/proc/self/uid_map", "0 " + std::to_string(user) + " 1") &&
                                      write("/proc/self/gid_map", "0 " + std::to_string(group) + " 1"));
    return mapped && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

/// What the hook does, in user and mount namespaces of its own: nothing of it is seen outside but what is
/// written to files.
class HookActs : public test::TwoRoots {
protected:
    void SetUp() override {
        TwoRoots::SetUp();
        home.file("host/libmpi.so", "the host's");
        home.file("container/usr/lib/libmpi.so.12", "the image's");
        static_cast<void>(home.directory("volume"));
    }
    [[nodiscard]] std::string root_path() const { return home / "container"; }
    [[nodiscard]] HookMount at(const std::string& target) const { return {home / "host/libmpi.so", target}; }

    /// 0 where `code` said nothing; else what it said is on stderr.
    int apart(const std::function<Result<void>()>& code) const {
        return test::in_child([&] {
            if (!in_own_namespaces()) {
                return 2;
            }
            const auto done = code();
            if (!done) {
                std::cerr << done.error().message << "; " << done.error().hint << "\n";
            }
            return done ? 0 : 1;
        });
    }
    static Result<void> expect(bool condition, const std::string& what) {
        return condition ? Result<void>{} : failure(Status::ours, "expected " + what);
    }
    [[nodiscard]] Result<void> shows(const std::string& path, const std::string& content) const {
        return expect(test::content_of(root_path() + path) == content, path + " to be " + content);
    }
    [[nodiscard]] Result<void> mounted(const std::string& target, std::vector<std::string> tmpfs = {}) const {
        return Root::open(root_path(), std::move(tmpfs)).and_then([&](const Root& root) {
            return root.mount(at(target));
        });
    }
    [[nodiscard]] Result<void> bind(const std::string& source, const std::string& target) const {
        return expect(::mount(source.c_str(), (root_path() + target).c_str(), nullptr, MS_BIND, nullptr) == 0,
                      "a mount at " + target);
    }
};

TEST_F(HookActs, ALibraryOverTheImages) {
    EXPECT_EQ(apart([&] {
                  return mounted("/lib/libmpi.so.12").and_then([&] {
                      return shows("/usr/lib/libmpi.so.12", "the host's");
                  });
              }),
              0);
    EXPECT_EQ(test::content_of(home / "container/usr/lib/libmpi.so.12"), "the image's");
}

TEST_F(HookActs, ReadOnlyAndNeverTheHosts) {
    EXPECT_EQ(apart([&] {
                  return mounted("/usr/lib/libmpi.so.12").and_then([&] {
                      const int fd = ::open((root_path() + "/usr/lib/libmpi.so.12").c_str(), O_WRONLY);
                      return expect(fd < 0 && errno == EROFS, "a mount that is read-only");
                  });
              }),
              0);
}

TEST_F(HookActs, APlaceIsMadeWhereNothingIs) {
    EXPECT_EQ(apart([&] {
                  return mounted("/opt/new/libdep.so").and_then([&] {
                      return shows("/opt/new/libdep.so", "the host's");
                  });
              }),
              0);
    EXPECT_TRUE(std::filesystem::is_empty(home / "container/opt/new/libdep.so"));
}

TEST_F(HookActs, LinksOfTheImageLeadNowhereOutside) {
    home.file("volume/libdep.so", "another's");
    link("/container/usr/lib/libabsolute.so", home / "volume/libdep.so");
    link("/container/usr/lib/librelative.so", "../../../../../../../../.." + home / "volume/libdep.so");
    link("/container/opt", home / "volume");
    for (const auto* target : {"/usr/lib/libabsolute.so", "/usr/lib/librelative.so", "/opt/libdep.so"}) {
        EXPECT_EQ(apart([&] { return mounted(target); }), 1) << target;
    }
    EXPECT_EQ(apart([&] {
                  static_cast<void>(mounted("/opt/libdep.so"));
                  return expect(test::content_of(home / "volume/libdep.so") == "another's",
                                "the volume as it was");
              }),
              0);
    EXPECT_THAT(test::names_in(home / "volume"), ElementsAre("libdep.so"));
}

TEST_F(HookActs, NothingIsMadeInAVolume) {
    const auto in_volume = [&](const std::function<Result<void>(const Root&)>& code) {
        return apart([&] {
            return bind(home / "volume", "/usr/lib64").and_then([&] {
                return Root::open(root_path(), {"/usr/lib64"}).and_then(code);
            });
        });
    };
    EXPECT_EQ(in_volume([&](const Root& root) { return root.mount(at("/usr/lib64/libdep.so")); }), 1);
    EXPECT_EQ(in_volume([&](const Root& root) { return root.mount(at("/lib64/a/b/libdep.so")); }), 1);
    EXPECT_EQ(in_volume([&](const Root& root) { return root.link({"/lib64/libdep.so", "/x"}); }), 1);
    EXPECT_THAT(test::names_in(home / "volume"), IsEmpty());
}

TEST_F(HookActs, ButInATmpfsOfTheContainer) {
    static_cast<void>(home.directory("container/dev"));
    const auto with_dev = [&](const std::vector<std::string>& tmpfs) {
        return apart([&] {
            return expect(::mount("tmpfs", (home / "container/dev").c_str(), "tmpfs", 0, nullptr) == 0,
                          "a tmpfs")
                .and_then([&] { return mounted("/dev/deep/xpmem", tmpfs); })
                .and_then([&] { return shows("/dev/deep/xpmem", "the host's"); });
        });
    };
    EXPECT_EQ(with_dev({"/dev"}), 0);
    EXPECT_EQ(with_dev({}), 1);
    EXPECT_THAT(test::names_in(home / "container/dev"), IsEmpty());
}

TEST_F(HookActs, ALinkTakesTheNameOfALinkOnly) {
    link("/container/usr/lib/libdep.so.4", "libdep.so.4.3");
    const auto linked = [&](const std::string& path) {
        return apart([&] {
            return Root::open(root_path(), {}).and_then([&](const Root& root) {
                return root.link({path, "/usr/lib/libdep.so.4.2"});
            });
        });
    };
    EXPECT_EQ(linked("/lib/libdep.so.4"), 0);
    EXPECT_EQ(linked("/lib/libnew.so"), 0);
    EXPECT_EQ(linked("/lib/libmpi.so.12"), 1);
    for (const auto* path : {"container/usr/lib/libdep.so.4", "container/usr/lib/libnew.so"}) {
        EXPECT_EQ(std::filesystem::read_symlink(home / path), "/usr/lib/libdep.so.4.2");
    }
}

TEST_F(HookActs, TheHostsOwnRootIsRefused) {
    EXPECT_FALSE(Root::open("/", {}));
    EXPECT_FALSE(Root::open("/../.", {}));
    EXPECT_FALSE(Root::open(home / "nowhere", {}));
}

/// The cache as the container sees it in the end, in VOLUME/seen.
class HookRefreshes : public HookActs {
protected:
    [[nodiscard]] Result<void> refreshed() const {
        return Root::open(root_path(), {}).and_then([&](const Root& root) {
            return refresh_loader_cache(root, "/sbin/ldconfig", home / "scratch").and_then([&] {
                home.file("seen", test::content_of(root_path() + "/etc/ld.so.cache"));
                return expect(std::filesystem::is_empty(home / "scratch"), "nothing at the scratch place");
            });
        });
    }
    void SetUp() override {
        HookActs::SetUp();
        std::filesystem::remove(home / "container/usr/lib/libmpi.so.12");
        static_cast<void>(home.directory("scratch"));
        static_cast<void>(home.directory("container/proc"));
        ASSERT_TRUE(run_ldconfig());
        before = test::content_of(home / "container/etc/ld.so.cache");
        make("/container", "/opt/lib/libdep.so.4");
    }
    [[nodiscard]] std::vector<std::string> names_seen() const {
        std::vector<std::string> names;
        const auto cache = parse_loader_cache(test::content_of(home / "seen"));
        for (const auto& entry : cache ? cache->entries : std::vector<CacheEntry>{}) {
            names.push_back(entry.name + " " + entry.path);
        }
        return names;
    }
    std::string before;
};

TEST_F(HookRefreshes, WhatIsNewIsInIt) {
    EXPECT_EQ(apart([&] { return refreshed(); }), 0);
    EXPECT_THAT(names_seen(), testing::Contains("libdep.so.4 /opt/lib/libdep.so.4"));
    EXPECT_EQ(test::content_of(home / "container/etc/ld.so.cache"), before) << "only a mount";
    EXPECT_THAT(test::names_in(home / "scratch"), IsEmpty());
}

TEST_F(HookRefreshes, AnImageThatSteersItIntoAVolumeWritesNothingThere) {
    home.file("volume/ld.so.conf", "/opt/lib\n");
    home.file("volume/ld.so.cache", before);
    make("", "/volume/libtrap.so.1.2.3");
    std::filesystem::remove_all(home / "container/etc");
    static_cast<void>(home.directory("container/work"));
    link("/container/etc", "work");
    link("/container/var/cache/ldconfig", "../../work");
    const auto files = test::names_in(home / "volume");
    EXPECT_EQ(apart([&] { return bind(home / "volume", "/work").and_then([&] { return refreshed(); }); }), 0);
    EXPECT_EQ(test::names_in(home / "volume"), files);
    EXPECT_EQ(test::content_of(home / "volume/ld.so.cache"), before);
    EXPECT_THAT(names_seen(), testing::Contains("libdep.so.4 /opt/lib/libdep.so.4"));
}

TEST_F(HookRefreshes, AnLdconfigThatFailsOrIsNotThere) {
    for (const auto* ldconfig : {"/bin/false", "/no/ldconfig"}) {
        EXPECT_EQ(apart([&] {
                      return Root::open(root_path(), {}).and_then([&](const Root& root) {
                          return refresh_loader_cache(root, ldconfig, home / "scratch");
                      });
                  }),
                  1)
            << ldconfig;
    }
    EXPECT_EQ(test::content_of(home / "container/etc/ld.so.cache"), before);
}

}  // namespace
}  // namespace mpi_podman
