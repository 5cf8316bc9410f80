run "takes_a_snapshot" {
  assert {
    condition     = atlasbackup_snapshot.release.status == "completed"
    error_message = "The snapshot is not completed."
  }

  assert {
    condition     = endswith(atlasbackup_snapshot.release.description, "1.0.0")
    error_message = "The description does not contain the release."
  }
}

run "keeps_it_longer" {
  variables {
    keep_days = 30
  }

  assert {
    condition     = output.snapshot_id == run.takes_a_snapshot.snapshot_id
    error_message = "Changing the retention took a new snapshot."
  }
}

run "takes_another_for_the_next_release" {
  variables {
    release = "1.1.0"
  }

  assert {
    condition     = output.snapshot_id != run.takes_a_snapshot.snapshot_id
    error_message = "The next release has no new snapshot."
  }
}

run "rejects_a_short_retention" {
  command = plan

  variables {
    keep_days = 1
  }

  expect_failures = [var.keep_days]
}
