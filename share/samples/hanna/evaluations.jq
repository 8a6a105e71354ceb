# SPDX-License-Identifier: BSD-2-Clause
# The judge's scores as the body of POST /evaluations/batch:
#   jq -Rn -f evaluations.jq chatgpt.csv
# One of them lies outside of the scale and is put on its edge.
[inputs | rtrimstr("\r") / ","] | .[0] as $names | .[1:]
| map([$names, .] | transpose | map({(.[0]): .[1]}) | add)
| {
    judge_id: "jdg_hanna",
    name: "HANNA",
    items: map(. as $row | {
      external_id: .item_id,
      content_ref: "story-\(.story)",
      metadata: {system},
      criteria_scores: (
        ["relevance", "coherence", "empathy", "surprise", "engagement",
         "complexity"]
        | map({("crit_" + .):
            ([0, ([100, ($row["judge_\(.)_p1"] | tonumber)] | min)] | max)})
        | add)
    })
  }
