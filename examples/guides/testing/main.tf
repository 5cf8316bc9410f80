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
  type = string
}

variable "release" {
  description = "Release that is about to be deployed."
  type        = string
  default     = "1.0.0"
}

variable "keep_days" {
  type    = number
  default = 7

  validation {
    condition     = var.keep_days >= 3
    error_message = "Keep the snapshot of a release for at least three days."
  }
}

resource "atlasbackup_snapshot" "release" {
  project_id        = var.project_id
  cluster_name      = var.cluster_name
  description       = "before release ${var.release}"
  retention_in_days = var.keep_days
  triggers          = { release = var.release }
}

output "snapshot_id" {
  value = atlasbackup_snapshot.release.snapshot_id
}
