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

output "by_id_differs" {
  value = [
    for name, value in data.atlasbackup_serverless_snapshots.all.results[0] : name
    if value != data.atlasbackup_serverless_snapshot.by_id[name]
  ]
}

output "served_by" {
  value = [data.atlasbackup_serverless_snapshots.all.served_by, data.atlasbackup_serverless_snapshot.by_id.served_by]
}
