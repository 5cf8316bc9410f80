package chaos

import (
	"context"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/acctest/tfcore"
)

// depose notes an object that another one has replaced and that is still to be destroyed; nil is none.
func (tf *terraform) depose(i int, o *tfcore.Object) {
	tf.mu.Lock()
	defer tf.mu.Unlock()
	tf.deposed[i] = o
}

func (tf *terraform) refreshDeposed(ctx context.Context, p *process, i int) error {
	tf.mu.Lock()
	old := tf.deposed[i]
	tf.mu.Unlock()
	if old == nil {
		return nil
	}
	read, err := p.Refresh(ctx, old)
	tf.depose(i, read)
	return err
}

// destroyDeposed destroys what an earlier replacement has left.
func (tf *terraform) destroyDeposed(ctx context.Context, p *process, i int) error {
	tf.mu.Lock()
	old := tf.deposed[i]
	tf.mu.Unlock()
	if old == nil {
		return nil
	}
	c, err := p.Plan(ctx, old, p.None(), false)
	if err != nil {
		return err
	}
	kept, _, err := p.Apply(ctx, old, c, tf.isStopped)
	tf.depose(i, kept)
	return err
}
