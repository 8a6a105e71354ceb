# SPDX-License-Identifier: BSD-2-Clause
# The changelog's newest entry is the version being built.
version=$(sed -n 's/^AC_INIT(\[trainyard\],\[\([^]]*\)\].*/\1/p' configure.ac)
top=$(sed -n 's/^## \[*\([0-9][^] ]*\)\]*.*/\1/p' CHANGELOG.md | head -n 1)
[ -n "$version" ] && [ "$version" = "$top" ] && exit 0
echo "configure.ac: ${version:-nothing}, CHANGELOG.md: ${top:-nothing}"
exit 1
