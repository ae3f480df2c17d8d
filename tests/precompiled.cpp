// Nothing: CMake compiles headers for a target that has a source.
