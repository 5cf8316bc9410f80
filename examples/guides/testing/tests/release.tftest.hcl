run "takes_a_snapshot" {
  assert {
    condition     = atlasbackup_snapshot.release.status == "completed"
    error_message = "The snapshot is not completed."
  }

  assert {
    condition     = atlasbackup_snapshot.release.description == "before release 1.0.0"
    error_message = "The snapshot does not say which release it is of."
  }
}

run "keeps_it_longer" {
  variables {
    keep_days = 30
  }

  assert {
    condition     = output.snapshot_id == run.takes_a_snapshot.snapshot_id
    error_message = "Another retention has taken another snapshot."
  }
}

run "takes_another_for_the_next_release" {
  variables {
    release = "1.1.0"
  }

  assert {
    condition     = output.snapshot_id != run.takes_a_snapshot.snapshot_id
    error_message = "The next release has no snapshot of its own."
  }
}

run "refuses_to_forget_early" {
  command = plan

  variables {
    keep_days = 1
  }

  expect_failures = [var.keep_days]
}
