terraform {
  required_providers {
    atlasbackup = {
      source  = "atlasbackup/atlasbackup"
      version = "~> 0.1"
    }
  }
}

variable "project_id" {
  type = string
}

variable "cluster_name" {
  description = "Cluster whose backups are put to the test."
  type        = string
}

variable "drill_cluster_name" {
  description = "Scratch cluster to restore onto. Each drill erases it."
  type        = string
}

variable "week" {
  description = "Week of the drill, such as 2026-W48."
  type        = string
}

resource "atlasbackup_restore" "drill" {
  project_id   = var.project_id
  cluster_name = var.cluster_name
  most_recent  = true

  target_cluster_name = var.drill_cluster_name
  erase_target        = var.drill_cluster_name
  allow_repeat        = true

  triggers = {
    week = var.week
  }
}

check "recovery_time" {
  assert {
    condition     = atlasbackup_restore.drill.duration_seconds <= 30 * 60
    error_message = "The restore took more than 30 minutes."
  }
}

check "recovery_point" {
  assert {
    condition     = atlasbackup_restore.drill.data_age_seconds <= 26 * 60 * 60
    error_message = "The newest snapshot was more than 26 hours old."
  }
}

output "drill" {
  value = {
    snapshot_id      = atlasbackup_restore.drill.restored_snapshot_id
    finished_at      = atlasbackup_restore.drill.finished_at
    duration_seconds = atlasbackup_restore.drill.duration_seconds
    data_age_seconds = atlasbackup_restore.drill.data_age_seconds
  }
}
