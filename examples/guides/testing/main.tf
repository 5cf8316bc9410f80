terraform {
  required_providers {
    atlasbackup = {
      source = "atlasbackup/atlasbackup"
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
  description = "The release that is about to be rolled out."
  type        = string
  default     = "1.0.0"
}

variable "keep_days" {
  type    = number
  default = 7

  validation {
    condition     = var.keep_days >= 3
    error_message = "Keep the snapshots of a release for three days at the least."
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
