package flexrestore_test

import (
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
)

func TestMain(m *testing.M) { acctest.Main(m) }
