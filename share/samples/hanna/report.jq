# SPDX-License-Identifier: BSD-2-Clause
# What a completed training job says about the stories that it has not seen,
# as a table: the means over the judge's criteria.
#   jq -r -f report.jq JOB
def mean($metric; $column):
  [.validation_results.criteria[][$column][$metric] | select(. != null)]
  | add / length;
def column: (" " * (13 - length)) + .;
def two_digits:
  (. * 100 | round) as $n
  | ($n | fabs | tostring) as $d
  | ("00" + $d)[([3, ($d | length)] | max) * -1:] as $d
  | (if $n < 0 then "-" else "" end) + $d[:-2] + "." + $d[-2:];
def row($title; $metric):
  ("    " + $title + (" " * (24 - ($title | length))))
  + ([mean($metric; "raw", "bias", "trained") | two_digits | column] | add);

("    " + (" " * 24))
  + (["raw judge", "+ constant", "trained"] | map(column) | add),
row("mean error, points"; "mae"),
row("agreement, kappa"; "quadratic_weighted_kappa"),
row("pairs in right order"; "pairwise_accuracy")
