# What a package has otherwise than `cmake --install`; cpack runs it before it makes one of what is in the directory.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(docs ${root}/usr/share/doc/mpi-podman)

function(compress)
  execute_process(COMMAND gzip -9nf ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(GLOB pages ${root}/usr/share/man/man*/*.[15])
compress(${pages})

# Debian keeps one copy of the licence for all; the list of changes has two parts, the project's and the package's.
if(CPACK_GENERATOR STREQUAL DEB)
  file(REMOVE ${docs}/LICENSE)
  file(COPY_FILE ${CMAKE_CURRENT_LIST_DIR}/copyright ${docs}/copyright)
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
  file(WRITE ${docs}/changelog.Debian "mpi-podman (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * As built by cpack; what changed is in changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
  file(RENAME ${docs}/CHANGELOG.md ${docs}/changelog)
  compress(${docs}/changelog ${docs}/changelog.Debian)
  file(MAKE_DIRECTORY ${root}/usr/share/lintian/overrides)
  file(COPY_FILE ${CMAKE_CURRENT_LIST_DIR}/lintian-overrides ${root}/usr/share/lintian/overrides/mpi-podman)
endif()
