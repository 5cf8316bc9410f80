variable "project_id" { type = string }

variable "instance_name" { type = string }

data "atlasbackup_serverless_snapshots" "all" {
  project_id    = var.project_id
  instance_name = var.instance_name
}

data "atlasbackup_serverless_snapshot" "by_id" {
  project_id    = var.project_id
  instance_name = var.instance_name
  snapshot_id   = data.atlasbackup_serverless_snapshots.all.results[0].snapshot_id
}
