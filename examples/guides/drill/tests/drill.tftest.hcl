variables {
  week = "2026-W48"
}

run "restores_the_newest_snapshot" {
  assert {
    condition     = atlasbackup_restore.drill.status == "completed"
    error_message = "The restore is not completed."
  }
}

run "restores_nothing_in_the_same_week" {
  command = plan

  assert {
    condition     = output.drill == run.restores_the_newest_snapshot.drill
    error_message = "The plan restores again."
  }
}

run "restores_again_in_the_next_week" {
  variables {
    week = "2026-W49"
  }

  assert {
    condition     = output.drill != run.restores_the_newest_snapshot.drill
    error_message = "The next week restored nothing."
  }
}
