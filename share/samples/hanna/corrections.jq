# SPDX-License-Identifier: BSD-2-Clause
# What one person (human1, human2, human3) scored instead, as the body of
# POST /feedback/batch.  $evaluations is the answer to POST /evaluations/batch:
#   jq -Rn --arg person human1 --slurpfile evaluations FILE \
#       -f corrections.jq chatgpt.csv
# Who sees it as the judge does has nothing to correct.
($evaluations[0].results
 | map(select(.status == "completed") | {(.external_id): {
     id: .evaluation_id,
     shown: (.criteria_scores | map({(.criterion_id): .score}) | add)}})
 | add) as $answer
| [inputs | rtrimstr("\r") / ","] | .[0] as $names | .[1:]
| map([$names, .] | transpose | map({(.[0]): .[1]}) | add)
| {
    feedback_options: {submitted_by: $person, skip_impact_analysis: true},
    feedback_entries: (map(. as $row | $answer[.item_id] // empty | . as $one | {
      evaluation_id: $one.id,
      type: "correction",
      content: {corrected_scores: (
        $one.shown
        | with_entries(.value =
            ($row["\($person)_\(.key | ltrimstr("crit_"))"] | tonumber)))}
    } | select(.content.corrected_scores != $one.shown)))
  }
