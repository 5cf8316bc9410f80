variable "project_id" { type = string }

variable "cluster_name" { type = string }

variable "snapshot_id" { type = string }

data "atlasbackup_snapshot" "test" {
  project_id   = var.project_id
  cluster_name = var.cluster_name
  snapshot_id  = var.snapshot_id
}
