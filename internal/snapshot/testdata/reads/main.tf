variable "project_id" { type = string }

variable "cluster_name" { type = string }

variable "description" { type = string }

variable "retention_in_days" { type = number }

resource "atlasbackup_snapshot" "test" {
  project_id        = var.project_id
  cluster_name      = var.cluster_name
  retention_in_days = var.retention_in_days
  description       = var.description
}

data "atlasbackup_snapshot" "by_id" {
  project_id   = var.project_id
  cluster_name = var.cluster_name
  snapshot_id  = atlasbackup_snapshot.test.snapshot_id
}

data "atlasbackup_snapshot" "most_recent" {
  project_id   = var.project_id
  cluster_name = var.cluster_name
  most_recent  = true
  description  = atlasbackup_snapshot.test.description

  # One read after the other, so that the requests always come in the same order.
  depends_on = [data.atlasbackup_snapshot.by_id]
}

data "atlasbackup_snapshots" "all" {
  project_id   = var.project_id
  cluster_name = var.cluster_name
  description  = atlasbackup_snapshot.test.description

  depends_on = [data.atlasbackup_snapshot.most_recent]
}
