variable "project_id" { type = string }

variable "cluster_name" { type = string }

variable "snapshot_id" { type = string }

data "atlasbackup_snapshot" "by_id" {
  project_id   = var.project_id
  cluster_name = var.cluster_name
  snapshot_id  = var.snapshot_id
}

data "atlasbackup_snapshot" "latest" {
  project_id    = var.project_id
  cluster_name  = var.cluster_name
  most_recent   = true
  snapshot_type = "scheduled"

  # The first read of a cluster goes alone.
  depends_on = [data.atlasbackup_snapshot.by_id]
}

data "atlasbackup_snapshots" "all" {
  project_id   = var.project_id
  cluster_name = var.cluster_name

  depends_on = [data.atlasbackup_snapshot.by_id]
}

data "atlasbackup_snapshots" "sharded" {
  project_id   = var.project_id
  cluster_name = "Sharded0"
}

data "atlasbackup_flex_snapshots" "all" {
  project_id   = var.project_id
  cluster_name = "Flex0"
}

data "atlasbackup_flex_snapshot" "by_id" {
  project_id   = var.project_id
  cluster_name = "Flex0"
  snapshot_id  = one([for s in data.atlasbackup_flex_snapshots.all.results : s.snapshot_id if s.status == "FAILED"])
}

data "atlasbackup_flex_snapshot" "latest" {
  project_id   = var.project_id
  cluster_name = "Flex0"
  most_recent  = true
}

data "atlasbackup_serverless_snapshots" "all" {
  project_id    = var.project_id
  instance_name = "Serverless0"
}

data "atlasbackup_serverless_snapshot" "by_id" {
  project_id    = var.project_id
  instance_name = "Serverless0"
  snapshot_id   = data.atlasbackup_serverless_snapshots.all.results[0].snapshot_id
}

data "atlasbackup_serverless_snapshot" "failed" {
  project_id    = var.project_id
  instance_name = "Serverless0"
  snapshot_id   = one([for s in data.atlasbackup_serverless_snapshots.all.results : s.snapshot_id if s.status == "failed"])
}
