variable "project_id" { type = string }

variable "cluster_name" { type = string }

data "atlasbackup_flex_snapshots" "all" {
  project_id   = var.project_id
  cluster_name = var.cluster_name
}

data "atlasbackup_flex_snapshot" "by_id" {
  project_id   = var.project_id
  cluster_name = var.cluster_name
  snapshot_id  = data.atlasbackup_flex_snapshots.all.results[0].snapshot_id
}

data "atlasbackup_flex_snapshot" "most_recent" {
  project_id   = var.project_id
  cluster_name = var.cluster_name
  most_recent  = true

  # One read after the other, so that the requests always come in the same order.
  depends_on = [data.atlasbackup_flex_snapshot.by_id]
}

locals {
  listed = data.atlasbackup_flex_snapshots.all.results[0]
}

output "by_id_differs" {
  value = [for name, value in local.listed : name if value != data.atlasbackup_flex_snapshot.by_id[name]]
}

output "oldest_first" {
  value = [
    for i, one in slice(data.atlasbackup_flex_snapshots.all.results, 1, length(data.atlasbackup_flex_snapshots.all.results)) :
    one.snapshot_id if timecmp(one.started_at, data.atlasbackup_flex_snapshots.all.results[i].started_at) > 0
  ]
}

output "most_recent_status" { value = data.atlasbackup_flex_snapshot.most_recent.status }
