# The configuration of "make demo": a snapshot before a risky change. The provider reads its address and credentials from the environment.

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

resource "atlasbackup_snapshot" "before_upgrade" {
  project_id        = var.project_id
  cluster_name      = var.cluster_name
  description       = "before the upgrade"
  retention_in_days = var.retention_in_days
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
