package snapshot_test

import "github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"

func init() { acctest.AddSweeper() }
