package flexrestore_test

import (
	"fmt"
	"testing"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlassim"
)

// TestAccFlexRestore_inProcesses restores by triggers several times a day, and after a destroy only where the configuration allows to repeat a
// restore, each time in processes that know nothing but what the state says.
func TestAccFlexRestore_inProcesses(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	s.tf = s.TerraformWithProcesses(t, acctest.Files(""))
	for n := 1; n <= 3; n++ {
		s.configure(fmt.Sprintf("%striggers = { n = \"%d\" }", s.fromSnapshot(), n))
		s.tf.Do(0, acctest.Apply...)
		s.expect(t, n, s.restored)
	}
	s.tf.Do(0, acctest.Plan...)
	s.tf.Do(0, acctest.Destroy...)
	acctest.ExpectOutput(t, s.tf.Do(1, acctest.Apply...), "Atlas has already restored this snapshot", "set allow_repeat = true", "Nothing was erased")
	s.configure(s.fromSnapshot() + "allow_repeat = true")
	s.tf.Do(0, acctest.Apply...)
	s.expect(t, 4, s.restored)
}

// TestAccFlexRestore_olderTarget is an error before anything is erased.
func TestAccFlexRestore_olderTarget(t *testing.T) {
	t.Parallel()
	s := newRestore(t)
	if err := s.AddCluster(atlassim.ClusterSpec{Name: targetName, Type: atlassim.TypeFlex, MongoDBVersion: "7.0.1"}); err != nil {
		t.Fatal(err)
	}
	acctest.ExpectOutput(t, s.tf.Do(1, acctest.Apply...), "it runs MongoDB 7.0.1, and the snapshot is of 8.0", "Nothing was erased")
	s.expect(t, 0, "something else")
}
