# The ID is project_id/cluster_name/restore_job_id.
terraform import atlasbackup_flex_restore.back \
  32b6e34b3d91647abb20e7b8/flex-production/68d3f0a1c2b4e5f60718293a
