variable "project_id" { type = string }

variable "cluster_name" { type = string }

variable "copies" { type = number }

resource "atlasbackup_snapshot" "test" {
  count = var.copies

  project_id        = var.project_id
  cluster_name      = var.cluster_name
  retention_in_days = 1
  description       = "one of several"
}
