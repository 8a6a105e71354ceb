# SPDX-License-Identifier: BSD-2-Clause
# What completed hosted jobs say of themselves, a line each: the mean over the
# first and the last five steps of a loss or a reward.
#   jq -r -s -f hosted.jq JOB...
def mean: add / length;
def two_digits:
  (. * 100 | round) as $n
  | ("00" + ($n | tostring))[([3, ($n | tostring | length)] | max) * -1:] as $d
  | $d[:-2] + "." + $d[-2:];
def left($width): . + (" " * ($width - length));
def right($width): (" " * ($width - length)) + .;
.[]
| (if .trainer_type == "sft" then "loss" else "reward" end) as $what
| .metrics["train/" + $what] as $series
| "    " + ("\(.backend) \(.algorithm // .trainer_type), \($what)" | left(20))
  + (.metrics["train/steps"] | tostring | right(9))
  + ($series[:5] | mean | two_digits | right(13))
  + ($series[-5:] | mean | two_digits | right(13))
