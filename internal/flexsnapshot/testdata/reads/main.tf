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
