terraform {
  required_providers {
    atlasbackup = {
      source  = "atlasbackup/atlasbackup"
      version = "~> 0.1"
    }
  }
}

variable "project_id" {
  description = "ID of the Atlas project."
  type        = string
}

variable "cluster_name" {
  description = "Name of the cluster."
  type        = string
}

variable "release" {
  description = "Release to deploy. Changing this takes a new snapshot."
  type        = string
}

variable "retention_in_days" {
  description = "Days to keep the snapshot."
  type        = number
  default     = 14

  validation {
    condition     = var.retention_in_days >= 7
    error_message = "Keep snapshots for at least seven days."
  }
}

resource "atlasbackup_snapshot" "this" {
  project_id        = var.project_id
  cluster_name      = var.cluster_name
  description       = "before a release"
  retention_in_days = var.retention_in_days
  skip_destroy      = true

  triggers = {
    release = var.release
  }
}

output "snapshot_id" {
  description = "ID of the snapshot."
  value       = atlasbackup_snapshot.this.snapshot_id
}
