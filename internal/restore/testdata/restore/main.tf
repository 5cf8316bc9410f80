variable "project_id" { type = string }
variable "cluster_name" { type = string }
variable "target_cluster_name" { type = string }
variable "week" { type = string }

resource "atlasbackup_snapshot" "test" {
  project_id        = var.project_id
  cluster_name      = var.cluster_name
  description       = "atlasbackup acceptance test: to be restored"
  retention_in_days = 1
}

resource "atlasbackup_restore" "test" {
  project_id          = var.project_id
  cluster_name        = var.cluster_name
  snapshot_id         = atlasbackup_snapshot.test.snapshot_id
  target_cluster_name = var.target_cluster_name
  erase_target        = var.target_cluster_name
  triggers            = { week = var.week }
}

data "atlasbackup_restore_job" "test" {
  project_id     = var.project_id
  cluster_name   = var.cluster_name
  restore_job_id = atlasbackup_restore.test.restore_job_id
}
