# The configuration of "make demo": a snapshot before a risky change, and its restore. The provider reads its address and credentials from the environment.

terraform {
  required_providers {
    atlasbackup = {
      source  = "atlasbackup/atlasbackup"
      version = "~> 0.1"
    }
  }
}

provider "atlasbackup" {}

variable "project_id" {
  description = "ID of the Atlas project."
  type        = string
}

variable "cluster_name" {
  description = "Name of the cluster."
  type        = string
}

variable "retention_in_days" {
  description = "Days to keep the snapshot."
  type        = number
  default     = 7
}

variable "restore_onto" {
  description = "Name of the cluster to erase and restore onto. Empty: do not restore."
  type        = string
  default     = ""
}

resource "atlasbackup_snapshot" "before_upgrade" {
  project_id        = var.project_id
  cluster_name      = var.cluster_name
  description       = "before the upgrade"
  retention_in_days = var.retention_in_days
}

resource "atlasbackup_restore" "back" {
  count = var.restore_onto == "" ? 0 : 1

  project_id          = var.project_id
  cluster_name        = var.cluster_name
  snapshot_id         = atlasbackup_snapshot.before_upgrade.snapshot_id
  target_cluster_name = var.restore_onto
  erase_target        = var.restore_onto
}

output "restore_job_id" {
  value = one(atlasbackup_restore.back[*].restore_job_id)
}

output "restore_seconds" {
  value = one(atlasbackup_restore.back[*].duration_seconds)
}

output "snapshot_id" {
  value = atlasbackup_snapshot.before_upgrade.snapshot_id
}

output "status" {
  value = atlasbackup_snapshot.before_upgrade.status
}

output "created_at" {
  value = atlasbackup_snapshot.before_upgrade.created_at
}

output "expires_at" {
  value = atlasbackup_snapshot.before_upgrade.expires_at
}
