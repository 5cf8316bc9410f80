variable "project_id" { type = string }

variable "cluster_name" { type = string }

variable "description" { type = string }

resource "atlasbackup_snapshot" "test" {
  project_id        = var.project_id
  cluster_name      = var.cluster_name
  retention_in_days = 3
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

locals {
  # The attributes that a snapshot has everywhere.
  names  = [for name in keys(data.atlasbackup_snapshots.all.results[0]) : name]
  taken  = { for name in local.names : name => jsonencode(atlasbackup_snapshot.test[name]) }
  by_id  = { for name in local.names : name => jsonencode(data.atlasbackup_snapshot.by_id[name]) }
  recent = { for name in local.names : name => jsonencode(data.atlasbackup_snapshot.most_recent[name]) }
  listed = { for name in local.names : name => jsonencode(data.atlasbackup_snapshots.all.results[0][name]) }
}

output "compared" { value = length(local.names) }

output "by_id_differs" { value = [for name in local.names : name if local.by_id[name] != local.taken[name]] }

output "most_recent_differs" { value = [for name in local.names : name if local.recent[name] != local.taken[name]] }

output "listed_differs" { value = [for name in local.names : name if local.listed[name] != local.taken[name]] }
