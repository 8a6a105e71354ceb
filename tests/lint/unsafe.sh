# SPDX-License-Identifier: BSD-2-Clause
# Functions without bounds, or with state shared by threads, have better
# siblings.
. tests/lint/lib

names='strcpy|strcat|sprintf|vsprintf|gets|strtok|localtime|gmtime|ctime|asctime'
names="$names|getpwnam|rand|srand|tmpnam|mktemp|atoi|atol|atof|alloca"
names="$names|system|popen|PQescapeString|FCGX_FPrintF|FCGX_IsCGI"
sources 'lib/*.[ch]' 'fcgi/*.[ch]' 'judge/*.[ch]' 'dispatch/*.[ch]' \
    'ctl/*.[ch]' |
    xargs -r grep -nE "(^|[^[:alnum:]_])($names)[[:space:]]*\(" /dev/null | none
